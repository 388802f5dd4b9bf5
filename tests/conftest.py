"""What every test may use: a clock that stands still until it is told to move, and servers on loopback."""

import functools
import gc
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpcore2
import hypothesis
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from adapters.sqlite import Database
from entrypoints.local.early_answers import EarlyAnswers

hypothesis.settings.register_profile("unhurried", deadline=None)  # no test asserts on time
hypothesis.settings.load_profile("unhurried")

# Each client reads all certificates of the system, which takes some 50 ms. On loopback nobody has one.
httpcore2.default_ssl_context = functools.cache(httpcore2.default_ssl_context)

pytest_plugins = ["tests.aws_on_loopback", "tests.groups"]

MARKS = {
    "reliability": (pytest.mark.slow,),
    "bench": (pytest.mark.slow,),
    "entrypoints/local/test_program.py": (pytest.mark.slow,),
    "entrypoints/operator/data/test_adopt.py": (pytest.mark.slow,),
    "entrypoints/test_imports.py": (pytest.mark.slow,),
    "entrypoints/test_in_slack.py": (pytest.mark.slow,),
    "entrypoints/test_several_workspaces.py": (pytest.mark.slow,),
    "test_slack_command_line.py": (pytest.mark.slow,),
    "test_requirements.py": (pytest.mark.slow,),
    "adapters/documents/test_encodings.py": (pytest.mark.slow,),
    "adapters/documents/test_text.py": (pytest.mark.slow,),
    "adapters/slack/reading/test_resolver.py": (pytest.mark.slow,),
    "adapters/slack/receiving/test_lying_socket.py": (pytest.mark.slow,),
    "adapters/slack/replying/test_long_answers.py": (pytest.mark.slow,),
    "adapters/slack/replying/messages/test_message_sequence.py": (pytest.mark.slow,),
    "adapters/slack/replying/test_outages.py": (pytest.mark.slow,),
    "adapters/slack/replying/test_rates_at_once.py": (pytest.mark.slow,),
    "adapters/slack/replying/test_replies.py": (pytest.mark.slow,),
    "adapters/test_tiktoken.py": (pytest.mark.slow,),
    "entrypoints/playground/page/browser": (pytest.mark.browser,),
    "terraform": (pytest.mark.aws, pytest.mark.slow),
    "followed": (pytest.mark.slow,),
    "stack": (pytest.mark.aws, pytest.mark.slow),
}
"""What holds for every test of a folder or file."""

EMULATORS = {
    *("moto", "dynalite", "fauxqs", "ministack"),
    *("dynamo_settings", "dynamo_target", "dynamo_usage", "dynamo_votes", "on_aws", "on_dynamodb", "sqs_bot"),
}
"""Fixtures, and parameters that choose one, by which a test asks an emulator of AWS."""

Serve = Callable[..., str]


@functools.cache
def marks_of(file: Path) -> list[pytest.MarkDecorator]:
    here = Path(__file__).parent
    return [mark for place, marks in MARKS.items() if file.is_relative_to(here / place) for mark in marks]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        for mark in marks_of(item.path):
            item.add_marker(mark)
        if hypothesis.is_hypothesis_test(getattr(item, "obj", None)):
            item.add_marker(pytest.mark.slow)
        values = item.callspec.params.values() if hasattr(item, "callspec") else ()
        if not EMULATORS.isdisjoint([*item.fixturenames, *(each for each in values if isinstance(each, str))]):
            item.add_marker(pytest.mark.aws)
    if hasattr(config, "workerinput"):  # several processes: none should begin the longest test when others are done
        items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish() -> None:
    """What has been imported by now is never garbage, and need not be looked through again and again."""
    gc.collect()
    gc.freeze()


class Clock:
    """Seconds that pass only when a test says so."""

    def __init__(self, now: float = 1_790_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_database() -> Iterator[Callable[..., Database]]:
    """Opens databases as ``Database(path, …)`` does, and closes them when the test has ended."""
    databases: list[Database] = []

    def begin(path: Path, **settings: float) -> Database:
        databases.append(Database(path, **settings))
        return databases[-1]

    yield begin
    for database in databases:
        database.close()


class Server:
    """A server on a free port of loopback; what it serves can be changed while it runs.

    ``before_end`` is called where a program that serves the playground must stop it: when the server
    has been told to end, before it waits for its open responses.
    """

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.app: ASGIApp = Starlette()
        self.before_end: Callable[[], None] = lambda: None
        # The socket listens before the server runs, so that nobody needs to wait for it.
        self._socket = socket.create_server((host, 0), backlog=64)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._server = _Uvicorn(self)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)
        self._thread.start()

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        await EarlyAnswers(self.app)(scope, receive, send)

    def end(self) -> None:
        self._server.should_exit = True
        self._thread.join(60)
        assert not self._thread.is_alive(), "the server hangs"


class _Uvicorn(uvicorn.Server):
    def __init__(self, served: Server) -> None:
        super().__init__(uvicorn.Config(served, log_level="error", lifespan="off", ws="websockets-sansio"))
        self._served = served

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._served.before_end()
        await super().shutdown(sockets)


@pytest.fixture(scope="session")
def servers() -> Iterator[list[Server]]:
    """Servers that no test uses at the moment; they are kept, because ending one takes a while."""
    idle: list[Server] = []
    yield idle
    for server in idle:
        server.end()


@pytest.fixture
def new_server() -> type[Server]:
    """A server for a test that wants to end it."""
    return Server


@pytest.fixture
def serve(servers: list[Server]) -> Iterator[Serve]:
    """``serve(app, before_end=…)`` serves a Starlette app on a port of its own and returns its base URL."""
    running: list[Server] = []

    def begin(app: ASGIApp, before_end: Callable[[], None] = lambda: None) -> str:
        server = servers.pop() if servers else Server()
        server.app, server.before_end = app, before_end
        running.append(server)
        return server.url

    yield begin
    for server in running:
        server.before_end()
        server.app, server.before_end = Starlette(), lambda: None
        servers.append(server)
