"""One contract for every store as an operator uses it: all that it keeps is listed, and what is deleted is gone."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from adapters.dynamodb import DAY, DynamoConversations, DynamoFeedback, DynamoStops
from adapters.sqlite import Database, SqliteConversations, SqliteFeedback
from adapters.sqlite import conversations as sqlite_conversations
from domain.conversations.conversation import Conversation
from domain.conversations.saving import Stored
from domain.errors import StoreCorrupt
from domain.requests import Stop, Vote
from tests.notes import notes

POCHI = Conversation(notes=notes("犬の名前はポチ"))
VOTE = Vote("T1", "C1", "1790000000.000100", "USAKURA", "T1/C1/1000.000001", good=True)


@pytest.fixture(params=["moto", "dynalite", "sqlite"])
def stores(request, tmp_path: Path, clock) -> Iterator[SimpleNamespace]:
    if request.param == "sqlite":
        with closing(Database(tmp_path / "bot.sqlite3")) as database:
            yield SimpleNamespace(
                conversations=SqliteConversations(database, ttl_days=90, clock=clock),
                votes=SqliteFeedback(database, ttl_days=90, clock=clock),
            )
    else:
        table = request.getfixturevalue(request.param).create_table()
        DynamoStops(table, clock=clock).keep(Stop("T1", "C1", "1790000000.000100", "USAKURA", "1000.000001"))
        yield SimpleNamespace(
            conversations=DynamoConversations(table, ttl_days=90, clock=clock, count_tokens=len),
            votes=DynamoFeedback(table, ttl_days=90, clock=clock),
        )


def test_every_conversation_is_listed_and_nothing_else(stores, monkeypatch):
    monkeypatch.setattr(sqlite_conversations, "PAGE", 2)
    keys = [f"T1/C1/1000.{number:06}" for number in range(5)]
    for key in keys:
        stores.conversations.save(key, Stored(POCHI, 0))
    stores.votes.keep(VOTE)
    assert sorted(stores.conversations.everything()) == [(key, Stored(POCHI, 1)) for key in keys]


def test_what_has_expired_is_not_listed(stores, clock):
    stores.conversations.save("T1/C1", Stored(POCHI, 0))
    clock.pass_by(90 * DAY)
    assert list(stores.conversations.everything()) == []


def test_a_deleted_conversation_is_gone_and_begins_anew(stores):
    stores.conversations.save("T1/C1", Stored(POCHI, 0))
    stores.conversations.save("T1/C2", Stored(POCHI, 0))
    for _ in range(2):
        stores.conversations.delete("T1/C1")
    assert stores.conversations.load("T1/C1") == Stored(Conversation(), 0)
    assert [key for key, _ in stores.conversations.everything()] == ["T1/C2"]
    assert stores.conversations.save("T1/C1", Stored(POCHI, 0)).version == 1


def test_a_removed_vote_is_gone_and_the_others_stay(stores):
    other = replace(VOTE, person="UKENTA")
    for vote in (VOTE, other):
        stores.votes.keep(vote)
    for _ in range(2):
        stores.votes.remove(VOTE)
    assert list(stores.votes.votes()) == [other]


def test_an_item_of_another_form_is_named_by_its_table(moto, clock):
    table = moto.create_table()
    moto.put_item(id={"S": "T1/C1"}, messages={"L": []})
    with pytest.raises(StoreCorrupt, match=f"{table} has an item of another form"):
        list(DynamoConversations(table, ttl_days=90, clock=clock, count_tokens=len).everything())
