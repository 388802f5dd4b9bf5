"""The ledger as rows: sums that are added to, and entries of JSON."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence

from adapters.serialization.ledger_records import charge_from_json, charge_to_json, counts_of, sum_of_counts
from adapters.sqlite.database import Database
from adapters.sqlite.trusted_time import DAY
from domain.errors import AlreadyWarned
from domain.requests import Request
from domain.spending.ledger import KEPT_DAYS, NO_SUM, Accounts, Charge, Owner, OwnerKind, Sum

MONTH_DAYS = 31
"""A sum expires so much later than its first entry: when it is made, its month may last so long. An expiry that each
charge put off would rewrite an index each time."""

_ADD = """
INSERT INTO sums (
    team, month, kind, owner, expires_at, turns, sent, cached, received, reasoning,
    condensations, redactions, refusals, estimated, money, unpriced, warnings
) VALUES (
    :team, :month, :kind, :owner, :expires_at, :turns, :sent, :cached, :received, :reasoning,
    :condensations, :redactions, :refusals, :estimated, :money, :unpriced, :warnings
) ON CONFLICT DO UPDATE SET
    turns = turns + excluded.turns, sent = sent + excluded.sent,
    cached = cached + excluded.cached, received = received + excluded.received,
    reasoning = reasoning + excluded.reasoning, condensations = condensations + excluded.condensations,
    redactions = redactions + excluded.redactions, refusals = refusals + excluded.refusals,
    estimated = estimated + excluded.estimated, money = money + excluded.money, unpriced = unpriced + excluded.unpriced,
    warnings = warnings + excluded.warnings
"""

_ACCOUNTS = """
SELECT * FROM sums WHERE team = :team AND month = :month AND kind = 'person' AND owner = :person UNION ALL
SELECT * FROM sums WHERE team = :team AND month = :month AND kind = 'channel' AND owner = :channel UNION ALL
SELECT * FROM sums WHERE team = :team AND month = :month AND kind = 'team' AND owner = :team
"""
"""Three searches by the whole key. One by a list of keys would go through all of a month's people."""

_WARNED = """
SELECT 1 FROM sums WHERE team = :team AND month = :month AND kind = :kind AND owner = :owner AND warnings > 0
"""


def enter(connection: sqlite3.Connection, charge: Charge, old: float) -> None:
    """Enter a charge and add it to the sums of its owners; what has expired by ``old`` goes.

    Raises ``AlreadyWarned``.
    """
    connection.execute("DELETE FROM entries WHERE expires_at <= ?", (old,))
    connection.execute("DELETE FROM sums WHERE expires_at <= ?", (old,))
    expires_at = charge.at + KEPT_DAYS * DAY
    connection.execute(
        "INSERT INTO entries (team, month, at, expires_at, content) VALUES (?, ?, ?, ?, ?)",
        (charge.team, charge.month, charge.at, expires_at, charge_to_json(charge)),
    )
    for owner in charge.owners:
        where = {"month": charge.month, "team": owner.team, "kind": owner.kind, "owner": owner.id}
        if owner.kind in charge.warned and connection.execute(_WARNED, where).fetchone():
            raise AlreadyWarned(f"of the budget of {owner.id} for {charge.month}")
        sums_expire_at = expires_at + MONTH_DAYS * DAY
        connection.execute(_ADD, counts_of(Sum.of(charge, owner.kind)) | where | {"expires_at": sums_expire_at})


def account_sums(database: Database, of: Request, month: str) -> Accounts:
    """The sums of this month of those whom a request concerns."""
    with database.reading() as connection:
        rows = connection.execute(
            _ACCOUNTS, {"team": of.team, "month": month, "person": of.person, "channel": of.channel}
        )
        return Accounts(**_sums(rows, key="kind"), month=month)


def sum_of(database: Database, owner: Owner, month: str) -> Sum:
    """What the owner's charges of this month add up to."""
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT * FROM sums WHERE team = ? AND month = ? AND kind = ? AND owner = ?",
            (owner.team, month, owner.kind, owner.id),
        )
        return _sums(rows).get(owner.id, NO_SUM)


def _sums(rows: sqlite3.Cursor, key: str = "owner") -> dict[str, Sum]:
    """The sums in these rows by their owners' ids, or by another column."""
    names = [name for name, *_ in rows.description]
    records = (dict(zip(names, row, strict=True)) for row in rows)
    return {record[key]: sum_of_counts(record) for record in records}


class SqliteLedger:
    """Reads the ledger that ``SqliteConversations`` writes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def months(self, month: str = "") -> Sequence[tuple[str, str]]:
        with self._database.reading() as connection:
            return connection.execute(
                "SELECT team, month FROM sums WHERE kind = ? AND ? IN ('', month) ORDER BY month DESC, team",
                (OwnerKind.TEAM, month),
            ).fetchall()

    def sums(self, team: str, month: str, kind: OwnerKind) -> Mapping[str, Sum]:
        with self._database.reading() as connection:
            return _sums(
                connection.execute("SELECT * FROM sums WHERE team = ? AND month = ? AND kind = ?", (team, month, kind))
            )

    def sum_of(self, owner: Owner, month: str) -> Sum:
        return sum_of(self._database, owner, month)

    def entries(self, team: str, month: str) -> Iterator[Charge]:
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT content FROM entries WHERE team = ? AND month = ? ORDER BY at", (team, month)
            ).fetchall()
        for (content,) in rows:
            yield charge_from_json(content, f"{self._database.path}: {team}/{month}")

    def entries_since(self, at: float) -> Iterator[Charge]:
        """Those of all teams after this moment, in seconds since the epoch, the earliest first."""
        with self._database.reading() as connection:
            rows = connection.execute(  # by the expiry too, which has an index
                "SELECT content FROM entries WHERE expires_at >= ? AND at > ? ORDER BY at", (at + KEPT_DAYS * DAY, at)
            ).fetchall()
        for (content,) in rows:
            yield charge_from_json(content, f"{self._database.path}: an entry")

    def forget(self, owner: Owner) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM sums WHERE team = ? AND kind = ? AND owner = ?", (owner.team, owner.kind, owner.id)
            )
            connection.execute(
                "DELETE FROM entries WHERE team = ? AND json_extract(content, ?) = ?",
                (owner.team, f"$.{owner.kind}", owner.id),
            )
            if owner.kind is OwnerKind.PERSON:
                connection.execute("DELETE FROM admitted WHERE team = ? AND person = ?", (owner.team, owner.id))
