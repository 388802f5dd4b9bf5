"""What is DynamoDB's own of the ledger: requests over two tables, what is left unprocessed or cancelled, and sizes."""

import json
from collections import Counter
from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from adapters.dynamodb import DAY, DynamoConversations, DynamoLedger
from adapters.dynamodb.transactions import ATTEMPTS
from adapters.serialization.ledger_records import COUNTS
from domain.conversations.conversation import Conversation
from domain.conversations.saving import Stored
from domain.errors import Conflict, StoreCorrupt, StoreUnavailable
from domain.requests import Question
from domain.spending.ledger import KEPT_DAYS, Charge, Kind, OwnerKind, Sum
from domain.spending.usage import Usage
from tests.aws_on_loopback import TABLE, USAGE_TABLE

POCHI = Question("T1", "C1", "1000.000001", "USAKURA", "犬の名前はポチです")
CHARGE = Charge(
    request=POCHI.identity,
    kind=Kind.ANSWER,
    team="T1",
    channel="C1",
    person="USAKURA",
    model="gpt-5.4-mini",
    usage=Usage(sent=1211, received=90, cached=1024, turns=1, reasoning=30),
    at=1_790_000_000.0,
    money=478,
)
MONTH = "2026-09"
"""That of the charge, and of the fixture ``clock``."""

PAGE = 1_000_000
"""Bytes of items in one answer to a query; DynamoDB's limit is a little higher."""


@pytest.fixture
def no_waiting(monkeypatch) -> list[float]:
    """The pauses, botocore's too, in place of which nobody waits."""
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    return pauses


def store(clock) -> DynamoConversations:
    return DynamoConversations(TABLE, ttl_days=90, clock=clock, count_tokens=len, usage_table=USAGE_TABLE)


@pytest.fixture
def on_moto(moto, clock) -> DynamoConversations:
    moto.create_table()
    moto.create_usage_table()
    return store(clock)


class Replies:
    """A DynamoDB that says what it was told to, one answer after the other, the last again and again."""

    def __init__(self, *answers: tuple[int, dict]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, dict]] = []
        self.app = Starlette(routes=[Route("/", self.answer, methods=["POST"])])

    async def answer(self, request: Request) -> Response:
        operation = request.headers["X-Amz-Target"].rpartition(".")[2]
        self.asked.append((operation, await request.json()))
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return Response(json.dumps(body), status, media_type="application/x-amz-json-1.0")

    @property
    def operations(self) -> Counter[str]:
        return Counter(operation for operation, _ in self.asked)


@pytest.fixture
def dynamodb(aws_environment, serve):
    def begin(*answers: tuple[int, dict]) -> Replies:
        replies = Replies(*answers)
        aws_environment.setenv("AWS_ENDPOINT_URL", serve(replies.app))
        return replies

    return begin


def cancelled(*codes: str) -> tuple[int, dict]:
    reasons = [{"Code": code} for code in codes]
    kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException"
    return 400, {"__type": kind, "message": "cancelled", "CancellationReasons": reasons}


def test_a_load_is_one_consistent_read_of_both_tables_and_a_charged_save_one_write(on_moto, moto):
    moto.calls.clear()
    on_moto.save("T1/C1", on_moto.load("T1/C1", of=POCHI), CHARGE)
    assert moto.calls == {"BatchGetItem": 1, "TransactWriteItems": 1}


def test_every_key_is_read_consistently(dynamodb, clock):
    replies = dynamodb((200, {"Responses": {}}))
    assert store(clock).load("T1/C1", of=POCHI) == Stored(Conversation(), 0)
    ((_, asked),) = replies.asked
    assert {table: each["ConsistentRead"] for table, each in asked["RequestItems"].items()} == {
        TABLE: True,
        USAGE_TABLE: True,
    }


def test_keys_that_were_left_unprocessed_are_asked_for_again(dynamodb, clock, no_waiting):
    sums = {"period": {"S": f"T1/{MONTH}"}, "owner": {"S": "person/USAKURA"}, "sent": {"N": "1211"}}
    rest = {USAGE_TABLE: {"Keys": [{"period": sums["period"], "owner": sums["owner"]}], "ConsistentRead": True}}
    replies = dynamodb(
        (200, {"Responses": {TABLE: []}, "UnprocessedKeys": rest}), (200, {"Responses": {USAGE_TABLE: [sums]}})
    )
    assert store(clock).load("T1/C1", of=POCHI).accounts.person == Sum(Usage(sent=1211))
    assert replies.asked[1][1]["RequestItems"] == rest
    assert len(no_waiting) == 1


def test_keys_that_are_left_unprocessed_each_time_are_an_outage(dynamodb, clock, no_waiting):
    rest = {TABLE: {"Keys": [{"id": {"S": "T1/C1"}}]}}
    replies = dynamodb((200, {"Responses": {}, "UnprocessedKeys": rest}))
    with pytest.raises(StoreUnavailable, match="unprocessed"):
        store(clock).load("T1/C1", of=POCHI)
    assert replies.operations == {"BatchGetItem": ATTEMPTS}


def test_a_transaction_that_met_another_is_tried_again_after_a_pause(dynamodb, clock, no_waiting):
    busy = cancelled("None", "None", "None", "None", "TransactionConflict", "None")
    replies = dynamodb(busy, busy, (200, {}))
    assert store(clock).save("T1/C1", Stored(Conversation(), 0), CHARGE).version == 1
    assert replies.operations == {"TransactWriteItems": 3}
    assert len(no_waiting) == 2


