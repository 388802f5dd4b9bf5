"""The world outside at odd hours: a model that says nothing, a Slack that is away, a clock that jumps.

The whole bot of one machine, with real clients, between a Slack and a model of its own on loopback. Payloads arrive as
by Socket Mode, whose acceptance no clock decides.
"""

import queue
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from dependency_injector import providers
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from adapters import deadlines
from domain.errors import ModelTooSlow
from domain.requests import Request as Asked
from domain.texts.japanese import JAPANESE
from entrypoints.configuration.settings import Settings
from entrypoints.local import worker_pool
from entrypoints.local.container import Container
from entrypoints.playground.emulator.event_payloads import events_of, payload_of
from entrypoints.playground.emulator.workspace.model import BOT_NAME, BOT_USER, TEAM, Change, Post
from tests.conftest import Clock
from tests.stand_ins import SOON, Model, SlackServer

MINUTE, HOUR, DAY = 60, 3_600, 86_400
SILENCE = "だんまり"
ANSWER = "ポチは元気ですよ"


class SilentModel(Model):
    """Takes a question that has ``SILENCE`` in it and never speaks; it answers the others.

    ``waiting`` has such a question when it has come, ``left`` when whoever asked it has hung up.
    """

    def __init__(self) -> None:
        super().__init__()
        self.waiting: queue.Queue[str] = queue.Queue()
        self.left: queue.Queue[str] = queue.Queue()

    async def complete(self, request: Request) -> Response:
        question = (await request.json())["messages"][-1]["content"]
        if SILENCE not in question:
            return await super().complete(request)
        self.waiting.put(question)
        while (await request.receive())["type"] != "http.disconnect":
            pass
        self.left.put(question)
        return Response()

    def asked(self) -> list[list[str]]:
        """The contents of each request's messages so far, without the instruction."""
        return [[each["content"] for each in request["messages"][1:]] for request in list(self.requests.queue)]


