import logging

import pytest

from adapters.event_log import EventLog, evidence
from domain.command_words import Command
from domain.errors import ModelBusy, QuestionTooLong
from domain.requests import Question
from domain.turn_events import Answered, Condensed, CondensingFailed, Failed, Finished, Obeyed
from domain.usage import Usage

DOG = Question("T1", "C1", "1000.000001", "USAKURA", "犬の名前は?")
USAGE = Usage(sent=120, received=30, cached=100)


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
        (Answered(DOG, "T1/C1", USAGE, cut=False), "answered in T1/C1: 120 tokens sent (100 cached), 30 received"),
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
        (CondensingFailed(DOG, "T1/C1", ModelBusy("HTTP 429")), "could not condense T1/C1: ModelBusy: HTTP 429"),
        (
            Failed(DOG, "T1/C1", QuestionTooLong(9000, 4000), notified=True),
            "the person was told: QuestionTooLong: a question",
        ),
        (Failed(DOG, "T1/C1", ModelBusy("HTTP 429"), notified=False), "failed: ModelBusy: HTTP 429"),
    ],
)
def test_each_event_is_one_line_with_the_reference_and_without_what_was_said(caplog, event, line):
    text = logged(caplog, event)
    assert line in text
    assert DOG.reference in text
    assert len(caplog.records) == 1
    assert "犬" not in text


def test_what_people_write_is_logged_only_where_someone_turned_that_on(caplog):
    assert "犬の名前は?" in logged(caplog, Finished(DOG, "T1/C1"), texts=True)


def test_of_a_vendors_error_the_log_has_type_and_place_but_not_its_message():
    said = evidence(failure())
    assert said.startswith("ModelBusy: gpt: HTTP 429 ← ValueError failure:")
    assert "sk-secret" not in said
    assert "犬" not in said
