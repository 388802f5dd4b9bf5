"""The 2023 article's table is taken over, into both kinds of store."""

import json
import time
from collections.abc import Callable
from itertools import count

import pytest

from adapters.dynamodb import DynamoConversations
from adapters.dynamodb import article as article_module
from adapters.listable_stores import StoredConversations
from adapters.sqlite import SqliteConversations
from adapters.tiktoken import count_tokens_for
from domain.conversations.conversation import Conversation, Message, ReplyRecord, Speaker
from domain.conversations.saving import Stored
from domain.timestamp import Timestamp
from tests.aws_on_loopback import TABLE, Aws

ARTICLE = "slack-gpt-backend-ConversationHistoriesTable-1ABC"
SHAPES: list[dict] = [
    {
        "buffer": {"L": [{"S": "私: <@U0BOT> 犬の名前は\n何?"}, {"S": "AI: \n\nポチです。"}, {"S": "だれかの声"}]},
        "summary_buffer": {"S": "私は犬を飼っている。"},
    },
    {"buffer": {"L": []}, "summary_buffer": {"S": "雷は苦手。"}},
    {"buffer": {"L": [{"S": "私: 散歩は?"}, {"S": "AI: 朝です。"}]}, "summary_buffer": {"S": ""}},
    {"buffer": {"L": [{"S": "私: やあ"}]}},
    {"summary_buffer": {"S": "要約"}},
    {"buffer": {"L": []}, "summary_buffer": {"S": ""}},
]
"""All that the article's bot can have written: ``save_context`` of LangChain 0.0.98 ends each turn with two lines."""

_tokens = count_tokens_for("gpt-5.4-mini")


def _message(speaker: Speaker, text: str) -> Message:
    return Message(speaker, text, _tokens(text))


FIRST = (
    _message(Speaker.PERSON, "<@U0BOT> 犬の名前は\n何?"),
    _message(Speaker.BOT, "\n\nポチです。"),
    _message(Speaker.PERSON, "だれかの声"),
)


