"""Counts of what is reported, as CloudWatch's embedded metrics."""

import json

import pytest

from adapters.powertools import Measured, metrics
from domain.command_words import Command
from domain.errors import ModelUnavailable
from domain.requests import Question
from domain.turn_events import Answered, Condensed, CondensingFailed, Event, Failed, Finished, Obeyed
from domain.usage import Usage

ASKED = Question("T1", "C1", "1000.000001", "U1", "私の秘密")
USAGE = Usage(sent=20, received=8, cached=5)
DOWN = ModelUnavailable("down")


def told(capsys, *events: Event) -> dict:
    counted = metrics()
    passed_on: list[Event] = []
    report = Measured(counted, passed_on.append)
    for event in events:
        report(event)
    assert passed_on == list(events)
    counted.flush_metrics()
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("event", "numbers"),
    [
        (
            Answered(ASKED, "T1/C1", USAGE, False),
            {"Answered": 1, "TokensSent": 20, "TokensReceived": 8, "TokensCached": 5},
        ),
        (
            Condensed(ASKED, "T1/C1", 4, 90, 30, USAGE),
            {"Condensed": 1, "TokensSent": 20, "TokensReceived": 8, "TokensCached": 5},
        ),
        (
            Condensed(ASKED, "T1/C1", 4, 90, 30, USAGE, gone=(1, 2), overflow=1),
            {"Condensed": 1, "TokensSent": 20, "TokensReceived": 8, "TokensCached": 5, "NotesGone": 3},
        ),
        (Finished(ASKED, "T1/C1"), {"Finished": 1}),
        (Obeyed(ASKED, "T1/C1", Command.MEMORY), {"Obeyed": 1}),
        (Failed(ASKED, "T1/C1", DOWN, True), {"Failed": 1}),
        (CondensingFailed(ASKED, "T1/C1", DOWN), {"CondensingFailed": 1}),
        (
            CondensingFailed(ASKED, "T1/C1", DOWN, USAGE),
            {"CondensingFailed": 1, "TokensSent": 20, "TokensReceived": 8, "TokensCached": 5},
        ),
    ],
)
def test_each_event_is_counted_under_its_name_with_the_tokens_it_cost(aws_environment, capsys, event, numbers):
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
