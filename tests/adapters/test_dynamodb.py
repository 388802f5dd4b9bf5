"""What is DynamoDB's own, beyond the contract of every store: expiry, the 2023 article's items, faults and sizes."""

import json
from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.dynamodb import DAY, DynamoConversations, DynamoFeedback, DynamoStops
from adapters.tiktoken import count_tokens_for
from domain.conversations.conversation import (
    ANSWERS_RECORDED,
    QUESTIONS_RECORDED,
    Conversation,
    Message,
    ReplyRecord,
    Speaker,
)
from domain.conversations.notes import Note
from domain.conversations.saving import Stored
from domain.errors import Conflict, StoreCorrupt, StoreUnavailable
from domain.memory import CEILING, Memory
from domain.requests import Stop, Vote
from domain.spending.usage import Receipt, Usage
from domain.timestamp import Timestamp
from tests.aws_on_loopback import TABLE, Aws
from tests.notes import notes

TALK = Conversation(
    notes=(Note("犬の話。", 4),),
    buffer=(Message(Speaker.PERSON, "名前は?", 3), Message(Speaker.BOT, "ポチです。", 5)),
    replies=(ReplyRecord("1.1", "2.1", answered=True, answer="ポチです。"),),
)
OLD_ITEM = {
    "id": {"S": "T1/C1"},
    "summary_buffer": {"S": "私は犬を飼っている。"},
    "buffer": {"L": [{"S": "私: 名前は\n何?"}, {"S": "AI: AI: ポチです。"}, {"S": "だれかの声"}]},
}


@pytest.fixture(params=["moto", "dynalite"])
def aws(request) -> Aws:
    return request.getfixturevalue(request.param)


@pytest.fixture
def conversations(aws, clock) -> DynamoConversations:
    return DynamoConversations(aws.create_table(), ttl_days=90, clock=clock, count_tokens=len)


