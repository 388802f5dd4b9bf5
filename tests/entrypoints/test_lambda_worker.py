"""The worker's function, and the whole way of a mention through both functions."""

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from unittest.mock import ANY

import pytest
from dependency_injector import providers

from adapters.parameter_store import MAX_AGE
from adapters.slack.replying.messages.new_messages import NewMessages
from adapters.slack.replying.reply import SlackReply
from adapters.sqs import OPERATORS_PATIENCE, received, sqs_client
from adapters.sqs.dead_letters import SqsDeadLetters
from bench.ports import free_port
from domain.conversations.conversation import Message, ReplyRecord, Speaker
from domain.deliveries.retries import DELAYS, Cause
from domain.errors import ModelUnavailable, StoreUnavailable
from domain.ports.model import Completed, Piece
from domain.requests import Question
from domain.spending.usage import Usage
from domain.texts.japanese import JAPANESE
from domain.turn.opening import Opening
from entrypoints import lambda_worker
from entrypoints.playground.emulator.workspace.model import BOT_USER, TEAM
from entrypoints.wiring.dispatch import Dispatcher
from tests.aws_on_loopback import PREFIX, lambda_record
from tests.entrypoints.conftest import SECRET, TOKEN
from tests.lambda_context import lambda_context


def asked(payload: dict) -> Question:
    event = payload["event"]
    return Question(TEAM, event["channel"], event["ts"], event["user"], "")


def test_a_mention_becomes_a_reply_and_a_remembered_turn(deployment):
    event = deployment.says("私の犬はポチです")
    assert deployment.post(event)["statusCode"] == 200
    deployment.work()
    assert deployment.replies() == ["ポチは元気ですよ"]
    assert deployment.aws.receive() == []
    place = f"{TEAM}/{deployment.channel.id}/{event['event']['ts']}"
    stored = lambda_worker.current().conversations().load(place)
    assert stored.version == 2
    assert stored.conversation.buffer == (
        Message(Speaker.PERSON, "私の犬はポチです", ANY, "私", event["event"]["ts"]),
        Message(Speaker.BOT, "ポチは元気ですよ", ANY, ts=event["event"]["ts"]),
    )
    assert stored.conversation.replies == (ReplyRecord(event["event"]["ts"], ANY, True, "ポチは元気ですよ", ANY),)


def test_the_next_question_of_a_thread_is_asked_with_what_was_said_before(deployment):
    first = deployment.says("私の犬はポチです")
    deployment.post(first)
    deployment.work()
    deployment.post(deployment.says("犬の名前は?", thread=first["event"]["ts"]))
    deployment.work()
    said = [message["content"] for message in deployment.model.requests.queue[-1]["messages"]]
    assert said[-3:] == ["私: 私の犬はポチです", "ポチは元気ですよ", "私: 犬の名前は?"]


def test_a_slash_command_goes_through_the_queue_and_its_answer_to_its_person_alone(deployment):
    command = deployment.stand_in.slash(deployment.person.id, deployment.channel.id, "記憶")
    assert deployment.submit(command) == {"statusCode": 200, "headers": ANY, "body": ""}
    deployment.work()
    (told,) = deployment.workspace.messages.ephemerals()
    assert told.text == JAPANESE.elsewhere
    assert deployment.replies() == []


def test_a_person_is_told_alone_what_they_have_used_and_the_home_tab_says_so_too(deployment):
    deployment.post(deployment.says("私の犬はポチです"))
    deployment.work()
    deployment.submit(deployment.stand_in.slash(deployment.person.id, deployment.channel.id, "使用量"))
    deployment.work()
    (told,) = deployment.workspace.messages.ephemerals()
    mine = "あなた: 課金換算で 84 トークン(上限なし)"
    assert mine in told.text
    opened = deployment.stand_in.open_tab(deployment.person.id, "home")
    deployment.post({"type": "event_callback", "team_id": TEAM, "event": opened})
    deployment.work()
    assert mine in str(deployment.workspace.home.homes()[deployment.person.id])


