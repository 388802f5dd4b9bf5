"""The durable queue of questions and of the other requests."""

from collections.abc import Callable
from dataclasses import dataclass

from adapters.serialization import request_from_json, request_to_json
from adapters.sqlite.database import DAY, Database
from domain.errors import StoreCorrupt
from domain.ports import Clock
from domain.requests import Delivery, Request

DELIVERIES = 3
"""How often a request is tried, as the queue on AWS does."""

RECOGNISED_FOR = 2 * DAY
"""Seconds that an answered question's identity is kept: Slack delivers a delayed event up to a day late."""

DEAD_LETTERS_FOR = 14 * DAY
"""Seconds that a dead letter keeps what a person wrote, as on AWS."""

KILLED = "the process ended while it worked on it"
"""Why what was claimed for the last time is a dead letter."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A request that one worker has taken, and which delivery of it this is."""

    request: Request
    delivery: Delivery


class SqliteQueue:
    """The queue: one request of a conversation at a time, in the order in which they were made."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.on_put: Callable[[], None] = lambda: None

    def put(self, question: Request, conversation: str) -> bool:
        now = self._clock()
        with self._database.transaction() as connection:
            for state, kept_for in (("done", RECOGNISED_FOR), ("dead", DEAD_LETTERS_FOR)):
                connection.execute("DELETE FROM questions WHERE state = ? AND due <= ?", (state, now - kept_for))
            inserted = connection.execute(
                "INSERT INTO questions (identity, conversation, asked_at, content, due) VALUES (?, ?, ?, ?, 0)"
                " ON CONFLICT DO NOTHING",
                (question.identity, conversation, float(question.ts), request_to_json(question)),
            )
        if inserted.rowcount:
            self.on_put()
        return bool(inserted.rowcount)

    def claim(self) -> Claim | None:
        """The oldest request that is due and has none of its conversation before it.

        Raises ``StoreCorrupt`` for one that cannot be read, and sets it aside as a dead letter.
        """
        with self._database.transaction() as connection:
            row = connection.execute(
                "UPDATE questions SET state = 'claimed', deliveries = deliveries + 1 WHERE identity = ("
                " SELECT identity FROM next_questions WHERE due <= ? ORDER BY due, asked_at LIMIT 1"
                ") RETURNING identity, content, deliveries, reason",
                (self._clock(),),
            ).fetchone()
        if row is None:
            return None
        identity, content, number, reason = row
        try:
            request = request_from_json(content, f"{self._database.path}: {identity}")
        except StoreCorrupt as error:
            self._move(identity, "dead", reason=str(error))  # or it would hold up its conversation for ever
            raise
        # A replay keeps the reason of its burial until it is tried.
        return Claim(request, Delivery(number, last=number >= DELIVERIES, replayed=bool(reason)))

    def next_due(self) -> float | None:
        """When a request can next be claimed, in seconds since the epoch; none where all wait for others."""
        with self._database.reading() as connection:
            (due,) = connection.execute("SELECT min(due) FROM next_questions").fetchone()
        return due if due is None else float(due)

    def finish(self, request: Request) -> None:
        """It was seen to: a question has its answer. Its identity stays for a while, its text does not."""
        self._move(request.identity, "done", content="")

    def retry(self, request: Request, delay: float) -> None:
        """Deliver it again, after ``delay`` seconds at the earliest. Its conversation waits meanwhile."""
        self._move(request.identity, "waiting", delay=delay)

    def bury(self, request: Request, reason: str) -> None:
        """Nobody tries again, but nothing is lost: a dead letter keeps the request until it is replayed."""
        self._move(request.identity, "dead", reason=reason)

    def recover(self) -> tuple[int, int]:
        """Put back what a killed process had claimed, or bury it after its last delivery: it may be what kills.

        Returns how many requests were put back, and how many are dead letters now.
        """
        with self._database.transaction() as connection:
            buried = connection.execute(
                "UPDATE questions SET state = 'dead', due = ?, reason = ? WHERE state = 'claimed' AND deliveries >= ?",
                (self._clock(), KILLED, DELIVERIES),
            ).rowcount
            put_back = connection.execute("UPDATE questions SET state = 'waiting' WHERE state = 'claimed'").rowcount
        return put_back, buried

    def _move(
        self, identity: str, state: str, *, delay: float = 0, reason: str = "", content: str | None = None
    ) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE questions SET state = ?, due = ?, reason = ?, content = coalesce(?, content)"
                " WHERE identity = ?",
                (state, self._clock() + delay, reason, content, identity),
            )
