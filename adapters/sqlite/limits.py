"""The limits of single people and teams, a row each."""

from collections.abc import Mapping

from adapters.serialization.ledger_records import limit_from_json, limit_to_json
from adapters.sqlite.database import Database
from domain.limits.owner_limits import NO_LIMIT, Limit
from domain.spending.ledger import Owner, OwnerKind


class SqliteLimits:
    """Limits, kept until they are replaced."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def limit(self, owner: Owner) -> Limit:
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT content FROM limits WHERE team = ? AND kind = ? AND owner = ?", _key(owner)
            ).fetchone()
        return self._read(row[0], owner) if row else NO_LIMIT

    def set_limit(self, owner: Owner, limit: Limit) -> None:
        content = limit_to_json(limit)
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM limits WHERE team = ? AND kind = ? AND owner = ?", _key(owner))
            if content:
                connection.execute(
                    "INSERT INTO limits (team, kind, owner, content) VALUES (?, ?, ?, ?)", (*_key(owner), content)
                )

    def all(self) -> Mapping[Owner, Limit]:
        """Those of all people and teams that have some."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT team, kind, owner, content FROM limits").fetchall()
        owners = ((Owner(team, OwnerKind(kind), name), content) for team, kind, name, content in rows)
        return {owner: self._read(content, owner) for owner, content in owners}

    def _read(self, content: str, owner: Owner) -> Limit:
        return limit_from_json(content, f"{self._database.path}: the limit of {owner.id}")


def _key(owner: Owner) -> tuple[str, str, str]:
    return owner.team, owner.kind, owner.id
