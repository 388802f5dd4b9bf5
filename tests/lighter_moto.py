"""moto, with the same answers for a third of the work. What it wastes was half of what a storm of questions cost.

A process that asks moto nothing need not import this, nor moto, which takes most of a second.
"""

import copy
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from moto import backends
from moto.dynamodb import models as dynamodb
from moto.dynamodb.models.table import Table
from moto.sqs import models as sqs

DynamoDBBackend = dynamodb.DynamoDBBackend


@contextmanager
def lighter_moto() -> Iterator[None]:
    modules = tuple(backends.list_of_moto_modules())
    with pytest.MonkeyPatch.context() as patch:
        # It looks through the folder of its modules for each request.
        patch.setattr(backends, "list_of_moto_modules", lambda: modules)
        # It works out the time from two dates of the calendar for each message of a queue, some ten times a request.
        patch.setattr(sqs, "unix_time", time.time)
        patch.setattr(sqs, "unix_time_millis", lambda: time.time() * 1000)
        patch.setattr(dynamodb, "copy", SimpleNamespace(deepcopy=_deepcopy))
        patch.setattr(DynamoDBBackend, "update_item", _update_item)
        yield


def _deepcopy(value: object) -> object:
    """A transaction copies each of its tables with every item, so as to put it back where a condition does not hold.

    Here it copies what holds the items: an item that changes is another item then. None of our tables has a stream,
    whose records would have to be put back too.
    """
    if not isinstance(value, Table):
        return copy.deepcopy(value)
    kept = copy.copy(value)
    kept.items = copy.copy(value.items)
    if value.has_range_key:
        kept.items.update({key: dict(items) for key, items in value.items.items()})
    return kept


_update_in_place = DynamoDBBackend.update_item


def _update_item(backend: DynamoDBBackend, table_name: str, key: dict, *args: Any, **named: Any) -> object:
    table = backend.get_table(table_name)
    of_hash, of_range = backend.get_keys_value(table, key)
    if item := table.get_item(of_hash, of_range):
        place, name = (table.items[of_hash], of_range) if table.has_range_key else (table.items, of_hash)
        place[name] = copy.deepcopy(item)
    return _update_in_place(backend, table_name, key, *args, **named)
