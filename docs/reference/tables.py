"""Reads and writes tables in Markdown."""

import re
from collections.abc import Iterable, Mapping, Sequence

Row = Sequence[str]


class MissingWords(Exception):
    """A table lacks words that only a person can write; the message is one sentence that says which."""


def rows(text: str) -> Mapping[str, Row]:
    """The rows of a table by their first cells, without the head."""
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    cells = ([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines)
    return {row[0]: row for row in cells}


def table(head: Row, body: Iterable[Row]) -> str:
    return "\n".join(_line(row) for row in (head, ["---"] * len(head), *body))


def _line(row: Row) -> str:
    return f"|{'|'.join(f' {cell} ' if cell else ' ' for cell in row)}|"
