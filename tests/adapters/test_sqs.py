"""The FIFO queue: what goes in, what a worker gets out, and what becomes of what nobody can answer."""

import re
from dataclasses import replace

import pytest

from adapters import sqlite, sqs
from adapters.sqs import DELIVERIES, SqsDeadLetters, SqsQueue, received, sqs_client
from domain.errors import StoreCorrupt, StoreUnavailable
from domain.requests import Delivery, Question, Scope, Tab, Visit, Vote
from tests.aws_on_loopback import lambda_record, terraform_deliveries

ASKED = Question("T061EG9R6", "C0LAN2Q65", "1515449522.000016", "U061F7AUR", "犬の名前は?", thread="1515449500.000001")
CONVERSATION = "T061EG9R6/C0LAN2Q65/1515449500.000001"
ALLOWED = r"[a-zA-Z0-9!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~]{1,128}"
"""Group and deduplication ids, by SQS's reference of SendMessage."""


@pytest.fixture
def questions(aws) -> SqsQueue:
    return SqsQueue(aws.create_queue(), sqs_client(), correlation_id=lambda: "JKJaXmPLvHcESHA=")


def test_a_question_arrives_as_it_was_put(aws, questions):
    assert questions.put(ASKED, CONVERSATION) is True
    (message,) = aws.receive()
    assert received(lambda_record(message)) == (ASKED, Delivery(1))


OTHERS = (
    Vote(ASKED.team, ASKED.channel, "1515449530.000001", ASKED.person, ASKED.identity, good=True),
    Visit(ASKED.team, "D024BE91L", "1515449530.000001", ASKED.person, Tab.HOME),
)


@pytest.mark.parametrize("request_made", OTHERS, ids=["vote", "visit"])
def test_what_is_no_question_is_queued_and_buried_and_replayed_like_one(aws, questions, monkeypatch, request_made):
    monkeypatch.setattr(sqs, "LOOK", 0)  # moto overlooks nothing, and waits in earnest
    questions.put(request_made, "visits/T061EG9R6/U061F7AUR")
    questions.put(request_made, "visits/T061EG9R6/U061F7AUR")
    (message,) = aws.receive()
    assert received(lambda_record(message)) == (request_made, Delivery(1))
    aws.give_back(message)
    while messages := aws.receive():
        aws.give_back(messages[0])
    dead = SqsDeadLetters(aws.queue, aws.dead_letters, sqs_client())
    (letter,) = dead.letters()
    assert letter.reference == request_made.reference
    assert dead.replay(letter)
    (message,) = aws.receive()
    assert received(lambda_record(message)) == (request_made, Delivery(1, replayed=True))


def test_the_conversation_is_the_group_and_the_identity_keeps_twins_out(aws, questions):
    questions.put(ASKED, CONVERSATION)
    (message,) = aws.receive()
    assert message["Attributes"]["MessageGroupId"] == CONVERSATION
    assert message["Attributes"]["MessageDeduplicationId"] == ASKED.identity


def test_a_question_put_twice_is_delivered_once(aws, questions):
    assert questions.put(ASKED, CONVERSATION)
    assert questions.put(replace(ASKED, text="<@U0LAN0Z89> 犬の名前は?"), CONVERSATION)
    assert len(aws.receive()) == 1


def test_the_correlation_id_goes_along(aws, questions):
    questions.put(ASKED, CONVERSATION)
    (message,) = aws.receive()
    assert message["MessageAttributes"]["correlation_id"]["StringValue"] == "JKJaXmPLvHcESHA="


@pytest.mark.parametrize("nothing", [None, ""])
def test_without_a_correlation_id_a_question_is_queued_all_the_same(aws, nothing):
    SqsQueue(aws.create_queue(), sqs_client(), correlation_id=lambda: nothing).put(ASKED, CONVERSATION)
    (message,) = aws.receive()
    assert "MessageAttributes" not in message


def test_characters_that_sqs_does_not_take_arrive_too(aws, questions):
    everything = "".join(map(chr, [*range(0x20), 0x7F, 0x85, 0xFFFD, 0xFFFE, 0xFFFF, 0x1F415])) + '\\ufffe"'
    questions.put(replace(ASKED, text=everything), CONVERSATION)
    (message,) = aws.receive()
    assert received(lambda_record(message))[0].text == everything
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", message["Body"])


def test_the_longest_ids_that_the_door_lets_in_are_allowed():
    longest = Question("T" * 32, "C" * 32, "9" * 12 + "." + "9" * 8, "U" * 32, "?", thread="9" * 12 + "." + "9" * 8)
    votes, visits = f"votes/{longest.team}/{longest.channel}", f"visits/{longest.team}/{longest.person}"
    for value in (longest.identity, longest.place(Scope.THREAD).conversation, votes, visits):
        assert re.fullmatch(ALLOWED, value)


