"""The installations of the app in several workspaces, a row each."""

from collections.abc import Iterator

from adapters.sqlite.database import Database


class SqliteInstallations:
    """The texts of installations by their owner, as ``adapters.installations.store`` writes them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.where = str(database.path)

    def load(self, owner: str) -> str | None:
        with self._database.reading() as connection:
            row = connection.execute("SELECT content FROM installations WHERE owner = ?", (owner,)).fetchone()
        return row[0] if row else None

    def save(self, owner: str, content: str) -> None:
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO installations (owner, content) VALUES (?, ?)", (owner, content))

    def replace(self, owner: str, before: str, content: str | None) -> bool:
        with self._database.transaction() as connection:
            if content is None:
                done = connection.execute("DELETE FROM installations WHERE owner = ? AND content = ?", (owner, before))
            else:
                done = connection.execute(
                    "UPDATE installations SET content = ? WHERE owner = ? AND content = ?", (content, owner, before)
                )
        return done.rowcount == 1

    def delete(self, owner: str) -> None:
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM installations WHERE owner = ?", (owner,))

    def all(self) -> Iterator[tuple[str, str]]:
        with self._database.reading() as connection:
            rows = connection.execute("SELECT owner, content FROM installations ORDER BY owner").fetchall()
        yield from rows
