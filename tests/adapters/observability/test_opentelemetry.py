"""A turn becomes a span at an OpenTelemetry collector, which is a server on loopback here."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from adapters.observability.opentelemetry import PAUSE, Exported
from bench.ports import free_port
from domain.errors import ModelUnavailable
from domain.requests import Question
from domain.spending.usage import Usage
from domain.turn_events import Answered, Failed, Obeyed
from entrypoints.configuration.settings import Settings
from entrypoints.wiring.containers import exported as wired

ASKED = Question("T1", "C1", "1000.000001", "USAKURA", "犬の名前は?")
USAGE = Usage(sent=812, received=95, cached=700, turns=1)
ANSWERED = Answered(ASKED, "T1/C1", USAGE, cut=False,
                    model="gpt-5.4-mini", first_word=0.8, seconds=3.2)  # fmt: skip
FAILED = Failed(ASKED, "T1/C1", ModelUnavailable("ポチの秘密"), notified=True)


class Collector:
    """Takes what is posted, and answers with this status."""

    def __init__(self) -> None:
        self.status = 200
        self.posted: list[tuple[str, dict[str, str], dict]] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                collector.posted.append((self.path, dict(self.headers), body))
                self.send_response(collector.status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}"

    @contextmanager
    def running(self) -> Iterator["Collector"]:
        thread = Thread(target=self.server.serve_forever, args=(0.01,))
        thread.start()
        yield self
        self.server.shutdown()
        thread.join()
        self.server.server_close()

    def span(self) -> dict:
        (resource,) = self.posted[-1][2]["resourceSpans"]
        ((span,),) = [scope["spans"] for scope in resource["scopeSpans"]]
        return span

    def attributes(self) -> dict[str, str | int | float]:
        read = {"stringValue": str, "intValue": int, "doubleValue": float}
        values = ((each["key"], *next(iter(each["value"].items()))) for each in self.span()["attributes"])
        return {key: read[kind](value) for key, kind, value in values}


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector().running() as collector:
        yield collector


def exported(endpoint: str, clock, reported: list, headers: str = "", **environment: str) -> Exported:
    return Exported(
        reported.append, endpoint=endpoint, headers=headers, model="gpt-5.4-mini", clock=clock, environment=environment
    )


def test_an_answered_turn_is_a_span_with_the_names_of_the_conventions(collector, clock):
    reported = []
    exported(collector.endpoint + "/", clock, reported)(ANSWERED)
    assert reported == [ANSWERED]
    assert collector.posted[0][0] == "/v1/traces"
    assert (collector.span()["name"], collector.span()["kind"]) == ("chat gpt-5.4-mini", 3)
    assert collector.attributes() == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-5.4-mini",
        "gen_ai.conversation.id": "T1/C1",
        "slack_gpt.reference": ASKED.reference,
        "gen_ai.response.time_to_first_chunk": 0.8,
        "gen_ai.usage.input_tokens": 812,
        "gen_ai.usage.cache_read.input_tokens": 700,
        "gen_ai.usage.output_tokens": 95,
    }


def test_a_span_has_its_times_in_nanoseconds_and_ids_of_the_right_length(collector, clock):
    exported(collector.endpoint, clock, [])(ANSWERED)
    span = collector.span()
    end = int(span["endTimeUnixNano"])
    assert (end, end - int(span["startTimeUnixNano"])) == (round(clock() * 1e9), 3_200_000_000)
    assert (len(span["traceId"]), len(span["spanId"])) == (32, 16)


def test_on_lambda_the_trace_is_that_of_x_ray(collector, clock):
    header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
    exported(collector.endpoint, clock, [], _X_AMZN_TRACE_ID=header)(ANSWERED)
    assert collector.span()["traceId"] == "5759e988bd862e3fe1be46a994272793"


def test_a_failed_turn_names_the_error_and_nothing_that_people_wrote(collector, clock):
    exported(collector.endpoint, clock, [])(FAILED)
    assert collector.span()["status"] == {"code": 2}
    assert collector.attributes()["error.type"] == "ModelUnavailable"
    assert "ポチ" not in json.dumps(collector.posted[0][2], ensure_ascii=False)
    assert "犬" not in json.dumps(collector.posted[0][2], ensure_ascii=False)


def test_headers_and_the_services_name_are_those_of_the_environment(collector, clock):
    headers = "authorization=Bearer%20pochi, x-dog = pochi"
    exported(collector.endpoint, clock, [], headers, OTEL_SERVICE_NAME="dogs")(ANSWERED)
    _, sent, document = collector.posted[0]
    assert {name.lower(): value for name, value in sent.items()}["authorization"] == "Bearer pochi"
    assert document["resourceSpans"][0]["resource"]["attributes"][0]["value"] == {"stringValue": "dogs"}


def test_what_is_no_turn_is_passed_on_alone(collector, clock):
    reported = []
    other = Obeyed(ASKED, "T1/C1", command=None)
    exported(collector.endpoint, clock, reported)(other)
    assert (reported, collector.posted) == ([other], [])


def test_a_collector_that_refuses_is_left_alone_for_a_minute(collector, clock, caplog):
    collector.status = 503
    send = exported(collector.endpoint, clock, [])
    send(ANSWERED)
    send(ANSWERED)
    assert len(collector.posted) == 1
    assert "for a minute none is sent: status 503" in caplog.text
    collector.status = 200
    clock.pass_by(PAUSE)
    send(ANSWERED)
    assert len(collector.posted) == 2


def test_a_collector_that_is_away_fails_no_turn(clock, caplog):
    reported = []
    with caplog.at_level(logging.WARNING):
        exported(f"http://127.0.0.1:{free_port()}", clock, reported)(ANSWERED)
    assert reported == [ANSWERED]
    assert "ConnectionRefusedError" in caplog.text


def test_only_where_an_endpoint_is_set_turns_are_sent(collector, clock):
    reported = []
    assert wired(Settings(), reported.append) == reported.append
    report = wired(Settings(otel_exporter_otlp_endpoint=collector.endpoint), reported.append)
    report(FAILED)
    assert (reported, collector.span()["name"]) == ([FAILED], "chat gpt-5.4-mini")
