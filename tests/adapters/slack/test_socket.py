"""Socket Mode with the real client, against the stand-in's other end."""

import queue

import pytest
from starlette.applications import Starlette

from adapters.slack.replies import web_client
from adapters.slack.socket import socket_mode
from domain.errors import StoreUnavailable
from entrypoints.playground.slack import SlackStandIn
from entrypoints.playground.workspace import Workspace

SOON = 10


class Line:
    """A connection by Socket Mode, and what arrives at its end. ``troubles`` are raised first."""

    def __init__(self, serve) -> None:
        self.workspace = Workspace("ja")
        self.stand_in = SlackStandIn(
            self.workspace,
            bot_token="xoxb-1",
            signing_secret="s",
            events_url="http://127.0.0.1:9/",
            app_token="xapp-1",
            waits=(0, 0, 0),
        )
        self.arrived: queue.Queue = queue.Queue()
        self.troubles: list[Exception] = []
        url = serve(Starlette(routes=self.stand_in.routes))
        self.client = socket_mode("xapp-1", web_client("xoxb-1", f"{url}/api/"), self.accept)

    def accept(self, payload) -> None:
        self.arrived.put(payload["event"])
        if self.troubles:
            raise self.troubles.pop()

    def say(self, text: str) -> None:
        self.workspace.say(self.workspace.people[0].id, self.workspace.channels[0].id, text)


@pytest.fixture
def line(serve):
    connected = Line(serve)
    connected.stand_in.start()
    connected.client.connect()
    yield connected
    connected.client.close()
    connected.stand_in.stop()


def test_an_event_arrives_once_and_is_acknowledged(line: Line):
    line.say("おはよう")
    line.say("こんばんは")
    assert [line.arrived.get(timeout=SOON)["text"] for _ in range(2)] == ["おはよう", "こんばんは"]


def test_an_event_that_could_not_be_queued_is_sent_again(line: Line):
    line.troubles.append(StoreUnavailable("locked"))
    line.say("おはよう")
    assert [line.arrived.get(timeout=SOON)["text"] for _ in range(2)] == ["おはよう", "おはよう"]
