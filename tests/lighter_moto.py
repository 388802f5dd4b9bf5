"""moto, with the same answers for a third of the work. What it wastes was half of what a storm of questions cost.

A process that asks moto nothing need not import this, nor moto, which takes most of a second.
"""

import copy
import io
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.model import StructureShape
from moto import backends
from moto.core import responses
from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb import models as dynamodb
from moto.dynamodb.models.table import Table
from moto.moto_server import threaded_moto_server, werkzeug_app
from moto.moto_server.werkzeug_app import MotoRequestHandler
from moto.sqs import models as sqs
from werkzeug.exceptions import InternalServerError
from werkzeug.test import run_wsgi_app

DynamoDBBackend = dynamodb.DynamoDBBackend


@contextmanager
def lighter_moto() -> Iterator[None]:
    modules = tuple(backends.list_of_moto_modules())
    with pytest.MonkeyPatch.context() as patch:
        # It looks through the folder of its modules for each request.
        patch.setattr(backends, "list_of_moto_modules", lambda: modules)
        # It looks through the methods of a service for each request.
        patch.setattr(responses, "method_names_from_class", cache(responses.method_names_from_class))
        patch.setattr(BaseJSONSerializer, "_serialize_type_structure", _serialize_structure)
        # Headers for browsers, in each response.
        patch.setattr(werkzeug_app, "DISABLE_GLOBAL_CORS", True)
        patch.setattr(threaded_moto_server, "MotoRequestHandler", _Connection)
        # It works out the time from two dates of the calendar for each message of a queue, some ten times a request.
        patch.setattr(sqs, "unix_time", time.time)
        patch.setattr(sqs, "unix_time_millis", lambda: time.time() * 1000)
        # It works out the names of a queue's attributes letter by letter, four times for each message that is sent.
        patch.setattr(sqs, "camelcase_to_underscores", cache(sqs.camelcase_to_underscores))
        patch.setattr(dynamodb, "copy", SimpleNamespace(deepcopy=_deepcopy))
        patch.setattr(DynamoDBBackend, "update_item", _update_item)
        yield


_serialize_any_structure = BaseJSONSerializer._serialize_type_structure


def _serialize_structure(to: BaseJSONSerializer, serialized: dict, value: Any, shape: StructureShape, key: str) -> None:
    """DynamoDB's values have one member, by its name. moto looks for each of the ten under each name it might have."""
    if shape.name != "AttributeValue" or not isinstance(value, dict) or not value.keys() <= shape.members.keys():
        _serialize_any_structure(to, serialized, value, shape, key)
        return
    members: dict = {}
    for name, member in value.items():
        to._serialize(members, member, shape.members[name], name)
    to._default_serialize(serialized, members, shape, key)


class _Connection(MotoRequestHandler):
    """Serves all requests of a connection, as AWS does: werkzeug's takes a new one, and a new thread, for each."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # until the response is whole

    def run_wsgi(self) -> None:
        environ = self.make_environ()
        environ["wsgi.input"] = io.BytesIO(self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0)))
        try:
            parts, status, headers = run_wsgi_app(self.server.app, environ)
        except Exception:  # noqa: BLE001 - what moto cannot do
            self.server.log("error", traceback.format_exc())
            parts, status, headers = run_wsgi_app(InternalServerError(), environ)
        body = b"".join(parts)
        self.send_response(int(status.split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


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
