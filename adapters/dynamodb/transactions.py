"""Requests to DynamoDB that concern several items, of two tables: one read of a batch, one transaction."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pynamodb.connection import Connection

from adapters.dynamodb.items import is_transaction_conflict, translated
from domain.errors import Conflict, StoreUnavailable

ATTEMPTS = 5
"""How often what DynamoDB has left unprocessed, or cancelled because of another transaction, is asked for again."""

PAUSE_SECONDS = 0.05
"""The longest pause before the second attempt; before each further one it may be twice as long."""

Key = Mapping[str, Mapping[str, str]]
Attributes = Mapping[str, Mapping[str, Any]]
"""An item as DynamoDB writes it: ``{"id": {"S": "T1/C1"}, "version": {"N": "7"}}``."""


def read_batch(connection: Connection, keys: Mapping[str, Sequence[Key]], where: str) -> Mapping[str, list[Attributes]]:
    """The items of these keys that there are, by table, read consistently.

    Raises ``StoreUnavailable`` where DynamoDB cannot be reached, or leaves some unprocessed each time.
    """
    asked: Mapping[str, Any] = {table: {"Keys": some, "ConsistentRead": True} for table, some in keys.items()}
    items: dict[str, list[Attributes]] = {table: [] for table in keys}
    for attempt in range(ATTEMPTS):
        _pause(attempt)
        with translated(where):
            answer = connection.dispatch("BatchGetItem", {"RequestItems": asked})
        for table, some in answer["Responses"].items():
            items[table] += some
        asked = answer.get("UnprocessedKeys") or {}
        if not asked:
            return items
    raise StoreUnavailable(f"{where}: DynamoDB left keys unprocessed {ATTEMPTS} times")


def commit(transaction: Callable[[], object], where: str) -> None:
    """Carry out a transaction, again where another one was at one of its items: a team's sum is everybody's.

    Raises ``Conflict`` where its condition does not hold, and ``StoreUnavailable``.
    """
    for attempt in range(ATTEMPTS):
        _pause(attempt)
        try:
            with translated(where):
                transaction()
        except StoreUnavailable as error:
            if not is_transaction_conflict(error.__cause__):
                raise
        else:
            return
    raise Conflict(f"{where}: other transactions were at it {ATTEMPTS} times")


def _pause(attempt: int) -> None:
    if attempt:
        longest = PAUSE_SECONDS * 2 ** (attempt - 1)
        time.sleep(random.uniform(0, longest))  # noqa: S311 - it only keeps workers apart # nosec B311