def test_a_channels_settings_are_opened_and_saved_through_the_queue_and_cost_a_turn_nothing(
    deployment, aws_environment, monkeypatch
):
    monkeypatch.setattr("entrypoints.playground.emulator.workspace.modals.TRIGGER_SECONDS", 600)
    aws_environment.setenv("SETTINGS_PEOPLE", deployment.person.id)
    stand_in, person, channel = deployment.stand_in, deployment.person.id, deployment.channel.id
    deployment.submit(stand_in.slash(person, channel, "設定"))
    deployment.work()
    view = deployment.workspace.modals.views()[person]
    values = json.dumps({"instructions": "一文で答えてください。", "model": "gpt-5.4", "scope": "channel"})
    assert deployment.submit(stand_in.submit(person, view["id"], values))["body"] == ""
    deployment.work()
    (told,) = deployment.workspace.messages.ephemerals()
    assert "一文で答えてください。" in told.text

    for number in range(2):  # the first turn in a process does not know the channel's scope
        deployment.aws.calls.clear()
        deployment.post(deployment.says("私の犬はポチです"))
        deployment.work()
        assert deployment.aws.calls["BatchGetItem"] == 2 - number
        asked = deployment.model.requests.get(timeout=5)
        assert (asked["model"], "一文で答えてください。" in str(asked["messages"][0])) == ("gpt-5.4", True)
    assert deployment.aws.item(f"settings/{TEAM}/{channel}").keys() == {"id", "settings"}


def test_a_thumb_goes_through_the_queue_to_the_table(deployment):
    event = deployment.says("私の犬はポチです")
    deployment.post(event)
    deployment.work()
    (reply,) = [post for post in deployment.workspace.messages.posts() if post.user == BOT_USER]
    (buttons,) = reply.blocks[-1]["elements"]
    for button in ("positive_button", "negative_button"):
        value = buttons[button]["value"]
        click = deployment.stand_in.click(deployment.person.id, reply.channel, reply.ts, buttons["action_id"], value)
        deployment.submit(click)
        deployment.work()
    (vote,) = lambda_worker.current().feedback().votes()
    assert (vote.good, vote.person, vote.receipt.usage.sent) == (False, deployment.person.id, 20)
    assert vote.question == asked(event).identity


def test_opening_the_home_tab_goes_through_the_queue_too(deployment):
    opened = deployment.stand_in.open_tab(deployment.person.id, "home")
    deployment.post({"type": "event_callback", "team_id": TEAM, "event": opened})
    deployment.work()
    assert "リセット" in str(deployment.workspace.home.homes()[deployment.person.id])


def test_retries_twins_and_redeliveries_give_one_reply(deployment):
    event = deployment.says("私の犬はポチです")
    twin = event | {"event": event["event"] | {"type": "message", "channel_type": "channel"}, "event_id": "Ev2"}
    for each in (event, event, twin):
        deployment.post(each)
    (message,) = deployment.aws.receive()
    deployment.work(message)
    deployment.work(message)
    assert deployment.replies() == ["ポチは元気ですよ"]
    assert deployment.model.requests.qsize() == 1


def of_the_store(calls):
    return {name: number for name, number in calls.items() if name.endswith(("Item", "Items"))}


def test_a_turn_is_at_most_one_read_and_two_writes(deployment):
    deployment.post(deployment.says("私の犬はポチです"))
    deployment.work()
    calls = deployment.aws.calls
    assert of_the_store(calls) == {"BatchGetItem": 1, "TransactWriteItems": 2}


def test_without_the_ledgers_table_a_deployment_goes_on_with_the_rights_it_has(deployment, aws_environment):
    aws_environment.delenv("USAGE_TABLE_NAME")
    aws_environment.setenv("QUESTIONS_PER_MINUTE", "9")
    deployment.post(deployment.says("私の犬はポチです"))
    deployment.work()
    assert deployment.replies() == ["ポチは元気ですよ"]
    assert of_the_store(deployment.aws.calls) == {"GetItem": 1, "PutItem": 2}
    assert lambda_worker.current().ledger().months() == []


