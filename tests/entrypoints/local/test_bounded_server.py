"""Strangers at the port of one machine: real connections that are silent, slow, many or gone."""

import logging
import resource
import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from slack_sdk.signature import SignatureVerifier

from adapters.slack.receiving.endpoint import EventsEndpoint
from domain.conversations.place import Scope
from entrypoints.local import bounded_server, early_answers
from entrypoints.local.application import application
from entrypoints.local.bounded_server import BoundedServer, RepeatedLines
from tests.conftest import Clock
from tests.stand_ins import SOON

SECRET = "own-secret"
BODY = b'{"type":"url_verification","challenge":"\xe3\x83\x9d\xe3\x83\x81"}'
PART = b" " * 100_000
"""A part of a long body."""


class Queue:
    def put(self, request, group) -> bool:
        return True


class Health:
    routes = ()


@pytest.fixture
def port(clock: Clock) -> Iterator[Callable[[], int]]:
    """Serves the events endpoint; returns its port."""
    with ExitStack() as running:

        def begin() -> int:
            endpoint = EventsEndpoint(signing_secret=SECRET, queue=Queue(), scope=Scope.THREAD, clock=clock)
            server = BoundedServer(application(endpoint, Health(), None))
            listener = socket.create_server(("127.0.0.1", 0), backlog=bounded_server.BACKLOG)
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
            thread.start()
            running.callback(thread.join, SOON)
            running.callback(setattr, server, "should_exit", True)
            return listener.getsockname()[1]

        yield begin


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=SOON)


def head(clock: Clock, **changed: str) -> bytes:
    timestamp = str(int(clock()))
    headers = {
        "Host": "bot",
        "Content-Length": str(len(BODY)),
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=BODY),
    } | {name.replace("_", "-"): value for name, value in changed.items()}
    return "".join(["POST /events HTTP/1.1\r\n", *(f"{n}: {v}\r\n" for n, v in headers.items() if v), "\r\n"]).encode()


def status(connection: socket.socket) -> int:
    return int(connection.recv(4_096).split()[1])


def test_a_connection_that_says_nothing_is_closed(port, monkeypatch):
    monkeypatch.setattr(bounded_server, "REQUEST_SECONDS", 0.05)
    with connected(port()) as silent:
        assert ended(silent)


def test_a_request_that_never_ends_is_closed(port, clock, monkeypatch, caplog):
    monkeypatch.setattr(bounded_server, "REQUEST_SECONDS", 0.05)
    number = port()
    for beginning in (b"POST /events HT", head(clock), head(clock) + BODY[:9]):
        with connected(number) as slow:
            slow.sendall(beginning)
            assert ended(slow)
    assert "Traceback" not in caplog.text


def ended(connection: socket.socket) -> bool:
    """Has the other side closed, with whatever words?"""
    try:
        while connection.recv(4_096):
            pass
    except ConnectionResetError:
        pass
    return True


def test_hundreds_of_idle_connections_cost_no_signed_event(port, clock):
    number = port()
    with ExitStack() as held:
        idle = [held.enter_context(connected(number)) for _ in range(300)]
        with connected(number) as slack:
            slack.sendall(head(clock) + BODY)
            assert status(slack) == 200
        assert ended(idle[0]), "the oldest made room"


def test_files_do_not_run_out(port, clock):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        protocol = BoundedServer(application(None, Health(), None)).config.http
        assert protocol.most * bounded_server.FILES_A_CONNECTION <= resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({"X_Slack_Signature": ""}, 401),
        ({"X_Slack_Request_Timestamp": ""}, 401),
        ({"X_Slack_Request_Timestamp": "1"}, 401),
        ({"X_Slack_Request_Timestamp": "9" * 400}, 401),
        ({"Content_Length": "1000001"}, 413),
    ],
)
def test_a_body_is_not_awaited_where_the_headers_rule_it_out(port, clock, monkeypatch, changed, refused):
    monkeypatch.setattr(bounded_server, "REQUEST_SECONDS", 0.5)
    with connected(port()) as stranger:
        stranger.sendall(head(clock, **changed))
        assert status(stranger) == refused
        assert ended(stranger)


@pytest.mark.parametrize("connection", ["close", "keep-alive"])
@pytest.mark.parametrize(("parts", "signature", "refused"), [(9, "", 401), (20, "v0=1", 413)])
def test_a_client_that_writes_everything_before_it_reads_gets_its_early_answer(
    port, clock, parts, signature, refused, connection
):
    number, length = port(), str(parts * len(PART))
    with connected(number) as client, connected(number) as slack:
        client.sendall(head(clock, Content_Length=length, X_Slack_Signature=signature, Connection=connection))
        assert has_answer(client)
        slack.sendall(head(clock) + BODY)
        assert status(slack) == 200, "whatever the server did about the first connection is done"
        for _ in range(parts):
            client.sendall(PART)
        assert status(client) == refused


def test_of_a_body_without_end_only_so_much_is_thrown_away(port, clock, monkeypatch):
    monkeypatch.setattr(early_answers, "REST_LIMIT", 3 * len(PART))
    with connected(port()) as stranger:
        stranger.sendall(head(clock, Content_Length="9" * 12, Connection="close"))
        with pytest.raises(ConnectionError):
            stranger.sendall(PART * 1_000)


def has_answer(connection: socket.socket) -> bool:
    """Waits until the answer has begun to arrive, and leaves it unread."""
    return bool(select.select([connection], [], [], SOON)[0])


def test_whoever_hangs_up_leaves_no_traceback(port, clock, caplog):
    number = port()
    with connected(number) as rude:
        rude.sendall(head(clock) + BODY[:9])
    with connected(number) as slack:
        slack.sendall(head(clock) + BODY)
        assert status(slack) == 200
    assert "Traceback" not in caplog.text
    assert "Exception in ASGI" not in caplog.text


def test_strangers_write_no_log_without_end(clock):
    lines = RepeatedLines(clock)
    written = []
    for number in range(1_000):
        record = logging.LogRecord("x", logging.WARNING, "", 0, "dropped a request: %d bytes", (number,), None)
        if lines.filter(record):
            written.append(record.getMessage())
    assert len(written) == bounded_server.LINES
    clock.pass_by(bounded_server.LINES_SECONDS)
    record = logging.LogRecord("x", logging.WARNING, "", 0, "dropped a request: %d bytes", (7,), None)
    assert lines.filter(record)
    assert record.getMessage() == "dropped a request: 7 bytes (and 980 lines like it before)"
