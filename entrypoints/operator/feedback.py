"""``bot feedback`` lists people's votes on the bot's answers."""

import sys
import time
from argparse import Namespace

from adapters.sqlite import SqliteFeedback
from domain.requests import Vote
from entrypoints.operator.feedback_report import rows_of, table_of, write_csv
from entrypoints.operator.stores import VARIABLES, aws_installed, database_of, settings_of
from entrypoints.operator.subcommands import Subcommands, print_line, print_table
from entrypoints.settings import Settings


def add_to(subcommands: Subcommands) -> None:
    """Add the command to the operator's."""
    parser = subcommands.add_parser("feedback", help="list the votes on answers, without what people wrote")
    parser.add_argument("--csv", action="store_true", help="all columns, for a spreadsheet")
    parser.set_defaults(run=_list)


def _list(asked: Namespace) -> int:
    settings = settings_of(*VARIABLES)
    rows = rows_of(_votes(settings))
    if asked.csv:
        write_csv(rows, sys.stdout)
        return 0
    if rows:
        print_table(*table_of(rows))
    good = sum(row["good"] == "yes" for row in rows)
    print_line(f"votes in {settings.table_name or settings.database_path}: {len(rows)}, of them {good} for the answer")
    return 0


def _votes(settings: Settings) -> list[Vote]:
    days = settings.conversation_ttl_days
    if settings.table_name:
        with aws_installed():
            from adapters.dynamodb import DynamoFeedback  # noqa: PLC0415 - on one machine there is no PynamoDB
        return list(DynamoFeedback(settings.table_name, ttl_days=days, clock=time.time).votes())
    with database_of(settings) as database:
        return list(SqliteFeedback(database, ttl_days=days, clock=time.time).votes())
