"""The dead letters of the SQLite queue."""

from collections.abc import Iterator

from adapters.dead_letters import DeadLetter, dead_letter
from adapters.sqlite.database import Database


class SqliteDeadLetters:
    """The dead letters of the queue. Another process may look at them and replay them while the bot is running."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self) -> int:
        with self._database.reading() as connection:
            (number,) = connection.execute("SELECT count(*) FROM questions WHERE state = 'dead'").fetchone()
        return int(number)

    def letters(self) -> Iterator[DeadLetter]:
        """Those that there are now, in the order in which they were asked."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT identity, conversation, deliveries, reason, content FROM questions"
                " WHERE state = 'dead' ORDER BY asked_at"
            ).fetchall()
        for identity, conversation, deliveries, reason, content in rows:
            yield dead_letter(
                content,
                f"{self._database.path}: {identity}",
                key=identity,
                conversation=conversation,
                deliveries=deliveries,
                reason=reason,
            )

    def replay(self, letter: DeadLetter) -> bool:
        """Deliver it anew, as often as a new request; false where it is no dead letter any more."""
        with self._database.transaction() as connection:
            changed = connection.execute(
                "UPDATE questions SET state = 'waiting', deliveries = 0, due = 0 WHERE identity = ? AND state = 'dead'",
                (letter.key,),
            )
        return changed.rowcount == 1
