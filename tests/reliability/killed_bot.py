"""The bot, which kills itself before or after one of its outside calls.

    KILL_AT=7 POINTS_FILE=… python -m tests.reliability.killed_bot local
    KILL_AT=7 POINTS_FILE=… python -m tests.reliability.killed_bot worker <event.json

Every call to Slack, to the model, to the store and to AWS, from the moment a question is put on the
queue (or is handed to the worker on AWS), has two points: before it is made, and after it was
answered but before the bot knows. The points are numbered from 1 and their names written to
``POINTS_FILE``; at number ``KILL_AT`` the process ends as by ``kill -9``. 0 never kills.
"""

import functools
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from botocore.client import BaseClient
from openai.resources.chat.completions import Completions
from slack_sdk import WebClient

from adapters.openai import OpenAILanguageModel
from adapters.sqlite import Database, SqliteQueue
from entrypoints import lambda_worker
from entrypoints.local.__main__ import main
from tests.entrypoints.conftest import lambda_context
from tests.stand_ins import condenses

KILL_AT = int(os.environ["KILL_AT"])
POINTS = Path(os.environ["POINTS_FILE"])


class Points:
    """Counts points once a question has arrived, and ends the process at the one that was asked for."""

    def __init__(self) -> None:
        self.armed = False
        self._passed = 0
        self._lock = threading.Lock()

    def pass_(self, name: str) -> None:
        if not self.armed:
            return
        with self._lock:
            self._passed += 1
            with POINTS.open("a", encoding="utf-8") as file:
                file.write(f"{name}\n")
            if self._passed == KILL_AT:
                os.kill(os.getpid(), signal.SIGKILL)


points = Points()


def around(call: Callable[..., Any], name: Callable[..., str]) -> Callable[..., Any]:
    @functools.wraps(call)
    def noted(*args: Any, **kwargs: Any) -> Any:
        said = name(*args, **kwargs)
        points.pass_(f"before {said}")
        answer = call(*args, **kwargs)
        points.pass_(f"after {said}")
        return answer

    return noted


def instrument() -> None:
    WebClient.api_call = around(WebClient.api_call, lambda _, method, **__: method)
    Completions.create = around(
        Completions.create, lambda *_, **request: "summarising" if condenses(request) else "answering"
    )
    transaction, put, reply = Database.transaction, SqliteQueue.put, OpenAILanguageModel.reply

    @contextmanager
    def noted_transaction(database: Database) -> Iterator[Any]:
        points.pass_("before a transaction")
        with transaction(database) as connection:
            yield connection
            points.pass_("before a commit")
        points.pass_("after a commit")

    def arming_put(*args: Any) -> bool:
        points.armed = True
        return put(*args)

    def noted_reply(*args: Any) -> Iterator[Any]:
        for piece in reply(*args):
            yield piece
            points.pass_("after a piece")

    BaseClient._make_api_call = around(BaseClient._make_api_call, lambda _, operation, __: operation)
    Database.transaction = noted_transaction
    SqliteQueue.put = arming_put
    OpenAILanguageModel.reply = noted_reply


if __name__ == "__main__":
    instrument()
    if sys.argv[1] == "local":
        sys.exit(main())
    points.armed = True
    lambda_worker.handler(json.load(sys.stdin), lambda_context("worker"))
