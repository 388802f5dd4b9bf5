"""At least 50,000 made-up requests at the events endpoint, directly and as API Gateway's events.

Whatever comes: one of four statuses and no exception, nothing in the queue that was not signed, nothing
but well-formed questions, votes and visits in it, and no more work or words than the request itself is long.
"""

import base64
import copy
import hashlib
import hmac
import io
import json
import logging
import pickle
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.serialization import request_records
from adapters.slack.payloads.files import FILES
from adapters.slack.payloads.quotes import QUOTES, QUOTES_LIMIT
from adapters.slack.receiving.changes import WAS_LIMIT
from adapters.slack.receiving.endpoint import BODY_LIMIT, FORM, EventsEndpoint, Response
from domain.conversations.place import Scope
from domain.correction.edits_and_deletions import Deletion, Edit
from domain.requests import Question, Stop, Tab, Visit, Vote
from entrypoints import lambda_events
from entrypoints.configuration.events_settings import EventsSettings
from entrypoints.wiring.events_endpoint import events_endpoint
from tests.adapters.slack import payloads
from tests.entrypoints.conftest import SECRET
from tests.lambda_context import lambda_context

EVENTS, FORMS, HEADERS, BODIES = 6_000, 4_000, 1_000, 4_000
"""Made-up requests of each kind. Every wrong header that has a name here is tried in every combination besides."""

AT_ONCE = 4
"""Requests of one example: Hypothesis takes longer for a change than the endpoints take for the request that it makes.
So each change is made in several payloads, or in several places of one."""

LEAST = {"events": 5 * EVENTS, "forms": 6 * FORMS, "headers": 2 * HEADERS, "bodies": 4 * BODIES}
"""Requests that come of them: each test sends what it makes to several endpoints, and counts what it has sent."""

BOT = "U0LAN0Z89"
ID = re.compile(r"[A-Z0-9]{1,32}")
TS = re.compile(r"[0-9]{1,12}\.[0-9]{1,8}")
IDENTITY = re.compile(f"{ID.pattern}/{ID.pattern}/{TS.pattern}")
pytestmark = pytest.mark.no_cover  # which would take a third more time; other tests run the same code

SQS_ID = re.compile(r"[A-Za-z0-9!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~]{1,128}")


def many(examples: int) -> settings:
    return settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_fifty_thousand_requests_are_sent():
    assert sum(LEAST.values()) >= 50_000


@dataclass(frozen=True)
class Request:
    headers: Mapping[str, str]
    body: bytes
    signed: bool

    @property
    def as_form(self) -> "Request":
        return Request({**self.headers, "Content-Type": FORM}, self.body, self.signed)


def signed(body: bytes, timestamp: int, case: str = "X-Slack-{}") -> Request:
    return Request(headers_for(body, str(timestamp), signature_of(body, str(timestamp)), case), body, signed=True)


def signature_of(body: bytes, timestamp: str, secret: str = SECRET) -> str:
    """Slack's signature, also of bytes that Slack would never send."""
    return "v0=" + hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()


def headers_for(body: bytes, timestamp: str, signature: str, case: str = "X-Slack-{}") -> dict[str, str]:
    return {case.format("Request-Timestamp"): timestamp, case.format("Signature"): signature}


class Queue:
    """Takes everything, and deduplicates nothing."""

    def __init__(self) -> None:
        self.requests: list[tuple[Question | Vote | Visit, str]] = []

    def put(self, request: Question | Vote | Visit, group: str) -> bool:
        self.requests.append((request, group))
        return True


