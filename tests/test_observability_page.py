"""The page on observability: its queries ask for what is logged, and its tables have what there is."""

import io
import re
from dataclasses import replace

import pytest

from adapters.observability.event_fields import fields_of
from adapters.observability.opentelemetry import attributes_of
from adapters.observability.powertools import metrics, structured_logger
from adapters.observability.tracing import CONVERSATIONS, LANGUAGE_MODEL, REPLIES, REPLY, RESOLVER
from adapters.observability.turn_metrics import Measured, MeasuredConversations
from domain import turn_events
from domain.conversations.conversation import Conversation
from domain.conversations.saving import Stored
from domain.errors import EmptyQuestion, ModelUnavailable
from domain.requests import Condense, Question
from domain.spending.usage import Usage
from tests.fakes import InMemoryConversations, spending
from tests.repository import ROOT

ASKED = Question("T1", "C1", "1000.000001", "USAKURA", "犬の名前は?")
ANSWERED = turn_events.Answered(ASKED, "T1/C1", Usage(1, 1, 1, 1), cut=False)
FAILED = turn_events.Failed(ASKED, "T1/C1", ModelUnavailable("away"), notified=True)
CONDENSED = turn_events.Condensed(Condense("T1", "C1", "1000.000001", "USAKURA", "T1/C1"), "T1/C1", 4, 9, 5, Usage())

OF_LAMBDA = {"@timestamp", "@type", "@duration", "@initDuration", "@maxMemoryUsed"}
"""Fields that Logs Insights finds in every line of a function, and in the REPORT at the end of an invocation."""

LANGUAGE = {
    *("filter", "stats", "fields", "sort", "limit", "by", "as", "and", "or", "like", "asc", "desc"),
    *("count", "sum", "avg", "max", "pct", "bin", "latest", "h", "d"),
}

each_page = pytest.mark.parametrize("page", ["docs/observability.md", "docs/ja/observability.md"])


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def queries(page: str) -> list[str]:
    return re.findall(r"^```logs\n(.*?)^```$", read(page), re.MULTILINE | re.DOTALL)


def first_cells(page: str, heading: int) -> set[str]:
    """The code in the first column of the tables of a section."""
    section = re.split(r"^## ", read(page), flags=re.MULTILINE)[heading]
    return {code for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE) for code in re.findall("`(.+?)`", row)}


def logged(monkeypatch) -> set[str]:
    """The fields of a line on AWS."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "worker")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1")
    logger = structured_logger()
    written = io.StringIO()
    monkeypatch.setattr(logger.logger_handler, "stream", written)
    logger.info("hello")
    own = set(re.findall(r'"(\w+)":', written.getvalue()))
    return own.union(*map(fields_of, (ANSWERED, FAILED, CONDENSED)))


@each_page
def test_every_query_asks_for_fields_that_are_logged(page, monkeypatch):
    known = logged(monkeypatch) | OF_LAMBDA
    assert len(queries(page)) > 8
    for query in queries(page):
        bare = re.sub(r'"[^"]*"', "", query)
        given = set(re.findall(r"\bas (\w+)", bare))
        named = set(re.findall(r"@?\b[A-Za-z_]\w*", bare)) - LANGUAGE - given
        assert named <= known, query


@each_page
def test_every_event_that_a_query_looks_for_is_one(page):
    events = set(re.findall(r'event = "(\w+)"', "".join(queries(page))))
    assert {"Answered", "Failed", "Condensed"} <= events
    assert all(hasattr(turn_events, event) for event in events)


def test_the_queries_are_the_same_in_both_languages():
    assert queries("docs/observability.md") == queries("docs/ja/observability.md")


@each_page
def test_every_part_of_a_trace_is_explained(page):
    parts = {name for names in (CONVERSATIONS, LANGUAGE_MODEL, RESOLVER, REPLY, REPLIES) for name in names.values()}
    assert first_cells(page, 5) == parts


@each_page
def test_every_metric_is_one_that_is_counted(page, capsys):
    measures = metrics()
    measured = Measured(measures, lambda _: None)
    lossy = replace(CONDENSED, gone=(1,))
    too_long = replace(FAILED, error=EmptyQuestion("what?"))
    for event in (replace(ANSWERED, first_word=0.8), FAILED, too_long, lossy):
        measured(event)
    stored = Stored(Conversation(), 0)
    priced = spending(100, at=0.0, money=1)
    MeasuredConversations(InMemoryConversations(), measures).save("T1/C1", stored, priced)
    counted = set(measures.metric_set) | set(re.findall(r'"Name":"(\w+)"', capsys.readouterr().out))
    measures.clear_metrics()
    told = first_cells(page, 6)
    assert counted <= told
    assert all(name in counted or hasattr(turn_events, name) for name in told)


@each_page
def test_every_attribute_of_a_span_is_explained(page):
    sent = attributes_of(ANSWERED, "m").keys() | attributes_of(FAILED, "m").keys()
    assert first_cells(page, 7) == sent
