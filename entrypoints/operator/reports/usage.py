"""``bot usage`` lists what people, channels, models or months have used."""

import re
import sys
import time
from argparse import Namespace
from collections.abc import Iterator

from domain.ports.stores import Ledger
from domain.spending.ledger import Owner, OwnerKind, month_of
from entrypoints.configuration.settings import SettingError
from entrypoints.operator.names.naming import add_names, names_asked
from entrypoints.operator.open_stores import USAGE_VARIABLES, ledger_of, settings_of, usage_place
from entrypoints.operator.reports.usage_report import Row, table_of, total_of, write_csv
from entrypoints.operator.subcommands import FINE, Subcommands, add_json, print_json, print_line, print_table

MONTH = "month"
BY = (MONTH, OwnerKind.PERSON.value, OwnerKind.CHANNEL.value, OwnerKind.MODEL.value)


def add_to(subcommands: Subcommands) -> None:
    """Add the command to the operator's."""
    parser = subcommands.add_parser("usage", help="list the tokens and money that answers have taken")
    parser.add_argument("--month", help="such as 2026-11, in UTC; else the present one, and all of them by month")
    parser.add_argument("--by", choices=BY, default=OwnerKind.PERSON.value, help="whose sums (default: %(default)s)")
    add_names(parser)
    formats = parser.add_mutually_exclusive_group()
    formats.add_argument("--csv", action="store_true", help="all columns, for a spreadsheet")
    add_json(formats)
    parser.set_defaults(run=_list)


def _list(asked: Namespace) -> int:
    if asked.month and not re.fullmatch(r"[0-9]{4}-(?:0[1-9]|1[0-2])", asked.month):
        raise SettingError(f"--month must be a month such as 2026-11, not {asked.month!r}")
    settings = settings_of(*USAGE_VARIABLES)
    with ledger_of(settings) as ledger:
        rows = sorted(_rows(ledger, asked), key=lambda row: row.order)
    ids = [row.id for row in rows]
    people, channels = (ids if asked.by == kind else () for kind in (OwnerKind.PERSON, OwnerKind.CHANNEL))
    if names := names_asked(asked, people, channels):
        rows = [row.named(names.get(row.id, "")) for row in rows]
    if asked.csv:
        write_csv(rows, sys.stdout)
    elif asked.json:
        print_json({"by": asked.by, "rows": [row.values() for row in rows], "total": total_of(rows).values()})
    else:
        if rows:
            print_table(*table_of(rows, asked.by))
        print_line(f"usage in {usage_place(settings)}: {total_of(rows).sentence()}")
    return FINE


def _rows(ledger: Ledger, asked: Namespace) -> Iterator[Row]:
    if asked.by == MONTH:
        for team, month in ledger.months(asked.month or ""):
            yield Row(team, month, month, ledger.sum_of(Owner(team, OwnerKind.TEAM, team), month))
        return
    for team, month in ledger.months(asked.month or month_of(time.time())):
        for name, used in ledger.sums(team, month, OwnerKind(asked.by)).items():
            yield Row(team, month, name, used)
