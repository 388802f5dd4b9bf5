"""The ledger as items of a table of its own: sums that are added to, and entries of JSON.

A month's sums of one kind stand together, so that thousands of them are a query of a few pages.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from adapters.dynamodb.items import DAY, Timeouts, translated
from adapters.dynamodb.raw_items import keep_raw
from adapters.dynamodb.transactions import Attributes, Key
from adapters.serialization.ledger_records import COUNTS, charge_from_json, charge_to_json, counts_of, sum_of_counts
from domain.deliveries.deadline import Clock
from domain.errors import StoreCorrupt, StoreUnavailable
from domain.requests import Request
from domain.spending.ledger import KEPT_DAYS, NO_SUM, Accounts, Charge, Owner, OwnerKind, Sum, month_of


class UsageItem(Model):
    """One sum, or one entry. All but the key, ``entry`` and ``expires_at`` are a sum's numbers."""

    class Meta(Timeouts):
        table_name = ""  # each DynamoLedger binds its own

    period = UnicodeAttribute(hash_key=True)
    owner = UnicodeAttribute(range_key=True)
    expires_at = NumberAttribute(null=True)  # seconds since the epoch, the table's TTL attribute
    entry = UnicodeAttribute(null=True)

    turns = NumberAttribute(null=True)
    sent = NumberAttribute(null=True)
    cached = NumberAttribute(null=True)
    received = NumberAttribute(null=True)
    reasoning = NumberAttribute(null=True)
    condensations = NumberAttribute(null=True)
    redactions = NumberAttribute(null=True)
    refusals = NumberAttribute(null=True)
    estimated = NumberAttribute(null=True)
    money = NumberAttribute(null=True)
    unpriced = NumberAttribute(null=True)
    warnings = NumberAttribute(null=True)


def usage_items(table_name: str) -> type[UsageItem]:
    """The items of one table. A client is made when the first of them is asked for, not when one is written."""

    class Bound(UsageItem):
        class Meta(UsageItem.Meta):
            pass

    Bound.Meta.table_name = table_name
    return Bound


def enter(transaction: TransactWrite, item: type[UsageItem], charge: Charge, number: int) -> None:
    """Have the transaction enter a charge and add it to the sums of its owners.

    ``number`` tells the charges of one request apart. Where somebody is warned with it, it is on the condition that
    nobody was in this month.
    """
    expires_at = int(charge.at + KEPT_DAYS * DAY)
    key = f"{charge.at:017.6f}/{charge.request}/{charge.kind}/{number}"
    transaction.save(
        item(_entries(charge.team, charge.month), key, expires_at=expires_at, entry=charge_to_json(charge))
    )
    for owner in charge.owners:
        counts = counts_of(Sum.of(charge, owner.kind))
        additions = [getattr(item, name).add(counts[name]) for name in COUNTS if counts[name]]
        transaction.update(
            item(*_place(owner, charge.month)),
            actions=[*additions, item.expires_at.set(expires_at)],
            condition=item.warnings.does_not_exist() if owner.kind in charge.warned else None,
        )


def account_keys(of: Request, month: str) -> tuple[Key, Key, Key]:
    """The keys of the sums of the person, channel and team whom a request concerns."""
    person, channel, team = (_place(owner, month) for owner in _concerned(of))
    return _key(*person), _key(*channel), _key(*team)


def accounts_in(items: Sequence[Attributes], of: Request, month: str, where: str) -> Accounts:
    """The accounts among these items."""
    places = {(item["period"]["S"], item["owner"]["S"]): item for item in items}
    person, channel, team = (_sum(places.get(_place(owner, month)), where) for owner in _concerned(of))
    return Accounts(person, channel, team, month)


