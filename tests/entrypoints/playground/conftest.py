"""The playground with doubles where the rest of the bot would be, and its Slack alone with the bot's real client."""

import json
import queue
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from domain.channels.channel_settings import NO_SETTINGS, ChannelSettings
from domain.conversations.conversation import Conversation
from domain.conversations.place import Scope
from domain.conversations.saving import Stored
from domain.memory import Memory
from domain.spending.ledger import Charge
from entrypoints.playground import Playground
from entrypoints.playground.emulator.server import SlackEmulator
from entrypoints.playground.emulator.workspace.model import TEAM, Change, Post
from entrypoints.playground.emulator.workspace.workspace import Workspace
from tests.conftest import Serve
from tests.fakes import InMemoryConversations, InMemoryLedger
from tests.stand_ins import SOON

SECRET = "a signing secret"
BOT_TOKEN = "xoxb-made-up"
APP_TOKEN = "xapp-made-up"
NOON = 1_790_000_000.0
CHANNEL = "C0CHANNEL1"
DIRECT = "D0DIRECT01"
GROUP = "G0GROUP001"
PERSON = "U0PERSON01"
OTHER = "U0PERSON02"


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
    """Takes events where the bot would. ``answers`` are given first, then the ``statuses``, then 200."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)
    arrived: "queue.Queue[Delivered]" = field(default_factory=queue.Queue)

    def next(self) -> Delivered:
        return self.arrived.get(timeout=SOON)

    def next_of(self, kind: str) -> dict[str, Any]:
        """The next payload of this type, be it an event's or an interaction's own."""
        while True:
            payload = self.next().payload
            if kind in (payload.get("type"), payload.get("event", {}).get("type")):
                return payload

    async def take(self, request: Request) -> Response:
        body = await request.body()
        self.arrived.put(Delivered(dict(request.headers), body, payload_in(request, body)))
        if self.answers:
            return self.answers.pop(0)
        return JSONResponse({}, self.statuses.pop(0) if self.statuses else 200)


def payload_in(request: Request, body: bytes) -> dict[str, Any]:
    """An event is JSON, a command a form, and an interaction JSON in a form."""
    if request.headers["content-type"] == "application/json":
        return json.loads(body)
    form = dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True))
    return json.loads(form["payload"]) if "payload" in form else form


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

    def save(self, conversation: str, stored: Stored, charge: Charge | None = None) -> Stored:
        raise NotImplementedError


class FakeSettings:
    """What the tests say holds in a channel."""

    def __init__(self) -> None:
        self.own: dict[str, ChannelSettings] = {}

    def load(self, _team: str, channel: str) -> ChannelSettings:
        return self.own.get(channel, NO_SETTINGS)

    def among(self, _team: str, channels: list[str]) -> dict[str, ChannelSettings]:
        return {channel: each for channel, each in self.own.items() if channel in channels}


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
    charges: list[Charge]
    """What the ledger has."""

    settings: "FakeSettings"


@pytest.fixture
def run_playground(serve: Serve, listener: Listener) -> Callable[..., Running]:
    """``run_playground(language="ja", model_name="", scope=Scope.THREAD)`` starts one, other options are its own."""

    def run(*, language: str = "ja", model_name: str = "", scope: Scope = Scope.THREAD, **options: Any) -> Running:
        conversations, charged = FakeConversations(), InMemoryConversations()
        settings = FakeSettings()
        playground = Playground(
            conversations=conversations,
            ledger=InMemoryLedger(charged),
            settings_store=settings,
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
        return Running(
            playground,
            url,
            listener,
            conversations,
            WebClient(BOT_TOKEN, base_url=f"{url}/api/"),
            charged.charges,
            settings,
        )

    return run


@dataclass
class Clock:
    now: float = NOON

    def __call__(self) -> float:
        return self.now


@dataclass
class Slack:
    """A stand-in on loopback and the bot's real client for it."""

    workspace: Workspace
    stand_in: SlackEmulator
    url: str
    clock: Clock
    client: WebClient

    def ask(self, text: str = "@bot こんにちは", thread: str = "") -> str:
        """A person says something in the first channel; returns its ts."""
        return self.workspace.say(PERSON, CHANNEL, text, thread).ts

    def stream(self, **arguments: Any) -> str:
        to = {"channel": CHANNEL, "recipient_user_id": PERSON, "recipient_team_id": TEAM}
        arguments = {"thread_ts": arguments["thread_ts"] if "thread_ts" in arguments else self.ask(), **arguments}
        ts = self.client.chat_startStream(**{**to, **arguments})["ts"]
        assert isinstance(ts, str)
        return ts

    def is_at_work(self, thread: str, channel: str = CHANNEL) -> None:
        """The bot shows that it is at work on a thread, and with that a stop button."""
        self.client.agents_sessions_setStatus(channel_id=channel, thread_ts=thread, status="processing")

    def next_post(self) -> "queue.Queue[Post]":
        """From now on, every post that is new."""
        posts: queue.Queue[Post] = queue.Queue()

        def keep(change: Change) -> None:
            if change.before is None:
                posts.put(change.post)

        self.workspace.messages.observe(keep)
        return posts

    def text_of(self, ts: str) -> str:
        return next(post.text for post in self.workspace.messages.posts() if post.ts == ts)


@pytest.fixture
def begin(serve, listener) -> Iterator[Callable[..., Slack]]:
    begun: list[SlackEmulator] = []

    def run(**options: Any) -> Slack:
        clock = Clock()
        workspace = Workspace("ja", clock, shortcuts=options.pop("shortcuts", None))
        stand_in = SlackEmulator(
            workspace,
            bot_token=BOT_TOKEN,
            app_token=APP_TOKEN,
            signing_secret=SECRET,
            **{"events_url": listener.url, "clock": clock, "waits": (0.0, 0.0, 0.0), **options},
        )
        url = serve(Starlette(routes=stand_in.routes), before_end=stand_in.stop)
        stand_in.start()
        begun.append(stand_in)
        workspace.address = url
        return Slack(workspace, stand_in, url, clock, WebClient(BOT_TOKEN, base_url=f"{url}/api/"))

    yield run
    for stand_in in begun:
        stand_in.stop()


@pytest.fixture
def slack(begin) -> Slack:
    return begin()


def refusal(call: Callable[..., Any], **arguments: Any) -> str:
    """The name of the error with which Slack refuses a call."""
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return str(caught.value.response["error"])


Socket = tuple[Slack, "queue.Queue[SocketModeRequest]", SocketModeClient]


@pytest.fixture
def connect(begin) -> Iterator[Callable[..., Socket]]:
    clients: list[SocketModeClient] = []

    def run(*, acknowledge: bool = True, payload: dict[str, Any] | None = None) -> Socket:
        slack = begin()
        arrived: queue.Queue[SocketModeRequest] = queue.Queue()
        hello = threading.Event()
        client = SocketModeClient(APP_TOKEN, web_client=slack.client, auto_reconnect_enabled=False)

        def take(client: SocketModeClient, request: SocketModeRequest) -> None:
            if acknowledge or request.retry_attempt:
                client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id, payload=payload))
            arrived.put(request)

        client.socket_mode_request_listeners.append(take)
        client.on_message_listeners.append(lambda text: '"hello"' in text and hello.set())
        clients.append(client)
        client.connect()
        assert hello.wait(SOON)
        return slack, arrived, client

    yield run
    for client in clients:
        client.current_session.sock.shutdown(socket.SHUT_RDWR)  # or its reader waits three seconds more
        client.close()
