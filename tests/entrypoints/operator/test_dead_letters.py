"""Dead letters on both kinds of store, and the whole way of a question that is replayed."""

import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import EndpointConnectionError
from botocore.httpsession import URLLib3Session
from dependency_injector import providers

from adapters.serialization.request_records import request_from_json
from adapters.sqlite import Database
from adapters.sqs import SqsQueue, sqs_client
from domain.errors import ModelUnavailable
from domain.requests import Question
from entrypoints import lambda_worker
from entrypoints.operator import dead_letters, open_stores
from tests.entrypoints.conftest import Deployment
from tests.entrypoints.operator.bots import BAD, DOG, UNREADABLE, WALK, WEATHER, SqliteBot, SqsBot


def test_a_dead_letter_is_listed_by_all_that_an_operator_needs_and_without_its_text(bot, run):
    bot.bury(DOG)
    code, said, complained = run("dead-letters")
    head, row, total = said.splitlines()
    assert head.split() == ["reference", "conversation", "asked", "deliveries", "reason"]
    assert row.split()[:4] == [DOG.reference, "T1/C1/1600000000.000001", "2023-11-14", "22:13:20Z"]
    assert "犬" not in said
    assert total == f"dead letters in {bot.place}: 1"
    assert (code, complained) == (0, "")


def test_where_there_is_no_dead_letter_that_is_said(bot, run):
    assert run("dead-letters") == (0, f"dead letters in {bot.place}: 0\n", "")
    assert run("replay", "--all") == (0, f"put back from {bot.place}: 0\n", "")


def test_one_machine_also_knows_the_reason_and_how_often_it_tried(sqlite_bot, run):
    sqlite_bot.bury(DOG)
    assert run("dead-letters")[1].splitlines()[1].endswith("Z  1           ModelUnavailable: down")


def test_on_aws_looking_does_not_count_as_a_delivery(sqs_bot, run):
    sqs_bot.bury(DOG)
    for _ in range(3):
        assert run("dead-letters")[1].splitlines()[1].endswith("Z  1           ModelUnavailable: down")


def test_looking_changes_nothing(bot, run):
    bot.bury(DOG, WALK)
    run("dead-letters")
    assert bot.waiting() == []
    assert len(bot.dead()) == 2
    assert run("replay", "--all")[0] == 0
    assert bot.waiting() == [DOG, WALK]


def test_the_letters_that_are_named_are_put_back_and_no_others(bot, run):
    bot.bury(DOG, WALK, WEATHER)
    code, said, _ = run("replay", WEATHER.reference, WALK.reference)
    assert code == 0
    assert said.splitlines() == [f"{each.reference} is back in the queue" for each in (WALK, WEATHER)]
    assert {each.ts for each in bot.waiting()} == {WALK.ts, WEATHER.ts}
    assert [request_from_json(body, "") for body in bot.dead()] == [DOG]


def test_all_are_put_back_in_the_order_in_which_they_were_asked(bot, run):
    bot.bury(DOG, WALK)
    code, said, _ = run("replay", "--all")
    assert (code, said.splitlines()[-1]) == (0, f"put back from {bot.place}: 2")
    assert bot.waiting() == [DOG, WALK]
    assert bot.dead() == []


def test_a_letter_is_replayed_once_however_often_that_is_asked(bot, run):
    bot.bury(DOG)
    assert run("replay", DOG.reference)[0] == 0
    assert run("replay", DOG.reference) == (1, "", f"bot: no dead letter {DOG.reference} in {bot.place}\n")
    assert bot.waiting() == [DOG]


def test_what_failed_again_can_be_replayed_again_at_once(bot, run):
    bot.bury(DOG)
    for _ in range(2):
        assert run("replay", DOG.reference)[0] == 0
        (again,) = bot.waiting()
        forget(bot)
        bot.bury(again)
    assert run("dead-letters")[1].splitlines()[-1].endswith(": 1")


def forget(bot: SqliteBot | SqsBot) -> None:
    """Have a question's identity forgotten, so that a test can bury it twice."""
    if isinstance(bot, SqliteBot):
        with bot._database.transaction() as connection:
            connection.execute("DELETE FROM questions")


@pytest.mark.parametrize("body", UNREADABLE, ids=range(len(UNREADABLE)))
def test_a_letter_that_cannot_be_read_is_listed_as_such_and_stays_whatever_is_asked(bot, run, body):
    bot.bury_unreadable(body)
    bot.bury(WEATHER)
    rows = run("dead-letters")[1].splitlines()[1:-1]
    (unreadable,) = [row for row in rows if not row.startswith(WEATHER.reference)]
    assert unreadable.startswith("unreadable  ")
    assert "秘密" not in unreadable
    assert "is not a request: " in unreadable
    assert run("replay", "", "unreadable", DOG.reference)[0] == 1
    code, said, complained = run("replay", "--all")
    assert (code, said.splitlines()[-1]) == (0, f"put back from {bot.place}: 1")
    assert complained.startswith("bot: left as it is: ")
    assert complained.count("\n") == 1
    assert bot.dead() == [body]
    assert bot.waiting() == [WEATHER]


