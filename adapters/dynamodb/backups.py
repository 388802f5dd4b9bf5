"""A backup of the tables as a file: JSON in UTF-8, a line for each item, each with the kind of its table."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from adapters.dynamodb.whole_table import RawItem, WholeTable
from adapters.private_files import open_new
from adapters.serialization.records import compact_json
from domain.errors import StoreCorrupt, StoreUnavailable

HEAD = {"backup_of": "slack-gpt-backend", "version": 1}
"""The first line."""

PASSING = ("admitted/", "attempts/", "stop/")
"""How the ids of items begin that mean nothing some hours later: they are not put back."""


def write_backup(file: Path, items: Iterable[tuple[str, RawItem]]) -> int:
    """Write a new file for its owner alone. Returns how many items are in it. Raises ``StoreUnavailable``."""
    try:
        with os.fdopen(open_new(file), "w", encoding="utf-8") as opened:
            return _write(opened, items)
    except OSError as error:
        raise StoreUnavailable(f"{error.filename or file}: {error.strerror}") from error


def _write(opened: IO[str], items: Iterable[tuple[str, RawItem]]) -> int:
    number = 0
    opened.write(f"{compact_json(HEAD)}\n")
    for table, item in items:
        opened.write(f"{compact_json({'table': table, 'item': item})}\n")
        number += 1
    opened.write(f"{compact_json({'items': number})}\n")
    opened.flush()
    os.fsync(opened.fileno())
    return number


def check_backup(file: Path) -> int:
    """How many items are in it. Raises ``StoreCorrupt`` where it is none or not whole, and ``StoreUnavailable``."""
    lines = _lines(file)
    if next(lines, None) != HEAD:
        raise StoreCorrupt(f"{file} is no backup of a bot on AWS")
    number, end = 0, None
    for line in lines:
        number += "item" in line
        end = line.get("items")
    if end != number:
        raise StoreCorrupt(f"{file} is not whole: it breaks off after {number} items")
    return number


def items_in(file: Path) -> Iterator[tuple[str, RawItem]]:
    """The items of a file that was checked, each with the kind of its table."""
    for line in _lines(file):
        if "item" in line:
            yield str(line["table"]), line["item"]


def put_back(table: WholeTable, item: RawItem) -> bool:
    """False where a newer one is there, or where the item means nothing any more."""
    return not item.get("id", {}).get("S", "").startswith(PASSING) and table.put_unless_newer(item)


def _lines(file: Path) -> Iterator[Mapping[str, Any]]:
    try:
        with file.open(encoding="utf-8") as opened:
            for line in opened:
                yield json.loads(line)
    except OSError as error:
        raise StoreUnavailable(f"{error.filename or file}: {error.strerror}") from error
    except ValueError as error:
        raise StoreCorrupt(f"{file} is no backup of a bot on AWS: {type(error).__name__}") from error
