"""Ctrl-C before a program has begun."""

import sys
from importlib.abc import MetaPathFinder

import pytest

from entrypoints.local import __main__ as local
from entrypoints.operator import __main__ as operator


class Impatient(MetaPathFinder):
    """Somebody who presses Ctrl-C while this module is looked for."""

    def __init__(self, module: str) -> None:
        self._module = module

    def find_spec(self, fullname: str, *_: object) -> None:
        if fullname == self._module:
            raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("program", "module"), [(local, "entrypoints.local.program"), (operator, "entrypoints.operator.command_line")]
)
def test_ctrl_c_during_the_imports_ends_a_program_without_a_traceback(program, module, monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setattr(sys, "meta_path", [Impatient(module), *sys.meta_path])
    assert program.start() == 130
    assert capsys.readouterr() == ("", "")