def test_a_vote_that_could_not_be_kept_is_a_dead_letter_like_any_other(sqs_bot, aws, run):
    SqsQueue(aws.queue, sqs_client(), correlation_id=str).put(BAD, "votes/T1/C1")
    sqs_bot._fail()
    assert run("dead-letters")[1].splitlines()[1].split()[:2] == [BAD.reference, "votes/T1/C1"]
    assert run("replay", BAD.reference)[0] == 0
    assert sqs_bot.waiting() == [BAD]


def test_an_unknown_reference_is_named_and_the_others_are_put_back(bot, run):
    bot.bury(DOG)
    code, _, complained = run("replay", "00000000", DOG.reference)
    assert (code, complained) == (1, f"bot: no dead letter 00000000 in {bot.place}\n")
    assert bot.waiting() == [DOG]


@pytest.mark.parametrize("arguments", [[], ["replay"], ["replay", "--all", "00000000"], ["resurrect"]])
def test_a_command_that_cannot_be_meant_is_refused_before_anything_is_touched(bot, run, arguments):
    bot.bury(DOG)
    code, said, complained = run(*arguments)
    assert (code, said) == (2, "")
    assert "usage: bot" in complained
    assert len(bot.dead()) == 1


@pytest.mark.parametrize(
    ("env", "code", "complaint"),
    [
        ({}, 2, "DATABASE_PATH must name the bot's database; there is none at .data/bot.sqlite3"),
        ({"DATABASE_PATH": "diary.txt"}, 1, "diary.txt: file is not a database"),
        ({"QUEUE_URL": "http://127.0.0.1/1/q"}, 2, "QUEUE_URL and DEAD_LETTER_QUEUE_URL must be set together"),
        ({"DEAD_LETTER_QUEUE_URL": "http://127.0.0.1/1/d"}, 2, "QUEUE_URL and DEAD_LETTER_QUEUE_URL must be set"),
        ({"DEAD_LETTER_QUEUE_URL": "d.fifo"}, 2, "DEAD_LETTER_QUEUE_URL must be an http or https address"),
    ],
)
def test_what_is_set_wrong_is_one_line_and_nothing_is_made(tmp_path, monkeypatch, run, env, code, complaint):
    Path("diary.txt").write_text("Dear diary, today I met a dog. " * 100)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    ended, said, complained = run("dead-letters")
    assert (ended, said) == (code, "")
    assert complained.startswith(f"bot: {complaint}")
    assert complained.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["diary.txt"]


