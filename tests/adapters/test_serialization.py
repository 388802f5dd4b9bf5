"""What is stored and queued can be read again, also what an earlier release has written."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.serialization.conversation_records import conversation_from_json, conversation_to_json
from adapters.serialization.request_records import request_from_json, request_to_json, vote_from_json
from domain.channels.settings_requests import ChangeSettings, OpenSettings
from domain.conversations.conversation import Conversation, Message, ReplyRecord, Speaker
from domain.conversations.notes import Note
from domain.correction.edits_and_deletions import Deletion, Edit, Redact
from domain.correction.waiting_changes import PostChange, Redaction
from domain.errors import StoreCorrupt
from domain.requests import Apology, Condense, File, Question, Quote, Request, Stop, Tab, Uninstall, Visit, Vote
from domain.spending.usage import Receipt, Usage
from domain.timestamp import Timestamp

ASKED = Question("T1", "C1", "1000.000001", "USAKURA", "犬の名前は?")
RECEIPT = Receipt("gpt-5.4-mini", "ja-3", Usage(120, 30, 100, 1), 1.5)
VOTE = Vote("T1", "C1", "1000.000009", "USAKURA", ASKED.identity, good=True, receipt=RECEIPT)
VISIT = Visit("T1", "D1", "1000.000009", "USAKURA", Tab.HOME)

texts = st.text(st.characters(codec="utf-8"), max_size=20)
timestamps = st.builds(
    lambda seconds, number: f"{seconds}.{number:06}", st.integers(0, 10**10), st.integers(0, 999_999)
).map(Timestamp)
counts = st.integers(0, 10**12)
usages = st.builds(Usage, counts, counts, counts, st.just(1))
receipts = st.builds(Receipt, texts, texts, usages, st.floats(0, 1e6))
notes = st.builds(Note, texts, counts, st.none() | timestamps, st.none() | timestamps, counts, st.booleans())
conversations = st.builds(
    Conversation,
    st.lists(notes, max_size=4).map(tuple),
    st.lists(
        st.builds(Message, st.sampled_from(Speaker), texts, counts, texts, st.none() | timestamps), max_size=4
    ).map(tuple),
    st.lists(st.builds(ReplyRecord, timestamps, texts, st.booleans(), texts, st.none() | receipts), max_size=4).map(
        tuple
    ),
    st.booleans(),
    st.none() | timestamps,
    st.builds(Usage, counts, counts, counts, counts),
    st.lists(st.tuples(texts, texts), max_size=3).map(tuple),
    st.none() | timestamps,
    st.lists(st.builds(PostChange, timestamps, timestamps, st.none() | texts), max_size=3).map(tuple),
    st.lists(st.builds(Redaction, timestamps, timestamps, texts, texts), max_size=3).map(tuple),
)
parts = (texts, texts, timestamps, texts)
files = st.lists(st.builds(File, texts, texts, counts, texts, texts), max_size=3).map(tuple)
questions = st.builds(
    *(Question, *parts, texts, texts, st.booleans(), st.booleans(), st.booleans(), texts, files),
    st.lists(st.builds(Quote, texts, texts, st.booleans()), max_size=3).map(tuple),
    texts,
    st.booleans(),
    enterprise=texts,
)
requests = st.one_of(
    questions,
    st.builds(Edit, *parts, questions, texts, st.booleans()),
    st.builds(Deletion, *parts, questions, texts, st.booleans()),
    st.builds(Redact, *parts, texts),
    st.builds(OpenSettings, *parts, texts, texts),
    st.builds(ChangeSettings, *parts, texts, st.dictionaries(texts, texts, max_size=3)),
    st.builds(Vote, *parts, texts, st.booleans(), st.none() | receipts),
    st.builds(Visit, *parts, st.sampled_from(Tab)),
    st.builds(Stop, *parts, texts),
    st.builds(Condense, *parts, texts, enterprise=texts),
    st.builds(Uninstall, *parts, texts, enterprise=texts),
    st.builds(Apology, *parts, texts, texts, st.booleans(), st.booleans(), st.booleans(), texts, files),
)


@given(conversations)
def test_any_conversation_is_read_as_it_was_written(conversation: Conversation):
    assert conversation_from_json(conversation_to_json(conversation), "here") == conversation


@given(requests)
def test_any_request_is_read_as_it_was_written_and_as_what_it_was(request_made: Request):
    read = request_from_json(request_to_json(request_made), "here")
    assert (type(read), read) == (type(request_made), request_made)


def test_what_most_conversations_do_not_have_takes_no_room():
    plain = Conversation(buffer=(Message(Speaker.PERSON, "犬は?", 2),), replies=(ReplyRecord("1.1", "2.1"),))
    assert json.loads(conversation_to_json(plain)) == {
        "summary": "",
        "summary_tokens": 0,
        "buffer": [["person", "犬は?", 2]],
        "replies": [["1.1", "2.1", False, ""]],
    }


def test_a_name_stands_at_the_end_of_its_message_alone():
    said = (Message(Speaker.PERSON, "犬は?", 2, "さくら"), Message(Speaker.BOT, "ポチです。", 3))
    record = json.loads(conversation_to_json(Conversation(buffer=said)))
    assert record["buffer"] == [["person", "犬は?", 2, "さくら"], ["bot", "ポチです。", 3]]


def test_a_conversation_of_an_earlier_release_is_read():
    old = '{"summary":"犬","summary_tokens":1,"buffer":[["bot","はい",1]],"replies":[["1.1","2.1",true,"はい"]]}'
    assert conversation_from_json(old, "here") == Conversation(
        (Note("犬", 1),), (Message(Speaker.BOT, "はい", 1),), (ReplyRecord("1.1", "2.1", answered=True, answer="はい"),)
    )


def test_what_an_earlier_release_has_counted_is_read():
    old = (
        '{"summary":"","summary_tokens":0,"buffer":[],"spent":[3,420,90,300],'
        '"replies":[["1.1","2.1",true,"はい",["gpt-5.4-mini","ja-3",120,30,100,1.5]]]}'
    )
    conversation = conversation_from_json(old, "here")
    assert conversation.usage == Usage(sent=420, received=90, cached=300, turns=3)
    assert conversation.reply_to("1.1").receipt == RECEIPT


def test_a_vote_that_an_earlier_release_has_kept_is_read():
    old = (
        '{"kind":"vote","team":"T1","channel":"C1","ts":"1000.000009","person":"USAKURA","good":true,'
        '"question":"T1/C1/1000.000001","receipt":{"model":"gpt-5.4-mini","prompts":"ja-3","sent":120,"received":30,'
        '"cached":100,"seconds":1.5}}'
    )
    assert vote_from_json(old, "here") == VOTE


def test_a_question_that_an_earlier_release_has_queued_is_read():
    old = (
        '{"team":"T1","channel":"C1","ts":"1000.000001","person":"USAKURA","text":"犬の名前は?",'
        '"thread":"","direct":false,"addressed":true}'
    )
    assert request_from_json(old, "here") == ASKED


def test_where_no_enterprise_grid_has_installed_the_app_an_earlier_release_reads_the_request():
    edit = Edit("T1", "C1", "1000.000009", "USAKURA", ASKED)
    assert "enterprise" not in request_to_json(ASKED) + request_to_json(edit)
    assert json.loads(request_to_json(replace(ASKED, enterprise="E1")))["enterprise"] == "E1"


def test_a_question_does_not_say_what_it_is_and_everything_else_does():
    assert [json.loads(request_to_json(each)).get("kind") for each in (ASKED, VOTE, VISIT)] == [None, "vote", "visit"]


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "7", "null", "[" * 100_000, '{"text":"私の秘密"}', '{"kind":"wish","text":"私の秘密"}',
        '{"kind":[],"text":"私の秘密"}',
        request_to_json(VISIT).replace("home", "私の秘密"),
        request_to_json(VOTE).replace('"sent"', '"私の秘密"'),
        request_to_json(ASKED).replace('"files":[]', '"files":["私の秘密"]'),
        request_to_json(ASKED).replace('"files":[]', '"files":7'),
    ],
    ids=range(12),
)  # fmt: skip
def test_what_is_no_request_is_corrupt_and_named_without_its_text(text: str):
    with pytest.raises(StoreCorrupt, match="message 7c1e is not a request") as caught:
        request_from_json(text, "message 7c1e")
    assert "秘密" not in str(caught.value)


def test_an_earlier_release_reads_what_is_stored_now():
    """To it the summary is one text, a message has four fields at most, and all that it does not know it leaves out."""
    asked = Message(Speaker.PERSON, "散歩は?", 3, "さくら", Timestamp("1.2"))
    kept = (Note("犬はポチ。", 5, Timestamp("1.1"), Timestamp("1.1")), Note("毎朝\n7時に散歩。", 8, rewrites=2))
    record = json.loads(conversation_to_json(Conversation(kept, (asked,))))
    assert (record["summary"], record["summary_tokens"]) == ("犬はポチ。\n毎朝\n7時に散歩。", 13)
    assert record["buffer"] == [["person", "散歩は?", 3, "さくら"]]
    left = {name: record[name] for name in ("summary", "summary_tokens", "buffer", "replies")}
    read = conversation_from_json(json.dumps(left), "here")
    assert read == Conversation((Note("犬はポチ。\n毎朝\n7時に散歩。", 13),), (replace(asked, ts=None),))


@pytest.mark.parametrize(
    "changed",
    [
        {"buffer": [["stranger", "やあ", 1]]},
        {"buffer": [["bot", "やあ"]]},
        {"buffer": None},
        {"buffer": [[]]},
        {"replies": [["1.1"]]},
        {"replies": [["1.1", "2.1", True, "", ["gpt"]]]},
        {"spent": 7},
        {"notes": 7},
        {"notes": [[1]]},
        {"notes": [[5, 1, "私の秘密", None, 0]]},
        {"posts": ["1.1"]},
        {"spent": [1, 2, 3, 4, 5]},
    ],
)
def test_what_is_no_conversation_is_corrupt(changed):
    record = json.loads(conversation_to_json(Conversation())) | changed
    with pytest.raises(StoreCorrupt, match="here is not a conversation"):
        conversation_from_json(json.dumps(record), "here")


def test_only_a_vote_is_a_vote():
    assert vote_from_json(request_to_json(VOTE), "here") == VOTE
    with pytest.raises(StoreCorrupt, match="here is not a vote"):
        vote_from_json(request_to_json(VISIT), "here")


def test_an_earlier_release_reads_what_was_said_in_the_thread_as_a_persons_message():
    above = Message(Speaker.THREAD, "七時です", 4, "ケン", Timestamp("1000.000001"))
    written = json.loads(conversation_to_json(Conversation(buffer=(above,))))
    assert written["buffer"] == [["person", "七時です", 4, "ケン"]]
    assert written["quoted"] == [0]
