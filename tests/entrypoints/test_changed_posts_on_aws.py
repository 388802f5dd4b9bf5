"""Edits and deletions through both functions, SQS and DynamoDB."""

from dataclasses import replace

import pytest

from adapters.sqs import received
from domain.conversations.place import conversation_key
from domain.correction.edits_and_deletions import Deletion, Edit
from domain.errors import StillAnswering
from domain.requests import Question
from entrypoints import lambda_worker
from entrypoints.playground.emulator.event_payloads import events_of, payload_of
from entrypoints.playground.emulator.workspace.model import TEAM
from tests.aws_on_loopback import lambda_record


@pytest.fixture
def events(deployment) -> list[dict]:
    """Slack's events of all that people do from now on."""
    sent: list[dict] = []
    workspace = deployment.workspace
    workspace.messages.observe(
        lambda change: sent.extend(payload_of(event, 0) for event in events_of(change, workspace))
    )
    return sent


def edit(deployment, ts: str, text: str) -> None:
    deployment.workspace.edit(deployment.person.id, deployment.channel.id, ts, text)


def memory(deployment, thread: str):
    key = conversation_key(TEAM, deployment.channel.id, thread)
    return lambda_worker.current().conversations().load(key).conversation


def test_an_edit_waits_in_no_line_behind_its_question_which_is_answered_as_edited(deployment, events):
    asked = deployment.says("犬の名前はポチです")
    ts = asked["event"]["ts"]
    edit(deployment, ts, "@bot 犬の名前はハチです")
    for payload in (asked, events[-1], events[-1]):  # the last one comes twice
        assert deployment.post(payload)["statusCode"] == 200
    first, second = deployment.aws.receive()
    by_kind = {type(received(lambda_record(each))[0]): each for each in (first, second)}
    assert by_kind[Edit]["Attributes"]["MessageGroupId"] == f"changes/{TEAM}/{deployment.channel.id}/{ts}"
    deployment.work(by_kind[Edit])
    deployment.work(by_kind[Question])
    assert memory(deployment, ts).buffer[0].text == "犬の名前はハチです"
    assert "ハチ" in str(deployment.model.requests.queue[-1]["messages"])


def test_a_deleted_question_is_forgotten_with_its_answer(deployment, events):
    asked = deployment.says("内緒です")
    ts = asked["event"]["ts"]
    deployment.post(asked)
    deployment.work()
    assert memory(deployment, ts).buffer
    deployment.workspace.delete(deployment.person.id, deployment.channel.id, ts)
    deployment.post(events[-1])
    (message,) = deployment.aws.receive()
    assert isinstance(received(lambda_record(message))[0], Deletion)
    deployment.work(message)
    assert memory(deployment, ts).buffer == ()


def test_a_change_during_the_answer_goes_back_to_the_queue(deployment, events):
    asked = deployment.says("犬は?")
    ts = asked["event"]["ts"]
    deployment.post(asked)
    (question,) = deployment.aws.receive()
    deployment.model.status = 503
    with pytest.raises(lambda_worker.HandedBack):
        deployment.work(question)
    deployment.model.status = 200
    edit(deployment, ts, "@bot 猫は?")
    deployment.post(events[-1])
    waiting = deployment.aws.receive()
    change = next(each for each in waiting if isinstance(received(lambda_record(each))[0], Edit))
    with pytest.raises(lambda_worker.HandedBack, match=StillAnswering.__name__):
        deployment.work(change)
    deployment.work(question)
    assert memory(deployment, ts).buffer[0].text == "猫は?"


def test_what_no_person_has_changed_is_not_queued(deployment, events):
    asked = deployment.says("見て https://example.com")
    post = deployment.workspace.messages.find(deployment.channel.id, asked["event"]["ts"])
    with deployment.workspace.messages.lock:  # an unfurled link: Slack sends the post again, with the same text
        deployment.workspace.messages.change(post, edited="")
    unfurled = events[-1]
    assert unfurled["event"]["subtype"] == "message_changed"
    assert deployment.post(unfurled)["statusCode"] == 200
    deployment.post(deployment.says("犬は?"))
    (message,) = deployment.aws.receive()
    assert isinstance(received(lambda_record(message))[0], Question)
    assert replace(post, edited="") == post
