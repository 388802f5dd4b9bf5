"""What people thought of the answers."""

from collections.abc import Iterator

from adapters.serialization.request_records import request_to_json, vote_from_json
from adapters.sqlite.database import Database
from adapters.sqlite.trusted_time import DAY
from domain.deliveries.deadline import Clock
from domain.requests import Vote


class SqliteFeedback:
    """Each person's last vote on each answer, for ``ttl_days`` days."""

    def __init__(self, database: Database, *, ttl_days: float, clock: Clock) -> None:
        self._database = database
        self._ttl = ttl_days * DAY
        self._clock = clock

    def keep(self, vote: Vote) -> None:
        """A delivery that comes late, after this person has voted again, changes nothing."""
        now, given = self._clock(), vote.ts.seconds
        with self._database.transaction() as connection:
            old = self._database.trusted_time(now)
            connection.execute("DELETE FROM votes WHERE expires_at <= ?", (old,))
            connection.execute(
                "INSERT INTO votes (question, person, voted_at, expires_at, content) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET voted_at = excluded.voted_at, expires_at = excluded.expires_at,"
                " content = excluded.content WHERE excluded.voted_at >= votes.voted_at",
                (vote.question, vote.person, given, max(now, int(given)) + self._ttl, request_to_json(vote)),
            )

    def votes(self) -> Iterator[Vote]:
        """Those that are kept, the earliest first; ``ts`` says when each was given. Raises ``StoreCorrupt``."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT content, question, person FROM votes WHERE expires_at > ? ORDER BY voted_at", (self._clock(),)
            ).fetchall()
        for content, question, person in rows:
            yield vote_from_json(content, f"{self._database.path}: the vote of {person} on {question}")

    def remove(self, vote: Vote) -> None:
        """Delete it; one that is not there is no error."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM votes WHERE question = ? AND person = ?", (vote.question, vote.person))
