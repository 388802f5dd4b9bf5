"""``bot backup`` copies the database of one machine."""

from argparse import Namespace
from pathlib import Path

from entrypoints.operator.stores import VARIABLES, database_of, settings_of
from entrypoints.operator.subcommands import FINE, Subcommands, add_json, print_json, print_line
from entrypoints.settings import SettingError


def add_to(subcommands: Subcommands) -> None:
    """Add the command to the operator's."""
    parser = subcommands.add_parser("backup", help="copy the database of one machine, also while the bot is running")
    parser.add_argument("file", type=Path, metavar="FILE", help="a new file; it holds people's words")
    add_json(parser)
    parser.set_defaults(run=_back_up)


def _back_up(asked: Namespace) -> int:
    settings = settings_of(*VARIABLES)
    if settings.table_name or settings.queue_url:
        raise SettingError("TABLE_NAME and QUEUE_URL name a bot on AWS, whose table has point-in-time recovery")
    with database_of(settings) as database:
        database.back_up(asked.file)
    if asked.json:
        print_json({"from": str(settings.database_path), "file": str(asked.file)})
    else:
        print_line(f"{settings.database_path} is in {asked.file} now")
    return FINE
