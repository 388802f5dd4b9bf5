"""Inputs and outputs of the Terraform module, read from ``terraform/variables.tf`` and ``terraform/outputs.tf``.

The files are as ``terraform fmt`` leaves them, so that a block ends with a brace at the beginning of a line.
"""

import re
from pathlib import Path

from docs.reference.tables import Row, table

TERRAFORM = Path(__file__).parents[2] / "terraform"


def inputs(language: str, present: str) -> str:
    return table(("input", "type", "default", "meaning"), [_input(*each) for each in _blocks("variable")])


def outputs(language: str, present: str) -> str:
    return table(("output", "meaning"), [(f"`{name}`", _description(body)) for name, body in _blocks("output")])


def _blocks(kind: str) -> list[tuple[str, str]]:
    text = (TERRAFORM / f"{kind}s.tf").read_text(encoding="utf-8")
    return re.findall(rf'^{kind} "(\w+)" {{\n(.*?)^}}', text, re.MULTILINE | re.DOTALL)


def _input(name: str, body: str) -> Row:
    default = _argument("default", body)
    return f"`{name}`", _argument("type", body), f"`{default}`" if default else "required", _description(body)


def _description(body: str) -> str:
    return _argument("description", body)[1:-1].replace('\\"', '"')


def _argument(name: str, body: str) -> str:
    """An argument that stands on one line; empty where the block has none."""
    found = re.search(rf"^  {name} += (.+)$", body, re.MULTILINE)
    return found[1] if found else ""
