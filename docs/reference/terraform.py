"""Inputs and outputs of a Terraform module, read from its ``variables.tf`` and ``outputs.tf``.

The files are as ``terraform fmt`` leaves them, so that a block ends with a brace at the beginning of a line.
"""

import re
from pathlib import Path

from docs.reference.tables import Row, table


def inputs(module: Path) -> str:
    return table(("input", "type", "default", "meaning"), [_input(*each) for each in _blocks(module, "variable")])


def outputs(module: Path) -> str:
    return table(("output", "meaning"), [(f"`{name}`", _description(body)) for name, body in _blocks(module, "output")])


def _blocks(module: Path, kind: str) -> list[tuple[str, str]]:
    text = (module / f"{kind}s.tf").read_text(encoding="utf-8")
    return re.findall(rf'^{kind} "(\w+)" {{\n(.*?)^}}', text, re.MULTILINE | re.DOTALL)


def _input(name: str, body: str) -> Row:
    default, kind = _argument("default", body), _argument("type", body).replace("({", ")")
    return f"`{name}`", kind, f"`{default}`" if default else "required", _description(body)


def _description(body: str) -> str:
    return _argument("description", body)[1:-1].replace('\\"', '"')


def _argument(name: str, body: str) -> str:
    """An argument that stands on one line; empty where the block has none."""
    found = re.search(rf"^  {name} += (.+)$", body, re.MULTILINE)
    return found[1] if found else ""