def test_a_turn_with_a_condensation_is_three_writes(deployment, aws_environment):
    aws_environment.setenv("MEMORY_TOKEN_LIMIT", "10")
    deployment.post(deployment.says("私の犬はポチです"))
    deployment.work()
    deployment.work()  # condenses
    calls = deployment.aws.calls
    assert of_the_store(calls) == {"BatchGetItem": 2, "TransactWriteItems": 3}
    assert deployment.model.requests.qsize() == 2


def test_the_correlation_id_follows_a_question_from_the_api_to_its_reply(deployment):
    event = deployment.says("私の犬はポチです")
    deployment.post(event, "JKJaXmPLvHcESHA=")
    deployment.work()
    lines = deployment.log()
    assert {line["correlation_id"] for line in lines} == {"JKJaXmPLvHcESHA="}
    assert [line["function_name"] for line in lines] == ["events", "worker"]
    reference = asked(event).reference
    assert (lines[-1]["reference"], lines[-1]["delivery"]) == (reference, 1)
    assert lines[-1]["message"].startswith(f"{reference} answered in ")


def test_one_questions_keys_are_gone_from_the_next_ones_lines(deployment):
    deployment.post(deployment.says("一つ目"), "first")
    deployment.work()
    with pytest.raises(lambda_worker.HandedBack):
        lambda_worker.handler({"Records": [{"messageId": "7c1e"}]}, lambda_context("worker"))
    assert not {"reference", "delivery"} & deployment.log()[-1].keys()
    assert deployment.log()[-1].get("correlation_id") is None


def test_a_failing_question_is_tried_three_times_then_the_person_is_told_and_it_is_kept(deployment):
    lambda_worker.current().model.override(providers.Object(Broken()))
    event = deployment.says("私の犬はポチです")
    deployment.post(event)
    for _ in range(2):
        with pytest.raises(lambda_worker.HandedBack, match="ModelUnavailable"):
            deployment.work()
    deployment.work()
    assert deployment.aws.receive() == []
    (reply,) = deployment.replies()
    assert asked(event).reference in reply
    (dead,) = deployment.aws.receive(deployment.aws.dead_letters)
    assert received(lambda_record(dead))[0].text == "私の犬はポチです"


def test_a_failed_question_comes_back_in_seconds_and_not_when_its_visibility_timeout_ends(deployment):
    lambda_worker.current().model.override(providers.Object(Broken()))
    deployment.post(deployment.says("私の犬はポチです"))
    for _ in range(2):
        with pytest.raises(lambda_worker.HandedBack):
            deployment.work()
    by_the_worker, by_this_test = 2, 2
    assert deployment.aws.calls["ChangeMessageVisibility"] == by_the_worker + by_this_test


def test_a_question_waits_behind_its_persons_others_as_long_as_it_takes_and_is_answered_once(
    deployment, aws_environment
):
    aws_environment.setenv("CONCURRENT_CONVERSATIONS", "5")
    person = {"id": {"S": f"under_way/{TEAM}/{deployment.person.id}"}}
    others = {"SS": [f"{time.time() + 300:.0f}/{TEAM}/C1/1.000001", f"{time.time() + 300:.0f}/{TEAM}/C1/2.000001"]}
    deployment.aws.put_item(**person, under_way=others)
    deployment.post(deployment.says("私の犬はポチです"))
    for _ in range(2 * len(DELAYS[Cause.OTHER])):  # more often than a failure is tried again
        with pytest.raises(lambda_worker.HandedBack, match="TooManyUnderWay"):
            deployment.work()
    assert deployment.replies() == []
    assert [line["level"] for line in deployment.log() if "handed back" in line["message"]] == ["INFO"] * 4
    deployment.aws.put_item(**person)
    deployment.work()
    assert deployment.replies() == ["ポチは元気ですよ"]
    assert deployment.model.requests.qsize() == 1
    assert deployment.aws.receive(deployment.aws.dead_letters) == []


