"""Counts of what is reported, as CloudWatch's embedded metrics."""

import json
import re
from dataclasses import replace

import pytest

from adapters.observability.powertools import metrics
from adapters.observability.turn_metrics import Measured, MeasuredConversations
from domain.commands.command_words import Command
from domain.errors import Conflict, ModelRefused, ModelUnavailable
from domain.requests import Question
from domain.spending.ledger import Charge, Kind
from domain.spending.usage import Usage
from domain.turn_events import Answered, Condensed, CondensingFailed, Event, Failed, Finished, Obeyed
from tests.fakes import InMemoryConversations
from tests.repository import ROOT

ASKED = Question("T1", "C1", "1000.000001", "U1", "私の秘密")
USAGE = Usage(sent=20, received=8, cached=5)
DOWN = ModelUnavailable("down")
STATISTICS = {"Sum", "GreaterThanThreshold"}


def told(capsys, *events: Event) -> dict:
    counted = metrics()
    passed_on: list[Event] = []
    report = Measured(counted, passed_on.append)
    for event in events:
        report(event)
    assert passed_on == list(events)
    counted.flush_metrics()
    return json.loads(capsys.readouterr().out.splitlines()[-1])


@pytest.mark.parametrize(
    ("event", "numbers"),
    [
        (
            Answered(ASKED, "T1/C1", USAGE, False, first_word=1.5),
            {"Answered": 1, "FirstWord": 1.5},
        ),
        (
            Condensed(ASKED, "T1/C1", 4, 90, 30, USAGE),
            {"Condensed": 1},
        ),
        (
            Condensed(ASKED, "T1/C1", 4, 90, 30, USAGE, gone=(1, 2), overflow=1),
            {"Condensed": 1, "NotesGone": 3},
        ),
        (Answered(ASKED, "T1/C1", USAGE, True, stopped=True), {"Answered": 1}),
        (Finished(ASKED, "T1/C1"), {"Finished": 1}),
        (Obeyed(ASKED, "T1/C1", Command.MEMORY), {"Obeyed": 1}),
        (Failed(ASKED, "T1/C1", DOWN, True), {"Failed": 1}),
        (Failed(ASKED, "T1/C1", ModelRefused("filtered"), True), {"Failed": 1, "Refused": 1}),
        (CondensingFailed(ASKED, "T1/C1", DOWN), {"CondensingFailed": 1}),
        (
            CondensingFailed(ASKED, "T1/C1", DOWN, USAGE),
            {"CondensingFailed": 1},
        ),
    ],
)
def test_each_event_is_counted_under_its_name(aws_environment, capsys, event, numbers):
    blob = told(capsys, event)
    assert {name: value for name, value in blob.items() if isinstance(value, list)} == {
        name: [number] for name, number in numbers.items()
    }


def test_metrics_never_hold_what_was_said(aws_environment, capsys):
    assert "秘密" not in json.dumps(told(capsys, Failed(ASKED, "T1/C1", DOWN, True)), ensure_ascii=False)


def test_the_deployment_names_the_namespace_and_the_service(aws_environment, capsys):
    aws_environment.setenv("POWERTOOLS_METRICS_NAMESPACE", "my-bot")
    aws_environment.setenv("POWERTOOLS_SERVICE_NAME", "worker")
    blob = told(capsys, Finished(ASKED, "T1/C1"))
    assert blob["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "my-bot"
    assert blob["service"] == "worker"


def test_metrics_without_a_namespace_do_not_fail_an_answer(aws_environment, capsys):
    aws_environment.delenv("POWERTOOLS_METRICS_NAMESPACE", raising=False)
    # A metric that fails would have the answer given twice.
    assert told(capsys, Finished(ASKED, "T1/C1"))["Finished"] == [1.0]


CHARGE = Charge(
    request=ASKED.identity,
    kind=Kind.ANSWER,
    team="T1",
    channel="C1",
    person="U1",
    model="gpt-5.4-mini",
    usage=USAGE,
    at=1_795_800_000.0,
    money=21_300,
)


def measured(capsys, *charges: Charge | None) -> list[dict]:
    """The documents of saving so many times, the last of which has no model."""
    counted = metrics()
    conversations = MeasuredConversations(InMemoryConversations(), counted)
    stored = conversations.load("T1/C1", ASKED.ts, ASKED)
    for charge in charges:
        stored = conversations.save("T1/C1", stored, charge)
    counted.flush_metrics()
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def figures(blob: dict) -> dict[str, list[float]]:
    return {name: value for name, value in blob.items() if isinstance(value, list)}


def test_what_is_charged_is_measured_in_all_and_by_model(aws_environment, capsys):
    aws_environment.setenv("POWERTOOLS_SERVICE_NAME", "worker")
    condensed = replace(CHARGE, kind=Kind.CONDENSATION, model="gpt-5.4-nano", usage=Usage(7, 3), money=None)
    mini, nano, both = measured(capsys, CHARGE, None, condensed)
    assert (mini["model"], mini["service"]) == ("gpt-5.4-mini", "worker")
    assert figures(mini) == {"TokensSent": [20], "TokensReceived": [8], "Money": [0.0213]}
    assert nano["model"] == "gpt-5.4-nano"
    assert figures(nano) == {"TokensSent": [7], "TokensReceived": [3]}
    assert "model" not in both
    assert figures(both) == {"TokensSent": [20, 7], "TokensReceived": [8, 3], "TokensCached": [5, 0]}
    (emitted,) = mini["_aws"]["CloudWatchMetrics"]
    assert [set(each) for each in emitted["Dimensions"]] == [{"model", "service"}]


def test_what_is_not_saved_is_not_measured(aws_environment, capsys):
    conversations = MeasuredConversations(InMemoryConversations(), metrics())
    old = conversations.load("T1/C1", ASKED.ts, ASKED)
    conversations.save("T1/C1", old)
    with pytest.raises(Conflict):
        conversations.save("T1/C1", old, CHARGE)
    assert capsys.readouterr().out == ""


def test_the_dashboard_and_the_alarm_read_metrics_that_are_emitted(aws_environment, capsys):
    events = (
        Answered(ASKED, "T1/C1", USAGE, False, first_word=1.5),
        Condensed(ASKED, "T1/C1", 4, 90, 30, USAGE),
        CondensingFailed(ASKED, "T1/C1", DOWN),
        Failed(ASKED, "T1/C1", ModelRefused("filtered"), True),
    )
    emitted = {*told(capsys, *events), *(name for blob in measured(capsys, CHARGE) for name in figures(blob))}
    text = (ROOT / "terraform/modules/observability/usage.tf").read_text(encoding="utf-8")
    named = {name for name in re.findall(r'"([A-Z][A-Za-z]+)"', text) if name not in STATISTICS}
    assert named == {
        "TokensSent",
        "TokensReceived",
        "TokensCached",
        "Money",
        "FirstWord",
        "Condensed",
        "CondensingFailed",
        "Answered",
        "Refused",
    }
    assert named <= emitted
