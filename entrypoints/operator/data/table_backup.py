"""Backups of the tables of a bot on AWS."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from adapters.dynamodb.backups import check_backup, items_in, put_back, write_backup
from adapters.dynamodb.whole_table import RawItem, WholeTable
from entrypoints.configuration.settings import SettingError, Settings
from entrypoints.operator.progress import progress

CONVERSATIONS, USAGE = "conversations", "usage"
"""The kinds of tables, by which a backup says where an item belongs: names differ between deployments."""


def tables_of(settings: Settings) -> dict[str, WholeTable]:
    """Those that the settings name. The one of the ledger is missing in deployments of earlier releases."""
    names = {CONVERSATIONS: settings.table_name, USAGE: settings.usage_table_name}
    return {kind: WholeTable(name) for kind, name in names.items() if name}


def back_up_tables(settings: Settings, file: Path, *, silent: bool) -> int:
    """Returns how many items the file has. Items that change meanwhile are in it as they were at some moment."""
    tables = tables_of(settings)

    def items() -> Iterator[tuple[str, RawItem]]:
        for kind, table in tables.items():
            for item in progress(table.items(), f"backing up {table.name}", table.about(), silent=silent):
                yield kind, item

    return write_backup(file, items())


def restore_tables(settings: Settings, file: Path, *, silent: bool) -> Counter[str]:
    """Put back what is not newer in the tables. Returns how many items were ``restored`` and ``kept`` as they are.

    Raises ``SettingError`` where there is no file, or the table of some items is not named, before anything is written.
    """
    if not file.is_file():
        raise SettingError(f"FILE must be a backup; there is none at {file}")
    number, tables = check_backup(file), tables_of(settings)
    missing = {kind for kind, _ in items_in(file)} - tables.keys()
    if missing:
        raise SettingError(f"USAGE_TABLE_NAME must be set too: {file} has items of the {', '.join(missing)} table")
    done: Counter[str] = Counter()
    for kind, item in progress(items_in(file), "restoring", number, silent=silent):
        done["restored" if put_back(tables[kind], item) else "kept"] += 1
    return done