class DynamoLedger:
    """Reads the ledger that ``DynamoConversations`` writes. Without a table, which is an empty name, it is empty."""

    def __init__(self, table_name: str, *, clock: Clock) -> None:
        self._item = usage_items(table_name)
        self._table = table_name
        self._clock = clock

    def months(self, month: str = "") -> Sequence[tuple[str, str]]:
        months = [month] if month else self._months()
        return [(item["owner"]["S"], month) for month in months for item in self._query(month)]

    def sums(self, team: str, month: str, kind: OwnerKind) -> Mapping[str, Sum]:
        if kind is OwnerKind.TEAM:
            return {team: self.sum_of(Owner(team, kind, team), month)}
        items = self._query(f"{team}/{month}", f"{kind}/")
        return {item["owner"]["S"].partition("/")[2]: _sum(item, self._table) for item in items}

    def sum_of(self, owner: Owner, month: str) -> Sum:
        if not self._table:
            return NO_SUM
        period, name = _place(owner, month)
        with translated(self._table):
            answer = self._connection().get_item(period, range_key=name, consistent_read=True)
        return _sum(answer.get("Item"), f"{self._table}: {period} {name}")

    def entries(self, team: str, month: str) -> Iterator[Charge]:
        for item in self._query(_entries(team, month)):
            yield charge_from_json(item["entry"]["S"], f"{self._table}: {item['owner']['S']}")

    def forget(self, owner: Owner) -> None:
        for month in self._months():
            period = _entries(owner.team, month)
            keys = [item["owner"]["S"] for item in self._query(period) if _names(item, owner, self._table)]
            with translated(self._table), self._item.batch_write() as batch:
                batch.delete(self._item(*_place(owner, month)))
                for key in keys:
                    batch.delete(self._item(period, key))

    def _connection(self) -> Any:
        return self._item._get_connection()

    def _months(self) -> list[str]:
        """Those of which there may be anything, the latest first."""
        if not self._table:
            return []
        now = self._clock()
        return sorted({month_of(now - days * DAY) for days in range(KEPT_DAYS + 31)}, reverse=True)

    def _query(self, period: str, prefix: str = "") -> Iterator[Attributes]:
        condition = self._item.owner.startswith(prefix) if prefix else None
        start: Mapping[str, Any] | None = None
        while self._table:
            with translated(self._table):
                keep_raw(self._connection().connection.client)
                page = self._connection().query(
                    period, range_key_condition=condition, exclusive_start_key=start, consistent_read=True
                )
            if "Items" not in page:
                raise StoreUnavailable(f"{self._table}: what answers a query is not DynamoDB")
            yield from page["Items"]
            start = page.get("LastEvaluatedKey")
            if not start:
                return


def _concerned(of: Request) -> tuple[Owner, Owner, Owner]:
    return (
        Owner(of.team, OwnerKind.PERSON, of.person),
        Owner(of.team, OwnerKind.CHANNEL, of.channel),
        Owner(of.team, OwnerKind.TEAM, of.team),
    )


def _place(owner: Owner, month: str) -> tuple[str, str]:
    """The key of an owner's sum. Those of all teams stand together: they say which teams and months there are."""
    return (
        (month, owner.team) if owner.kind is OwnerKind.TEAM else (f"{owner.team}/{month}", f"{owner.kind}/{owner.id}")
    )


def _entries(team: str, month: str) -> str:
    return f"{team}/{month}/turns"


def _key(period: str, owner: str) -> Key:
    return {"period": {"S": period}, "owner": {"S": owner}}


def _sum(item: Attributes | None, where: str) -> Sum:
    if item is None:
        return NO_SUM
    try:
        return sum_of_counts({name: int(item[name]["N"]) for name in COUNTS if name in item})
    except (KeyError, ValueError) as error:
        raise StoreCorrupt(f"{where} is not a sum: {type(error).__name__}") from error


def _names(item: Attributes, owner: Owner, where: str) -> bool:
    charge = charge_from_json(item["entry"]["S"], where)
    names: Mapping[OwnerKind, Callable[[Charge], str]] = {
        OwnerKind.PERSON: lambda each: each.person,
        OwnerKind.CHANNEL: lambda each: each.channel,
    }
    return owner.kind in names and names[owner.kind](charge) == owner.id
