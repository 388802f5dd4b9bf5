"""The FIFO queue: what goes in, what a worker gets out, and what becomes of what nobody can answer."""

import re
from dataclasses import replace

import pytest

from adapters.sqs import SqsFailedMessages, SqsQueue, dead_letters, received, sqs_client
from adapters.sqs.client import PATIENCE
from adapters.sqs.dead_letters import RECEIVES, SqsDeadLetters
from domain.conversations.place import Scope
from domain.deliveries.delivery import Delivery
from domain.deliveries.retries import DELAYS, PERSISTENT, Cause
from domain.errors import StoreCorrupt, StoreUnavailable
from domain.requests import Apology, Question, Tab, Visit, Vote
from tests.aws_on_loopback import Aws, lambda_record, terraform_receives

ASKED = Question("T061EG9R6", "C0LAN2Q65", "1515449522.000016", "U061F7AUR", "犬の名前は?", thread="1515449500.000001")
CONVERSATION = "T061EG9R6/C0LAN2Q65/1515449500.000001"
ALLOWED = r"[a-zA-Z0-9!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~]{1,128}"
"""Group and deduplication ids, by SQS's reference of SendMessage."""


def bury(aws, message, reason="ModelUnavailable: down") -> None:
    """What the worker does with a message whose last delivery has failed."""
    SqsFailedMessages(aws.queue, aws.dead_letters, sqs_client()).move_to_dead_letters(lambda_record(message), reason)
    aws.delete(message)


@pytest.fixture(params=["moto", "fauxqs"])
def aws(request) -> Aws:
    return request.getfixturevalue(request.param)


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
    monkeypatch.setattr(dead_letters, "POLL_SECONDS", 0)  # moto misses nothing, and waits in earnest
    questions.put(request_made, "visits/T061EG9R6/U061F7AUR")
    questions.put(request_made, "visits/T061EG9R6/U061F7AUR")
    (message,) = aws.receive()
    assert received(lambda_record(message)) == (request_made, Delivery(1))
    bury(aws, message)
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
    everything = "".join(map(chr, [*range(0x20), 0x7F, 0x85, 0xFFFD, 0xFFFE, 0xFFFF])) + '\\ufffe"'
    questions.put(replace(ASKED, text=everything), CONVERSATION)
    (message,) = aws.receive()
    assert received(lambda_record(message))[0].text == everything
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", message["Body"])


def test_characters_beyond_the_basic_plane_arrive(moto):
    """fauxqs refuses them; SQS takes #x10000 to #x10FFFF by its reference of SendMessage."""
    SqsQueue(moto.create_queue(), sqs_client(), correlation_id=str).put(replace(ASKED, text="犬 🐕 𠮷"), CONVERSATION)
    assert received(lambda_record(*moto.receive()))[0].text == "犬 🐕 𠮷"


def test_the_longest_ids_that_the_door_lets_in_are_allowed():
    longest = Question("T" * 32, "C" * 32, "9" * 12 + "." + "9" * 8, "U" * 32, "?", thread="9" * 12 + "." + "9" * 8)
    votes, visits = f"votes/{longest.team}/{longest.channel}", f"visits/{longest.team}/{longest.person}"
    for value in (longest.identity, longest.place(Scope.THREAD).conversation, votes, visits):
        assert re.fullmatch(ALLOWED, value)


def test_what_never_reaches_the_workers_code_is_a_dead_letter_in_the_end(aws, questions):
    questions.put(ASKED, CONVERSATION)
    deliveries = []
    while messages := aws.receive():
        deliveries.append(received(lambda_record(messages[0]))[1])
        aws.give_back(messages[0])
    assert deliveries == [Delivery(number) for number in range(1, RECEIVES + 1)]
    (dead,) = aws.receive(aws.dead_letters)
    assert received(lambda_record(dead))[0] == ASKED


@pytest.fixture
def dead(aws, questions, monkeypatch) -> SqsDeadLetters:
    """The queue's dead letters: one question, asked just now."""
    monkeypatch.setattr(dead_letters, "POLL_SECONDS", 0)  # moto misses nothing, and waits in earnest
    questions.put(ASKED, CONVERSATION)
    bury(aws, *aws.receive())
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
    (message,) = aws.receive()
    deduplication_ids = {message["Attributes"]["MessageDeduplicationId"]}
    bury(aws, message)
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