class Bot:
    """One machine whose wall clock and stopwatch are the test's, and a Slack that may be away."""

    def __init__(self, tmp_path, serve, open_database, clock: Clock, stopwatch: Clock) -> None:
        self.clock, self.stopwatch = clock, stopwatch
        self.model, self.slack = SilentModel(), SlackServer("http://nobody.invalid")
        self.slack.clock = self.slack_clock = Clock(clock.now)
        self.away = False
        self.refused: queue.Queue[str] = queue.Queue()
        self.settings = Settings.from_env(
            {
                "DATABASE_PATH": str(tmp_path / "bot.sqlite3"),
                "OPENAI_BASE_URL": f"{serve(self.model.app)}/v1",
                "SLACK_API_URL": f"{serve(self.slack_or_nothing)}/api/",
                "SLACK_BOT_TOKEN": "xoxb-own",
                "SLACK_SIGNING_SECRET": "own-secret",
                "SLACK_AGENT_VIEW": "false",
            }
        )
        self.container = Container(settings=self.settings, database=open_database(self.settings.database_path))
        self.container.clock.override(providers.Object(clock))
        self.container.stopwatch.override(providers.Object(stopwatch))
        self.workers = self.container.worker_pool()
        self.workers.start()

    async def slack_or_nothing(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.away:
            return await self.slack.app(scope, receive, send)
        self.refused.put(scope["path"])
        return await HTMLResponse("<h1>Something went wrong</h1>", 503)(scope, receive, send)

    def end(self) -> None:
        self.away = False
        self.model.go_on.set()
        self.stopwatch.pass_by(HOUR)
        self.workers.stop(SOON)

    def asked(self, text: str, thread: Post | None = None) -> Post:
        """A person asks, and the bot has both events of it."""
        self.slack_clock.pass_by(1)
        post = self.slack.workspace.say(
            self.slack.person.id, self.slack.channel.id, f"@{BOT_NAME} {text}", thread.ts if thread else ""
        )
        for event in events_of(Change(post), self.slack.workspace):
            self.container.endpoint().accept(payload_of(event, int(float(post.ts))))
        return post

    def replies(self, thread: Post) -> list[str]:
        """The bot's finished posts in this thread."""
        messages = self.slack.workspace.messages
        posts = [each for each in messages.posts() if each.user == BOT_USER and each.thread == thread.ts]
        return [each.text for each in posts if not messages.is_live(each) and each.text not in ("", "…")]

    def wait_until(self, condition: Callable[[], object], each_time: Callable[[], None] = lambda: None) -> None:
        """Asked again after each change in Slack, and ten times a second besides."""
        deadline = time.monotonic() + SOON
        while not condition():
            assert time.monotonic() < deadline, [each.text for each in self.slack.workspace.messages.posts()]
            each_time()
            with suppress(queue.Empty):
                self.slack.changes.get(timeout=0.1)


@pytest.fixture
def bot(tmp_path, serve, open_database, clock, monkeypatch) -> Iterator[Bot]:
    # How often real threads look at clocks that only the test moves.
    monkeypatch.setattr(deadlines, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(worker_pool, "IDLE", 0.01)
    bot = Bot(tmp_path, serve, open_database, clock, Clock(0.0))
    yield bot
    bot.end()


def test_a_silent_model_holds_nobody_else_up_and_is_left_when_its_time_is_over(bot: Bot):
    silent = [bot.asked(f"{SILENCE} {number}") for number in range(6)]
    for _ in silent:
        bot.model.waiting.get(timeout=SOON)
    other = bot.asked("元気?")
    bot.wait_until(lambda: bot.replies(other) == [ANSWER])
    assert [bot.replies(each) for each in silent] == [[]] * 6
    assert bot.model.left.empty()
    bot.stopwatch.pass_by(bot.settings.reply_seconds)
    for _ in silent:
        bot.model.left.get(timeout=SOON)
    references = [Asked(TEAM, each.channel, each.ts, "").reference for each in silent]
    sentences = [[JAPANESE.trouble(ModelTooSlow(), reference)] for reference in references]
    bot.wait_until(lambda: [bot.replies(each) for each in silent] == sentences)


def test_after_a_minute_without_slack_every_question_is_answered_once_and_in_order(bot: Bot):
    thread = bot.asked("一つ目")
    bot.wait_until(lambda: bot.replies(thread) == [ANSWER])
    bot.away = True
    bot.asked("二つ目", thread)
    bot.refused.get(timeout=SOON)
    bot.asked("三つ目", thread)
    other = bot.asked("天気は?")
    for _ in range(MINUTE // 4):
        bot.clock.pass_by(4)
        with suppress(queue.Empty):
            bot.refused.get(timeout=0.05)
    bot.asked("四つ目", thread)
    bot.away = False
    bot.wait_until(
        lambda: bot.replies(thread) == [ANSWER] * 4 and bot.replies(other) == [ANSWER],
        each_time=lambda: bot.clock.pass_by(5),
    )
    questions = [asked[-1] for asked in bot.model.asked()]
    assert [each for each in questions if "つ目" in each] == [f"私: {number}つ目" for number in "一二三四"]
    assert len(questions) == 5


@pytest.mark.parametrize("leap", [91 * DAY, -91 * DAY, HOUR, -HOUR])
@pytest.mark.parametrize("answering", [True, False], ids=["under an answer", "between two"])
def test_a_clock_that_jumps_costs_no_answer_and_no_memory(bot: Bot, leap, answering):
    thread = bot.asked("犬を飼っています")
    bot.wait_until(lambda: bot.replies(thread) == [ANSWER])
    if answering:
        bot.model.go_on.clear()
        bot.asked("名前はポチです", thread)
        bot.wait_until(lambda: len(bot.model.asked()) == 2)
        bot.clock.pass_by(leap)
        bot.model.go_on.set()
    else:
        bot.clock.pass_by(leap)
        bot.asked("名前はポチです", thread)
    bot.wait_until(lambda: bot.replies(thread) == [ANSWER] * 2)
    bot.asked("柴犬です", thread)
    bot.wait_until(lambda: bot.replies(thread) == [ANSWER] * 3)
    bot.clock.pass_by(-leap)
    bot.asked("犬の名前は?", thread)
    bot.wait_until(lambda: bot.replies(thread) == [ANSWER] * 4)
    remembered = bot.model.asked()[-1]
    assert [each for each in remembered if each != ANSWER] == [
        f"私: {text}" for text in ("犬を飼っています", "名前はポチです", "柴犬です", "犬の名前は?")
    ]