def test_a_locked_database_is_one_line(sqlite_bot, run, monkeypatch):
    sqlite_bot.bury(DOG)
    other = sqlite3.connect(sqlite_bot.place, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(open_stores, "Database", lambda path: Database(path, lock_timeout=0))
    assert run("replay", "--all") == (1, "", f"bot: {sqlite_bot.place}: database is locked\n")
    other.close()


@pytest.mark.usefixtures("_sqs")
def test_two_queues_that_do_not_belong_together_are_left_alone(aws, run, monkeypatch):
    SqsBot(aws).bury(DOG)
    monkeypatch.setenv("QUEUE_URL", aws.dead_letters)
    monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", aws.queue)
    complaint = f"bot: {aws.queue} is not the dead-letter queue of {aws.dead_letters}\n"
    assert run("replay", "--all") == (1, "", complaint)
    monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", aws.dead_letters)
    assert run("replay", "--all")[0] == 1
    assert len(SqsBot(aws).dead()) == 1


def test_of_more_letters_than_sqs_shows_the_number_is_told_and_all_can_be_replayed(sqs_bot, run):
    asked = [replace(DOG, ts=f"1700000000.{n:06}") for n in range(12)]
    sqs_bot.bury(*asked)
    said = run("dead-letters")[1].splitlines()
    assert said[-2:] == [f"dead letters in {sqs_bot.place}: 10 of about 12", dead_letters.UNSEEN]
    assert dead_letters.UNSEEN in run("replay", asked[-1].reference)[2]
    assert run("replay", "--all")[1].splitlines()[-1] == f"put back from {sqs_bot.place}: 12"
    assert sqs_bot.waiting() == asked


def test_where_nothing_listens_that_is_one_line(dead_port, monkeypatch, run):
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    monkeypatch.setenv("QUEUE_URL", f"{dead_port}/1/questions.fifo")
    monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", f"{dead_port}/1/dead-letters.fifo")
    assert run("dead-letters") == (1, "", "bot: SQS could not be reached: EndpointConnectionError\n")


def test_where_no_region_is_named_that_is_one_line(sqs_bot, monkeypatch, run):
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    assert run("dead-letters") == (1, "", "bot: SQS could not be reached: NoRegionError\n")


def test_without_boto3_it_is_told_what_to_install(sqs_bot, monkeypatch, run):
    monkeypatch.setitem(sys.modules, "adapters.sqs", None)
    code, _, complained = run("dead-letters")
    assert code == 1
    assert complained.startswith("bot: requirements/aws.txt is not installed")


class Broken:
    """A model that is down."""

    def reply(self, *_: object) -> object:
        raise ModelUnavailable("down")


@pytest.fixture
def failed(deployment, aws_environment) -> Question:
    """A question that the functions on AWS could not answer; its person has been told."""
    aws_environment.setenv("QUEUE_URL", deployment.aws.queue)
    aws_environment.setenv("DEAD_LETTER_QUEUE_URL", deployment.aws.dead_letters)
    event = deployment.says("私の犬はポチです")
    deployment.post(event)
    with lambda_worker.current().model.override(providers.Object(Broken())):
        for _ in range(2):
            with pytest.raises(lambda_worker.HandedBack):
                deployment.work()
        deployment.work()
    lambda_worker.current().answering.reset()
    lambda_worker.current().dispatcher.reset()
    assert deployment.aws.receive() == []
    return Question(event["team_id"], event["event"]["channel"], event["event"]["ts"], event["event"]["user"], "")


def apology(deployment: Deployment, question: Question) -> str:
    (reply,) = deployment.replies()
    assert question.reference in reply
    return reply


def test_by_the_reference_that_the_person_was_told_the_apology_becomes_the_answer(deployment, failed, run):
    apology(deployment, failed)
    assert run("replay", failed.reference)[0] == 0
    deployment.work()
    assert deployment.replies() == ["ポチは元気ですよ"]
    assert run("dead-letters")[1].endswith(": 0\n")


def test_a_question_that_was_answered_meanwhile_gets_no_second_reply_and_no_second_answer(deployment, failed, run):
    message = {"MessageGroupId": "g", "MessageDeduplicationId": "five minutes later"}
    (body,) = SqsBot(deployment.aws).dead()
    deployment.aws.sqs.send_message(QueueUrl=deployment.aws.queue, MessageBody=body, **message)
    deployment.work()
    assert run("replay", failed.reference)[0] == 0
    deployment.work()
    assert deployment.replies() == ["ポチは元気ですよ"]
    assert deployment.model.requests.qsize() == 1


def test_a_letter_that_could_not_be_deleted_can_be_replayed_again_without_a_second_reply(deployment, failed, run):
    with failing("DeleteMessage"):
        code, said, complained = run("replay", failed.reference)
    assert (code, said) == (1, "")
    assert complained.startswith(f"bot: {failed.reference} is back in the queue, but its dead letter stays: ")
    deployment.work()
    assert run("replay", failed.reference)[0] == 0
    for message in deployment.aws.receive():
        deployment.work(message)
    assert deployment.replies() == ["ポチは元気ですよ"]
    assert SqsBot(deployment.aws).dead() == []


def test_a_letter_that_could_not_be_sent_stays_and_can_be_seen_at_once(deployment, failed, run):
    with failing("SendMessage"):
        code, said, complained = run("replay", "--all")
    assert (code, said) == (1, "")
    assert complained == "bot: SQS could not be reached: EndpointConnectionError\n"
    assert run("dead-letters")[1].splitlines()[-1].endswith(": 1")
    assert deployment.aws.receive() == []


@contextmanager
def failing(operation: str) -> Iterator[None]:
    """Requests for this operation are lost on their way to AWS."""
    send = URLLib3Session.send

    def lossy(session: URLLib3Session, request: AWSPreparedRequest) -> object:
        if operation in str(request.headers["X-Amz-Target"]):
            raise EndpointConnectionError(endpoint_url=request.url)
        return send(session, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(URLLib3Session, "send", lossy)
        patch.setattr("botocore.endpoint.time.sleep", lambda _: None)
        yield


def test_the_log_of_a_replayed_question_leads_back_to_its_request(deployment, failed, run):
    run("replay", "--all")
    deployment.work()
    assert {line["correlation_id"] for line in deployment.log()} == {"JKJaXmPLvHcESHA="}
    assert "ポチ" not in json.dumps(deployment.log(), ensure_ascii=False)


def test_programs_read_the_dead_letters_as_json(bot, run):
    bot.bury(DOG)
    code, said, complained = run("dead-letters", "--json")
    assert (code, complained) == (0, "")
    assert json.loads(said) == {
        "dead_letters": [
            {
                "reference": DOG.reference,
                "conversation": "T1/C1/1600000000.000001",
                "asked": "2023-11-14T22:13:20.000001+00:00",
                "deliveries": 1,
                "reason": "ModelUnavailable: down",
            }
        ],
        "about": 1,
        "names": {},
    }


def test_programs_read_what_was_put_back_and_what_is_missing(bot, run):
    bot.bury(DOG, WALK)
    code, said, _ = run("replay", DOG.reference, "00000000", "--json")
    assert (code, json.loads(said)) == (1, {"put_back": [DOG.reference], "missing": ["00000000"]})
    code, said, _ = run("replay", "--all", "--json")
    assert (code, json.loads(said)) == (0, {"put_back": [WALK.reference], "missing": []})
