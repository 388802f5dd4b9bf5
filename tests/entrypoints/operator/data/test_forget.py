"""Forgetting a person, a channel, a team or a conversation, on both kinds of store."""

import io
import json
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.sqlite import SqliteQueue
from domain.channels.channel_settings import ChannelSettings
from domain.conversations.conversation import Conversation, Message, Speaker
from domain.conversations.saving import Stored
from domain.limits.owner_limits import Limit
from domain.limits.question_rate import Admission
from domain.requests import Vote
from domain.spending.ledger import Charge, Kind, Owner, OwnerKind
from domain.spending.usage import Usage
from domain.timestamp import Timestamp
from entrypoints.operator import open_stores
from tests.entrypoints.operator.bots import DOG, WALK, SqliteBot
from tests.notes import notes

SAKURA = Message(Speaker.PERSON, "私の犬はポチです", 8, "さくら", Timestamp("1.1"))
TO_SAKURA = Message(Speaker.BOT, "ポチはいい名前ですね", 8, ts=Timestamp("1.1"))
KENTA = Message(Speaker.PERSON, "犬は何歳?", 8, "健太", Timestamp("2.1"))
ALONE = Conversation(notes("散歩は朝"), (SAKURA, TO_SAKURA), people=(("USAKURA", "さくら"),))
SHARED = Conversation(
    notes("さくらは犬を飼っている", "雷は苦手"),
    (SAKURA, TO_SAKURA, KENTA),
    people=(("USAKURA", "さくら"), ("UKENTA", "健太")),
)
OTHERS = Conversation(notes("猫の話"), (KENTA,), people=(("UKENTA", "健太"),))
VOTE = Vote("T1", "C1", "1790000001.000001", "USAKURA", WALK.identity, good=False)


@pytest.fixture
def told(whole_bot):
    """A bot that people have told much, and what it still knows."""
    bot, conversations, votes = whole_bot
    for key, talk in {"T1/D1/1.1": ALONE, "T1/C1/1.1": SHARED, "T1/C2/2.1": OTHERS, "T2/C3": OTHERS}.items():
        conversations.save(key, Stored(talk, 0))
    for vote in (VOTE, replace(VOTE, person="UKENTA"), replace(VOTE, question="T2/C3/1.1")):
        votes.keep(vote)
    bot.bury(DOG, replace(WALK, person="UKENTA", channel="C2"))

    def kept() -> dict:
        return {
            "conversations": {key: stored.conversation for key, stored in conversations.everything()},
            "votes": sorted((vote.person, vote.question) for vote in votes.votes()),
            "dead": len(bot.dead()),
        }

    return kept


def test_of_a_person_all_is_forgotten_that_is_theirs_and_others_keep_what_they_said(told, run):
    code, said, _ = run("forget", "USAKURA", "--yes")
    assert code == 0
    assert said.splitlines()[:5] == [
        "Of the person USAKURA there is to be forgotten:",
        "       1  whole conversation",
        "       1  conversation with others, of which 2 messages and answers and 1 note",
        "       2  votes",
        "       1  request among those that wait and the dead letters",
    ]
    after = told()
    assert after["conversations"] == {
        "T1/C1/1.1": replace(SHARED, notes=SHARED.notes[1:], buffer=(KENTA,), people=(("UKENTA", "健太"),)),
        "T1/C2/2.1": OTHERS,
        "T2/C3": OTHERS,
    }
    assert after["votes"] == [("UKENTA", WALK.identity)]
    assert after["dead"] == 1


def test_no_table_of_one_machine_names_a_person_who_was_forgotten(on_one_machine, run):
    bot, conversations, votes = on_one_machine
    charge = Charge(
        request=WALK.identity,
        kind=Kind.ANSWER,
        team="T1",
        channel="C1",
        person="USAKURA",
        model="gpt-5.4-mini",
        usage=Usage(120, 30, 100, 1),
        at=time.time(),
    )
    conversations.save("T1/C1/1.1", Stored(SHARED, 0), charge, Admission(WALK, 5))
    votes.keep(VOTE)
    bot.bury(DOG)
    SqliteQueue(bot._database, clock=time.time).put(WALK, "T1/C1/1.1")
    assert run("forget", "USAKURA", "--yes")[0] == 0
    with bot._database.reading() as connection:
        assert not [line for line in connection.iterdump() if "USAKURA" in line]


