"""A line for whatever happens, on one machine and on AWS."""

import json
import time
from collections.abc import Callable

import boto3
import pytest
from botocore.config import Config

from adapters.sqlite import SqliteConversations, SqliteQueue
from domain.conversations.conversation import Conversation
from domain.conversations.saving import Stored
from domain.spending.ledger import Charge, Kind
from domain.spending.usage import Usage
from entrypoints.operator.reports import watch
from tests.aws_on_loopback import OF_THE_TEST
from tests.entrypoints.operator.bots import DOG, WALK
from tests.entrypoints.operator.worker_on_aws import WORKER, create_worker

GROUP = f"/aws/lambda/{WORKER}"


@pytest.fixture
def watched(run, monkeypatch) -> Callable[..., list[dict]]:
    """Watches while these things happen, one between two looks, and gives the lines."""

    def begin(*happens: Callable[[], None], arguments: tuple[str, ...] = ()) -> list[dict]:
        ahead = list(happens)

        def next_thing(_: float) -> None:
            if not ahead:
                raise KeyboardInterrupt
            ahead.pop(0)()

        monkeypatch.setattr(watch, "sleep", next_thing)
        code, said, complained = run("watch", "--json", *arguments)
        assert (code, complained) == (0, "")
        return [json.loads(line) for line in said.splitlines()]

    return begin


def test_on_one_machine_each_step_of_a_question_is_a_line(sqlite_bot, watched, clock):
    queue = SqliteQueue(sqlite_bot._database, clock=clock)
    queue.put(WALK, "T1/C1")  # before anybody watches
    conversations = SqliteConversations(sqlite_bot._database, ttl_days=90, clock=time.time)
    charge = Charge(
        request=DOG.identity,
        kind=Kind.ANSWER,
        team="T1",
        channel="C1",
        person="USAKURA",
        model="gpt-5.4-mini",
        usage=Usage(120, 30, 100, 1),
        at=time.time() + 60,
        seconds=1.5,
    )
    lines = watched(
        lambda: queue.put(DOG, "T1/C2"),
        lambda: queue.claim() and queue.claim(),
        lambda: conversations.save("T1/C2", Stored(Conversation(), 0), charge),
        lambda: queue.finish(DOG),
        lambda: queue.move_to_dead_letters(WALK, "ModelUnavailable: down"),
    )
    said = [(line["reference"], line["message"]) for line in lines]
    assert (DOG.reference, "T1/C2: waiting") in said[:1]
    assert sorted(said[1:3]) == sorted(
        [(DOG.reference, "T1/C2: being worked on"), (WALK.reference, "T1/C1: being worked on")]
    )
    assert said[3:] == [
        (
            DOG.reference,
            "answer for USAKURA in C1 by gpt-5.4-mini: 1.5 s, 120 tokens sent (100 cached), 30 received",
        ),
        (DOG.reference, "T1/C2: done"),
        (WALK.reference, "T1/C1: dead letter: ModelUnavailable: down"),
    ]
    assert "犬" not in json.dumps(lines, ensure_ascii=False)


def test_people_read_a_line_without_names_of_fields(sqlite_bot, run, monkeypatch, clock):
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(watch, "sleep", interrupted)
    assert run("watch") == (0, f"watching {sqlite_bot.place}; Ctrl-C ends it\n", "")


@pytest.fixture
def log(_environment, aws):
    """The worker's log group; ``log(message)`` writes an event into it."""
    logs = boto3.client("logs", config=Config(user_agent_extra=OF_THE_TEST))
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="one")

    def write(message: str) -> None:
        event = {"timestamp": int(time.time() * 1000), "message": message}
        logs.put_log_events(logGroupName=GROUP, logStreamName="one", logEvents=[event])

    return write


def test_on_aws_each_line_of_the_workers_log_is_shown_once(log, watched):
    answered = json.dumps({"level": "INFO", "message": "1a2b3c4d answered", "service": "worker"})
    lines = watched(
        lambda: log(answered), lambda: log("END RequestId: 1"), lambda: None, arguments=("--log-group", GROUP)
    )
    assert [(line["level"], line["message"]) for line in lines] == [
        ("INFO", "1a2b3c4d answered"),
        ("", "END RequestId: 1"),
    ]


def test_a_log_group_that_is_not_there_is_one_line(log, run):
    code, _, complained = run("watch", "--log-group", "/aws/lambda/another")
    assert code == 1
    assert complained == "bot: /aws/lambda/another: CloudWatch answered ResourceNotFoundException\n"


def test_on_aws_the_log_is_that_of_the_function_that_the_queue_feeds(sqs_bot, log, aws, watched):
    create_worker(aws)
    assert [line["message"] for line in watched(lambda: log("END RequestId: 1"))] == ["END RequestId: 1"]


def test_on_aws_a_worker_that_cannot_be_found_is_one_sentence(sqs_bot, aws, run, monkeypatch):
    code, said, complained = run("watch")
    assert (code, said) == (2, "")
    assert complained == f"bot: no function is fed from {aws.queue}; --log-group must name the worker's log group\n"
    monkeypatch.setenv("TABLE_NAME", "conversations")
    monkeypatch.delenv("QUEUE_URL")
    monkeypatch.delenv("DEAD_LETTER_QUEUE_URL")
    assert run("watch")[2].startswith("bot: QUEUE_URL must name the queue, by which the worker is found")
