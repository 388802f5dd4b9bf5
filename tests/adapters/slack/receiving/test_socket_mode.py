"""Socket Mode with the real client, against the emulator."""

import queue
import threading
import time

import pytest
from starlette.applications import Starlette

from adapters.slack.client import web_client
from adapters.slack.receiving.socket_mode import SocketMode
from domain.errors import StoreUnavailable
from entrypoints.playground.emulator.server import SlackEmulator
from entrypoints.playground.emulator.workspace.model import Post
from entrypoints.playground.emulator.workspace.workspace import Workspace
from tests.stand_ins import SOON


class Connection:
    """A connection by Socket Mode, and the payloads that arrive. ``errors`` are raised first."""

    def __init__(self, serve) -> None:
        self.workspace = Workspace("ja")
        self.emulator = SlackEmulator(
            self.workspace,
            bot_token="xoxb-1",
            signing_secret="s",
            events_url="http://127.0.0.1:9/",
            app_token="xapp-1",
            waits=(0, 0, 0),
        )
        self.arrived: queue.Queue = queue.Queue()
        self.errors: list[Exception] = []
        url = serve(Starlette(routes=self.emulator.routes))
        self.client = SocketMode("xapp-1", web_client("xoxb-1", f"{url}/api/"), self)

    def accept(self, payload) -> None:
        self._take(payload["event"])

    def accept_command(self, form) -> None:
        self._take({"command": form["text"], "respond_to": form["response_url"]})

    def accept_interaction(self, payload) -> None:
        if payload["type"] == "view_submission":
            self._take({"modal": payload["view"]["state"]["values"]})
        else:
            self._take({"shortcut": payload["callback_id"], "of": payload["message"]["text"]})

    def _take(self, payload: dict) -> None:
        self.arrived.put(payload)
        if self.errors:
            raise self.errors.pop()

    @property
    def here(self) -> tuple[str, str]:
        return self.workspace.directory.people[0].id, self.workspace.directory.channels[0].id

    def say(self, text: str) -> Post:
        return self.workspace.say(*self.here, text)


@pytest.fixture
def connection(serve):
    connected = Connection(serve)
    connected.emulator.start()
    connected.client.connect()
    until, pause = time.monotonic() + SOON, threading.Event()
    while not connected.emulator._sockets.connected:  # it would post to the events URL, where nobody listens
        assert time.monotonic() < until
        pause.wait(0.01)
    yield connected
    connected.client.close()
    connected.emulator.stop()


def test_an_event_arrives_once_and_is_acknowledged(connection: Connection):
    connection.say("おはよう")
    connection.say("こんばんは")
    assert [connection.arrived.get(timeout=SOON)["text"] for _ in range(2)] == ["おはよう", "こんばんは"]


@pytest.mark.parametrize(
    "error", [StoreUnavailable("locked"), TypeError("ポチ")], ids=lambda error: type(error).__name__
)
def test_an_event_that_could_not_be_queued_is_logged_and_sent_again(connection: Connection, error, monkeypatch, caplog):
    monkeypatch.setattr("entrypoints.playground.emulator.socket_mode.SECONDS_TO_ANSWER", 0.2)
    connection.errors.append(error)
    connection.say("おはよう")
    assert [connection.arrived.get(timeout=SOON)["text"] for _ in range(2)] == ["おはよう", "おはよう"]
    (line,) = caplog.messages
    assert line.startswith(f"not acknowledged, so that Slack sends it again: {type(error).__name__}")
    assert "ポチ" not in line


def test_commands_and_shortcuts_arrive_as_well(connection: Connection):
    post = connection.say("おはよう")
    assert connection.arrived.get(timeout=SOON)["text"] == "おはよう"
    connection.emulator.slash(*connection.here, "memory")
    command = connection.arrived.get(timeout=SOON)
    assert command["command"] == "memory"
    assert command["respond_to"].startswith("http")
    connection.emulator.shortcut(*connection.here, post.ts, "reset")
    assert connection.arrived.get(timeout=SOON) == {"shortcut": "reset", "of": "おはよう"}


def test_a_modal_arrives_as_well_and_closes_once_it_is_acknowledged(connection: Connection, monkeypatch):
    monkeypatch.setattr("entrypoints.playground.emulator.workspace.modals.TRIGGER_SECONDS", 600)
    monkeypatch.setattr("entrypoints.playground.emulator.socket_mode.SECONDS_TO_ANSWER", SOON)
    person, notices = connection.here[0], queue.Queue()
    words = {"type": "plain_text", "text": "ポチ"}
    element = {"type": "plain_text_input", "action_id": "value"}
    field = {"type": "input", "block_id": "words", "label": words, "element": element}
    form = {"type": "modal", "title": words, "submit": words, "blocks": [field]}
    modals = connection.workspace.modals
    view = modals.open(modals.trigger(person), form)
    connection.workspace.observe_notices(lambda kind, now: notices.put((kind, now)))
    connection.emulator.submit(person, view["id"], '{"words": "犬"}')
    written = {"words": {"value": {"type": "plain_text_input", "value": "犬"}}}
    assert connection.arrived.get(timeout=SOON) == {"modal": written}
    assert notices.get(timeout=SOON) == ("modal", {"user": person, "view": None})


def test_a_person_is_told_of_a_command_that_could_not_be_queued(connection: Connection, monkeypatch):
    monkeypatch.setattr("entrypoints.playground.emulator.socket_mode.SECONDS_TO_ANSWER", 0.2)
    told: queue.Queue = queue.Queue()
    connection.workspace.messages.observe(lambda change: told.put(change.post.text))
    connection.errors.append(StoreUnavailable("locked"))
    connection.emulator.slash(*connection.here, "memory")
    assert connection.arrived.get(timeout=SOON)["command"] == "memory"
    assert 'failed with the error "operation_timeout"' in told.get(timeout=SOON)