@pytest.fixture
def no_waiting(monkeypatch) -> None:
    """Let botocore try again at once."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)


def test_an_item_can_be_read_by_people(aws, conversations, clock):
    conversations.save("T1/C1", Stored(TALK, 0))
    assert aws.item("T1/C1") == {
        "id": {"S": "T1/C1"},
        "version": {"N": "1"},
        "expires_at": {"N": str(int(clock.now) + 90 * DAY)},
        "summary": {"S": "犬の話。"},
        "summary_tokens": {"N": "4"},
        "messages": {"S": '[["person","名前は?",3],["bot","ポチです。",5]]'},
        "replies": {"S": '[["1.1","2.1",true,"ポチです。"]]'},
    }


def test_what_most_conversations_do_not_have_is_one_attribute_where_there_is_any(aws, conversations):
    rare = Conversation(quiet=True, reset="1.1", usage=Usage(120, 30, 100, 1))
    conversations.save("T1/C1", Stored(rare, 0))
    assert aws.item("T1/C1")["more"] == {"S": '{"quiet":true,"reset":"1.1","spent":[1,120,30,100]}'}


def test_the_expiry_is_a_whole_number_of_seconds_as_dynamodb_demands(aws, conversations, clock):
    clock.now += 0.75
    conversations.save("T1/C1", Stored(TALK, 0))
    assert aws.item("T1/C1")["expires_at"]["N"].isdecimal()


def test_under_a_clock_in_the_past_nothing_gets_an_expiry_by_which_dynamodb_would_delete_it(aws, conversations, clock):
    """It deletes by its own clock, within two days."""
    now = clock()
    clock.pass_by(-100 * DAY)
    asked = replace(TALK, replies=(ReplyRecord(Timestamp(f"{now:.6f}"), "2.1"),))
    conversations.save("T1/C1", Stored(asked, 0))
    vote = Vote("T1", "C1", Timestamp(f"{now:.6f}"), "USAKURA", "T1/C1/1.1", good=True)
    DynamoFeedback(TABLE, ttl_days=90, clock=clock).keep(vote)
    DynamoStops(TABLE, clock=clock).keep(Stop("T1", "C1", Timestamp(f"{now:.6f}"), "USAKURA", "1.1"))
    expiries = [aws.item(key)["expires_at"] for key in ("T1/C1", f"vote/{vote.question}/USAKURA", "stop/T1/C1/1.1")]
    assert expiries == [{"N": str(int(now + kept))} for kept in (90 * DAY, 90 * DAY, 3_600)]


def test_each_save_puts_the_expiry_off(aws, conversations, clock):
    stored = conversations.save("T1/C1", Stored(TALK, 0))
    clock.pass_by(80 * DAY)
    conversations.save("T1/C1", stored)
    clock.pass_by(80 * DAY)
    assert conversations.load("T1/C1").conversation == TALK


def test_an_expired_item_counts_as_gone_though_dynamodb_has_not_deleted_it(aws, conversations, clock):
    conversations.save("T1/C1", Stored(TALK, 0))
    clock.pass_by(90 * DAY)
    assert conversations.load("T1/C1") == Stored(Conversation(), 0)
    assert aws.item("T1/C1")


def test_a_conversation_begins_anew_over_an_expired_item(conversations, clock):
    conversations.save("T1/C1", Stored(TALK, 0))
    clock.pass_by(90 * DAY)
    saved = conversations.save("T1/C1", Stored(Conversation(notes=notes("新しい")), 0))
    assert conversations.load("T1/C1") == saved == Stored(Conversation(notes=notes("新しい")), 1)


def test_an_item_is_not_overwritten_before_it_has_expired(conversations, clock):
    saved = conversations.save("T1/C1", Stored(TALK, 0))
    clock.pass_by(90 * DAY - 1)
    with pytest.raises(Conflict):
        conversations.save("T1/C1", Stored(Conversation(), 0))
    assert conversations.load("T1/C1") == saved


def test_an_item_of_the_2023_article_is_adopted_whole(aws, conversations):
    aws.put_item(**OLD_ITEM)
    assert conversations.load("T1/C1") == Stored(
        Conversation(
            notes=(Note("私は犬を飼っている。", 10),),
            buffer=(
                Message(Speaker.PERSON, "名前は\n何?", 6),
                Message(Speaker.BOT, "AI: ポチです。", 9),
                Message(Speaker.PERSON, "だれかの声", 5),
            ),
        ),
        0,
    )


def test_an_item_of_the_2023_article_may_lack_either_part(aws, conversations):
    aws.put_item(id={"S": "T1/C1"}, summary_buffer={"S": "要約"})
    aws.put_item(id={"S": "T1/C2"}, buffer={"L": [{"S": "私: やあ"}]})
    assert conversations.load("T1/C1").conversation == Conversation(notes=(Note("要約", 2),))
    assert conversations.load("T1/C2").conversation == Conversation(buffer=(Message(Speaker.PERSON, "やあ", 2),))


def test_the_first_save_of_an_adopted_item_replaces_it_in_the_new_form(aws, conversations):
    aws.put_item(**OLD_ITEM)
    adopted = conversations.load("T1/C1")
    saved = conversations.save("T1/C1", adopted)
    assert conversations.load("T1/C1") == saved == Stored(adopted.conversation, 1)
    assert not {"buffer", "summary_buffer"} & aws.item("T1/C1").keys()


def test_of_two_workers_that_adopt_one_item_the_second_conflicts(aws, conversations):
    aws.put_item(**OLD_ITEM)
    adopted = conversations.load("T1/C1")
    conversations.save("T1/C1", adopted)
    with pytest.raises(Conflict):
        conversations.save("T1/C1", adopted)


def test_tokens_are_counted_for_adopted_items_alone(aws, clock):
    def refuse(_: str) -> int:
        raise AssertionError("counted")

    conversations = DynamoConversations(aws.create_table(), ttl_days=90, clock=clock, count_tokens=refuse)
    conversations.save("T1/C1", Stored(TALK, 0))
    assert conversations.load("T1/C1") == Stored(TALK, 1)


def test_a_load_is_one_read_and_a_save_one_write(aws, conversations):
    aws.calls.clear()
    conversations.save("T1/C1", conversations.load("T1/C1"))
    assert aws.calls == {"GetItem": 1, "PutItem": 1}


def test_a_load_sees_a_save_that_has_just_returned(aws, conversations, monkeypatch):
    """Only a consistent read promises that; moto's are always consistent, so the request itself is looked at."""
    asked = []
    conversations._item._get_connection().connection.client.meta.events.register(
        "before-call.dynamodb.GetItem", lambda params, **_: asked.append(json.loads(params["body"]))
    )
    conversations.load("T1/C1")
    assert [each["ConsistentRead"] for each in asked] == [True]


@pytest.mark.parametrize(
    "changed",
    [
        {"messages": {"S": "[[oops"}},
        {"messages": {"N": "7"}},
        {"messages": {"S": '[["stranger","やあ",1]]'}},
        {"replies": {"S": "7"}},
        {"version": {"S": "one"}},
        {"more": {"S": "[7]"}},
        {"more": {"S": '{"spent":7}'}},
        {"more": {"N": "7"}},
        {"summary_tokens": {"S": "four"}},
    ],
)
def test_an_item_that_cannot_be_read_is_said_to_be_corrupt_and_left_alone(aws, conversations, changed):
    conversations.save("T1/C1", Stored(TALK, 0))
    damaged = aws.item("T1/C1") | changed
    aws.put_item(**damaged)
    with pytest.raises(StoreCorrupt, match=f"{TABLE}: T1/C1"):
        conversations.load("T1/C1")
    assert aws.item("T1/C1") == damaged