class Looking:
    """Answers, and looks meanwhile at what is stored."""

    name = "scripted"

    def __init__(self, look: Callable[[], object]) -> None:
        self.look, self.seen = look, []

    def reply(self, *_: object) -> Iterator[Piece]:
        self.seen.append(self.look())
        yield "ポチは元気ですよ"
        yield Completed(Usage(sent=20, received=8))


def test_an_answer_is_under_way_while_it_is_written(deployment):
    key = f"under_way/{TEAM}/{deployment.person.id}"
    lambda_worker.current().model.override(providers.Object(model := Looking(lambda: deployment.aws.item(key))))
    deployment.post(event := deployment.says("私の犬はポチです"))
    deployment.work()
    (seen,) = model.seen
    until, _, identity = seen["under_way"]["SS"][0].partition("/")
    assert identity == asked(event).identity
    assert float(until) - time.time() == pytest.approx(120, abs=60)
    assert float(seen["expires_at"]["N"]) > float(until)
    assert "under_way" not in deployment.aws.item(key)


def outage(deployment, aws_environment):
    """Has Slack out of reach for the worker until the returned function is called."""
    back = os.environ["SLACK_API_URL"]
    aws_environment.setenv("SLACK_API_URL", f"http://127.0.0.1:{free_port()}/api/")
    return lambda: aws_environment.setenv("SLACK_API_URL", back)


def test_slack_that_is_away_for_a_while_costs_no_question_and_none_of_its_tries(deployment, aws_environment):
    slack_is_back = outage(deployment, aws_environment)
    event = deployment.says("私の犬はポチです")
    deployment.post(event)
    for _ in range(7):
        with pytest.raises(lambda_worker.HandedBack, match="SlackUnavailable"):
            deployment.work()
    slack_is_back()
    deployment.model.status = 500
    for _ in range(2):
        with pytest.raises(lambda_worker.HandedBack, match="ModelUnavailable"):
            deployment.work()
    deployment.model.status = 200
    deployment.work()
    assert deployment.replies() == ["ポチは元気ですよ"]
    assert deployment.aws.receive(deployment.aws.dead_letters) == []


def test_the_pauses_of_an_outage_grow(deployment, aws_environment):
    outage(deployment, aws_environment)
    deployment.post(deployment.says("私の犬はポチです"))
    for _ in range(4):
        with pytest.raises(lambda_worker.HandedBack):
            deployment.work()
    pauses = [float(each) for each in re.findall(r"handed back to the queue for (\d+) s", deployment.said())]
    assert pauses == list(DELAYS[Cause.OUTAGE][:4])


def test_who_could_not_be_told_within_the_hour_is_told_when_slack_is_back(deployment, aws_environment):
    slack_is_back = outage(deployment, aws_environment)
    event = deployment.says("私の犬はポチです")
    deployment.post(event)
    for _ in DELAYS[Cause.OUTAGE]:
        with pytest.raises(lambda_worker.HandedBack):
            deployment.work()
    deployment.work()
    assert "a dead letter now: PersonNotNotified" in deployment.said()
    with pytest.raises(lambda_worker.HandedBack):
        deployment.work()
    slack_is_back()
    deployment.work()
    (reply,) = deployment.replies()
    assert asked(event).reference in reply
    (dead,) = deployment.aws.receive(deployment.aws.dead_letters)
    assert received(lambda_record(dead))[0].text == "私の犬はポチです"


def test_deliveries_that_lambda_throttled_use_up_no_try(deployment):
    deployment.post(deployment.says("私の犬はポチです"))
    for _ in range(9):
        (message,) = deployment.aws.receive()
        deployment.aws.give_back(message)
    deployment.model.status = 500
    for _ in range(2):
        with pytest.raises(lambda_worker.HandedBack):
            deployment.work()
    deployment.model.status = 200
    deployment.work()
    assert deployment.replies() == ["ポチは元気ですよ"]


