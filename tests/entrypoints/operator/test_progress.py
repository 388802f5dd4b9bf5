"""The line that says how far long work has come."""

import io
from types import SimpleNamespace

import pytest

from entrypoints.operator import progress as module
from entrypoints.operator.progress import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch) -> Terminal:
    terminal = Terminal()
    monkeypatch.setattr(module, "sys", SimpleNamespace(stderr=terminal))
    monkeypatch.setattr(module, "SECONDS", 0)
    return terminal


def test_a_terminal_shows_how_far_it_is_and_at_the_end_nothing(terminal):
    assert list(progress("ポチ", "items", 2)) == ["ポ", "チ"]
    drawn = terminal.getvalue().split("\r\x1b[K")
    assert drawn[1:] == ["items: [############............] 1 of 2", "items: [########################] 2 of 2", ""]


def test_where_nobody_knows_how_many_there_are_they_are_counted(terminal):
    list(progress("ポチ", "items"))
    assert "items: 2" in terminal.getvalue()


def test_more_than_were_expected_are_no_error(terminal):
    list(progress("ポチ", "items", 1))
    assert "2 of 2" in terminal.getvalue()


def test_the_line_is_gone_also_where_the_work_fails(terminal):
    def failing():
        yield 1
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(progress(failing(), "items"))
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_programs_and_files_get_no_such_line(terminal, monkeypatch):
    list(progress("ポチ", "items", silent=True))
    assert terminal.getvalue() == ""
    file = io.StringIO()
    monkeypatch.setattr(module, "sys", SimpleNamespace(stderr=file))
    list(progress("ポチ", "items"))
    assert file.getvalue() == ""