def test_the_last_delivery_is_known_as_such(aws, questions):
    questions.put(ASKED, CONVERSATION)
    deliveries = []
    while messages := aws.receive():
        deliveries.append(received(lambda_record(messages[0]))[1])
        aws.give_back(messages[0])
    assert deliveries == [Delivery(1), Delivery(2), Delivery(3, last=True)]
    (dead,) = aws.receive(aws.dead_letters)
    assert received(lambda_record(dead))[0] == ASKED


@pytest.fixture
def dead(aws, questions, monkeypatch) -> SqsDeadLetters:
    """The queue's dead letters: one question, asked just now."""
    monkeypatch.setattr(sqs, "LOOK", 0)  # moto overlooks nothing, and waits in earnest
    questions.put(ASKED, CONVERSATION)
    while messages := aws.receive():
        aws.give_back(messages[0])
    return SqsDeadLetters(aws.queue, aws.dead_letters, sqs_client())


def test_a_replayed_letter_arrives_as_it_was_in_its_conversation_and_not_as_a_repetition(aws, dead):
    (letter,) = dead.letters()
    assert dead.replay(letter)
    (message,) = aws.receive()
    assert received(lambda_record(message)) == (ASKED, Delivery(1, replayed=True))
    assert message["Attributes"]["MessageGroupId"] == CONVERSATION
    assert message["MessageAttributes"]["correlation_id"]["StringValue"] == "JKJaXmPLvHcESHA="
    deduplication_id = message["Attributes"]["MessageDeduplicationId"]
    assert deduplication_id != ASKED.identity
    assert re.fullmatch(ALLOWED, deduplication_id)
    assert dead.count() == 0


def test_a_letter_replayed_by_two_operators_at_once_is_queued_once(aws, dead, monkeypatch):
    (letter,) = dead.letters()
    dead.close()
    other = SqsDeadLetters(aws.queue, aws.dead_letters, sqs_client())
    assert list(other.letters()) == [letter]
    assert dead.replay(letter)
    assert other.replay(letter)
    assert len(aws.receive()) == 1


def test_a_letter_that_dies_again_is_another_letter_with_the_same_question(aws, dead):
    (first,) = dead.letters()
    dead.replay(first)
    deduplication_ids = set()
    while messages := aws.receive():
        deduplication_ids.add(messages[0]["Attributes"]["MessageDeduplicationId"])
        aws.give_back(messages[0])
    (second,) = dead.letters()
    assert second.reference == first.reference
    dead.replay(second)
    (message,) = aws.receive()
    # SQS, unlike moto, also recognises the id of a message that is gone.
    assert {message["Attributes"]["MessageDeduplicationId"]} != deduplication_ids


def test_a_letter_in_one_operators_hand_is_hidden_from_another_until_it_is_put_down(aws, dead):
    other = SqsDeadLetters(aws.queue, aws.dead_letters, sqs_client())
    assert len(list(dead.letters())) == 1
    assert list(other.letters()) == []
    assert other.count() == 1
    dead.close()
    assert len(list(other.letters())) == 1


def test_a_letter_whose_time_in_hand_runs_out_is_still_one_letter(aws, dead):
    letters = dead.letters()
    assert next(letters).reference == ASKED.reference
    dead.close()
    assert list(letters) == []


def test_every_queue_delivers_a_question_equally_often():
    assert DELIVERIES == terraform_deliveries() == sqlite.DELIVERIES


@pytest.mark.parametrize("body", ["", "私の秘密", "[]", '{"text":"私の秘密"}', '{"team":"T1","secret":"私の秘密"}'])
def test_a_record_that_is_no_request_is_corrupt_and_named_without_its_text(body):
    with pytest.raises(StoreCorrupt, match="message 7c1e") as caught:
        received({"messageId": "7c1e", "body": body, "attributes": {"ApproximateReceiveCount": "1"}})
    assert "秘密" not in str(caught.value)


def test_a_queue_that_cannot_be_reached_is_unavailable(dead_port, monkeypatch):
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    questions = SqsQueue(f"{dead_port}/1/questions.fifo", sqs_client(), correlation_id=lambda: None)
    with pytest.raises(StoreUnavailable, match="EndpointConnectionError"):
        questions.put(ASKED, CONVERSATION)


def test_a_queue_that_refuses_is_unavailable_and_says_why(aws):
    questions = SqsQueue(f"{aws.sqs.meta.endpoint_url}/1/nobody-made-it.fifo", sqs_client(), correlation_id=str)
    with pytest.raises(StoreUnavailable, match="NonExistentQueue"):
        questions.put(ASKED, CONVERSATION)


def test_all_attempts_together_leave_slack_an_answer_in_time():
    patience = sqs.PATIENCE
    assert patience.retries["total_max_attempts"] * patience.read_timeout < 3
