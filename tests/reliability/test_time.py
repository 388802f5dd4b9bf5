"""Time: what dies, lapses, is forgotten or comes late, by a clock that the tests move.

A question is recognised for as long as its conversation keeps the record of it: among the last 64 of
the conversation, until that is forgotten after its days of silence. On one machine the queue knows it
for two days besides. What Slack repeats is a day old at most.
"""

import json
from collections.abc import Callable, Generator

import pytest
from dependency_injector import providers
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette

from adapters.slack.replying.replies import SlackReplies
from adapters.slack.texts import JAPANESE_LABELS
from adapters.sqlite import RECOGNISED_FOR
from domain.conversations.conversation import QUESTIONS_RECORDED, Conversation, Speaker
from domain.deliveries.deadline import NO_DEADLINE, Deadline
from domain.errors import ModelUnavailable
from domain.ports.model import Completed
from domain.prompts import Prompt
from domain.turn_events import Event, Finished
from entrypoints import lambda_worker
from entrypoints.configuration.settings import Settings
from entrypoints.local.container import Container
from entrypoints.playground.emulator.event_payloads import events_of, payload_of
from entrypoints.playground.emulator.server import SlackEmulator
from entrypoints.playground.emulator.workspace.messages import STREAM_SECONDS
from entrypoints.playground.emulator.workspace.model import BOT_NAME, BOT_USER, TEAM, Change, Json, Post
from entrypoints.playground.emulator.workspace.workspace import Workspace
from tests.entrypoints.conftest import Deployment
from tests.fakes import ScriptedModel

MINUTE, HOUR, DAY = 60, 3_600, 86_400
TTL_DAYS = 90
TOKEN, SECRET = "xoxb-own", "own-secret"


class Hesitant(ScriptedModel):
    """Calls ``hesitate`` after its first piece."""

    hesitate: Callable[[], None] = staticmethod(lambda: None)

    def reply(
        self, prompt: Prompt, deadline: Deadline = NO_DEADLINE, conversation: str = "", model: str = ""
    ) -> Generator[str | Completed, None, None]:
        pieces = super().reply(prompt, deadline, conversation, model)
        yield next(pieces)
        self.hesitate()
        yield from pieces


class Machine:
    """One machine whose every clock is the test's: door, queue, store and use case, and the Slack around them."""

    def __init__(self, tmp_path, serve, open_database, clock) -> None:
        self.clock = clock
        self.workspace = Workspace("ja", clock)
        slack = SlackEmulator(
            self.workspace, bot_token=TOKEN, signing_secret=SECRET, events_url="http://nobody.invalid", clock=clock
        )
        settings = Settings.from_env(
            {
                "DATABASE_PATH": str(tmp_path / "bot.sqlite3"),
                "SLACK_API_URL": f"{serve(Starlette(routes=slack.routes))}/api/",
                "SLACK_BOT_TOKEN": TOKEN,
                "SLACK_SIGNING_SECRET": SECRET,
                "CONVERSATION_TTL_DAYS": str(TTL_DAYS),
            }
        )
        self.model = Hesitant()
        self.events: list[Event] = []
        container = Container(settings=settings, database=open_database(settings.database_path))
        container.clock.override(providers.Object(clock))
        container.replies.override(
            providers.ThreadSafeSingleton(SlackReplies, container.slack_client, clock=clock, labels=JAPANESE_LABELS)
        )
        container.model.override(providers.Object(self.model))
        container.report.override(providers.Object(self.events.append))
        self._container = container

    def says(self, text: str, thread: Post | None = None) -> Post:
        person, channel = self.workspace.directory.people[0], self.workspace.directory.channels[0]
        return self.workspace.say(person.id, channel.id, text, thread.ts if thread else "")

    def events_of(self, post: Post) -> list[Json]:
        """What Slack sends of a post: an ``app_mention`` where it mentions the bot, and a ``message``."""
        return [payload_of(event, int(float(post.ts))) for event in events_of(Change(post), self.workspace)]

    def signed(self, payload: Json) -> tuple[dict[str, str], bytes]:
        body, timestamp = json.dumps(payload).encode(), str(int(self.clock()))
        signature = SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=body)
        headers = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature}
        return headers | {"Content-Type": "application/json"}, body

    def receive(self, headers: dict[str, str], body: bytes) -> int:
        """The status of a request's answer."""
        return self._container.endpoint().receive(headers, body).status

    def hears(self, post: Post) -> None:
        """Every event of a post arrives, with a signature of now."""
        for payload in self.events_of(post):
            assert self.receive(*self.signed(payload)) == 200

    def works(self) -> None:
        """Every question that is due is answered, or put off as the workers do."""
        queue = self._container.sqlite_queue()
        while claim := queue.claim():
            try:
                self._container.answering().answer(claim.request, claim.delivery)
            except ModelUnavailable:
                queue.retry(claim.request, 10 * MINUTE)
            else:
                queue.finish(claim.request)

    def asked(self, text: str, thread: Post | None = None) -> Post:
        """Said, heard and answered."""
        post = self.says(f"@{BOT_NAME} {text}", thread)
        self.hears(post)
        self.works()
        return post

    @property
    def replies(self) -> list[str]:
        return [post.text for post in self.workspace.messages.posts() if post.user == BOT_USER]

    def memory(self, thread: Post) -> Conversation:
        return self._container.conversations().load(f"{TEAM}/{thread.channel}/{thread.ts}").conversation