@pytest.fixture
def article(_environment, aws: Aws) -> Callable[..., None]:
    """The article's table; ``article(id, shape)`` puts an item into it."""
    aws.dynamodb.create_table(
        TableName=ARTICLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    return lambda id_, shape: aws.dynamodb.put_item(TableName=ARTICLE, Item={"id": {"S": id_}} | shape)


@pytest.fixture
def sqlite_target(tmp_path, monkeypatch, open_database) -> StoredConversations:
    path = tmp_path / "new" / "bot.sqlite3"
    monkeypatch.setenv("DATABASE_PATH", str(path))
    return SqliteConversations(open_database(path), ttl_days=90, clock=time.time)


@pytest.fixture
def dynamo_target(_environment, aws: Aws, monkeypatch) -> StoredConversations:
    monkeypatch.setenv("TABLE_NAME", aws.create_table())
    return DynamoConversations(TABLE, ttl_days=90, clock=time.time, count_tokens=len)


@pytest.fixture(params=["sqlite_target", "dynamo_target"])
def target(request) -> StoredConversations:
    return request.getfixturevalue(request.param)


def adopt(run) -> tuple[int, dict]:
    code, said, _ = run("adopt", ARTICLE, "--json")
    return code, json.loads(said)


def test_every_shape_of_the_article_is_taken_over_whole(article, target, run):
    for number, shape in enumerate(SHAPES):
        article(f"T1/C{number}", shape)
    code, told = adopt(run)
    assert (code, told["items"], told["adopted"], told["missing"]) == (0, 6, 6, [])
    first = target.load("T1/C0").conversation
    assert [note.text for note in first.notes] == ["私は犬を飼っている。"]
    assert first.buffer == FIRST
    assert [note.text for note in target.load("T1/C1").conversation.notes] == ["雷は苦手。"]
    assert [each.text for each in target.load("T1/C2").conversation.buffer] == ["散歩は?", "朝です。"]
    assert target.load("T1/C3").conversation.buffer == (_message(Speaker.PERSON, "やあ"),)
    assert [note.text for note in target.load("T1/C4").conversation.notes] == ["要約"]


def test_it_says_how_many_there_were_and_compares(article, sqlite_target, run):
    article("T1/C0", SHAPES[0])
    code, said, complained = run("adopt", ARTICLE)
    assert (code, complained) == (0, "")
    assert f"       1  items in {ARTICLE}\n       1  adopted\n" in said
    assert "       1  of 1 conversations compared are in " in said


def test_a_bot_that_has_never_run_gets_its_database(article, run, tmp_path, monkeypatch, open_database):
    path = tmp_path / "new" / "bot.sqlite3"
    monkeypatch.setenv("DATABASE_PATH", str(path))
    article("T1/C0", SHAPES[0])
    assert adopt(run)[0] == 0
    stored = SqliteConversations(open_database(path), ttl_days=90, clock=time.time).load("T1/C0")
    assert stored.conversation.buffer == FIRST


def test_what_is_there_and_was_used_since_is_not_written_over(article, target, run):
    article("T1/C0", SHAPES[0])
    used = Conversation(replies=(ReplyRecord(Timestamp("1790000000.1"), "2.1", answered=True),))
    saved = target.save("T1/C0", Stored(used, 0))
    code, told = adopt(run)
    assert (code, told["there_already"], told["adopted"]) == (0, 1, 0)
    assert target.load("T1/C0") == saved


def test_what_the_old_bot_has_said_since_comes_with_the_next_time_unless_the_new_one_was_used(article, target, run):
    article("T1/C0", SHAPES[2])
    article("T1/C1", SHAPES[2])
    adopt(run)
    used = target.load("T1/C1")
    used = target.save("T1/C1", Stored(used.conversation.opened(Timestamp("1790000000.1"), "2.1"), used.version))
    article("T1/C0", SHAPES[0])
    article("T1/C1", SHAPES[0])
    code, told = adopt(run)
    assert (code, told["adopted_anew"], told["there_already"]) == (0, 1, 1)
    assert target.load("T1/C0").conversation.buffer == FIRST
    assert target.load("T1/C1") == used


def test_an_item_of_another_form_is_named_and_the_others_are_adopted(article, target, run):
    article("T1/C0", SHAPES[0])
    article("pochi", SHAPES[0])
    article("T1/C1", {"buffer": {"L": [{"N": "1"}]}})
    article("T1/C2", {"buffer": {"S": "私: やあ"}})
    article("T1/C3", {"walks": {"S": "朝"}})
    code, told = adopt(run)
    assert (code, told["items"], told["adopted"]) == (1, 5, 1)
    assert sorted(told["of_another_form"]) == ["T1/C1", "T1/C2", "T1/C3", "pochi"]
    assert 'left as it is: "pochi" is no item of the article' in run("adopt", ARTICLE)[2]


def test_a_table_that_serves_both_bots_is_adopted_in_its_place(dynamo_target, aws, run):
    aws.put_item(id={"S": "T1/C0"}, **SHAPES[0])
    aws.put_item(id={"S": "vote/T1/C0/1.1/U1"}, vote={"S": "{}"})
    for adopted in (1, 0):
        code, said, _ = run("adopt", TABLE, "--json")
        assert (code, json.loads(said)["adopted"]) == (0, adopted)
    assert dynamo_target.load("T1/C0").conversation.buffer == FIRST


def test_a_table_that_is_not_there_is_one_line(article, sqlite_target, run):
    code, said, complained = run("adopt", "another")
    assert (code, said) == (1, "")
    assert complained == "bot: another: DynamoDB answered ResourceNotFoundException\n"


@pytest.mark.parametrize(("kind", "number"), [("sqlite_target", 10_000), ("dynamo_target", 100)])
def test_every_item_is_adopted_though_it_is_stopped_half_way(aws, article, request, run, kind, number, monkeypatch):
    target = request.getfixturevalue(kind)
    items = [{"id": {"S": f"T1/C{each:05}"}} | SHAPES[each % len(SHAPES)] for each in range(number)]
    for start in range(0, number, 25):
        puts = [{"PutRequest": {"Item": item}} for item in items[start : start + 25]]
        assert not aws.dynamodb.batch_write_item(RequestItems={ARTICLE: puts})["UnprocessedItems"]
    calls, message = count(), article_module._message

    def interrupted(line: str, count_tokens: Callable[[str], int]) -> Message:
        if next(calls) == number // 2:
            raise KeyboardInterrupt
        return message(line, count_tokens)

    monkeypatch.setattr(article_module, "_message", interrupted)
    assert run("adopt", ARTICLE) == (1, "", "bot: interrupted\n")
    begun = sum(1 for _ in target.everything())
    assert 0 < begun < number

    code, told = adopt(run)
    assert (code, told["items"], told["missing"]) == (0, number, [])
    assert (told["adopted"], told["there_already"]) == (number - begun, begun)
    everything = dict(target.everything())
    assert everything.keys() == {item["id"]["S"] for item in items}
    assert all(stored.version == 1 for stored in everything.values())
    assert all(everything[f"T1/C{each:05}"].conversation.buffer == FIRST for each in range(0, number, len(SHAPES)))