def test_it_says_what_it_cannot_reach(told, run, whole_bot):
    said = run("forget", "USAKURA", "--yes")[1].partition("Forgotten. What stays:\n")[2]
    assert "what stands in Slack" in said
    assert "backups" in said
    assert "1 note in conversations with others, without the person's name" in said
    assert ("point-in-time recovery" in said) == (not isinstance(whole_bot[0], SqliteBot))


@pytest.mark.parametrize(
    ("of", "keys", "votes", "dead"),
    [
        ("C1", {"T1/D1/1.1", "T1/C2/2.1", "T2/C3"}, [("USAKURA", "T2/C3/1.1")], 1),
        ("C2", {"T1/D1/1.1", "T1/C1/1.1", "T2/C3"}, 3, 1),
        ("T1", {"T2/C3"}, [("USAKURA", "T2/C3/1.1")], 0),
        ("T1/C1/1.1", {"T1/D1/1.1", "T1/C2/2.1", "T2/C3"}, 3, 2),
    ],
)
def test_a_channel_a_team_and_a_conversation_are_forgotten_whole(told, run, of, keys, votes, dead):
    assert run("forget", of, "--yes")[0] == 0
    after = told()
    assert set(after["conversations"]) == keys
    assert after["votes"] == votes or len(after["votes"]) == votes
    assert after["dead"] == dead


def test_it_is_shown_and_asked_first(told, run, monkeypatch):
    before = told()
    for answer in ("no\n", ""):
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        code, said, complained = run("forget", "USAKURA")
        assert (code, complained) == (1, "bot: nothing was forgotten\n")
        assert said.endswith("It cannot be undone. Type yes to forget it:\n")
        assert told() == before
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))
    assert run("forget", "USAKURA")[0] == 0
    assert told() != before


def test_programs_read_what_there_is_and_must_confirm_it(told, run):
    before = told()
    code, said, _ = run("forget", "USAKURA", "--json")
    plan = json.loads(said)
    assert (code, plan["forgotten"], told()) == (1, False, before)
    assert plan["conversations"] == ["T1/D1/1.1"]
    assert plan["shared_conversations"] == {"T1/C1/1.1": {"messages": 2, "notes": 1, "notes_left": 1}}
    assert (plan["votes"], plan["requests"]) == (2, 1)
    assert json.loads(run("forget", "USAKURA", "--json", "--yes")[1])["forgotten"]


def test_where_there_is_nothing_that_is_said_and_nobody_is_asked(told, run):
    before = told()
    assert run("forget", "UPOCHI") == (0, "Of the person UPOCHI there is nothing to forget.\n", "")
    assert told() == before


def test_forgetting_twice_does_no_harm(told, run):
    run("forget", "USAKURA", "--yes")
    before = told()
    assert run("forget", "USAKURA", "--yes")[1] == "Of the person USAKURA there is nothing to forget.\n"
    assert told() == before


def test_a_name_that_the_person_had_before_can_be_added(told, run, whole_bot):
    _, conversations, _ = whole_bot
    former = replace(SHARED, buffer=(replace(SAKURA, name="旧姓さくら"), KENTA), notes=())
    conversations.save("T1/C5/1.1", Stored(former, 0))
    run("forget", "USAKURA", "--name", "旧姓さくら", "--yes")
    assert told()["conversations"]["T1/C5/1.1"].buffer == (KENTA,)


def test_on_one_machine_nothing_is_left_in_the_file(sqlite_bot, run, whole_file):
    sqlite_bot.bury(DOG)
    assert "犬の名前は" in whole_file()
    assert run("forget", "USAKURA", "--yes")[0] == 0
    assert "犬の名前は" not in whole_file()