def test_a_question_whose_worker_is_killed_each_time_is_a_dead_letter_and_its_person_told(deployment, monkeypatch):
    event = deployment.says("私の犬はポチです")
    deployment.post(event)
    with monkeypatch.context() as killing:
        killing.setattr(Dispatcher, "dispatch", killed)
        for _ in range(4):
            (message,) = deployment.aws.receive()
            with pytest.raises(SystemExit):
                deployment.work(message)
            deployment.aws.give_back(message)
    deployment.work()
    assert "a dead letter now: PersonNotNotified: its worker was killed each time" in deployment.said()
    assert len(deployment.aws.receive(deployment.aws.dead_letters)) == 1
    deployment.work()
    (reply,) = deployment.replies()
    assert asked(event).reference in reply


@pytest.mark.parametrize("addressed", [True, False], ids=["mention", "follow-up"])
@pytest.mark.parametrize(
    "point",
    [(NewMessages, "begin"), (Opening, "save"), (SlackReply, "write"), (SlackReply, "close")],
    ids=["its session has begun", "its reply stands there", "its model was asked", "its answer is saved"],
)
def test_a_worker_that_is_killed_each_time_leaves_no_thread_thinking(deployment, monkeypatch, point, addressed):
    first = deployment.says("私の犬はポチです")
    deployment.post(first)
    deployment.work()
    thread = first["event"]["ts"]
    event = deployment.says("犬の名前は?", thread)
    if not addressed:
        event["event"] |= {"type": "message", "channel_type": "channel", "text": "犬の名前は?"}
    deployment.post(event)
    with monkeypatch.context() as killing:
        killing.setattr(*point, killed)
        for _ in range(4):
            (message,) = deployment.aws.receive()
            with pytest.raises(SystemExit):
                deployment.work(message)
            deployment.aws.give_back(message)
    deployment.work()
    deployment.work()
    assert [each.status for each in deployment.workspace.sessions.sessions()] == ["active"]
    assert not any(map(deployment.workspace.messages.is_live, deployment.workspace.messages.posts()))
    _, reply = deployment.replies()
    assert reply == "ポチは元気ですよ" or asked(event).reference in reply


def killed(*_: object, **__: object) -> None:
    raise SystemExit  # which nothing in the worker catches


def test_what_the_operator_must_mend_is_told_at_once_and_answered_when_it_is_replayed(deployment):
    deployment.model.status = 401
    event = deployment.says("私の犬はポチです")
    deployment.post(event)
    deployment.work()
    (reply,) = deployment.replies()
    assert asked(event).reference in reply
    deployment.model.status = 200
    dead = SqsDeadLetters(deployment.aws.queue, deployment.aws.dead_letters, sqs_client(OPERATORS_PATIENCE))
    letter = next(dead.letters())
    assert letter.reference == asked(event).reference
    assert "ModelMisconfigured" in letter.reason
    assert dead.replay(letter)
    deployment.work()
    assert deployment.replies() == ["ポチは元気ですよ"]


def test_a_table_that_is_away_is_an_outage(deployment, monkeypatch):
    deployment.post(deployment.says("私の犬はポチです"))
    container = lambda_worker.current()
    with monkeypatch.context() as away:
        for store in (container.conversations(), container.attempts()):
            for name in ("load", "begin", "fail"):
                if hasattr(store, name):
                    away.setattr(store, name, unreachable)
        for _ in range(4):
            with pytest.raises(lambda_worker.HandedBack, match="StoreUnavailable"):
                deployment.work()
    deployment.work()
    assert deployment.replies() == ["ポチは元気ですよ"]
    pauses = [float(each) for each in re.findall(r"handed back to the queue for (\d+) s", deployment.said())]
    assert pauses == list(DELAYS[Cause.OUTAGE][:4])


def unreachable(*_: object, **__: object) -> None:
    raise StoreUnavailable("the table is away")


