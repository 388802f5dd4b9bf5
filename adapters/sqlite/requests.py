"""The requests of the SQLite queue, as an operator sees them."""

from collections.abc import Iterator

from adapters.listable_stores import StoredRequest
from adapters.sqlite.database import Database


class SqliteRequests:
    """What waits, what is being worked on, the dead letters, and what was done in the last two days."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def everything(self) -> Iterator[StoredRequest]:
        """In the order in which they were made."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT identity, conversation, state, deliveries, content, reason, coalesce(attempts, '')"
                " FROM questions LEFT JOIN retries USING (identity) ORDER BY asked_at"
            ).fetchall()
        for identity, *rest in rows:
            yield StoredRequest(identity, identity, *rest)

    def delete(self, request: StoredRequest) -> None:
        """Whatever it is by now. A worker that has it goes on, and its answer is sent."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM questions WHERE identity = ?", (request.key,))
            connection.execute("DELETE FROM retries WHERE identity = ?", (request.key,))
            connection.execute("DELETE FROM askers WHERE identity = ?", (request.key,))