@pytest.fixture
def whole_file(sqlite_bot):
    def read() -> str:
        place = Path(sqlite_bot.place)
        return "".join(
            each.read_bytes().decode(errors="replace") for each in sorted(place.parent.glob(f"{place.name}*"))
        )

    return read


def test_what_is_being_answered_now_is_left_and_said(sqlite_bot, run, clock):
    queue = SqliteQueue(sqlite_bot._database, clock=clock)
    queue.put(DOG, "T1/C1/1.1")
    queue.claim()
    code, said, _ = run("forget", "USAKURA", "--yes")
    assert code == 1
    assert "1 question being answered now: give the command again" in said
    assert queue.sizes()["claimed"] == 1


@pytest.fixture
def charged(whole_bot):
    """A bot with charges of two people in two channels; gives the ledger's owners and entries that are left."""
    _, conversations, _ = whole_bot
    now = time.time()  # once, so that all are of one month
    for number, (person, channel) in enumerate([("USAKURA", "C1"), ("UKENTA", "C1"), ("UKENTA", "C2")]):
        charge = Charge(
            request=f"T1/{channel}/1.{number}",
            kind=Kind.ANSWER,
            team="T1",
            channel=channel,
            person=person,
            model="gpt-5.4-mini",
            usage=Usage(120, 30, 100, 1),
            at=now,
        )
        conversations.save(f"T1/{channel}/1.{number}", Stored(ALONE, 0), charge)

    def left() -> tuple[set[str], list[str]]:
        settings = open_stores.store_settings()
        with open_stores.ledger_of(settings) as ledger:
            ((team, month),) = ledger.months()
            kinds = (OwnerKind.PERSON, OwnerKind.CHANNEL, OwnerKind.TEAM)
            owners = {owner for kind in kinds for owner in ledger.sums(team, month, kind)}
            return owners, [charge.request for charge in ledger.entries(team, month)]

    return left


@pytest.mark.parametrize(
    ("of", "owners", "entries"),
    [
        ("USAKURA", {"UKENTA", "C1", "C2", "T1"}, ["T1/C1/1.1", "T1/C2/1.2"]),
        ("C1", {"USAKURA", "UKENTA", "C2", "T1"}, ["T1/C2/1.2"]),
        ("T1", {"T1"}, []),
    ],
)
def test_the_ledger_forgets_whom_it_names_and_keeps_the_teams_sum(charged, run, of, owners, entries):
    code, said, _ = run("forget", of, "--yes")
    assert code == 0
    assert re.search("monthly sums? of the ledger", said)
    assert charged() == (owners, entries)


def test_on_aws_without_the_ledgers_table_it_is_said_that_it_stays(on_aws, run, monkeypatch):
    on_aws[1].save("T1/D1/1.1", Stored(ALONE, 0))
    monkeypatch.delenv("USAGE_TABLE_NAME")
    assert "USAGE_TABLE_NAME does not name its table" in run("forget", "USAKURA", "--yes")[1]


@pytest.mark.parametrize(
    ("of", "limited", "set_up"),
    [("USAKURA", {"UKENTA", "T1"}, {"C1", "C2"}), ("C1", {"USAKURA", "UKENTA", "T1"}, {"C2"}), ("T1", set(), set())],
)
def test_limits_and_channel_settings_go_with_those_whose_they_are(whole_bot, run, of, limited, set_up):
    settings = open_stores.store_settings()
    people = [Owner("T1", OwnerKind.PERSON, each) for each in ("USAKURA", "UKENTA")]
    with open_stores.limits_of(settings) as limits, open_stores.channel_settings_of(settings) as channels:
        for owner in (*people, Owner("T1", OwnerKind.TEAM, "T1")):
            limits.set_limit(owner, Limit(budget=1000))
        for channel in ("C1", "C2"):
            channels.change("T1", channel, lambda _: ChannelSettings(instructions="犬の話だけ"))
        assert run("forget", of, "--yes")[0] == 0
        assert {owner.id for owner in limits.all()} == limited
        assert {channel for _, channel in channels.all()} == set_up