def test_a_transaction_that_meets_others_each_time_is_a_conflict(dynamodb, clock, no_waiting):
    replies = dynamodb(cancelled("TransactionConflict", "None"))
    with pytest.raises(Conflict):
        store(clock).save("T1/C1", Stored(Conversation(), 0), CHARGE)
    assert replies.operations == {"TransactWriteItems": ATTEMPTS}


def test_a_transaction_that_was_throttled_is_an_outage(dynamodb, clock, no_waiting):
    dynamodb(cancelled("None", "ThrottlingError"))
    with pytest.raises(StoreUnavailable, match="ThrottlingError"):
        store(clock).save("T1/C1", Stored(Conversation(), 0), CHARGE)


def test_a_request_that_the_client_repeats_says_that_it_is_the_same(dynamodb, clock, no_waiting):
    """DynamoDB carries out two transactions with one token once: the answer to the first may have been lost."""
    failed = 500, {"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError", "message": "no"}
    replies = dynamodb(failed, (200, {}))
    store(clock).save("T1/C1", Stored(Conversation(), 0), CHARGE)
    first, second = (asked["ClientRequestToken"] for _, asked in replies.asked)
    assert first == second != ""


def test_entries_and_sums_expire_after_thirteen_months(on_moto, moto):
    on_moto.save("T1/C1", Stored(Conversation(), 0), CHARGE)
    items = moto.dynamodb.scan(TableName=USAGE_TABLE)["Items"]
    assert {int(each["expires_at"]["N"]) for each in items} == {int(CHARGE.at) + KEPT_DAYS * DAY}
    assert len(items) == 5


def test_no_words_are_in_the_ledger(on_moto, moto):
    on_moto.save("T1/C1", Stored(Conversation(), 0), CHARGE)
    assert "ポチ" not in json.dumps(moto.dynamodb.scan(TableName=USAGE_TABLE)["Items"], ensure_ascii=False)


def test_ten_thousand_sums_are_a_query_of_a_few_pages(on_moto, moto):
    stored = Stored(Conversation(), 0)
    everything = replace(CHARGE, usage=Usage(10**9, 10**9, 10**9, 1, 10**9, 1), money=None, person="U0123456789")
    for kind in Kind:
        stored = on_moto.save("T1/C1", stored, replace(everything, kind=kind, money=10**9))
    on_moto.save("T1/C1", stored, everything)
    key = {"period": {"S": f"T1/{MONTH}"}, "owner": {"S": "person/U0123456789"}}
    largest = moto.dynamodb.get_item(TableName=USAGE_TABLE, Key=key)["Item"]
    assert set(COUNTS) - set(largest) <= {"warnings"}
    size = sum(len(name) + len(*value.values()) for name, value in largest.items())  # a number takes half its digits
    assert size * 10_000 < 3 * PAGE


def test_sums_of_several_pages_are_read_to_their_end(dynamodb, clock):
    def page(number: int, **rest: dict) -> tuple[int, dict]:
        item = {"period": {"S": f"T1/{MONTH}"}, "owner": {"S": f"person/U{number}"}, "sent": {"N": str(number)}}
        return 200, {"Items": [item], "Count": 1, "ScannedCount": 1} | rest

    key = {"period": {"S": f"T1/{MONTH}"}, "owner": {"S": "person/U1"}}
    replies = dynamodb(page(1, LastEvaluatedKey=key), page(2))
    sums = DynamoLedger(USAGE_TABLE, clock=clock).sums("T1", MONTH, OwnerKind.PERSON)
    assert sums == {"U1": Sum(Usage(sent=1)), "U2": Sum(Usage(sent=2))}
    assert replies.asked[1][1]["ExclusiveStartKey"] == key


@pytest.mark.parametrize("damage", [{"sent": {"S": "many"}}, {"sent": {"N": "1.5"}}])
def test_a_sum_that_cannot_be_read_is_named(on_moto, moto, damage, clock):
    key = {"period": {"S": f"T1/{MONTH}"}, "owner": {"S": "person/USAKURA"}}
    moto.dynamodb.put_item(TableName=USAGE_TABLE, Item=key | damage)
    with pytest.raises(StoreCorrupt, match=USAGE_TABLE):
        on_moto.load("T1/C1", of=POCHI)
    with pytest.raises(StoreCorrupt, match=USAGE_TABLE):
        DynamoLedger(USAGE_TABLE, clock=clock).sums("T1", MONTH, OwnerKind.PERSON)


def test_an_entry_that_cannot_be_read_is_named(on_moto, moto, clock):
    item = {"period": {"S": f"T1/{MONTH}/turns"}, "owner": {"S": "1"}, "entry": {"S": '{"kind":"dance"}'}}
    moto.dynamodb.put_item(TableName=USAGE_TABLE, Item=item)
    with pytest.raises(StoreCorrupt, match=f"{USAGE_TABLE}: 1"):
        list(DynamoLedger(USAGE_TABLE, clock=clock).entries("T1", MONTH))


def test_a_page_that_is_refused_or_no_json_is_an_unavailable_store(dynamodb, aws_environment, serve, clock):
    denied = 400, {"__type": "com.amazon.coral.service#AccessDeniedException", "Message": "no"}
    dynamodb(denied)
    with pytest.raises(StoreUnavailable, match="AccessDenied"):
        DynamoLedger(USAGE_TABLE, clock=clock).sums("T1", MONTH, OwnerKind.PERSON)
    page = Route("/", lambda _: HTMLResponse("<h1>a proxy's sign-in page</h1>"), methods=["POST"])
    aws_environment.setenv("AWS_ENDPOINT_URL", serve(Starlette(routes=[page])))
    with pytest.raises(StoreUnavailable):
        DynamoLedger(USAGE_TABLE, clock=clock).sums("T1", MONTH, OwnerKind.PERSON)
