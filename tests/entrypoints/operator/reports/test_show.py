"""What is known of one question, on both kinds of store."""

import json
import time
from dataclasses import replace

from adapters.sqlite import SqliteQueue
from domain.conversations.conversation import Conversation, Message, ReplyRecord, Speaker
from domain.conversations.notes import Note
from domain.conversations.place import Scope
from domain.conversations.saving import Stored
from domain.deliveries.retries import Attempts, Cause
from domain.requests import Vote
from domain.spending.ledger import Charge, Kind
from domain.spending.usage import Receipt, Usage
from domain.timestamp import Timestamp
from tests.entrypoints.operator.bots import DOG, WALK

RECEIPT = Receipt("gpt-5.4-mini", "ja-3", Usage(120, 30, 100, 1), 1.5)
KEY = DOG.place(Scope.THREAD).conversation
ANSWERED = Conversation(
    notes=(Note("雷は苦手。", 5), Note("犬を飼っている。", 5, Timestamp("1699999999.0"), DOG.ts)),
    buffer=(
        Message(Speaker.PERSON, DOG.text, 5, "さくら", DOG.ts),
        Message(Speaker.BOT, "ポチです。", 4, ts=DOG.ts),
    ),
    replies=(
        ReplyRecord(DOG.ts, "1700000002.000001", True, "", RECEIPT),
        ReplyRecord(WALK.ts, "1700000003.000001"),
    ),
)


def test_an_answered_question_is_shown_with_its_reply_its_tokens_and_its_votes_and_without_texts(whole_bot, run):
    _, conversations, votes = whole_bot
    conversations.save(KEY, Stored(ANSWERED, 0))
    votes.keep(Vote("T1", "C1", "1790000001.000001", "UKENTA", DOG.identity, good=False))
    code, said, complained = run("show", DOG.reference)
    assert (code, complained) == (0, "")
    assert said.splitlines() == [
        f"{DOG.reference} is {DOG.identity}, asked 2023-11-14T22:13:20+00:00",
        f"conversation  {KEY}, answered",
        "reply         1700000002.000001",
        "took          gpt-5.4-mini: 120 tokens sent (100 cached), 30 received, 1.5 s",
        "remembered    in the buffer, note 2",
        "vote          against the answer, by UKENTA",
    ]


def test_texts_are_shown_where_they_are_asked_for(whole_bot, run):
    bot, conversations, _ = whole_bot
    conversations.save(KEY, Stored(ANSWERED, 0))
    bot.bury(DOG)
    said = run("show", DOG.reference, "--texts")[1]
    assert "question      '犬の名前は?'" in said
    assert "answer        'ポチです。'" in said
    assert "text          '犬の名前は?'" in said


def test_a_dead_letter_is_shown_with_why_it_failed_and_its_person(whole_bot, run):
    bot, conversations, _ = whole_bot
    conversations.save(KEY, Stored(ANSWERED, 0))
    bot.bury(WALK)
    code, said, _ = run("show", WALK.reference, "--json")
    told = json.loads(said)
    assert code == 0
    assert told["person"] == "USAKURA"
    assert told["queue"] == [
        {
            "identity": WALK.identity,
            "kind": "question",
            "state": "dead letter",
            "group": KEY,
            "deliveries": 1,
            "failed": None,
            "reason": "ModelUnavailable: down",
        }
    ]
    assert told["conversations"] == [
        {
            "key": KEY,
            "reply": "1700000003.000001",
            "answered": False,
            "in_buffer": False,
            "in_notes": [],
            "receipt": None,
        }
    ]
    assert "散歩" not in said


def test_one_machine_also_shows_what_waits_and_how_its_deliveries_failed(sqlite_bot, run, clock):
    queue = SqliteQueue(sqlite_bot._database, clock=clock)
    queue.put(DOG, KEY)
    queue.retry(queue.claim().request, 5, Attempts().after(Cause.MODEL))
    said = run("show", DOG.reference)[1]
    assert "queue         waiting, delivered 1 time\n" in said
    assert '"model":1' in said


def test_one_machine_shows_that_a_question_is_done(sqlite_bot, run, clock):
    queue = SqliteQueue(sqlite_bot._database, clock=clock)
    queue.put(DOG, KEY)
    queue.finish(queue.claim().request)
    assert "queue         done, delivered 1 time\n" in run("show", DOG.reference, "--texts")[1]


def test_what_belongs_to_another_question_is_not_shown(whole_bot, run):
    bot, _, votes = whole_bot
    bot.bury(replace(DOG, channel="C2"))
    votes.keep(Vote("T1", "C1", "1790000001.000001", "UKENTA", WALK.identity, good=True))
    code, said, complained = run("show", DOG.reference)
    assert (code, said) == (1, "")
    assert complained.startswith(f"bot: nothing is known of {DOG.reference} in ")


def test_a_vote_on_an_answer_that_is_forgotten_is_all_that_is_known(whole_bot, run):
    _, _, votes = whole_bot
    votes.keep(Vote("T1", "C1", "1790000001.000001", "UKENTA", DOG.identity, good=True))
    code, said, _ = run("show", DOG.reference)
    assert (code, said.splitlines()[1:]) == (0, ["vote          for the answer, by UKENTA"])


def test_what_cannot_be_read_is_passed_over(whole_bot, run):
    bot, conversations, _ = whole_bot
    bot.bury_unreadable("私の秘密")
    conversations.save(KEY, Stored(ANSWERED, 0))
    code, said, _ = run("show", DOG.reference, "--texts")
    assert code == 0
    assert "秘密" not in said


def test_what_it_was_charged_with_is_shown_and_whose_it_is(whole_bot, run):
    _, conversations, _ = whole_bot
    answer = Charge(
        request=DOG.identity,
        kind=Kind.ANSWER,
        team="T1",
        channel="C1",
        person="USAKURA",
        model="gpt-5.4-mini",
        usage=Usage(120, 30, 100, 1),
        at=time.time(),
        money=675_000,
    )
    conversations.save(KEY, Stored(Conversation(), 0), answer)
    condensation = replace(answer, request=f"{DOG.identity}/condense", kind=Kind.CONDENSATION, money=None)
    conversations.save("T1/C2", Stored(Conversation(), 0), condensation)
    conversations.save("T1/C3", Stored(Conversation(), 0), replace(answer, request=WALK.identity))
    code, said, _ = run("show", DOG.reference)
    assert code == 0
    assert said.splitlines() == [
        f"{DOG.reference} is {DOG.identity}, asked 2023-11-14T22:13:20+00:00 by USAKURA",
        "charged       answer by gpt-5.4-mini: 120 tokens sent (100 cached), 30 received",
        "charged       condensation by gpt-5.4-mini: 120 tokens sent (100 cached), 30 received",
    ]
    charges = json.loads(run("show", DOG.reference, "--json")[1])["charges"]
    assert [each["money"] for each in charges] == [0.675, None]
