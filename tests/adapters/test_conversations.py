"""One contract for every adapter of ``Conversations``: what the use case relies on, whatever the store."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.dynamodb import DynamoConversations
from adapters.sqlite import Database, SqliteConversations
from domain.conversations.conversation import Conversation, Message, ReplyRecord, Speaker
from domain.conversations.notes import Note
from domain.conversations.saving import Stored
from domain.errors import Conflict
from domain.ports.stores import Conversations
from domain.spending.usage import Receipt, Usage
from domain.timestamp import Timestamp
from tests.fakes import InMemoryConversations
from tests.notes import notes

RECEIPT = Receipt("gpt", "ja-3", Usage(120, 30, 100, 1), 1.5)
TALK = Conversation(
    notes=(
        Note("私は犬を飼っている。\n名前は「ポチ」。", 12),
        Note("雷は苦手 🐕", 5, Timestamp("900.000001"), Timestamp("950.000001")),
        Note("散歩は朝7時。", 6, Timestamp("800.000001"), Timestamp("990.000001"), rewrites=180),
    ),
    buffer=(
        Message(Speaker.PERSON, '散歩は"朝"です 🐕 {}', 9, "さくら", Timestamp("1000.000002")),
        Message(Speaker.BOT, "朝は\n気持ちが\tいいですね\u200b", 11, ts=Timestamp("1000.000002")),
    ),
    replies=(
        ReplyRecord("1000.000001", "2000.000001", answered=True, answer=""),
        ReplyRecord("1000.000002", "2000.000002", True, "朝は気持ちがいいですね", RECEIPT),
        ReplyRecord("1000.000003", "2000.000003"),
    ),
    quiet=True,
    reset="900.000001",
    usage=Usage(turns=3, sent=420, received=90, cached=300),
)


@pytest.fixture(params=["moto", "dynalite", "ministack", "sqlite", "in memory"])
def conversations(request, tmp_path: Path, clock) -> Iterator[Conversations]:
    match request.param:
        case "moto" | "dynalite" | "ministack" as server:
            table = request.getfixturevalue(server).create_table()
            yield DynamoConversations(table, ttl_days=90, clock=clock, count_tokens=len)
        case "sqlite":
            with closing(Database(tmp_path / "bot.sqlite3")) as database:
                yield SqliteConversations(database, ttl_days=90, clock=clock)
        case "in memory":
            yield InMemoryConversations()


def test_a_conversation_that_was_never_saved_is_empty_at_version_0(conversations: Conversations):
    assert conversations.load("T1/C1") == Stored(Conversation(), 0)


def test_what_was_saved_is_loaded_to_the_letter(conversations: Conversations):
    saved = conversations.save("T1/C1", Stored(TALK, 0))
    assert conversations.load("T1/C1") == saved
    assert saved == Stored(TALK, 1)


@pytest.mark.parametrize(
    "rare",
    [
        {"quiet": True},
        {"reset": "900.000001"},
        {"usage": Usage(turns=1)},
        {"usage": Usage(9, 5, 0, 2, reasoning=3, estimated=1)},
    ],
)
def test_what_people_asked_of_a_conversation_and_what_it_cost_are_kept_with_it(conversations: Conversations, rare):
    saved = conversations.save("T1/C1", Stored(Conversation(**rare), 0))
    assert conversations.load("T1/C1") == saved
    back = conversations.save("T1/C1", replace(saved, conversation=Conversation()))
    assert conversations.load("T1/C1") == back == Stored(Conversation(), 2)


def test_conversations_do_not_mix(conversations: Conversations):
    conversations.save("T1/C1", Stored(TALK, 0))
    assert conversations.load("T1/C1/1000.000001") == Stored(Conversation(), 0)


def test_each_save_raises_the_version(conversations: Conversations):
    stored = conversations.save("T1/C1", Stored(TALK, 0))
    stored = conversations.save("T1/C1", replace(stored, conversation=Conversation(notes=notes("短い"))))
    assert conversations.load("T1/C1") == Stored(Conversation(notes=notes("短い")), 2) == stored


@pytest.mark.parametrize("stale", [0, 1, 7])
def test_a_stale_writer_never_wins(conversations: Conversations, stale: int):
    stored = conversations.save("T1/C1", Stored(TALK, 0))
    current = conversations.save("T1/C1", stored)
    with pytest.raises(Conflict):
        conversations.save("T1/C1", Stored(Conversation(notes=notes("古い")), stale))
    assert conversations.load("T1/C1") == current


def test_a_version_of_a_conversation_that_is_gone_cannot_be_saved(conversations: Conversations):
    with pytest.raises(Conflict):
        conversations.save("T1/C1", Stored(TALK, 3))


# --- clocks that are set wrong: Slack's ts tells the time too ---------------------------------------

DAY = 86_400


def asked_at(seconds: float) -> Conversation:
    return replace(TALK, replies=(ReplyRecord(Timestamp(f"{seconds:.6f}"), "2000.000001"),))


def test_a_question_under_a_clock_that_is_months_ahead_goes_on_with_its_conversation(conversations, clock):
    now = clock()
    conversations.save("T1/C1", Stored(asked_at(now), 0))
    clock.pass_by(91 * DAY)
    stored = conversations.load("T1/C1", Timestamp(f"{now + 60:.6f}"))
    assert stored == Stored(asked_at(now), 1)
    saved = conversations.save("T1/C1", replace(stored, conversation=asked_at(now + 60)))
    clock.pass_by(-91 * DAY)
    assert conversations.load("T1/C1") == saved


def test_what_a_clock_that_is_months_ahead_takes_for_forgotten_is_not_written_over(conversations, clock):
    saved = conversations.save("T1/C1", Stored(asked_at(clock()), 0))
    now = clock()
    clock.pass_by(91 * DAY)
    with pytest.raises(Conflict):
        conversations.save("T1/C1", Stored(asked_at(now + 60), 0))
    clock.pass_by(-91 * DAY)
    assert conversations.load("T1/C1") == saved


def test_what_is_written_under_a_clock_in_the_past_is_kept_for_as_long_as_anything(conversations, clock):
    now = clock()
    clock.pass_by(-100 * DAY)
    saved = conversations.save("T1/C1", Stored(asked_at(now), 0))
    clock.pass_by(100 * DAY + 90 * DAY - 1)
    assert conversations.load("T1/C1") == saved
