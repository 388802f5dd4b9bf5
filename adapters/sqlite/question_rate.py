"""When people asked lately what was not refused, a row each."""

import sqlite3

from adapters.sqlite.trusted_time import HOUR
from domain.limits.question_rate import MINUTE, Admission, rate_refusal
from domain.requests import Request


def admit(connection: sqlite3.Connection, admission: Admission, old: float) -> None:
    """Count a question among those of its person; what is an hour older than ``old`` goes.

    Raises ``TooManyQuestions``.
    """
    question = admission.question
    if refusal := rate_refusal(admission.limit, question.ts, admitted_around(connection, question)):
        raise refusal
    connection.execute("DELETE FROM admitted WHERE ts <= ?", (old - HOUR,))
    row = (question.team, question.person, question.ts.seconds)
    connection.execute("INSERT OR IGNORE INTO admitted (team, person, ts) VALUES (?, ?, ?)", row)


def admitted_around(connection: sqlite3.Connection, question: Request) -> tuple[float, ...]:
    """The ts of the person's questions around this one, it included where it was counted."""
    now = question.ts.seconds
    rows = connection.execute(
        "SELECT ts FROM admitted WHERE team = ? AND person = ? AND ts BETWEEN ? AND ? ORDER BY ts",
        (question.team, question.person, now - MINUTE, now + MINUTE),
    )
    return tuple(ts for (ts,) in rows)
