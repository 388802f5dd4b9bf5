"""The votes on the bot's answers, for an operator to read or to reckon with."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TextIO

from domain.requests import Request, Vote
from entrypoints.operator.names.naming import named

COLUMNS = (
    "voted_at", "good", "person", "reference", "team", "channel", "question_ts",
    "model", "prompts", "sent", "received", "cached", "seconds",
)  # fmt: skip
"""Of the CSV. Nobody writes any of these by hand, so that none can begin a formula in a spreadsheet."""

SHOWN = ("voted_at", "good", "person", "reference", "channel", "model", "prompts", "seconds")
"""Of the table, which is to fit on a screen."""


def rows_of(votes: Iterable[Vote]) -> list[dict[str, str]]:
    """A row of all columns for each vote, the earliest first. ``reference`` is the question's, as the log has it."""
    return [_row(vote) for vote in sorted(votes, key=lambda each: each.ts)]


def table_of(rows: Iterable[dict[str, str]], names: Mapping[str, str]) -> list[tuple[str, ...]]:
    """What a person looks at, the head included, with ``names`` beside the ids."""
    return [SHOWN, *(tuple(named(row[each], names) or "-" for each in SHOWN) for row in rows)]


def write_csv(rows: Sequence[dict[str, str]], file: TextIO) -> None:
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def _row(vote: Vote) -> dict[str, str]:
    question = Request.from_identity(vote.question)
    receipt = vote.receipt
    took: tuple[object, ...] = ("",) * 6
    if receipt:
        usage = receipt.usage
        took = (receipt.model, receipt.prompts, usage.sent, usage.received, usage.cached, receipt.seconds)
    values = (
        datetime.fromtimestamp(vote.ts.seconds, UTC).isoformat(timespec="seconds"),
        "yes" if vote.good else "no",
        vote.person,
        question.reference,
        question.team,
        question.channel,
        question.ts,
        *took,
    )
    return dict(zip(COLUMNS, map(str, values), strict=True))
