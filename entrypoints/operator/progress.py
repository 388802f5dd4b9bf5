"""A line on the terminal that says how far long work has come."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

BAR = 24
"""Characters."""

SECONDS = 0.1
"""Between two drawings of the line."""


def progress(items: Iterable[T], what: str, total: int | None = None, *, silent: bool = False) -> Iterator[T]:
    """The same items. How many there were so far, and of how many where that is known, stands on standard error.

    Nothing is written where that is no terminal, or where ``silent``, as for programs. The line is gone at the end.
    """
    if silent or not sys.stderr.isatty():
        yield from items
        return
    drawn = 0.0
    try:
        for number, item in enumerate(items, 1):
            yield item
            if (now := time.monotonic()) >= drawn + SECONDS:
                _draw(f"{what}: {_bar(number, total)}")
                drawn = now
    finally:
        _draw("")


def _bar(number: int, total: int | None) -> str:
    if not total:
        return f"{number:,}"
    filled = min(BAR * number // total, BAR)
    return f"[{'#' * filled}{'.' * (BAR - filled)}] {number:,} of {max(total, number):,}"


def _draw(line: str) -> None:
    print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)  # noqa: T201 - what a command line is for
