"""A server on loopback for any app, and the playground with doubles where the rest of the bot would be."""

import queue
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from slack_sdk import WebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from domain.conversation import Conversation, Memory
from domain.ports import Stored
from domain.question import Scope
from entrypoints.playground import Playground
from tests.conftest import Serve

SECRET = "a signing secret"
BOT_TOKEN = "xoxb-made-up"
APP_TOKEN = "xapp-made-up"


@dataclass
class Delivered:
    """One request that arrived at the events URL."""

    headers: dict[str, str]
    body: bytes
    payload: dict[str, Any]

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = self.payload["event"]
        return event


@dataclass
class Listener:
    """Takes events where the bot would. ``statuses`` are answered first, then 200."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    arrived: "queue.Queue[Delivered]" = field(default_factory=queue.Queue)

    def next(self) -> Delivered:
        return self.arrived.get(timeout=10)

    def next_from_a_person(self, kind: str = "message") -> dict[str, Any]:
        """The next event of this type that no bot caused."""
        while True:
            event = self.next().event
            if event["type"] == kind and "bot_id" not in event and "subtype" not in event:
                return event

    async def take(self, request: Request) -> Response:
        body = await request.body()
        self.arrived.put(Delivered(dict(request.headers), body, await request.json()))
        return JSONResponse({}, self.statuses.pop(0) if self.statuses else 200)


@pytest.fixture
def listener(serve: Serve) -> Listener:
    listening = Listener()
    path = f"/{uuid.uuid4()}/events"  # of its own: an earlier test's last event may still be on its way to the port
    listening.url = serve(Starlette(routes=[Route(path, listening.take, methods=["POST"])])) + path
    return listening


class FakeConversations:
    """What the tests say is remembered."""

    def __init__(self) -> None:
        self.stored: dict[str, Conversation] = {}

    def load(self, conversation: str) -> Stored:
        known = conversation in self.stored
        return Stored(self.stored.get(conversation, Conversation()), int(known))

    def save(self, conversation: str, stored: Stored) -> Stored:
        raise NotImplementedError


@pytest.fixture
def conversations() -> FakeConversations:
    return FakeConversations()


@dataclass
class Running:
    """The playground on loopback, the events it sends, and the bot's client."""

    playground: Playground
    url: str
    listener: Listener
    conversations: FakeConversations
    client: WebClient


@pytest.fixture
def run_playground(serve: Serve, listener: Listener) -> Callable[..., Running]:
    """``run_playground(language="ja", model_name="", scope=Scope.THREAD)`` starts one, other options are its own."""

    def run(*, language: str = "ja", model_name: str = "", scope: Scope = Scope.THREAD, **options: Any) -> Running:
        conversations = FakeConversations()
        playground = Playground(
            conversations=conversations,
            memory=Memory(limit=200, keep=100, summary=80),
            scope=scope,
            language=language,
            model_name=model_name,
            signing_secret=SECRET,
            bot_token=BOT_TOKEN,
            events_url=listener.url,
            **options,
        )
        url = serve(Starlette(routes=playground.routes), before_end=playground.stop)
        playground.start()
        return Running(playground, url, listener, conversations, WebClient(BOT_TOKEN, base_url=f"{url}/api/"))

    return run