def test_sqs_counts_receives_for_longer_than_the_worker_counts_failures():
    assert terraform_receives() == RECEIVES
    assert sum(map(len, DELAYS.values())) + len(PERSISTENT) + len(Cause) < RECEIVES


def test_what_failed_comes_back_after_its_delay_and_the_next_of_its_conversation_behind_it(aws, questions):
    questions.put(ASKED, CONVERSATION)
    questions.put(replace(ASKED, ts="1515449523.000001"), CONVERSATION)
    (message,) = aws.receive(most=1)
    failed = SqsFailedMessages(aws.queue, aws.dead_letters, sqs_client())
    failed.schedule(lambda_record(message), 3_600)
    assert aws.receive() == [], "the rest of the conversation waits"
    failed.schedule(lambda_record(message), 0)
    assert aws.receive(most=1)[0]["MessageId"] == message["MessageId"]


def test_a_buried_message_says_why_and_after_how_many_deliveries(aws, questions, monkeypatch):
    monkeypatch.setattr(dead_letters, "POLL_SECONDS", 0)  # moto misses nothing, and waits in earnest
    questions.put(ASKED, CONVERSATION)
    bury(aws, *aws.receive(), reason="ModelMisconfigured: 401")
    (letter,) = SqsDeadLetters(aws.queue, aws.dead_letters, sqs_client()).letters()
    assert (letter.reference, letter.reason, letter.deliveries) == (ASKED.reference, "ModelMisconfigured: 401", 1)


def test_a_message_that_is_buried_twice_is_one_dead_letter(aws, questions):
    questions.put(ASKED, CONVERSATION)
    (message,) = aws.receive()
    failed = SqsFailedMessages(aws.queue, aws.dead_letters, sqs_client())
    for _ in range(2):
        failed.move_to_dead_letters(lambda_record(message), "ModelUnavailable: down")
    assert len(aws.receive(aws.dead_letters)) == 1


def test_an_apology_waits_behind_nobody(aws, questions):
    questions.put(ASKED, CONVERSATION)
    (message,) = aws.receive()
    SqsFailedMessages(aws.queue, aws.dead_letters, sqs_client()).move_to_dead_letters(
        lambda_record(message), "down", Apology.to(ASKED)
    )
    (apology,) = aws.receive()
    assert received(lambda_record(apology))[0] == Apology.to(ASKED)
    assert apology["MessageAttributes"]["correlation_id"]["StringValue"] == "JKJaXmPLvHcESHA="


def test_who_is_told_once_of_a_question_is_told_again_when_it_has_been_replayed_and_fails_again(aws, dead):
    failed = SqsFailedMessages(aws.queue, aws.dead_letters, sqs_client())
    for _ in range(2):  # within the five minutes in which SQS recognises an id
        (letter,) = dead.letters()
        dead.replay(letter)
        (message,) = aws.receive()
        for _ in range(2):  # a worker was killed in between
            failed.move_to_dead_letters(lambda_record(message), "down", Apology.to(ASKED))
        aws.delete(message)
        (apology,) = aws.receive()
        assert received(lambda_record(apology))[0] == Apology.to(ASKED)
        aws.delete(apology)


@pytest.mark.parametrize("refusal", ["schedule", "move_to_dead_letters"])
def test_a_queue_that_is_away_costs_no_question(aws, questions, dead_port, monkeypatch, refusal):
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    record = {"messageId": "7c1e", "receiptHandle": "r", "body": "{}", "attributes": {"MessageGroupId": "g"}}
    record["attributes"]["ApproximateReceiveCount"] = "1"
    failed = SqsFailedMessages(f"{dead_port}/1/q.fifo", f"{dead_port}/1/d.fifo", sqs_client())
    if refusal == "schedule":
        failed.schedule(record, 5)
    else:
        with pytest.raises(StoreUnavailable):
            failed.move_to_dead_letters(record, "down")


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
    patience = PATIENCE
    assert patience.retries["total_max_attempts"] * patience.read_timeout < 3
