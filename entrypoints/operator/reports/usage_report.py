"""Sums of the ledger, for an operator to read or to reckon with."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self, TextIO

from domain.spending.ledger import NO_SUM, Sum
from domain.spending.prices import MILLIONTHS, money
from entrypoints.counted import counted

COLUMNS = (
    "team", "month", "id", "name", "answers", "condensations", "redactions", "refusals", "estimated",
    "sent", "cached", "received", "reasoning", "billed", "money", "unpriced",
)  # fmt: skip
"""Of the CSV and of the JSON."""

SHOWN = ("name", "answers", "condensations", "refusals", "sent", "cached", "received", "billed", "money")
"""Of the table, after the id, which is to fit on a screen."""


@dataclass(frozen=True, slots=True)
class Row:
    """One owner's sum of one month. ``name`` is what Slack calls it, empty where that is not known."""

    team: str
    month: str
    id: str
    used: Sum
    name: str = ""

    @property
    def order(self) -> tuple[object, ...]:
        """The latest month first, and in it who has used most."""
        return (-int(self.month.replace("-", "")), self.team, -self.used.usage.billed, self.id)

    def named(self, name: str) -> Self:
        return replace(self, name=name)

    def values(self) -> dict[str, str | int | float]:
        """All columns, with money in the unit of the price list."""
        used, usage = self.used, self.used.usage
        values = (
            self.team, self.month, self.id, self.name, usage.turns, used.condensations, used.redactions, used.refusals,
            used.estimated, usage.sent, usage.cached, usage.received, usage.reasoning, usage.billed,
            used.money / MILLIONTHS, used.unpriced,
        )  # fmt: skip
        return dict(zip(COLUMNS, values, strict=True))

    @property
    def cells(self) -> tuple[str, ...]:
        values = self.values() | {"money": _priced(self.used), "name": self.name or "-"}
        return tuple(f"{values[name]:,}" if isinstance(values[name], int) else str(values[name]) for name in SHOWN)


@dataclass(frozen=True, slots=True)
class Total:
    """What rows add up to."""

    rows: int
    used: Sum

    def values(self) -> dict[str, str | int | float]:
        return {"rows": self.rows} | dict(list(Row("", "", "", self.used).values().items())[4:])

    def sentence(self) -> str:
        used = self.used
        parts = [
            counted(self.rows, "row"),
            counted(used.usage.turns, "answer"),
            counted(used.usage.billed, "billed-equivalent token"),
            f"{_priced(used)} by the price list",
        ]
        parts += [f"{used.unpriced:,} tokens of models without a price (MODEL_PRICES)"] * bool(used.unpriced)
        calls = counted(used.estimated, "call")
        parts += [f"{calls} estimated, because the server did not count them"] * bool(used.estimated)
        return ", ".join(parts)


def total_of(rows: Sequence[Row]) -> Total:
    return Total(len(rows), sum((row.used for row in rows), NO_SUM))


def table_of(rows: Sequence[Row], by: str) -> Iterator[tuple[str, ...]]:
    """What a person looks at, the head included. The team is told where there are several, names where one is known."""
    teams, named = len({row.team for row in rows}) > 1, any(row.name for row in rows)
    shown = slice(None) if named else slice(1, None)
    yield (*("team",) * teams, by, *SHOWN[shown])
    for row in rows:
        yield (*(row.team,) * teams, row.id, *row.cells[shown])


def write_csv(rows: Iterable[Row], file: TextIO) -> None:
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        row.values() | {"money": f"{row.used.money / MILLIONTHS:.6f}", "name": _plain(row.name)} for row in rows
    )


def _priced(used: Sum) -> str:
    return money(used.money) if used.money or not used.unpriced else "-"


def _plain(name: str) -> str:
    """A name that begins no formula in a spreadsheet: people choose theirs."""
    return f"'{name}" if name[:1] in ("=", "+", "-", "@") else name
