"""The subsegments of a turn, as X-Ray's daemon gets them on loopback."""

import json
from dataclasses import replace
from typing import Any

import pytest

from adapters.observability.tracing import CONVERSATIONS, LANGUAGE_MODEL, REPLIES, RESOLVER, Segment, Tracer, traced
from domain.answering import Answering
from domain.conversations.place import Scope
from domain.errors import ModelUnavailable
from domain.memory import Memory
from domain.requests import Question
from tests.aws_on_loopback import XRayDaemon
from tests.fakes import InMemoryConversations, InMemoryReplies, PlainResolver, ScriptedModel, answering

ASKED = Question("T1", "C1", "1000.000001", "U1", "私の犬はポチです")
ROOT, FUNCTION = "1-5e1b4151-5ac6c58b5ac6c58b5ac6c58b", "53995c3f42cd8ad8"
INVOCATION = f"Root={ROOT};Parent={FUNCTION};Sampled=1;Lineage=1:24e1f6f0:0"


@pytest.fixture
def environment(xray_daemon: XRayDaemon) -> dict[str, str]:
    return {"AWS_XRAY_DAEMON_ADDRESS": xray_daemon.address, "_X_AMZN_TRACE_ID": INVOCATION}


@pytest.fixture
def segment(environment: dict[str, str], clock) -> Segment:
    return Tracer(environment, clock).segment


def recorded(daemon: XRayDaemon) -> list[dict[str, Any]]:
    """The documents, in the order in which they ended."""
    lines = daemon.received().splitlines()
    assert set(lines[::2]) <= {'{"format": "json", "version": 1}'}
    return [json.loads(line) for line in lines[1::2]]


def names(daemon: XRayDaemon) -> list[str]:
    return [each["name"] for each in recorded(daemon)]


def traced_answering(
    segment: Segment, model: ScriptedModel, memory: Memory | None = None, replies: InMemoryReplies | None = None
) -> Answering:
    return answering(
        conversations=traced(InMemoryConversations(), segment, CONVERSATIONS),
        model=traced(model, segment, LANGUAGE_MODEL),
        replies=traced(replies or InMemoryReplies(), segment, REPLIES),
        resolver=traced(PlainResolver(), segment, RESOLVER),
        memory=memory or Memory(),
    )


def test_a_turn_is_seen_by_what_it_waits_for(xray_daemon, segment):
    with segment("answer", reference=ASKED.reference, delivery=1):
        traced_answering(segment, ScriptedModel(), Memory(limit=10, keep=5)).answer(ASKED)
    *parts, turn = recorded(xray_daemon)
    assert turn["name"] == "answer"
    assert turn["annotations"] == {"reference": ASKED.reference, "delivery": 1}
    assert [each["name"] for each in parts] == [
        "load", "Slack open", "save", "Slack read", "model", "save", "Slack close", "load", "condense", "save",
    ]  # fmt: skip
    assert {each["parent_id"] for each in parts} == {turn["id"]}


def test_a_subsegment_has_the_trace_of_its_invocation_and_the_time_its_block_takes(
    xray_daemon, environment, segment, clock
):
    began = clock()
    with segment("answer"):
        clock.pass_by(2.5)
    later = "1-5e1b4151-000000000000000000000002"
    environment["_X_AMZN_TRACE_ID"] = f"Root={later};Parent={FUNCTION};Sampled=1"
    with segment("answer"):
        pass
    first, second = recorded(xray_daemon)
    assert first == {
        "type": "subsegment",
        "name": "answer",
        "id": first["id"],
        "trace_id": ROOT,
        "parent_id": FUNCTION,
        "start_time": began,
        "end_time": began + 2.5,
        "annotations": {},
    }
    assert (second["trace_id"], second["parent_id"]) == (later, FUNCTION)
    assert first["id"] != second["id"]


def test_a_failure_is_marked_by_its_type_and_never_by_its_message(xray_daemon, segment):
    model = ScriptedModel(ModelUnavailable("私の秘密"))
    with pytest.raises(ModelUnavailable):
        traced_answering(segment, model).answer(ASKED)
    trace = recorded(xray_daemon)
    failed = trace[-1]
    assert (failed["name"], failed["fault"]) == ("model", True)
    assert failed["annotations"] == {"error": "ModelUnavailable"}
    for text in ("秘密", "ポチ"):
        assert text not in json.dumps(trace, ensure_ascii=False)


def test_a_reply_that_is_given_up_ends_the_models_subsegment(xray_daemon, segment):
    pieces = traced(ScriptedModel("a|b|c"), segment, LANGUAGE_MODEL).reply(())
    next(pieces)
    assert names(xray_daemon) == []
    pieces.close()
    (model,) = recorded(xray_daemon)
    assert model["name"] == "model"
    assert "fault" not in model


def test_a_reply_that_is_finished_later_is_seen_too(xray_daemon, segment):
    turns = traced_answering(segment, ScriptedModel())
    turns.answer(ASKED)
    turns.answer(ASKED)
    assert names(xray_daemon)[-3:] == ["load", "Slack open", "Slack close"]


def test_what_is_wrapped_says_and_takes_what_it_wraps(segment):
    replies, model = InMemoryReplies(), ScriptedModel()
    turns = traced_answering(segment, model, replies=replies)
    turns.answer(ASKED)
    assert traced(model, segment, LANGUAGE_MODEL).name == "scripted"
    assert replies.only.receipt.model == "scripted"
    replies.only.stopped = True
    assert traced(replies, segment, REPLIES).find(ASKED, ASKED.place(Scope.THREAD)).stopped
    replies.only.receipt = None
    turns.answer(ASKED)
    assert replies.only.receipt.model == "scripted"


def test_what_is_not_found_stays_none(segment):
    assert traced(InMemoryReplies(), segment, REPLIES).find(ASKED, ASKED.place(Scope.THREAD)) is None


def test_a_file_that_is_sent_is_seen_too(xray_daemon, segment):
    replies = InMemoryReplies()
    turns = traced_answering(segment, ScriptedModel(), replies=replies)
    turns.answer(ASKED)
    turns.answer(replace(ASKED, ts="1000.000002", thread=ASKED.ts, text="export"))
    assert [name for _, name, _ in replies.sent] == [f"memory-T1-C1-{ASKED.ts}.json"]
    assert "Slack send" in names(xray_daemon)


@pytest.mark.parametrize("header", ["", INVOCATION.replace("Sampled=1", "Sampled=0"), f"Root={ROOT}", "nonsense="])
def test_outside_lambda_and_where_the_invocation_is_not_sampled_nothing_is_sent(xray_daemon, environment, header):
    environment["_X_AMZN_TRACE_ID"] = header
    model, segment = ScriptedModel(), Tracer(environment).segment
    with segment("answer", reference=ASKED.reference):
        traced_answering(segment, model).answer(ASKED)
    assert len(model.prompts) == 1
    assert xray_daemon.received() == ""


@pytest.mark.parametrize("address", ["", "127.0.0.1:0", "127.0.0.1", "no.such.host.invalid:2000"])
def test_a_daemon_that_cannot_be_reached_fails_no_turn(environment, address):
    environment["AWS_XRAY_DAEMON_ADDRESS"] = address
    model = ScriptedModel()
    traced_answering(Tracer(environment).segment, model).answer(ASKED)
    assert len(model.prompts) == 1
