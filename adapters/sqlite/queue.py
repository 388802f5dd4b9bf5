"""The durable queue of questions and of the other requests."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from adapters.serialization.request_records import (
    attempts_from_json,
    attempts_to_json,
    request_from_json,
    request_to_json,
)
from adapters.sqlite.database import Database
from adapters.sqlite.trusted_time import DAY
from domain.deliveries.deadline import Clock
from domain.deliveries.delivery import Delivery
from domain.deliveries.retries import NO_ATTEMPTS, Attempts, Cause
from domain.errors import StoreCorrupt
from domain.requests import Apology, Question, Request

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
    """The queue: one request of a conversation at a time, in the order in which they were made.

    Of one person at most ``most_of_one`` are under way at a time: the others wait behind their own.
    """

    def __init__(self, database: Database, *, clock: Clock, most_of_one: int = 64) -> None:
        self._database = database
        self._clock = clock
        self._most_of_one = most_of_one
        self.on_put: Callable[[], None] = lambda: None

    def put(self, request: Request, group: str) -> bool:
        now = self._clock()
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM questions WHERE state = 'done' AND due <= ?", (now - RECOGNISED_FOR,))
            old = self._database.trusted_time(now) - DEAD_LETTERS_FOR
            expired = connection.execute("DELETE FROM questions WHERE state = 'dead' AND due <= ?", (old,))
            if expired.rowcount:
                connection.execute("DELETE FROM askers WHERE identity NOT IN (SELECT identity FROM questions)")
            inserted = self._insert(connection, request, group)
        if inserted:
            self.on_put()
        return inserted

    def claim(self) -> Claim | None:
        """The oldest request that is due and has none of its conversation before it.

        A person who has fewer under way comes before one who has more: who asks in a hundred conversations at once
        delays no other.

        Raises ``StoreCorrupt`` for one that cannot be read, and makes it a dead letter.
        """
        with self._database.transaction() as connection:
            row = connection.execute(
                "UPDATE questions SET state = 'claimed', deliveries = deliveries + 1 WHERE identity = ("
                # What was put off to a time before now, or from a time after it: then the clock went back since.
                " SELECT identity FROM next_of_people WHERE running < :most AND (due <= :now OR scheduled_at > :now)"
                " ORDER BY running, due, asked_at LIMIT 1"
                ") RETURNING identity, content, deliveries, reason,"
                " (SELECT attempts FROM retries WHERE retries.identity = questions.identity)",
                {"now": self._clock(), "most": self._most_of_one},
            ).fetchone()
        if row is None:
            return None
        identity, content, number, reason, attempts = row
        try:
            request = request_from_json(content, f"{self._database.path}: {identity}")
        except StoreCorrupt as error:
            self._move(identity, "dead", reason=str(error))  # or it would hold up its conversation for ever
            raise
        # A replay keeps the reason of its burial until it is tried.
        return Claim(request, Delivery(number, replayed=bool(reason), attempts=attempts_from_json(attempts)))

    def next_due(self) -> float | None:
        """When a request can next be claimed, in seconds since the epoch; none where all wait for others."""
        with self._database.reading() as connection:
            (due,) = connection.execute(
                "SELECT min(CASE WHEN scheduled_at > :now THEN 0 ELSE due END) FROM next_of_people"
                " WHERE running < :most",
                {"now": self._clock(), "most": self._most_of_one},
            ).fetchone()
        return due if due is None else float(due)

    def sizes(self) -> dict[str, int]:
        """How many requests wait, are being worked on, and are dead letters."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT state, count(*) FROM questions WHERE state IN ('waiting', 'claimed', 'dead') GROUP BY state"
            ).fetchall()
        counts = dict(rows)
        return {
            "waiting": counts.get("waiting", 0),
            "claimed": counts.get("claimed", 0),
            "dead_letters": counts.get("dead", 0),
        }

    def finish(self, request: Request) -> None:
        """It was handled: a question has its answer. Its identity stays for a while, its text does not."""
        self._move(request.identity, "done", content="")

    def retry(self, request: Request, delay: float, attempts: Attempts = NO_ATTEMPTS) -> None:
        """Deliver it again, after ``delay`` seconds at the earliest. Its conversation waits meanwhile."""
        with self._database.transaction() as connection:
            self._note(connection, request.identity, attempts)
            self._move(request.identity, "waiting", delay=delay)

    def move_to_dead_letters(self, request: Request, reason: str, *, notified: bool = True) -> None:
        """Nobody tries again, but nothing is lost: a dead letter keeps the request until it is replayed.

        Where the person has not been ``notified``, an apology is queued in the same transaction.
        """
        with self._database.transaction() as connection:
            self._move(request.identity, "dead", reason=reason)
            if not notified:
                self._put_apology(connection, request)

    def recover(self) -> tuple[int, int]:
        """Put back what a killed process had claimed, or, after its last delivery, make it a dead letter.

        A request that was interrupted every time may be what kills the process.
        Returns how many requests were put back, and how many are dead letters now.
        """
        put_back = dead = 0
        with self._database.transaction() as connection:
            claimed = connection.execute(
                "SELECT identity, content, coalesce(attempts, '') FROM questions LEFT JOIN retries USING (identity)"
                " WHERE state = 'claimed'"
            ).fetchall()
            for identity, content, text in claimed:
                attempts = attempts_from_json(text)
                try:
                    request = request_from_json(content, f"{self._database.path}: {identity}")
                except StoreCorrupt as error:  # one that cannot be read must not keep all others from being answered
                    self._move(identity, "dead", reason=str(error))
                    dead += 1
                    continue
                if attempts.delay(Cause.OTHER) is None:
                    self.move_to_dead_letters(request, KILLED, notified=False)
                    dead += 1
                else:
                    self._note(connection, identity, attempts.after(Cause.OTHER))
                    put_back += 1
            connection.execute("UPDATE questions SET state = 'waiting' WHERE state = 'claimed'")
        return put_back, dead

    def _note(self, connection: sqlite3.Connection, identity: str, attempts: Attempts) -> None:
        connection.execute(
            "INSERT OR REPLACE INTO retries (identity, attempts, scheduled_at) VALUES (?, ?, ?)",
            (identity, attempts_to_json(attempts), self._clock()),
        )

    def _insert(self, connection: sqlite3.Connection, request: Request, conversation: str) -> bool:
        inserted = connection.execute(
            "INSERT INTO questions (identity, conversation, asked_at, content, due) VALUES (?, ?, ?, ?, 0)"
            " ON CONFLICT DO NOTHING",
            (request.identity, conversation, request.ts.seconds, request_to_json(request)),
        )
        if inserted.rowcount and request.person:
            asker = (request.identity, f"{request.team}/{request.person}")
            connection.execute("INSERT OR REPLACE INTO askers (identity, person) VALUES (?, ?)", asker)
        return bool(inserted.rowcount)

    def _put_apology(self, connection: sqlite3.Connection, request: Request) -> None:
        if isinstance(request, Question) and not isinstance(request, Apology):
            apology = Apology.to(request)
            connection.execute("DELETE FROM questions WHERE identity = ?", (apology.identity,))
            self._insert(connection, apology, f"apologies/{apology.reference}")

    def _move(
        self, identity: str, state: str, *, delay: float = 0, reason: str = "", content: str | None = None
    ) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE questions SET state = ?, due = ?, reason = ?, content = coalesce(?, content)"
                " WHERE identity = ?",
                (state, self._clock() + delay, reason, content, identity),
            )
            if state != "waiting":
                connection.execute("DELETE FROM retries WHERE identity = ?", (identity,))
            if state == "done":  # what is replayed waits behind its person's other requests again
                connection.execute("DELETE FROM askers WHERE identity = ?", (identity,))
