"""``bot backup`` writes all that is kept into a new file, ``bot restore`` puts it back.

On one machine the file is a database. On AWS it is JSON, a line for each item of the tables.
"""

from argparse import Namespace
from pathlib import Path

from entrypoints.configuration.settings import Settings
from entrypoints.counted import counted
from entrypoints.operator.data.database_backup import restore_database
from entrypoints.operator.open_stores import aws_installed, data_place, database_of, store_settings
from entrypoints.operator.subcommands import FINE, Subcommands, add_json, print_json, print_line

DONE = ("restored", "kept")


def add_to(subcommands: Subcommands) -> None:
    """Add both commands to the operator's."""
    backup = subcommands.add_parser("backup", help="write all that is kept into a file, also while the bot is running")
    backup.add_argument("file", type=Path, metavar="FILE", help="a new file; it holds people's words")
    add_json(backup)
    backup.set_defaults(run=_back_up)
    restore = subcommands.add_parser("restore", help="put a backup back; on one machine while the bot is stopped")
    restore.add_argument("file", type=Path, metavar="FILE", help="what bot backup wrote")
    add_json(restore)
    restore.set_defaults(run=_restore)


def _back_up(asked: Namespace) -> int:
    settings = store_settings()
    told: dict[str, object] = {"from": data_place(settings), "file": str(asked.file)}
    number = ""
    if settings.table_name:
        with aws_installed():
            from entrypoints.operator.data.table_backup import back_up_tables  # noqa: PLC0415 - on one machine is no boto3
        items = back_up_tables(settings, asked.file, silent=asked.json)
        told["items"] = items
        number = f", {counted(items, 'item')}"
    else:
        with database_of(settings) as database:
            database.back_up(asked.file)
    if asked.json:
        print_json(told)
    else:
        print_line(f"{data_place(settings)} is in {asked.file} now{number}")
    return FINE


def _restore(asked: Namespace) -> int:
    settings = store_settings()
    return _restore_items(settings, asked) if settings.table_name else _restore_file(settings, asked)


def _restore_items(settings: Settings, asked: Namespace) -> int:
    with aws_installed():
        from entrypoints.operator.data.table_backup import restore_tables  # noqa: PLC0415 - on one machine is no boto3
    done = restore_tables(settings, asked.file, silent=asked.json)
    if asked.json:
        print_json({"from": str(asked.file), "to": settings.table_name, **{each: done[each] for each in DONE}})
    else:
        verb = "is" if done["restored"] == 1 else "are"
        print_line(f"{counted(done['restored'], 'item')} of {asked.file} {verb} in {settings.table_name} now")
        print_line(f"{done['kept']:,} left out: what is there is not older, or means nothing any more")
    return FINE


def _restore_file(settings: Settings, asked: Namespace) -> int:
    replaced = restore_database(asked.file, settings.database_path)
    if asked.json:
        print_json({"from": str(asked.file), "to": data_place(settings), "replaced": replaced and str(replaced)})
    else:
        print_line(f"{data_place(settings)} is what {asked.file} says now")
        if replaced:
            print_line(f"what it was before is in {replaced}; delete it when nobody needs it any more")
    return FINE