@pytest.fixture
def machine(tmp_path, serve, open_database, clock) -> Machine:
    return Machine(tmp_path, serve, open_database, clock)


def said(conversation: Conversation) -> list[tuple[Speaker, str]]:
    return [(message.speaker, message.text) for message in conversation.buffer]


@pytest.mark.parametrize("pieces", ["ポチは|元気|ですよ", "ポチは|元気ですよ"])
def test_an_answer_that_outlasts_its_stream_is_whole_in_the_thread_and_once_in_memory(machine: Machine, clock, pieces):
    machine.model.answers = [pieces]
    machine.model.hesitate = lambda: clock.pass_by(STREAM_SECONDS + 1)
    thread = machine.asked("元気?")
    assert "".join(machine.replies) == "ポチは元気ですよ"
    assert not [post for post in machine.workspace.messages.posts() if machine.workspace.messages.is_live(post)]
    assert said(machine.memory(thread)) == [(Speaker.PERSON, "元気?"), (Speaker.BOT, "ポチは元気ですよ")]


def test_a_reply_that_was_interrupted_for_longer_than_a_stream_lives_is_finished_in_its_place(machine: Machine, clock):
    def break_off() -> None:
        machine.model.hesitate = lambda: None
        raise ModelUnavailable("the line is dead")

    machine.model.hesitate = break_off
    machine.model.answers = ["ポチ|…", "ポチは|元気ですよ"]
    thread = machine.asked("元気?")
    assert machine.replies == ["ポチ"]
    clock.pass_by(10 * MINUTE)
    machine.works()
    assert machine.replies == ["ポチは元気ですよ"]
    assert len(machine.memory(thread).buffer) == 2


@pytest.mark.parametrize(
    "later", [5 * MINUTE + 1, 10 * MINUTE, 2 * HOUR, 25 * HOUR, RECOGNISED_FOR + HOUR, (TTL_DAYS - 1) * DAY]
)
def test_the_same_event_again_is_still_the_same_question(machine: Machine, clock, later):
    post = machine.asked("元気?")
    clock.pass_by(later)
    machine.hears(post)
    machine.works()
    assert machine.replies == ["『元気?』ですね。"]
    assert len(machine.model.prompts) == 1
    assert len(machine.memory(post).buffer) == 2


def test_what_the_queue_has_forgotten_the_conversation_recognises_behind_many_later_questions(machine: Machine, clock):
    first = machine.asked("一つ目")
    for number in range(2, QUESTIONS_RECORDED + 1):
        machine.asked(f"{number}番目", first)
    before = machine.replies
    clock.pass_by(RECOGNISED_FOR + HOUR)
    machine.hears(first)
    machine.works()
    assert isinstance(machine.events[-1], Finished), "it came through the queue once more"
    assert machine.replies == before
    assert len(before) == QUESTIONS_RECORDED


@pytest.mark.parametrize("late", [2 * HOUR, 24 * HOUR])
def test_an_event_that_slack_delays_for_hours_is_answered_once(machine: Machine, clock, late):
    post = machine.says(f"@{BOT_NAME} 元気?")
    clock.pass_by(late)
    machine.asked("今日は?")
    for _ in range(2):
        machine.hears(post)
        machine.works()
        clock.pass_by(HOUR)
    assert sorted(machine.replies) == ["『今日は?』ですね。", "『元気?』ですね。"]
    assert len(machine.model.prompts) == 2


def test_a_question_may_wait_in_the_queue_for_longer_than_its_signature_lasts(machine: Machine, clock):
    machine.hears(machine.says(f"@{BOT_NAME} 元気?"))
    clock.pass_by(2 * HOUR)
    machine.works()
    assert machine.replies == ["『元気?』ですね。"]


@pytest.mark.parametrize(("later", "status"), [(299, 200), (301, 401), (DAY, 401)])
def test_a_request_that_somebody_recorded_is_no_second_question_and_soon_no_request(
    machine: Machine, clock, later, status
):
    request = machine.signed(machine.events_of(machine.says(f"@{BOT_NAME} 元気?"))[0])
    assert machine.receive(*request) == 200
    machine.works()
    clock.pass_by(later)
    assert machine.receive(*request) == status
    machine.works()
    assert machine.replies == ["『元気?』ですね。"]