def test_a_worker_whose_time_runs_out_ends_its_answer_in_good_order(deployment):
    event = deployment.says("私の犬はポチです")
    deployment.post(event)
    deployment.work(seconds_left=10)
    assert "a dead letter now: ModelTooSlow" in deployment.said()
    (reply,) = deployment.replies()
    assert reply.startswith("AI が時間内に答えませんでした。")
    assert asked(event).reference in reply
    assert not any(deployment.workspace.messages.is_live(post) for post in deployment.workspace.messages.posts())


class Broken:
    """A model that is down."""

    def reply(self, *_: object) -> object:
        raise ModelUnavailable("down")


@pytest.mark.parametrize("body", ["no JSON", "{}", '{"secret": "私の秘密"}', "[" * 100_000])
def test_a_record_that_cannot_be_parsed_is_logged_and_ends_as_a_dead_letter(deployment, body):
    deployment.aws.sqs.send_message(
        QueueUrl=deployment.aws.queue, MessageBody=body, MessageGroupId="g", MessageDeduplicationId="poison"
    )
    deployment.aws.sqs.send_message(
        QueueUrl=deployment.aws.queue, MessageBody="behind it", MessageGroupId="g", MessageDeduplicationId="next"
    )
    (message,) = deployment.aws.receive(most=1)
    assert message["Body"] == body
    deployment.work(message)
    (freed,) = deployment.aws.receive()
    assert freed["Body"] == "behind it"
    assert [each["Body"] for each in deployment.aws.receive(deployment.aws.dead_letters)] == [body]
    assert deployment.said().count("a dead letter now: ") == 1
    assert "秘密" not in json.dumps(deployment.log(), ensure_ascii=False)


@pytest.mark.parametrize(
    ("event", "reason"),
    [({}, "KeyError"), ({"Records": []}, "ValueError"), ({"Records": [{"messageId": "7c1e"}]}, "KeyError")],
)
def test_an_event_that_is_none_of_sqs_is_handed_back_with_the_reason_logged(deployment, event, reason):
    with pytest.raises(lambda_worker.HandedBack, match=reason):
        lambda_worker.handler(event, lambda_context("worker"))
    assert f"handed back to the queue: {reason}" in deployment.said()


def test_a_missing_token_is_named_and_the_question_waits(deployment):
    deployment.post(deployment.says("私の犬はポチです"))
    deployment.aws.set_parameters(SlackToken="placeholder")
    with pytest.raises(lambda_worker.HandedBack):
        deployment.work()
    assert f"nothing can be answered: {PREFIX}/SlackToken in SSM must be set" in deployment.said()


def test_a_missing_key_is_named_and_the_person_told(deployment, aws_environment):
    aws_environment.setattr("adapters.openai.client.API", os.environ["OPENAI_BASE_URL"])
    aws_environment.delenv("OPENAI_BASE_URL")
    deployment.aws.set_parameters(OpenAiApiKey="placeholder")
    deployment.model.status = 401
    event = deployment.says("私の犬はポチです")
    deployment.post(event)
    deployment.work()
    assert f"{PREFIX}/OpenAiApiKey in SSM must be set" in deployment.said()
    (reply,) = deployment.replies()
    assert asked(event).reference in reply


def test_a_server_of_ones_own_needs_no_key(deployment):
    deployment.aws.set_parameters(OpenAiApiKey="-")
    deployment.post(deployment.says("私の犬はポチです"))
    deployment.work()
    assert deployment.replies() == ["ポチは元気ですよ"]
    assert "OpenAiApiKey" not in deployment.said()


def test_changed_parameters_take_effect_without_a_new_start(deployment, clock):
    deployment.post(deployment.says("一つ目"))
    deployment.work()
    deployment.aws.set_parameters(SlackReplyUsername="ポチ", OpenAiApiKey="sk-new")
    clock.pass_by(MAX_AGE)
    deployment.post(deployment.says("二つ目"))
    deployment.work()
    assert [post.username for post in deployment.workspace.messages.posts() if post.username] == ["ポチ"]
    assert deployment.model.keys == ["sk-made-up", "sk-new"]