class Log(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


class Endpoints:
    """Endpoints of every kind, whose every response is checked. ``requests`` counts what was sent."""

    def __init__(self, clock, log: Log, printed: io.StringIO) -> None:
        self._printed = printed
        self.now = int(clock())
        self.requests = 0
        self.asked = 0
        self._log = log
        self._queue = Queue()

        def endpoint(**changed: object) -> EventsEndpoint:
            return EventsEndpoint(
                **{"signing_secret": SECRET, "queue": self._queue, "scope": Scope.THREAD, "clock": clock} | changed
            )

        self.plain = endpoint()
        self.every_kind = (
            self.plain,
            endpoint(scope=Scope.CHANNEL, bot=BOT),
            endpoint(teams={"T061EG9R6"}, channels={"C0LAN2Q65", "D024BE91L"}, bot=BOT, agent_view=True),
        )
        self.by_gateway = events_endpoint(
            EventsSettings(slack_bot_user_id=BOT), self._queue, clock=clock, signing_secret=SECRET, agent_view=True
        )

    def post(self, request: Request, endpoint: EventsEndpoint | None = None) -> Response:
        return self._checked(request, lambda: (endpoint or self.plain).receive(request.headers, request.body))

    def accept(self, accept: Callable[[object], None], payload: object, size: int) -> None:
        """A payload by Socket Mode, which may hold anything that JSON can."""
        self._checked(Request({}, b" " * size, signed=True), lambda: accept(payload) or Response(200, ""))

    def post_by_gateway(self, request: Request, body: object, *, encoded: bool) -> Response:
        """``request`` as the function gets it, with its body as text or in base64."""

        def call() -> Response:
            answer = lambda_events.handler(
                {
                    "version": "2.0",
                    "headers": {name.lower(): value for name, value in request.headers.items()},
                    "requestContext": {"requestId": "JKJaXmPLvHcESHA="},
                    "body": body,
                    "isBase64Encoded": encoded,
                },
                lambda_context("events"),
            )
            return Response(answer["statusCode"], answer["body"])

        return self._checked(request, call)

    def _checked(self, sent: Request, call: Callable[[], Response]) -> Response:
        self.requests += 1
        self._log.lines.clear()
        self._queue.requests.clear()
        response = call()
        assert response.status in {200, 400, 401, 413}
        if not sent.signed:
            assert response.status != 200
        if response.status != 200 or not sent.signed:
            assert not self._queue.requests
            assert response.body == "{}"
        if response.body or sent.headers.get("Content-Type") != FORM:
            assert set(json.loads(response.body or "{}")) <= {"challenge"}
        assert len(response.body) <= 6 * len(sent.body) + 100
        self._log.lines += self._printed.getvalue().splitlines()
        self._printed.seek(0)
        self._printed.truncate()
        assert len(self._log.lines) <= 1
        assert all(len(line) <= 500 for line in self._log.lines)
        assert len(self._queue.requests) <= 1
        for request, conversation in self._queue.requests:
            self.asked += 1
            assert_well_formed(request, conversation, len(sent.body))
        return response


def assert_well_formed(request: Question | Vote | Visit, conversation: str, size: int) -> None:
    assert all(ID.fullmatch(each) for each in (request.team, request.channel, request.person))
    assert TS.fullmatch(request.ts)
    record = request_records.request_to_json(request)
    assert request_records.request_from_json(record, "here") == request
    # Markdown of a table and the escapes of what was typed are longer than Slack's own JSON, within a bound.
    assert len(record.encode()) <= 2 * size + min(4 * size, 4 * QUOTES_LIMIT) + 4_000
    assert SQS_ID.fullmatch(request.identity)
    assert SQS_ID.fullmatch(conversation)
    match request:
        case Question():
            assert_well_asked(request, conversation, size)
        case Edit() | Deletion():
            assert conversation.startswith(f"changes/{request.team}/{request.channel}")
            assert_well_asked(request.post, conversation.removeprefix("changes/"), size)
            assert len(request.was) <= WAS_LIMIT
            assert type(request.own) is bool
        case Vote():
            assert conversation == f"votes/{request.team}/{request.channel}"
            assert IDENTITY.fullmatch(request.question)
            assert request.question.startswith(f"{request.team}/")
            assert type(request.good) is bool
        case Visit():
            assert conversation == f"visits/{request.team}/{request.person}"
            assert isinstance(request.tab, Tab)
        case Stop():
            assert conversation == f"stops/{request.where}"
            assert TS.fullmatch(request.thread)
        case _:
            raise AssertionError(request)


def assert_well_asked(question: Question, conversation: str, size: int) -> None:
    assert TS.fullmatch(question.thread or question.ts)
    assert {type(each) for each in (question.direct, question.addressed, question.private)} == {bool}
    assert len(question.text.encode()) <= 6 * size
    assert len(question.quotes) <= QUOTES
    assert sum(len(each.text) for each in question.quotes) <= QUOTES_LIMIT
    assert all(each.text and len(each.author) <= 200 for each in question.quotes)
    assert ID.fullmatch(question.person_team or question.team)
    assert len(question.respond_to) <= 500
    assert len(question.files) <= FILES
    for file in question.files:
        assert 0 < len(file.name) <= 200
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", file.name + file.media_type)
        assert len(file.media_type) <= 200
        assert type(file.size) is int
        assert file.size >= 0
        assert len(file.url) <= 2_000
        assert re.match(r"https?://|$", file.url)
        assert ID.fullmatch(file.id or "F1")
    assert conversation.startswith(f"{question.team}/{question.channel}")


@pytest.fixture
def endpoints(clock, monkeypatch) -> Endpoints:
    log = Log()
    logger = logging.Logger("endpoint", logging.INFO)  # of its own, or pytest would keep every line
    logger.addHandler(log)
    monkeypatch.setattr("adapters.slack.receiving.endpoint.logger", logger)
    printed = io.StringIO()
    monkeypatch.setattr(lambda_events.logger.logger_handler, "stream", printed)
    endpoints = Endpoints(clock, log, printed)
    monkeypatch.setattr(lambda_events, "current", lambda: endpoints.by_gateway)
    return endpoints


# What Slack really sends, to be changed.

MENTION = payloads.event_callback()
REAL = (
    MENTION,
    payloads.message(),
    payloads.message(thread_ts="1515449000.000001", text="散歩は?"),
    payloads.message(channel_type="im", channel="D024BE91L", text="散歩は?"),
    payloads.shared(
        payloads.HOSTED, payloads.HOSTED | {"mode": "external"}, channel_type="im", channel="D024BE91L", text=""
    ),
    payloads.event_callback(subtype="message_changed", message=MENTION["event"], hidden=True),
    payloads.opened(),
    payloads.opened(tab="messages"),
    payloads.STOPPED,
    payloads.event_callback(
        attachments=[payloads.FORWARDED | {"attachments": [payloads.ALERT]}, payloads.attached_table()],
        blocks=[payloads.rich_text("犬は?"), payloads.TABLE],
    ),
    payloads.event_callback(team="TEXT", user_team="TEXT") | {"is_ext_shared_channel": True},
    payloads.changed(),
    payloads.deleted(),
    {"type": "url_verification", "token": "ZZZZZZWSxiZZZ2yIvs3peJ", "challenge": "3eZbrw1aBm2rZgRN"},
)
COMMAND = payloads.slash()
INTERACTIONS = (
    payloads.shortcut(),
    payloads.shortcut(channel={"id": "D024BE91L", "name": "directmessage"}, message={"thread_ts": "1515449000.000001"}),
    payloads.press(),
    {"type": "view_submission", "team": {"id": "T061EG9R6"}, "user": payloads.PERSON, "view": {"id": "V1"}},
)
ABSENT = tuple(
    ("event", name) for name in ("thread_ts", "subtype", "bot_id", "edited", "channel_type", "files", "attachments")
)
"""Places that are empty in most events."""


def places_in(value: object, *way: object) -> Iterator[tuple]:
    """Everywhere inside."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield (*way, key)
        yield from places_in(inner, *way, key)


def nested(depth: int, inner: object = 7, *, by_object: bool = False) -> object:
    for _ in range(depth):
        inner = {"event": inner} if by_object else [inner]
    return inner


ODD = (
    None, True, False, 0, -1, 7, 1e308, 2**63, 10**400, float("nan"), float("inf"), -0.0,
    "", " ", "\0", "\0" * 50, "\ud800", "\udfff\ud800", "\U0010ffff", "\ufeff", "\ufffe\uffff", "\u202e", "犬" * 9,
    "x" * 9_000, "&#" + "9" * 5_000 + ";", "&#x" + "f" * 5_000, "&amp;" * 900, "<@" * 900, f"<@{BOT}>" * 900, " " * 999,
    "T061EG9R6", BOT, "U" * 33, "u061f7aur", "C0LAN2Q65\n", "../../etc/passwd", "C1/C2", "T１", "${jndi:ldap://x}",
    "1515449522.000016", "1515449522", "1e9.0", "-1.0", "１５１５.０", "9" * 13 + ".1", "0.0", "1.1\n", "1" * 5_000,
    "app_mention", "message", "event_callback", "url_verification", "im", "me_message", "thread_broadcast",
    [], {}, [[]], {"": {}}, [None], nested(30), nested(300, by_object=True), ["app_mention"], {"type": "message"},
)  # fmt: skip
"""Values that have broken some parser, and some that are right in another place."""

values = st.one_of(
    st.sampled_from(ODD),
    st.text(max_size=30),
    st.text(st.characters(codec=None), max_size=10),
    st.integers() | st.floats(),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=6,
    ),
)


def mutations_of(*payloads: dict) -> st.SearchStrategy[list[dict]]:
    """As many payloads as an example has, with the same changes at places of their own."""
    pickled = [pickle.dumps(each) for each in payloads]  # a copy of it is several times faster than a deep copy
    places = [[*places_in(each), *(ABSENT if "event" in each else ())] for each in payloads]

    def mutant(payload: int, shift: int, changes: list[tuple[int, str, object]]) -> dict:
        there = places[payload]
        return mutate(
            pickle.loads(pickled[payload]),
            [(there[(number + shift) % len(there)], how, value) for number, how, value in changes],
        )

    how = st.sampled_from(("put", "put", "put", "drop", "wrap"))
    return st.builds(
        lambda first, changes: [mutant((first + each) % len(payloads), each, changes) for each in range(AT_ONCE)],
        st.integers(0, len(payloads) - 1),
        st.lists(st.tuples(st.integers(0, 999), how, values), min_size=1, max_size=3),
    )


mutated = mutations_of(*REAL)
commands = mutations_of(COMMAND)
interactions = mutations_of(*INTERACTIONS)


def mutate(payload: dict, made: list[tuple[tuple, str, object]]) -> dict:
    for (*way, last), how, value in made:
        with suppress(KeyError, IndexError, TypeError):  # an earlier change has request the place away
            inside = payload
            for step in way:
                inside = inside[step]
            if how == "drop":
                del inside[last]
            else:
                inside[last] = [inside[last]] if how == "wrap" else copy.deepcopy(value)
    return payload


def in_form(fields: Mapping[object, object]) -> bytes:
    return urlencode({str(name): str(value) for name, value in fields.items()}, errors="surrogatepass").encode()


def test_no_event_however_mutated_becomes_anything_but_a_well_formed_request(endpoints: Endpoints):
    def attack(body: bytes) -> None:
        request = signed(body, endpoints.now)
        for endpoint in endpoints.every_kind:
            endpoints.post(request, endpoint)
        endpoints.post(Request(headers_for(body, str(endpoints.now), "v0=" + "0" * 64), body, signed=False))
        endpoints.post_by_gateway(request, body.decode(), encoded=False)

    @many(EVENTS // AT_ONCE)
    @given(mutated)
    def attacks(payloads: list[dict]) -> None:
        for payload in payloads:
            attack(json.dumps(payload).encode())

    attacks()
    assert endpoints.requests >= LEAST["events"]
    assert endpoints.asked > EVENTS / 20, "hardly a question among them: nothing was proven of questions"


def test_no_command_shortcut_or_button_however_mutated_becomes_anything_but_a_well_formed_request(endpoints: Endpoints):
    def attack(payload: dict, body: bytes, name: str) -> None:
        request = signed(body, endpoints.now).as_form
        for endpoint in endpoints.every_kind:
            endpoints.post(request, endpoint)
        endpoints.accept(getattr(endpoints.plain, name), payload, len(json.dumps(payload)))
        endpoints.post(Request(headers_for(body, str(endpoints.now), "v0=" + "0" * 64), body, signed=False).as_form)
        endpoints.post_by_gateway(request, base64.b64encode(body).decode(), encoded=True)

    @many(FORMS // 4 // AT_ONCE)
    @given(commands)
    def command(each: list[dict]) -> None:
        for fields in each:
            attack(fields, in_form(fields), "accept_command")

    @many(FORMS * 3 // 4 // AT_ONCE)
    @given(interactions)
    def interact(each: list[dict]) -> None:
        for payload in each:
            attack(payload, in_form({"payload": json.dumps(payload)}), "accept_interaction")

    command()
    of_commands = endpoints.asked
    interact()
    assert endpoints.requests >= LEAST["forms"]
    assert of_commands > FORMS / 20, "hardly a command among them"
    assert endpoints.asked - of_commands > FORMS / 20, "hardly a shortcut or a vote among them"


def test_no_odd_value_anywhere_in_what_slack_really_sends_is_more_than_the_endpoint_can_take(endpoints: Endpoints):
    def odd_ones(payload: dict, *more: tuple) -> Iterator[dict]:
        pickled = pickle.dumps(payload)  # a copy of it is several times faster than a deep copy
        for place in (*places_in(payload), *more):
            for value in ODD:
                yield mutate(pickle.loads(pickled), [(place, "put", value)])

    bodies = [json.dumps(each).encode() for each in odd_ones(MENTION, *ABSENT)]
    for payload in (*REAL[4:5], *REAL[6:7], *REAL[8:]):
        bodies += [json.dumps(each).encode() for each in odd_ones(payload)]
    forms = [in_form(each) for each in odd_ones(COMMAND)]
    for payload in (INTERACTIONS[0], INTERACTIONS[2]):
        forms += [in_form({"payload": json.dumps(each)}) for each in odd_ones(payload)]
    for body in bodies:
        endpoints.post(signed(body, endpoints.now))
    assert endpoints.asked > len(bodies) / 10
    of_events = endpoints.asked
    for body in forms:
        endpoints.post(signed(body, endpoints.now).as_form)
    assert endpoints.asked - of_events > len(forms) / 10


def timestamps(now: int) -> tuple[str, ...]:
    fresh = str(now)
    return (
        fresh, fresh, fresh, str(now - 299), str(now - 301), str(now + 301), "0", "-1", "", " ", "\0", fresh + "\0",
        f" {fresh}", f"+{fresh}", f"{fresh}.0", f"{now:_}", fresh.translate({48 + n: 0xFF10 + n for n in range(10)}),
        "1e9", "nan", "inf", "0x6ab13b80", "9" * 400, "9" * 5_000, "\ud800", "犬", f"{fresh},{fresh}",
    )  # fmt: skip


def signatures(body: bytes, now: int) -> tuple[str, ...]:
    right = signature_of(body, str(now))
    return (
        right, right, right, right.upper(), right[3:], right[:-1], right + "0", f" {right}", f"{right}\n",
        f"{right},{right}", f"{right}\0", "v1" + right[2:], "v0=", "", "v0=" + "0" * 64, "v0=" + "0" * 9_000, "v0=犬",
        "\ud800", "\xff",
        signature_of(body, str(now), "another secret"), signature_of(body, str(now), ""),
        signature_of(body, str(now - 301)), signature_of(body + b" ", str(now)), signature_of(b"", str(now)),
    )  # fmt: skip


BODY = json.dumps(MENTION).encode()
CASES = ("X-Slack-{}", "x-slack-{}", "X-SLACK-{}", "x-Slack-{}", "X_Slack_{}", " X-Slack-{}", "X-Slack-{}\0", "{}")


def header_lists(now: int) -> st.SearchStrategy[list[tuple[str, str]]]:
    """Headers of which the two that count are there never, once or twice, in any order and case."""
    case = st.sampled_from(CASES[:4]) | st.sampled_from(CASES)
    of_time = st.sampled_from(timestamps(now)) | st.text(max_size=12) | st.integers().map(str)
    of_hand = st.sampled_from(signatures(BODY, now)) | st.text(max_size=70)
    times = st.tuples(case.map(lambda each: each.format("Request-Timestamp")), st.just(str(now)) | of_time)
    hands = st.tuples(case.map(lambda each: each.format("Signature")), st.just(signature_of(BODY, str(now))) | of_hand)
    others = st.tuples(st.sampled_from(("X-Slack-Retry-Num", "Content-Type", "")), st.text(max_size=9))
    return st.tuples(
        st.lists(times, max_size=2), st.lists(hands, max_size=2), st.lists(others, max_size=1), st.booleans()
    ).map(lambda drawn: [each for part in drawn[:3][:: -1 if drawn[3] else 1] for each in part])


def is_signed(headers: list[tuple[str, str]], body: bytes, now: int) -> bool:
    """Whether some pair of them is Slack's signature, by this file's own reckoning."""
    times = [value for name, value in headers if name.lower() == "x-slack-request-timestamp"]
    hands = [value for name, value in headers if name.lower() == "x-slack-signature"]
    return any(
        abs(int(time) - now) <= 300 and hand == signature_of(body, time)
        for time in times
        if re.fullmatch(r"[ +]?\d{10}", time)
        for hand in hands
    )


def joined(headers: list[tuple[str, str]]) -> dict[str, str]:
    """As API Gateway hands headers on: in lower case, and the values of a doubled one in one line."""
    names = dict.fromkeys(name.lower() for name, _ in headers)
    return {each: ",".join(value for name, value in headers if name.lower() == each) for each in names}


def test_no_headers_but_slacks_own_are_accepted(endpoints: Endpoints):
    @many(HEADERS)
    @given(header_lists(endpoints.now))
    def attack(headers: list[tuple[str, str]]) -> None:
        endpoints.post(Request(dict(headers), BODY, is_signed(headers, BODY, endpoints.now)))
        by_gateway = joined(headers)
        signed_there = is_signed([*by_gateway.items()], BODY, endpoints.now)
        endpoints.post_by_gateway(Request(by_gateway, BODY, signed_there), BODY.decode(), encoded=False)

    attack()
    assert endpoints.requests >= LEAST["headers"]
    assert endpoints.asked > HEADERS / 100, "hardly one was accepted: the others may have been refused for nothing"


def test_every_header_missing_wrong_or_doubled_in_every_way_is_refused_unless_it_is_signed(endpoints: Endpoints):
    let_in = 0
    for case in CASES:
        for timestamp in timestamps(endpoints.now):
            for signature in signatures(BODY, endpoints.now):
                pair = list(headers_for(BODY, timestamp, signature, case).items())
                for headers in (pair, pair[:1], pair[1:], [*pair, *headers_for(BODY, "0", "v0=0").items()]):
                    answer = endpoints.post(Request(dict(headers), BODY, is_signed(headers, BODY, endpoints.now)))
                    let_in += answer.status == 200
    assert 0 < let_in < endpoints.requests / 100


ENCODINGS = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-be",
    "utf-32",
    "shift-jis",
    "euc-jp",
    "iso-2022-jp",
    "utf-7",
    "cp037",
)

bodies = st.one_of(
    st.binary(max_size=60),
    st.text(st.characters(codec=None), max_size=30).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.builds(
        lambda payloads, encoding: json.dumps(payloads[0], ensure_ascii=False).encode(encoding, "replace"),
        mutated,
        st.sampled_from(ENCODINGS),
    ),
    st.builds(
        lambda at, piece: BODY[:at] + piece + BODY[at:],
        st.integers(0, len(BODY)),
        st.sampled_from(
            (b"\0", b"\xff", b"\\ud83d", b'"', b"[", b"{" * 90, b"9" * 5_000, b"\r\n", b"\xed\xa0\x80", b"//", b",")
        ),
    ),
    st.builds(lambda at: BODY[:at], st.integers(0, len(BODY))),
    st.builds(
        lambda form, at, piece: form[:at] + piece + form[at + 1 :],
        st.sampled_from((in_form(COMMAND), in_form({"payload": json.dumps(payloads.press())}))),
        st.integers(0, 3_000),
        st.sampled_from(
            (b"", b"%", b"%u", b"%FF", b"%00", b"&", b"&" * 200, b"=", b";", b"+", b"&payload=%7B%7D", b"\xff")
        ),
    ),
    st.builds(
        lambda opening, depth, closing: opening * depth + b"7" + closing * depth,
        st.sampled_from((b"[", b'{"event":', b'[{"a":')),
        st.integers(1, 60_000),
        st.sampled_from((b"", b"]", b"}", b"}]")),
    ),
    st.builds(
        lambda digits, exponent: b'{"type":%se%d}' % (b"9" * digits, exponent), st.integers(1, 6_000), st.integers()
    ),
)


def test_no_body_of_whatever_bytes_gets_further_than_a_refusal_unless_it_is_slacks(endpoints: Endpoints):
    @many(BODIES)
    @given(bodies)
    def attack(body: bytes) -> None:
        request = signed(body, endpoints.now)
        endpoints.post(request)
        endpoints.post(request.as_form)
        endpoints.post(
            Request(headers_for(body, str(endpoints.now), signature_of(BODY, str(endpoints.now))), body, body == BODY)
        )
        endpoints.post_by_gateway(request, base64.b64encode(body).decode(), encoded=True)

    attack()
    assert endpoints.requests >= LEAST["bodies"]


@pytest.mark.parametrize("size", [BODY_LIMIT - 1, BODY_LIMIT, BODY_LIMIT + 1, 6 * BODY_LIMIT])
@pytest.mark.parametrize("piece", [b"[", b"&lt;", b" ", b"9", b"\\ud83d", b"&#9", b"<@U0LAN0Z89>", "犬".encode()])
def test_a_body_of_a_megabyte_costs_no_more_than_its_length_and_a_larger_one_is_not_read(
    endpoints: Endpoints, size, piece
):
    begin, end = BODY[: BODY.index(b"<@")], BODY[BODY.index(b"?") :]
    assert b"\n" not in begin
    room = size - len(begin) - len(end)
    body = begin + (piece * (room // len(piece))).ljust(room) + end
    assert len(body) == size
    answer = endpoints.post(signed(body, endpoints.now))
    assert (answer.status == 413) == (size > BODY_LIMIT)
    assert answer.status in {200, 413}


def test_whatever_api_gateway_says_of_a_body_is_a_refusal_at_worst(endpoints: Endpoints):
    text = BODY.decode()
    for body in (None, "", text, "\ud800", "!", "QUJ", "=", "犬", text + "\0", base64.b64encode(BODY).decode()):
        for encoded in (True, False):
            raw = body if isinstance(body, str) else ""
            is_text = not encoded and raw == text
            is_base64 = encoded and raw == base64.b64encode(BODY).decode()
            request = signed(BODY, endpoints.now)
            endpoints.post_by_gateway(Request(request.headers, BODY, is_text or is_base64), body, encoded=encoded)
    assert endpoints.asked == 2
