"""The bot, which kills itself before or after one of its outside calls.

Every call to Slack, to the model, to the store and to AWS, from the moment a question is put on the
queue (or is handed to the worker on AWS), has two points: before it is made, and after it was
answered but before the bot knows. The points are numbered from 1 and their names written to
a file; at number ``kill_at`` the process ends as by ``kill -9``. 0 never kills.
"""

import functools
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from botocore.client import BaseClient
from openai.resources.chat.completions import Completions
from slack_sdk import WebClient

from adapters.openai.language_model import OpenAILanguageModel
from adapters.sqlite import Database, SqliteQueue
from entrypoints import lambda_worker
from entrypoints.local.program import main
from tests.lambda_context import lambda_context
from tests.stand_ins import condenses


class Points:
    """Counts points once a question has arrived, and ends the process at the one that was asked for."""

    def __init__(self, file: Path, kill_at: int, *, armed: bool = False) -> None:
        self.armed = armed
        self._file = file
        self._kill_at = kill_at
        self._passed = 0
        self._lock = threading.Lock()

    def pass_(self, name: str) -> None:
        if not self.armed:
            return
        with self._lock:
            self._passed += 1
            with self._file.open("a", encoding="utf-8") as file:
                file.write(f"{name}\n")
            if self._passed == self._kill_at:
                os.kill(os.getpid(), signal.SIGKILL)


def around(points: Points, call: Callable[..., Any], name: Callable[..., str]) -> Callable[..., Any]:
    @functools.wraps(call)
    def noted(*args: Any, **kwargs: Any) -> Any:
        said = name(*args, **kwargs)
        points.pass_(f"before {said}")
        answer = call(*args, **kwargs)
        points.pass_(f"after {said}")
        return answer

    return noted


def instrument(points: Points) -> None:
    WebClient.api_call = around(points, WebClient.api_call, lambda _, method, **__: method)
    Completions.create = around(
        points, Completions.create, lambda *_, **request: "summarising" if condenses(request) else "answering"
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

    BaseClient._make_api_call = around(points, BaseClient._make_api_call, lambda _, operation, __: operation)
    Database.transaction = noted_transaction
    SqliteQueue.put = arming_put
    OpenAILanguageModel.reply = noted_reply


def one_machine(file: Path, kill_at: int) -> int:
    instrument(Points(file, kill_at))
    return main([])


def worker(file: Path, kill_at: int, event: dict[str, Any]) -> None:
    instrument(Points(file, kill_at, armed=True))
    lambda_worker.handler(event, lambda_context("worker"))
