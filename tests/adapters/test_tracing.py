"""The segments of a turn, recorded by the X-Ray SDK itself into a list instead of a daemon."""

import json
import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import aws_xray_sdk
import pytest
from aws_lambda_powertools import Tracer
from aws_xray_sdk.core import AWSXRayRecorder

from adapters.tracing import Segment, TracedChannel, TracedConversations, TracedLanguageModel, TracedResolver, segments
from domain.answering import Answering
from domain.errors import ModelUnavailable
from domain.memory import Memory
from domain.prompts import Prompts
from domain.requests import Question, Scope
from domain.texts.japanese import JAPANESE
from tests.fakes import Bulletin, InMemoryConversations, PlainResolver, ScriptedModel

ASKED = Question("T1", "C1", "1000.000001", "U1", "私の犬はポチです")


class Recorded:
    """What would have gone to X-Ray within Lambda's own segment."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.recorder = AWSXRayRecorder()
        self.recorder.emitter._socket.close()  # to the daemon that is not there
        self.recorder.configure(sampling=False, emitter=self, context_missing="RUNTIME_ERROR")
        self.recorder.begin_segment("worker")

    def send_entity(self, entity: Any) -> None:
        self.sent.append(json.loads(entity.serialize()))

    def set_daemon_address(self, _: object) -> None:
        """There is none."""

    def end(self) -> dict[str, Any]:
        self.recorder.end_segment()
        (segment,) = self.sent
        return segment


@pytest.fixture
def recorded(monkeypatch) -> Recorded:
    monkeypatch.setattr(type(aws_xray_sdk.global_sdk_config), "_SDKConfig__SDK_ENABLED", True)
    return Recorded()


@pytest.fixture
def segment(recorded: Recorded) -> Segment:
    return segments(SimpleNamespace(disabled=False, provider=recorded.recorder))


def answering(
    segment: Segment, model: ScriptedModel, memory: Memory | None = None, channel: Bulletin | None = None
) -> Answering:
    return Answering(
        conversations=TracedConversations(InMemoryConversations(), segment),
        model=TracedLanguageModel(model, segment),
        channel=TracedChannel(channel or Bulletin(), segment),
        reader=TracedResolver(PlainResolver(), segment),
        count_tokens=len,
        memory=memory or Memory(),
        prompts=Prompts(JAPANESE),
        scope=Scope.THREAD,
        ttl_days=90,
        report=lambda event: None,
        clock=time.time,
    )


def names(entity: dict[str, Any]) -> list[str]:
    return [each["name"] for each in entity.get("subsegments", [])]


def test_a_turn_is_seen_by_what_it_waits_for(recorded, segment):
    with segment("answer", reference=ASKED.reference, delivery=1):
        answering(segment, ScriptedModel(), Memory(limit=10, keep=5)).answer(ASKED)
    (turn,) = recorded.end()["subsegments"]
    assert turn["name"] == "answer"
    assert turn["annotations"] == {"reference": ASKED.reference, "delivery": 1}
    assert names(turn) == [
        "load", "Slack open", "save", "Slack read", "model", "save", "Slack close", "condense", "save",
    ]  # fmt: skip


def test_a_failure_is_marked_by_its_type_and_never_by_its_message(recorded, segment):
    model = ScriptedModel(ModelUnavailable("私の秘密"))
    with pytest.raises(ModelUnavailable):
        answering(segment, model).answer(ASKED)
    trace = recorded.end()
    failed = trace["subsegments"][-1]
    assert (failed["name"], failed["fault"]) == ("model", True)
    assert failed["annotations"] == {"error": "ModelUnavailable"}
    for text in ("秘密", "ポチ"):
        assert text not in json.dumps(trace, ensure_ascii=False)


def test_a_reply_that_is_given_up_ends_the_models_segment(recorded, segment):
    pieces = TracedLanguageModel(ScriptedModel("a|b|c"), segment).reply(())
    next(pieces)
    pieces.close()
    (model,) = recorded.end()["subsegments"]
    assert model["name"] == "model"
    assert "fault" not in model


def test_a_reply_that_is_finished_later_is_seen_too(recorded, segment):
    turns = answering(segment, ScriptedModel())
    turns.answer(ASKED)
    turns.answer(ASKED)
    assert names(recorded.end())[-3:] == ["load", "Slack open", "Slack close"]


def test_what_is_wrapped_says_and_takes_what_it_wraps(segment):
    channel, model = Bulletin(), ScriptedModel()
    turns = answering(segment, model, channel=channel)
    turns.answer(ASKED)
    assert TracedLanguageModel(model, segment).name == "scripted"
    assert channel.only.receipt.model == "scripted"
    channel.only.stopped = True
    assert TracedChannel(channel, segment).find(ASKED, ASKED.place(Scope.THREAD)).stopped
    channel.only.receipt = None
    turns.answer(ASKED)
    assert channel.only.receipt.model == "scripted"


def test_a_file_that_is_sent_is_seen_too(recorded, segment):
    channel = Bulletin()
    turns = answering(segment, ScriptedModel(), channel=channel)
    turns.answer(ASKED)
    turns.answer(replace(ASKED, ts="1000.000002", thread=ASKED.ts, text="export"))
    assert [name for _, name, _ in channel.sent] == [f"memory-T1-C1-{ASKED.ts}.json"]
    assert "Slack send" in names(recorded.end())


def test_outside_lambda_nothing_is_recorded(aws_environment):
    segment = segments(Tracer(auto_patch=False))
    model = ScriptedModel()
    with segment("answer", reference=ASKED.reference):
        answering(segment, model).answer(ASKED)
    assert len(model.prompts) == 1
