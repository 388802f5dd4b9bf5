"""What the subcommands of ``bot`` share: how each is added, and how it prints."""

import sys
from argparse import ArgumentParser
from typing import Protocol


class Subcommands(Protocol):
    """What ``ArgumentParser.add_subparsers`` returns, whose class is private."""

    def add_parser(self, name: str, *, help: str) -> ArgumentParser: ...  # noqa: A002 - argparse's own name


def print_line(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - what a command line is for


def print_error(line: str) -> None:
    print(f"bot: {line}", file=sys.stderr)  # noqa: T201 - what a command line is for


def print_table(*rows: tuple[str, ...]) -> None:
    """Columns as wide as their widest cell. The first row is the head."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print_line("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