def test_a_recorded_request_that_never_arrived_is_refused_later(machine: Machine, clock):
    request = machine.signed(machine.events_of(machine.says(f"@{BOT_NAME} 元気?"))[0])
    clock.pass_by(301)
    assert machine.receive(*request) == 401
    machine.works()
    assert machine.replies == []


def test_after_its_days_of_silence_a_conversation_is_forgotten_and_the_next_mention_begins_anew(
    machine: Machine, clock
):
    thread = machine.asked("私の犬はポチです")
    clock.pass_by(TTL_DAYS * DAY + 1)
    machine.asked("犬の名前は?", thread)
    # The thread is read from Slack, as for every first mention in one; nothing is known besides.
    above, asked = machine.model.prompts[-1][1:]
    assert above.text == (
        "このスレッドでそれまでに話されたこと(引用):\n<スレッド>\n"
        f"私: @{BOT_NAME} 私の犬はポチです\nAI: 『私の犬はポチです』ですね。\n</スレッド>"
    )
    assert asked.text == "犬の名前は?"
    assert said(machine.memory(thread)) == [
        (Speaker.THREAD, f"@{BOT_NAME} 私の犬はポチです"),
        (Speaker.THREAD, "『私の犬はポチです』ですね。"),
        (Speaker.PERSON, "犬の名前は?"),
        (Speaker.BOT, "『犬の名前は?』ですね。"),
    ]


def test_each_turn_begins_the_days_of_silence_anew(machine: Machine, clock):
    thread = machine.asked("私の犬はポチです")
    for _ in range(3):
        clock.pass_by((TTL_DAYS - 1) * DAY)
        machine.asked("犬の名前は?", thread)
    assert machine.model.prompts[-1][1].text == "私の犬はポチです"


def test_in_a_forgotten_conversation_what_does_not_mention_the_bot_is_left_alone(machine: Machine, clock):
    thread = machine.asked("私の犬はポチです")
    machine.hears(machine.says("散歩は?", thread))
    machine.works()
    assert machine.replies[-1] == "『散歩は?』ですね。"
    clock.pass_by(TTL_DAYS * DAY + 1)
    machine.hears(machine.says("元気?", thread))
    machine.works()
    assert machine.replies[-1] == "『散歩は?』ですね。"
    assert machine.memory(thread) == Conversation()


# The same on AWS, where SQS recognises an identity for five minutes and DynamoDB keeps what has expired for days.


def let_pass(deployment: Deployment, clock) -> None:
    """Have Slack and the worker's store live by the clock: a Lambda function runs out of real time."""
    deployment.slack.clock = clock
    lambda_worker.current().clock.override(providers.Object(clock))


def delivered_again(deployment: Deployment, message: dict) -> None:
    """What SQS does with the same question after its window: it is a new message."""
    deployment.aws.sqs.send_message(
        QueueUrl=deployment.aws.queue,
        MessageBody=message["Body"],
        MessageGroupId=message["Attributes"]["MessageGroupId"],
        MessageDeduplicationId="after the window",
    )
    deployment.work()


@pytest.mark.parametrize("later", [10 * MINUTE, 2 * HOUR, 25 * HOUR, (TTL_DAYS - 1) * DAY])
def test_what_sqs_no_longer_recognises_dynamodb_does(deployment: Deployment, clock, later):
    let_pass(deployment, clock)
    deployment.post(deployment.says("元気?"))
    (message,) = deployment.aws.receive()
    deployment.work(message)
    clock.pass_by(later)
    delivered_again(deployment, message)
    assert deployment.replies() == ["ポチは元気ですよ"]
    assert deployment.model.requests.qsize() == 1


def test_on_aws_too_a_forgotten_conversation_begins_anew_with_the_next_mention(deployment: Deployment, clock):
    let_pass(deployment, clock)
    first = deployment.says("私の犬はポチです")
    thread = first["event"]["ts"]
    deployment.post(first)
    deployment.work()
    clock.pass_by(TTL_DAYS * DAY + 1)
    unaddressed = deployment.says("元気?", thread)
    unaddressed["event"] |= {"type": "message", "channel_type": "channel", "text": "元気?"}
    deployment.post(unaddressed)
    deployment.work()
    assert deployment.replies() == ["ポチは元気ですよ"]
    deployment.post(deployment.says("犬の名前は?", thread))
    deployment.work()
    assert deployment.replies() == ["ポチは元気ですよ"] * 2
    asked = deployment.model.requests.queue[-1]["messages"]
    above = f"私: @{BOT_NAME} 私の犬はポチです\nAI: ポチは元気ですよ\n私: @{BOT_NAME} 元気?"
    assert [message["content"] for message in asked[1:]] == [
        f"このスレッドでそれまでに話されたこと(引用):\n<スレッド>\n{above}\n</スレッド>\n\n私: 犬の名前は?"
    ]
