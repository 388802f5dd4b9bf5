"""A Slack that cannot be heard: the whole bot on one machine, and a network between the two that lies."""

import math
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from dependency_injector import providers

from adapters.slack.receiving.heartbeat import BEAT_SECONDS, DEAF_SECONDS, SILENT_SECONDS
from entrypoints.configuration.settings import Settings
from entrypoints.local import gap_watch
from entrypoints.local.container import Container
from entrypoints.local.start_and_stop import serve as serve_bot
from entrypoints.playground.emulator.event_payloads import events_of, payload_of
from entrypoints.playground.emulator.workspace.model import BOT_USER, Change
from tests.conftest import Clock
from tests.lying_socket import LyingNetwork, lying_network
from tests.stand_ins import SOON, Model, SlackServer


class Bot:
    """The bot behind a network, a Slack with people, and a model. Beats come as the test says."""

    def __init__(self, tmp_path, serve, network_to: Callable[[str], LyingNetwork], open_database, **env: str) -> None:
        self.model = Model()
        self.slack = SlackServer("http://127.0.0.1:9/", app_token="xapp-own")
        self.workspace = self.slack.workspace
        self.paths: list[str] = []
        """Of the bot's calls to Slack."""
        self.network = network_to(serve(self.recorded))
        self.calls: queue.Queue = queue.Queue()
        self._settings = Settings.from_env(
            {
                "DATABASE_PATH": str(tmp_path / "bot.sqlite3"),
                "OPENAI_BASE_URL": f"{serve(self.model.app)}/v1",
                "SLACK_API_URL": f"{self.network.url}/api/",
                "SLACK_BOT_TOKEN": "xoxb-own",
                "SLACK_APP_TOKEN": "xapp-own",
                "SLACK_SIGNING_SECRET": "own-secret",
                "SLACK_AGENT_VIEW": "false",
            }
            | env
        )
        self._open_database = open_database
        self.person, self.channel = self.slack.person.id, self.slack.channel.id
        self.direct = self.workspace.directory.channel(self.person).id
        self.slack.stand_in.start()
        self.start()

    async def recorded(self, scope, receive, send) -> None:
        self.paths.append(scope.get("path", ""))
        await self.slack.app(scope, receive, send)

    def start(self) -> None:
        """Returns once Slack has been heard and what was missed has been read."""
        self.stopwatch = Clock(1_000.0)
        database = self._open_database(self._settings.database_path)
        self._container = Container(settings=self._settings, database=database)
        self._container.stopwatch.override(providers.Object(self.stopwatch))
        self._stop = threading.Event()
        listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._thread = threading.Thread(target=serve_bot, args=(self._container, listener, self._stop.wait))
        self._thread.start()
        self.watch, self.endpoint = self._container.gap_watch(), self._container.endpoint()
        self.wait_for(lambda: self._container.connection().signs[0] and self.watch.heartbeat.heard_until)

    def end(self) -> None:
        self._stop.set()
        self._thread.join(SOON)
        assert not self._thread.is_alive()
        self._container.database().close()

    def pass_by(self, seconds: float) -> None:
        for _ in range(round(seconds / BEAT_SECONDS)):
            self.stopwatch.pass_by(BEAT_SECONDS)
            self.watch.beat()

    def beat_until(self, condition: Callable[[], object]) -> None:
        """What is on its way may be heard at one of the first beats, and a new connection at one of the next."""

        def beaten() -> object:
            self.pass_by(BEAT_SECONDS)
            return condition()

        self.wait_for(beaten)

    def say(self, text: str, channel: str = "", thread: str = "") -> str:
        return self.workspace.say(self.person, channel or self.channel, text, thread).ts

    def replies(self) -> list[tuple[str, str]]:
        """Of the bot's finished posts, the channel and the thread."""
        return [
            (each.channel, each.thread)
            for each in self.workspace.messages.posts()
            if each.user == BOT_USER and not self.workspace.messages.is_live(each) and each.text not in ("", "…")
        ]

    def readiness(self) -> int:
        try:
            with urlopen(f"{self.url}/readyz", timeout=SOON) as response:
                return response.status
        except HTTPError as error:
            error.close()
            return error.code

    def wait_for(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + SOON
        while not condition():
            assert time.monotonic() < deadline, [each.text for each in self.workspace.messages.posts()]
            with suppress(queue.Empty):
                self.slack.changes.get(timeout=0.05)

    def questions(self) -> list[str]:
        """What the model was asked, in order."""
        asked = []
        with suppress(queue.Empty):
            while True:
                asked.append(self.model.requests.get_nowait())
        return [each["messages"][-1]["content"].rpartition(": ")[2] for each in asked if each.get("stream")]


SLACK_WAITS = "entrypoints.playground.emulator.socket_mode.SECONDS_TO_ANSWER"


@pytest.fixture
def bot(tmp_path, serve, open_database, monkeypatch) -> Iterator[Callable[..., Bot]]:
    monkeypatch.setattr(gap_watch, "BEAT_SECONDS", 3_600)  # after the first, beats come as the test says
    monkeypatch.setattr(SLACK_WAITS, 2.0)  # four times, before it gives an event up
    bots: list[Bot] = []
    networks = []

    def network_to(url: str) -> LyingNetwork:
        networks.append(lying_network(url))
        return networks[-1].__enter__()

    def begin(**env: str) -> Bot:
        bots.append(Bot(tmp_path, serve, network_to, open_database, **env))
        return bots[-1]

    yield begin
    for each in bots:
        each.slack.stand_in.stop()
        each.end()
    for each in networks:
        each.__exit__(None, None, None)


@pytest.mark.parametrize("lie", ["silent", "half open"])
def test_what_was_asked_on_a_socket_that_lies_is_answered_once_and_in_order(bot, lie, tabulate, monkeypatch):
    deaf = bot()
    thread = deaf.say("@bot 犬の名前はポチです")
    deaf.wait_for(lambda: deaf.replies() == [(deaf.channel, thread)])
    monkeypatch.setattr(SLACK_WAITS, 0.2)  # in vain
    if lie == "silent":
        deaf.network.fall_silent()
    else:
        deaf.network.half_open()
    deaf.say("散歩は?", thread=thread)
    other = deaf.say("@bot ポチは元気?")
    deaf.say("ごはんは?", thread=thread)
    deaf.say("おはよう", deaf.direct)
    deaf.pass_by(DEAF_SECONDS - BEAT_SECONDS)
    assert (deaf.readiness(), deaf.replies()) == (200, [(deaf.channel, thread)])
    deaf.beat_until(lambda: not deaf.watch.heartbeat.is_heard)
    assert deaf.readiness() == 503
    awaited = sorted([(deaf.channel, thread)] * 3 + [(deaf.channel, other), (deaf.direct, "")])
    deaf.wait_for(lambda: len(deaf.replies()) >= len(awaited))
    deaf.network.tell_the_truth()
    deaf.beat_until(lambda: deaf.watch.heartbeat.is_heard)
    assert deaf.readiness() == 200
    monkeypatch.setattr(SLACK_WAITS, 2.0)
    again = deaf.say("@bot もう聞こえる?")
    deaf.wait_for(lambda: (deaf.channel, again) in deaf.replies())
    assert sorted(deaf.replies()) == sorted([*awaited, (deaf.channel, again)])
    asked = deaf.questions()
    assert [each for each in asked if each in ("散歩は?", "ごはんは?")] == ["散歩は?", "ごはんは?"]
    assert len(asked) == len(set(asked)) == 6
    tabulate(socket=lie, asked=len(asked), replies=len(deaf.replies()), connections=deaf.network.websockets)


def test_what_a_connection_with_a_healthy_look_did_not_deliver_is_answered_too(bot, monkeypatch):
    monkeypatch.setattr("adapters.slack.receiving.heartbeat.DEAF_SECONDS", math.inf)  # as if each ping were answered
    deaf = bot()
    deaf.network.lose_events()
    thread = deaf.say("@bot 犬の名前は?")
    deaf.pass_by(SILENT_SECONDS)
    assert (deaf.readiness(), deaf.replies()) == (200, [])
    deaf.network.tell_the_truth()
    deaf.pass_by(BEAT_SECONDS)
    deaf.wait_for(lambda: deaf.replies() == [(deaf.channel, thread)])
    assert deaf.network.websockets == 2


def test_what_slack_still_delivers_of_a_gap_is_not_answered_again(bot):
    down = bot()
    down.end()
    thread = down.say("@bot 犬の名前は?")
    down.start()
    down.wait_for(down.replies)
    post = down.workspace.messages.find(down.channel, thread)
    events = events_of(Change(post), down.workspace)
    assert [down.endpoint.accept(payload_of(each, int(time.time()))) for each in events] == [False, False]
    assert down.replies() == [(down.channel, thread)]


def test_a_bot_in_no_gap_reads_nothing_of_slack(bot):
    well = bot()
    thread = well.say("@bot 犬の名前は?")
    well.wait_for(lambda: well.replies() == [(well.channel, thread)])
    well.pass_by(DEAF_SECONDS - BEAT_SECONDS)
    assert "/api/chat.startStream" in well.paths
    assert not {"/api/users.conversations", "/api/conversations.history", "/api/auth.test"} & set(well.paths)


@pytest.mark.parametrize("app_token", ["xapp-own", ""], ids=["socket mode", "http"])
def test_what_was_asked_while_the_bot_was_down_is_answered_at_its_start(bot, app_token):
    down = bot(SLACK_APP_TOKEN=app_token)
    thread = down.say("@bot 犬の名前はポチです")
    if not app_token:  # no address leads to it
        down.end()
        down.start()
    down.wait_for(lambda: down.replies() == [(down.channel, thread)])
    down.end()
    down.say("散歩は?", thread=thread)
    down.start()
    down.wait_for(lambda: down.replies() == [(down.channel, thread)] * 2)
    assert down.questions()[-1] == "散歩は?"


def test_what_was_asked_longer_ago_than_the_bound_is_not_answered(bot, monkeypatch, caplog):
    down = bot()
    down.end()
    down.say("@bot 犬の名前は?")
    monkeypatch.setattr(gap_watch, "BOUND_SECONDS", 0.0)
    down.start()
    new = down.say("@bot ポチは元気?")
    down.wait_for(down.replies)
    assert down.replies() == [(down.channel, new)]
    assert "not answered any more" in caplog.text
