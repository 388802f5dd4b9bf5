"""What the subcommands of ``bot`` share: how each is added, and how it prints."""

import json
import sys
from argparse import ArgumentParser, _ArgumentGroup
from typing import Protocol
from unicodedata import east_asian_width

FINE, FOUND = 0, 1
"""Exit codes: all was done and is well; something is wrong or could not be done. argparse's own 2 is a wrong command or
setting."""


class Subcommands(Protocol):
    """What ``ArgumentParser.add_subparsers`` returns, whose class is private."""

    def add_parser(self, name: str, *, help: str) -> ArgumentParser: ...  # noqa: A002 - argparse's own name


def add_json(parser: ArgumentParser | _ArgumentGroup) -> None:
    """Let the command print JSON, by ``--json``: an object or a list that programs can read, and nothing else."""
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")


def print_json(data: object) -> None:
    print_line(json.dumps(data, ensure_ascii=False, indent=2))


def print_line(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - what a command line is for


def print_error(line: str) -> None:
    print(f"bot: {line}", file=sys.stderr)  # noqa: T201 - what a command line is for


def print_table(*rows: tuple[str, ...]) -> None:
    """Columns as wide as their widest cell. The first row is the head."""
    widths = [max(map(_columns, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(cell + " " * (width - _columns(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
    print_line("\n".join(lines))


def _columns(text: str) -> int:
    """Columns of a terminal that the text takes: a Japanese letter takes two."""
    return len(text) if text.isascii() else sum(1 + (east_asian_width(each) in "FW") for each in text)