def test_a_limit_is_set_and_lifted_without_a_new_start(deployment, clock):
    deployment.aws.set_parameters(QuestionsPerMinute="1")
    for text in ("一つ目", "二つ目"):
        deployment.post(deployment.says(text))
        deployment.work()
    assert deployment.replies() == ["ポチは元気ですよ"]
    assert deployment.model.requests.qsize() == 1
    (refusal,) = deployment.workspace.messages.ephemerals()
    assert "一人が一分間にできる質問は 1 件までです" in refusal.text
    assert refusal.only_for == deployment.person.id
    deployment.aws.set_parameters(QuestionsPerMinute="-")
    clock.pass_by(MAX_AGE)
    deployment.post(deployment.says("三つ目"))
    deployment.work()
    assert deployment.model.requests.qsize() == 2


def test_the_model_is_asked_before_any_token_is_counted(deployment):
    asked_before_counting = []

    def counting(count: Callable[[str], int]) -> Callable[[str], int]:
        def counted(text: str) -> int:
            asked_before_counting.append(bool(deployment.model.requests.qsize()))
            return count(text)

        return counted

    lambda_worker.current().count_tokens.override(providers.Object(counting(len)))
    deployment.post(deployment.says("私の犬はポチです"))
    deployment.work()
    assert set(asked_before_counting) == {True}


def test_metrics_tell_of_answers_condensations_and_tokens(deployment, aws_environment, capsys):
    aws_environment.setenv("MEMORY_TOKEN_LIMIT", "10")
    deployment.post(deployment.says("私の犬はポチです"))
    capsys.readouterr()
    deployment.work()
    deployment.work()  # condenses
    turn, condensation = [
        blob for blob in map(json.loads, capsys.readouterr().out.splitlines()) if "Deliveries" in blob
    ]
    assert turn["Answered"] == condensation["Condensed"] == turn["Deliveries"] == [1.0]
    for blob in (turn, condensation):
        assert (blob["TokensSent"], blob["TokensReceived"], blob["TokensCached"]) == ([20.0], [8.0], [0.0])


def test_failures_are_counted_too(deployment, capsys):
    deployment.model.status = 401
    deployment.post(deployment.says("私の犬はポチです"))
    capsys.readouterr()
    deployment.work()
    (blob,) = [blob for blob in map(json.loads, capsys.readouterr().out.splitlines()) if "Deliveries" in blob]
    assert blob["Failed"] == [1.0]
    assert "Answered" not in blob


def test_neither_logs_nor_metrics_hold_texts_or_secrets(deployment, aws_environment, capsys):
    aws_environment.setenv("LOG_LEVEL", "DEBUG")
    deployment.post(deployment.says("私の犬はポチです"))
    deployment.work()
    deployment.model.status = 401
    deployment.post(deployment.says("猫は秘密です"))
    deployment.work()
    deployment.aws.set_parameters(SlackToken="placeholder")
    lambda_worker.current.clock.pass_by(MAX_AGE)
    deployment.post(deployment.says("鳥も秘密です"))
    with pytest.raises(lambda_worker.HandedBack):
        deployment.work()
    told = json.dumps(deployment.log(), ensure_ascii=False) + capsys.readouterr().out
    for secret in (SECRET, TOKEN, "sk-made-up", "犬", "猫", "鳥", "元気"):
        assert secret not in told


def test_every_provider_of_the_container_can_be_called(deployment):
    for name, provider in lambda_worker.current().providers.items():
        assert provider() is not None, name


def test_a_turn_of_the_worker_is_traced_by_what_it_waits_for(deployment, aws_environment, xray_daemon):
    aws_environment.setenv("AWS_XRAY_DAEMON_ADDRESS", xray_daemon.address)
    aws_environment.setenv("_X_AMZN_TRACE_ID", "Root=1-5e1b4151-5ac6c58b5ac6c58b5ac6c58b;Parent=5399;Sampled=1")
    deployment.post(deployment.says("私の犬はポチです"))
    deployment.work()
    traces = xray_daemon.received()
    for name in ("answer", "load", "save", "model", "Slack read", "Slack open", "Slack close"):
        assert f'"name": "{name}"' in traces
