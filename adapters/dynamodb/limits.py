"""The limits of single people and teams, an item each."""

from collections.abc import Mapping

from pynamodb.exceptions import DoesNotExist

from adapters.dynamodb.items import Item, bound_to, every_item, translated
from adapters.serialization.ledger_records import limit_from_json, limit_to_json
from domain.limits.owner_limits import NO_LIMIT, Limit, Limits
from domain.requests import Request
from domain.spending.ledger import Owner, OwnerKind

LIMITS = "limits/"
"""How the id of such an item begins; a conversation's begins with a team, which Slack writes in capitals."""


def limit_ids(of: Request) -> tuple[str, str]:
    """The ids of the items of the person and the team whom a request concerns."""
    return _id(Owner(of.team, OwnerKind.PERSON, of.person)), _id(Owner(of.team, OwnerKind.TEAM, of.team))


def limits_in(items: Mapping[str, Item], of: Request, table: str) -> Limits:
    """The limits among these items, which are given by their ids."""
    return Limits(*(_read(items.get(each), table) for each in limit_ids(of)))


class DynamoLimits:
    """Limits, beside the conversations in their table. They do not expire."""

    def __init__(self, table_name: str) -> None:
        self._item = bound_to(table_name)  # its client is made with the first look
        self._table = table_name

    def limit(self, owner: Owner) -> Limit:
        key = _id(owner)
        with translated(f"{self._table}: {key}"):
            try:
                return _read(self._item.get(key, consistent_read=True), self._table)
            except DoesNotExist:
                return NO_LIMIT

    def set_limit(self, owner: Owner, limit: Limit) -> None:
        item = self._item(_id(owner), limit=limit_to_json(limit) or None)
        with translated(f"{self._table}: {item.id}"):
            item.save() if item.limit else item.delete()

    def all(self) -> Mapping[Owner, Limit]:
        """Those of all people and teams that have some.

        For an operator alone: it reads the whole table, conversations too, and the functions are not allowed to.
        """
        items = every_item(self._item, self._item.id.startswith(LIMITS))
        return {_owner(item.id): _read(item, self._table) for item in items}


def _owner(key: str) -> Owner:
    _, team, kind, name = key.split("/")
    return Owner(team, OwnerKind(kind), name)


def _id(owner: Owner) -> str:
    return f"{LIMITS}{owner.team}/{owner.kind}/{owner.id}"


def _read(item: Item | None, table: str) -> Limit:
    return limit_from_json(item.limit or "", f"{table}: {item.id}") if item else NO_LIMIT
