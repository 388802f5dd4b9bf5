"""Forgetting one person where others speak too."""

from dataclasses import replace

from domain.conversations.conversation import Conversation, Message, ReplyRecord, Speaker
from domain.correction.waiting_changes import PostChange
from domain.forgetting import is_theirs_alone, takes_part, without_person
from domain.spending.usage import Receipt, Usage
from domain.timestamp import Timestamp
from tests.notes import notes

RECEIPT = Receipt("gpt", "ja-3", Usage(120, 30, 100, 1), 1.5)
SAKURA = Message(Speaker.PERSON, "私の犬はポチです", 8, "さくら", Timestamp("1.1"))
TO_SAKURA = Message(Speaker.BOT, "ポチはいい名前ですね", 8, ts=Timestamp("1.1"))
KENTA = Message(Speaker.PERSON, "さくらの犬は何歳?", 8, "健太", Timestamp("2.1"))
TO_KENTA = Message(Speaker.BOT, "3歳です", 4, ts=Timestamp("2.1"))
BESIDE = Message(Speaker.THREAD, "今日は散歩に行った", 8, "さくら", Timestamp("2.2"))
SHARED = Conversation(
    notes=notes("さくらは犬を飼っている", "健太は猫が好き", "USAKURA は鶏肉が苦手", "雷は苦手"),
    buffer=(SAKURA, TO_SAKURA, KENTA, TO_KENTA, BESIDE),
    replies=(
        ReplyRecord(Timestamp("1.1"), "1.2", True, "ポチはいい名前ですね", RECEIPT),
        ReplyRecord(Timestamp("2.1"), "2.2", True, "3歳です", RECEIPT),
    ),
    people=(("USAKURA", "さくら"), ("UKENTA", "健太")),
    changes=(
        PostChange(Timestamp("1.1"), Timestamp("1.3"), "秘密"),
        PostChange(Timestamp("2.1"), Timestamp("2.3"), "猫"),
    ),
)


def test_what_the_person_said_goes_with_the_answers_and_what_others_said_stays():
    assert without_person(SHARED, "USAKURA").buffer == (KENTA, TO_KENTA)


def test_notes_that_name_the_person_go_by_name_and_by_id():
    assert [each.text for each in without_person(SHARED, "USAKURA").notes] == ["健太は猫が好き", "雷は苦手"]


def test_the_record_of_their_questions_stays_without_the_answers():
    assert without_person(SHARED, "USAKURA").replies == (replace(SHARED.replies[0], answer=""), SHARED.replies[1])


def test_an_answer_to_what_is_in_the_buffer_no_more_may_be_to_them_and_goes():
    condensed = replace(SHARED, buffer=(BESIDE,))
    assert [each.answer for each in without_person(condensed, "USAKURA").replies] == ["", ""]


def test_their_name_and_what_waits_to_be_changed_go():
    after = without_person(SHARED, "USAKURA")
    assert after.people == (("UKENTA", "健太"),)
    assert after.changes == SHARED.changes[1:]


def test_a_name_that_they_had_before_is_the_operators_to_add():
    former = replace(SAKURA, name="旧姓さくら", ts=Timestamp("0.1"))
    answered = replace(TO_SAKURA, ts=Timestamp("0.1"))
    talk = replace(SHARED, buffer=(former, answered, KENTA))
    assert without_person(talk, "USAKURA").buffer == talk.buffer
    assert without_person(talk, "USAKURA", ["旧姓さくら"]).buffer == (KENTA,)


def test_what_has_no_name_may_be_theirs_and_goes():
    nameless = replace(SAKURA, name="")
    assert without_person(replace(SHARED, buffer=(nameless, KENTA)), "USAKURA").buffer == (KENTA,)


def test_an_answer_of_an_earlier_release_has_no_ts_and_goes_with_the_question_before_it():
    def of_earlier(*messages: Message) -> tuple[Message, ...]:
        return tuple(replace(each, ts=None) for each in messages)

    talk = replace(SHARED, buffer=of_earlier(SAKURA, TO_SAKURA, KENTA, TO_KENTA, SAKURA))
    assert without_person(talk, "USAKURA").buffer == of_earlier(KENTA, TO_KENTA)


def test_doing_it_twice_takes_nothing_more():
    once = without_person(SHARED, "USAKURA")
    assert without_person(once, "USAKURA") == once


def test_a_conversation_is_theirs_alone_where_nobody_else_is_known_to_have_spoken():
    alone = Conversation(buffer=(SAKURA, TO_SAKURA), people=(("USAKURA", "さくら"),))
    assert is_theirs_alone(alone, "USAKURA")
    assert not is_theirs_alone(alone, "UKENTA")
    assert not is_theirs_alone(SHARED, "USAKURA")
    assert not is_theirs_alone(replace(alone, buffer=(SAKURA, TO_SAKURA, KENTA)), "USAKURA")


def test_a_person_takes_part_where_they_are_on_record():
    assert takes_part(SHARED, "UKENTA")
    assert not takes_part(SHARED, "UPOCHI")
