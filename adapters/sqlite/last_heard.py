"""Until when Slack was heard, so that a later process knows what it may have missed."""

from adapters.sqlite.database import Database


class SqliteLastHeard:
    """One moment, in seconds since the epoch; none before the first is kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self) -> float | None:
        with self._database.reading() as connection:
            row = connection.execute("SELECT seconds FROM marks WHERE name = 'heard'").fetchone()
        return float(row[0]) if row else None

    def save(self, seconds: float) -> None:
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO marks (name, seconds) VALUES ('heard', ?)", (seconds,))
