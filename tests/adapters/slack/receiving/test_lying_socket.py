"""The real Socket Mode client on connections that lie, and a heartbeat that listens to it."""

import queue
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from slack_sdk.socket_mode.builtin.connection import Connection
from starlette.applications import Starlette

from adapters.slack.client import web_client
from adapters.slack.receiving.heartbeat import BEAT_SECONDS, DEAF_SECONDS, SILENT_SECONDS, Heartbeat
from adapters.slack.receiving.socket_mode import SocketMode
from entrypoints.playground.emulator.server import SlackEmulator
from entrypoints.playground.emulator.workspace.workspace import Workspace
from tests.conftest import Clock
from tests.lying_socket import LyingNetwork, lying_network
from tests.stand_ins import SOON


class Line:
    """Socket Mode over a network that may lie. ``arrived`` are the texts of the events that came."""

    def __init__(self, network: LyingNetwork, workspace: Workspace, emulator: SlackEmulator) -> None:
        self.emulator = emulator
        self.network = network
        self.workspace = workspace
        self.arrived: queue.Queue[str] = queue.Queue()
        self.socket = SocketMode("xapp-1", web_client("xoxb-1", f"{network.url}/api/"), self)
        self.clock, self.stopwatch = Clock(), Clock(1_000.0)
        self.read_since: list[float] = []
        self.heartbeat = Heartbeat(
            self.socket, self.catch_up, heard_until=self.clock(), clock=self.clock, stopwatch=self.stopwatch
        )

    def accept(self, payload) -> None:
        self.arrived.put(payload["event"]["text"])

    accept_command = accept_interaction = accept

    def catch_up(self, since: float) -> int:
        self.read_since.append(since)
        return 1

    def say(self, text: str) -> None:
        person, channel = self.workspace.directory.people[0], self.workspace.directory.channels[0]
        self.workspace.say(person.id, channel.id, text)

    def connect(self) -> None:
        """Until Slack has answered the first ping, which goes out with the connection."""
        self.socket.connect()
        wait_for(lambda: self.socket.signs[0] is not None)
        self.heartbeat.beat()
        self.read_since.clear()

    def until_replaced(self) -> None:
        """After one beat, or a second where a pong was on its way when the last was taken."""
        for _ in range(2):
            if self.network.websockets == 1:
                self.pass_by(BEAT_SECONDS)
        assert self.network.websockets == 2

    def has_read_since(self, heard_until: float) -> bool:
        """Once, and from when Slack was last heard, which the first beat after may have seen."""
        return [round(since - heard_until) for since in self.read_since] in ([0], [BEAT_SECONDS])

    def pass_by(self, seconds: float) -> None:
        """A beat after the other."""
        for _ in range(round(seconds / BEAT_SECONDS)):
            self.clock.pass_by(BEAT_SECONDS)
            self.stopwatch.pass_by(BEAT_SECONDS)
            self.heartbeat.beat()


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


@pytest.fixture
def line(serve, monkeypatch) -> Iterator[Line]:
    monkeypatch.setattr("entrypoints.playground.emulator.socket_mode.SECONDS_TO_ANSWER", 0.2)
    workspace = Workspace("ja")
    emulator = SlackEmulator(
        workspace,
        bot_token="xoxb-1",
        signing_secret="s",
        events_url="http://127.0.0.1:9/",
        app_token="xapp-1",
        waits=(),
    )
    with lying_network(serve(Starlette(routes=emulator.routes))) as network:
        begun = Line(network, workspace, emulator)
        emulator.start()
        yield begun
        begun.socket.close()
        emulator.stop()


def test_a_healthy_connection_is_left_alone(line: Line):
    line.connect()
    line.say("おはよう")
    assert line.arrived.get(timeout=SOON) == "おはよう"
    line.pass_by(DEAF_SECONDS / 2)
    assert (line.network.websockets, line.read_since, line.heartbeat.is_heard) == (1, [], True)


