"""What each earlier release has stored is read by this one; what this one stores is read by the release before it.

The folder has a database and an item of every shape that there was, as the code of its time has written them: the first
one, with votes and receipts, with retries, with notes.
"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given

from adapters.dynamodb import DynamoConversations
from adapters.serialization.conversation_records import conversation_to_json
from adapters.serialization.request_records import request_to_json
from adapters.sqlite import SqliteConversations, SqliteDeadLetters, SqliteFeedback, SqliteQueue
from domain.conversations.conversation import Conversation, Message, Speaker
from domain.requests import Request
from domain.spending.usage import Usage
from tests.adapters.test_serialization import conversations, requests
from tests.releases.release_before import Refused, read_conversation, read_request

HERE = Path(__file__).parent
DATABASES = sorted(HERE.glob("*.sql"))
ITEMS = sorted(HERE.glob("*.json"))
KEY = "T1/C1/1000.000001"


def is_whole(conversation: Conversation) -> bool:
    """What everybody knows of this dog."""
    notes = "\n".join(note.text for note in conversation.notes)
    said = [(each.speaker, each.text) for each in conversation.buffer]
    reply = conversation.reply_to("1000.000001")
    return (
        notes == "犬はポチという。\n毎朝散歩する。"
        and said == [(Speaker.PERSON, "犬の名前は?"), (Speaker.BOT, "ポチです。")]
        and reply is not None
        and reply.answered
    )


@pytest.fixture(params=DATABASES, ids=lambda path: path.stem)
def past(request, tmp_path):
    """A database of an earlier release; its path and its release."""
    path = tmp_path / "bot.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(request.param.read_text(encoding="utf-8"))
    return path, request.param.stem


def test_the_shapes_are_told_apart_by_their_databases_steps():
    versions = {
        path.stem: next(line for line in path.read_text(encoding="utf-8").splitlines() if "user_version" in line)[-2]
        for path in DATABASES
    }
    assert versions == {"first": "0", "with-votes": "2", "with-retries": "3", "with-notes": "3"}


def test_a_database_of_an_earlier_release_is_read_and_goes_on(past, open_database, clock):
    path, release = past
    database = open_database(path)
    kept = SqliteConversations(database, ttl_days=90, clock=clock)
    stored = kept.load(KEY)
    assert is_whole(stored.conversation)
    assert stored.conversation.usage == (Usage() if release == "first" else Usage(420, 90, 300, 3))
    saved = kept.save(KEY, stored)
    assert kept.load(KEY) == saved

    (letter,) = SqliteDeadLetters(database).letters()
    assert SqliteDeadLetters(database).replay(letter)
    queue = SqliteQueue(database, clock=clock)
    texts = []
    while claim := queue.claim():
        texts.append(claim.request.text)
        queue.finish(claim.request)
    assert texts == ["散歩は?", "餌は?"]
    votes = [vote.person for vote in SqliteFeedback(database, ttl_days=90, clock=clock).votes()]
    assert votes == ([] if release == "first" else ["USAKURA"])


@pytest.mark.parametrize("item", ITEMS, ids=lambda path: path.stem)
def test_an_item_of_an_earlier_release_is_read_and_saved_anew(aws, item, clock):
    table = aws.create_table()
    aws.put_item(**json.loads(item.read_text(encoding="utf-8")))
    kept = DynamoConversations(table, ttl_days=90, clock=clock, count_tokens=len)
    stored = kept.load(KEY)
    assert is_whole(stored.conversation)
    assert (stored.version, stored.conversation.usage.turns) == (3, 0 if item.stem == "first" else 3)
    saved = kept.save(KEY, stored)
    assert kept.load(KEY) == saved


@given(conversations)
def test_the_release_before_reads_any_conversation_of_this_one(conversation: Conversation):
    read = read_conversation(conversation_to_json(conversation))
    assert "\n".join(read["notes"]) == "\n".join(note.text for note in conversation.notes)
    assert read["buffer"] == [each.text for each in conversation.buffer]
    usage = conversation.usage
    assert read["spent"] == (usage.turns, usage.sent, usage.received, usage.cached)


NEW_KINDS = {"OpenSettings", "ChangeSettings", "Uninstall"}
"""Requests that the release before does not have. They go to its dead letters with their reason."""


@given(requests)
def test_the_release_before_reads_any_request_of_this_one_or_refuses_it_with_a_sentence(request_made: Request):
    kind = type(request_made).__name__
    if kind in NEW_KINDS:
        with pytest.raises(Refused, match="here is not a request: KeyError"):
            read_request(request_to_json(request_made))
    elif request_made.enterprise or getattr(request_made, "post", request_made).enterprise:
        with pytest.raises(Refused, match="here is not a request: AssertionError"):
            read_request(request_to_json(request_made))
    else:
        assert read_request(request_to_json(request_made))["ts"] == request_made.ts


def test_the_release_before_refuses_what_it_cannot_read():
    for broken in ('{"buffer":[]}', '{"summary":"","summary_tokens":0,"buffer":[["cat","",1]],"replies":[]}', "[]"):
        with pytest.raises(Refused, match="is not a conversation"):
            read_conversation(broken)
    assert read_conversation(conversation_to_json(Conversation(buffer=(Message(Speaker.BOT, "ポチ", 1),))))["buffer"]
