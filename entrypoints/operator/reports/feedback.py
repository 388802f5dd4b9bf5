"""``bot feedback`` lists people's votes on the bot's answers."""

import sys
from argparse import Namespace

from entrypoints.operator.names.naming import add_names, names_asked
from entrypoints.operator.open_stores import data_place, store_settings, votes_of
from entrypoints.operator.reports.feedback_report import rows_of, table_of, write_csv
from entrypoints.operator.subcommands import FINE, Subcommands, add_json, print_json, print_line, print_table


def add_to(subcommands: Subcommands) -> None:
    """Add the command to the operator's."""
    parser = subcommands.add_parser("feedback", help="list the votes on answers, without what people wrote")
    formats = parser.add_mutually_exclusive_group()
    formats.add_argument("--csv", action="store_true", help="all columns, for a spreadsheet")
    add_json(formats)
    add_names(parser)
    parser.set_defaults(run=_list)


def _list(asked: Namespace) -> int:
    settings = store_settings()
    with votes_of(settings) as votes:
        rows = rows_of(votes.votes())
    names = names_asked(asked, (row["person"] for row in rows), (row["channel"] for row in rows))
    good = sum(row["good"] == "yes" for row in rows)
    if asked.csv:
        write_csv(rows, sys.stdout)
    elif asked.json:
        print_json({"votes": rows, "number": len(rows), "good": good, "names": names})
    else:
        if rows:
            print_table(*table_of(rows, names))
        print_line(f"votes in {data_place(settings)}: {len(rows)}, of them {good} for the answer")
    return FINE