def test_a_connection_on_which_no_ping_was_ever_answered_is_replaced_and_the_next_is_heard(line: Line):
    line.network.fall_silent()
    line.socket.connect()
    line.heartbeat.beat()
    line.pass_by(DEAF_SECONDS)
    line.network.tell_the_truth()
    line.pass_by(BEAT_SECONDS)
    wait_for(lambda: line.socket.signs[0] is not None)
    line.heartbeat.beat()
    assert (line.network.websockets, line.heartbeat.is_heard) == (2, True)
    line.say("おはよう")
    assert line.arrived.get(timeout=SOON) == "おはよう"


@pytest.mark.parametrize("lie", ["silent", "half open"])
def test_a_connection_that_falls_silent_is_replaced_and_what_was_missed_is_read(line: Line, lie):
    line.connect()
    heard_until = line.clock()
    if lie == "silent":
        line.network.fall_silent()
    else:
        line.network.half_open()
    line.pass_by(DEAF_SECONDS)
    line.network.tell_the_truth()
    line.until_replaced()
    assert line.has_read_since(heard_until)
    line.say("おはよう")
    assert line.arrived.get(timeout=SOON) == "おはよう"


def test_a_connection_that_answers_pings_and_delivers_no_events_is_replaced(line: Line, monkeypatch):
    line.connect()
    line.network.lose_events()
    line.say("おはよう")
    monkeypatch.setattr("adapters.slack.receiving.heartbeat.DEAF_SECONDS", 2 * SILENT_SECONDS)  # no need for pongs
    line.pass_by(SILENT_SECONDS)
    assert line.network.websockets == 1
    line.network.tell_the_truth()
    line.pass_by(BEAT_SECONDS)
    assert line.network.websockets == 2
    line.say("こんばんは")
    assert line.arrived.get(timeout=SOON) == "こんばんは"


def test_where_no_other_connection_can_be_made_the_bot_goes_on_trying(line: Line, monkeypatch):
    line.connect()
    first = line.socket.session
    with monkeypatch.context() as patch:
        patch.setattr(line.emulator, "_app_token", "xapp-another")
        line.network.fall_silent()
        line.pass_by(DEAF_SECONDS + 2 * BEAT_SECONDS)
        assert (line.socket.session, line.heartbeat.is_heard, line.read_since) == ("", False, [])
    line.network.tell_the_truth()
    line.pass_by(DEAF_SECONDS)
    assert line.socket.session not in ("", first)
    assert len(line.read_since) == 1


def test_a_connection_that_is_closed_comes_back_by_itself_and_what_was_missed_is_read(line: Line):
    line.socket = SocketMode("xapp-1", web_client("xoxb-1", f"{line.network.url}/api/"), line, ping_seconds=0.1)
    line.heartbeat = Heartbeat(
        line.socket, line.catch_up, heard_until=line.clock(), clock=line.clock, stopwatch=line.stopwatch
    )
    line.connect()
    heard_until = line.clock()
    first = line.socket.session
    line.network.say_goodbye()
    wait_for(lambda: line.socket.session not in ("", first))
    line.pass_by(BEAT_SECONDS)
    assert line.has_read_since(heard_until)


class Overtaken:
    """A lock for which its session's reader waited too, and got it first: it has closed the socket."""

    def __init__(self, session: Connection) -> None:
        self._session = session

    def __enter__(self) -> None:
        if sock := self._session.sock:
            self._session.sock = None
            sock.close()

    def __exit__(self, *_: object) -> None:
        pass


@pytest.mark.parametrize("end", ["renew", "close"])
def test_a_connection_that_its_reader_closes_meanwhile_is_ended_all_the_same(line: Line, end):
    line.connect()
    old = line.socket._client
    old.current_session.sock_send_lock = Overtaken(old.current_session)
    getattr(line.socket, end)()
    assert not old.is_connected()
