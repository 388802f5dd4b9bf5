import json
import logging

import pytest

from adapters.observability.event_log import EventLog
from adapters.observability.evidence import evidence
from adapters.observability.log_lines import OneLineJsonFormatter
from domain.commands.command_words import Command
from domain.correction.edits_and_deletions import Deletion, Edit, Redact
from domain.errors import ModelBusy, ModelCannotSee, QuestionTooLong, TooManyQuestions
from domain.requests import Question
from domain.spending.usage import Usage
from domain.timestamp import Timestamp
from domain.turn_events import (
    Answered,
    Condensed,
    CondensingFailed,
    Corrected,
    Failed,
    Finished,
    Obeyed,
    Redacted,
    SettingsChanged,
)

DOG = Question("T1", "C1", "1000.000001", "USAKURA", "犬の名前は?")
USAGE = Usage(sent=120, received=30, cached=100)
PARTS = ("T1", "C1", Timestamp("1000.000009"), "USAKURA")
EDIT = Edit(*PARTS, DOG, was="犬の名前は?")
DELETION = Deletion(*PARTS, DOG, was="犬の名前は?")


def logged(caplog, event, **settings) -> str:
    with caplog.at_level(logging.INFO):
        EventLog(**settings)(event)
    return caplog.text


def failure() -> Exception:
    """A vendor's error that quotes a secret and a text, translated at the boundary."""
    try:
        int("bad key sk-secret in prompt 犬の名前は?")
    except ValueError as error:
        busy = ModelBusy("gpt: HTTP 429")
        busy.__cause__ = error
        return busy
    raise AssertionError


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (
            Answered(DOG, "T1/C1", USAGE, cut=False, model="pochi-1", first_word=0.84, seconds=3.2),
            "USAKURA by pochi-1: first word after 0.8 s, last after 3.2 s, 120 tokens sent (100 cached), 30 received",
        ),
        (Answered(DOG, "T1/C1", USAGE, cut=True), "30 received, cut"),
        (Answered(DOG, "T1/C1", USAGE, cut=True, stopped=True), "30 received, stopped by the person"),
        (Finished(DOG, "T1/C1"), "was answered before"),
        (Obeyed(DOG, "T1/C1", Command.RESET), "asked T1/C1 for reset"),
        (Condensed(DOG, "T1/C1", 4, 700, 200, USAGE, added=2), "4 messages of 700 tokens, the summary has 200"),
        (Condensed(DOG, "T1/C1", 4, 700, 200, USAGE, added=2), "30 received; 2 notes added"),
        (Condensed(DOG, "T1/C1", 4, 700, 200, USAGE, merged=(3, 5), dropped=(7,)), "merged: 3, 5; dropped: 7"),
        (Condensed(DOG, "T1/C1", 4, 700, 200, USAGE, unknown=(99,), prose=True), "unknown: 99; in prose"),
        (Condensed(DOG, "T1/C1", 4, 700, 200, USAGE, gone=(1, 2)), "gone because of SUMMARY_TOKEN_LIMIT: 1, 2"),
        (
            Condensed(DOG, "T1/C1", 4, 700, 200, USAGE, overflow=3, shortened=1, cut=True),
            "3 new notes gone because of SUMMARY_TOKEN_LIMIT; 1 notes cut to whole sentences; the answer was cut",
        ),
        (Corrected(EDIT, "T1/C1"), "was edited: T1/C1 is changed"),
        (SettingsChanged(DOG, "T1/C1", ("model", "budget")), "USAKURA changed settings of C1: model, budget"),
        (Corrected(DELETION, "T1/C1"), "was deleted: T1/C1 is changed"),
        (CondensingFailed(DOG, "T1/C1", ModelBusy("429"), USAGE), "ModelBusy: 429; 120 tokens sent, 30 received"),
        (CondensingFailed(DOG, "T1/C1", ModelBusy("HTTP 429")), "could not condense T1/C1: ModelBusy: HTTP 429"),
        (
            Failed(DOG, "T1/C1", QuestionTooLong(9000, 4000), notified=True),
            "the person was told: QuestionTooLong: a question",
        ),
        (
            Failed(DOG, "T1/C1", ModelBusy("HTTP 429"), notified=False),
            f"failed: ModelBusy: HTTP 429; once that is mended: bot replay {DOG.reference}",
        ),
    ],
)
def test_each_event_is_one_line_with_the_reference_and_without_what_was_said(caplog, event, line):
    text = logged(caplog, event)
    assert line in text
    assert DOG.reference in text
    assert len(caplog.records) == 1
    assert "犬" not in text


@pytest.mark.parametrize("error", [QuestionTooLong(9000, 4000), ModelCannotSee("no pictures"), TooManyQuestions(5, 30)])
def test_what_is_no_dead_letter_cannot_be_replayed(caplog, error):
    assert "replay" not in logged(caplog, Failed(DOG, "T1/C1", error, notified=True))


def test_a_failure_that_the_queue_tries_again_is_left_to_the_queue(caplog):
    assert logged(caplog, Failed(DOG, "T1/C1", ModelBusy("HTTP 429"), notified=False, retried=True)) == ""


@pytest.mark.parametrize(
    ("event", "fields"),
    [
        (
            Answered(DOG, "T1/C1", USAGE, cut=False, model="pochi-1", first_word=0.84, seconds=3.2),
            {"event": "Answered", "model": "pochi-1", "first_word_seconds": 0.84, "seconds": 3.2}
            | {"sent": 120, "cached": 100, "received": 30},
        ),
        (
            Condensed(DOG, "T1/C1", 4, 700, 200, USAGE),
            {"event": "Condensed", "sent": 120, "cached": 100, "received": 30},
        ),
        (Failed(DOG, "T1/C1", ModelBusy("HTTP 429"), notified=True), {"event": "Failed", "error": "ModelBusy"}),
        (CondensingFailed(DOG, "T1/C1", ModelBusy("")), {"event": "CondensingFailed", "error": "ModelBusy"}),
        (Finished(DOG, "T1/C1"), {"event": "Finished"}),
    ],
)
def test_the_figures_are_fields_of_the_line_where_lines_are_json(caplog, event, fields):
    logged(caplog, event)
    line = json.loads(OneLineJsonFormatter().format(caplog.records[0]))
    whose = {"reference": DOG.reference, "conversation": "T1/C1", "person": "USAKURA"}
    assert line.items() >= (whose | fields).items()
    assert line.keys() - whose.keys() - fields.keys() == {"level", "message", "timestamp", "logger"}


def test_what_people_write_is_logged_only_where_someone_turned_that_on(caplog):
    assert "犬の名前は?" in logged(caplog, Finished(DOG, "T1/C1"), texts=True)


def test_of_a_vendors_error_the_log_has_type_and_place_but_not_its_message():
    said = evidence(failure())
    assert said.startswith("ModelBusy: gpt: HTTP 429 ← ValueError failure:")
    assert "sk-secret" not in said
    assert "犬" not in said


def test_a_redaction_is_one_line_with_what_it_cost(caplog):
    redact = Redact(*PARTS, "T1/C1")
    line = logged(caplog, Redacted(redact, "T1/C1", notes=3, changed=1, usage=USAGE))
    assert f"{redact.reference} redacted T1/C1: 1 of 3 notes changed; 120 tokens sent, 30 received" in line