def test_an_item_without_its_messages_is_corrupt_rather_than_empty(aws, conversations):
    conversations.save("T1/C1", Stored(TALK, 0))
    damaged = aws.item("T1/C1")
    del damaged["messages"]
    aws.put_item(**damaged)
    with pytest.raises(StoreCorrupt):
        conversations.load("T1/C1")


def test_half_a_surrogate_pair_does_not_keep_a_turn_from_being_saved(conversations):
    conversations.save("T1/C1", Stored(Conversation(buffer=(Message(Speaker.PERSON, "犬\ud83d", 2),)), 0))
    assert conversations.load("T1/C1").conversation.buffer[0].text == "犬?"


def test_a_store_that_cannot_be_reached_is_unavailable(dead_port, clock, no_waiting):
    conversations = DynamoConversations(TABLE, ttl_days=90, clock=clock, count_tokens=len)
    with pytest.raises(StoreUnavailable, match="EndpointConnectionError"):
        conversations.load("T1/C1")
    with pytest.raises(StoreUnavailable, match="EndpointConnectionError"):
        conversations.save("T1/C1", Stored(TALK, 0))


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "ProvisionedThroughputExceededException"),
        (400, "ThrottlingException"),
        (400, "RequestLimitExceeded"),
        (500, "InternalServerError"),
    ],
)
def test_a_store_that_throttles_or_fails_is_tried_three_times_and_then_unavailable(
    aws_environment, serve, clock, no_waiting, status, code
):
    asked = []

    async def answer(request: Request) -> Response:
        asked.append(request.headers["X-Amz-Target"])
        return Response(json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "no"}), status)

    aws_environment.setenv("AWS_ENDPOINT_URL", serve(Starlette(routes=[Route("/", answer, methods=["POST"])])))
    conversations = DynamoConversations(TABLE, ttl_days=90, clock=clock, count_tokens=len)
    with pytest.raises(StoreUnavailable, match=code):
        conversations.load("T1/C1")
    assert len(asked) == 3
    with pytest.raises(StoreUnavailable, match=code):
        conversations.save("T1/C1", Stored(TALK, 0))


def test_a_table_that_is_not_there_is_named(aws, clock):
    conversations = DynamoConversations("nobody-made-it", ttl_days=90, clock=clock, count_tokens=len)
    with pytest.raises(StoreUnavailable, match=r"nobody-made-it.*ResourceNotFoundException"):
        conversations.load("T1/C1")


def test_all_attempts_of_a_call_together_take_at_most_ten_seconds(conversations):
    config = conversations._item._get_connection().connection.client.meta.config
    assert (config.connect_timeout + config.read_timeout) * config.retries["total_max_attempts"] < 10


@pytest.mark.parametrize(
    "text",
    [
        "今日は近所の公園まで犬のポチと散歩に行きました。桜が咲いていて、とてもきれいでしたよ。",
        "Yesterday we walked the dog to the park near the station, and the cherry trees were in bloom.",
        "🐕🦮🐩",
    ],
)
def test_the_largest_conversation_that_the_defaults_allow_stays_far_under_400_kb(aws, conversations, text):
    count = count_tokens_for("gpt-5.4-mini")

    def of(tokens: int) -> str:
        return text * (tokens // count(text))

    memory = Memory()
    reply_limit = 2000  # REPLY_TOKEN_LIMIT's default
    # A name as long as one in Slack may be.
    asked = Message(Speaker.PERSON, of(memory.limit), memory.limit, "桜" * 80, "1790000000.000001")
    answered = Message(Speaker.BOT, of(reply_limit), reply_limit, ts="1790000000.000001")
    turns = CEILING * memory.limit // (memory.limit + reply_limit) + 1  # one begins below the ceiling and crosses it
    largest = Conversation(
        notes=(Note(of(10), 10, "1790000000.000001", "1790000000.000002", 180),) * (memory.summary // 10),
        buffer=(asked, answered) * (turns + 1),
        replies=tuple(
            ReplyRecord(
                f"{1790000000 + n}.000001",
                f"{1790000000 + n}.000002",
                True,
                answered.text * (n < ANSWERS_RECORDED),
                Receipt("gpt-5.4-mini-2026-11-22", "a1b2c3d4", Usage(10**9, 10**9, 10**9, 1), 123.456),
            )
            for n in range(QUESTIONS_RECORDED)
        ),
        quiet=True,
        reset="1790000000.000001",
        usage=Usage(10**12, 10**12, 10**12, 10**9),
    )
    assert largest.buffer_tokens > CEILING * memory.limit + memory.limit
    saved = conversations.save("T1/C1", Stored(largest, 0))
    assert conversations.load("T1/C1") == saved
    size = sum(len(name) + len(value.get("S", "").encode()) for name, value in aws.item("T1/C1").items())
    assert size < 250_000
