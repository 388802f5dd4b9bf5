"""Conversations as rows of JSON."""

from collections.abc import Iterator
from dataclasses import replace

from adapters.serialization.conversation_records import conversation_from_json, conversation_to_json
from adapters.sqlite.channel_settings import SqliteSettings
from adapters.sqlite.database import Database
from adapters.sqlite.ledger import account_sums, enter
from adapters.sqlite.limits import SqliteLimits
from adapters.sqlite.question_rate import admit, admitted_around
from adapters.sqlite.trusted_time import DAY
from domain.conversations.conversation import Conversation
from domain.conversations.saving import Stored
from domain.deliveries.deadline import Clock
from domain.errors import Conflict
from domain.limits.owner_limits import Limits
from domain.limits.question_rate import Admission
from domain.requests import Request
from domain.spending.ledger import Charge, Owner, OwnerKind, month_of
from domain.timestamp import Timestamp

PAGE = 100
"""Conversations that are read at once where an operator asks for all of them."""


class SqliteConversations:
    """Conversations, each forgotten after ``ttl_days`` days of silence."""

    def __init__(self, database: Database, *, ttl_days: float, clock: Clock) -> None:
        self._database = database
        self._settings = SqliteSettings(database)
        self._limits = SqliteLimits(database)
        self._ttl = ttl_days * DAY
        self._clock = clock

    def load(self, conversation: str, asked: Timestamp | None = None, of: Request | None = None) -> Stored:
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT content, version FROM conversations WHERE id = ? AND expires_at > ?",
                (conversation, min(self._times(asked))),
            ).fetchone()
            stored = Stored(Conversation(), 0)
            if row:
                content, version = row
                where = f"{self._database.path}: {conversation}"
                stored = Stored(conversation_from_json(content, where), version)
            return self._beside(stored, of) if of else stored

    def _beside(self, stored: Stored, of: Request) -> Stored:
        person, team = Owner(of.team, OwnerKind.PERSON, of.person), Owner(of.team, OwnerKind.TEAM, of.team)
        return replace(
            stored,
            accounts=account_sums(self._database, of, month_of(self._clock())),
            settings=self._settings.load(of.team, of.channel),
            limits=Limits(self._limits.limit(person), self._limits.limit(team)),
            admitted=self._admitted(of),
        )

    def _admitted(self, of: Request) -> tuple[float, ...]:
        with self._database.reading() as connection:
            return admitted_around(connection, of)

    def keys(self, most: int) -> list[str]:
        """The keys of so many conversations, the last saved first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT id FROM conversations WHERE expires_at > ? ORDER BY expires_at DESC LIMIT ?",
                (self._clock(), most),
            ).fetchall()
        return [key for (key,) in rows]

    def everything(self) -> Iterator[tuple[str, Stored]]:
        """Each conversation that has not expired, with its key, in the order of the keys; ``PAGE`` are read at once."""
        page: list[tuple[str, str, int]] = []
        while page := self._page(after=page[-1][0] if page else ""):
            for key, content, version in page:
                yield key, Stored(conversation_from_json(content, f"{self._database.path}: {key}"), version)

    def _page(self, after: str) -> list[tuple[str, str, int]]:
        with self._database.reading() as connection:
            return connection.execute(
                "SELECT id, content, version FROM conversations WHERE id > ? AND expires_at > ? ORDER BY id LIMIT ?",
                (after, self._clock(), PAGE),
            ).fetchall()

    def delete(self, conversation: str) -> None:
        """Delete it, whatever is in it. One that is not there is no error."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM conversations WHERE id = ?", (conversation,))

    def save(
        self, conversation: str, stored: Stored, charge: Charge | None = None, admitted: Admission | None = None
    ) -> Stored:
        times = self._times(stored.conversation.last_asked)
        expires_at = max(times) + self._ttl
        content = conversation_to_json(stored.conversation)
        with self._database.transaction() as connection:
            old = self._database.trusted_time(self._clock())
            connection.execute("DELETE FROM conversations WHERE expires_at <= ?", (old,))
            if stored.version == 0:
                changed = connection.execute(
                    "INSERT INTO conversations VALUES (?, 1, ?, ?) ON CONFLICT DO UPDATE SET"
                    " version = 1, expires_at = excluded.expires_at, content = excluded.content WHERE expires_at <= ?",
                    (conversation, expires_at, content, min(times)),
                )
            else:
                changed = connection.execute(
                    "UPDATE conversations SET version = version + 1, expires_at = ?, content = ?"
                    " WHERE id = ? AND version = ?",
                    (expires_at, content, conversation, stored.version),
                )
            if changed.rowcount != 1:
                raise Conflict(f"{conversation} is no longer at version {stored.version}")
            if charge:
                enter(connection, charge, old)
            if admitted:
                admit(connection, admitted, old)
        return replace(stored, version=stored.version + 1)

    def _times(self, asked: Timestamp | None) -> tuple[float, ...]:
        """Now by this machine's clock, and by Slack's where a question tells it.

        A conversation expires by the later of the two, and has expired by the earlier one.
        """
        return (self._clock(), asked.seconds) if asked else (self._clock(),)
