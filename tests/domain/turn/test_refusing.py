"""Questions that do not reach the model."""

from dataclasses import replace

import pytest

from domain.attachments import Document, ResolvedQuestion, Unread, Unreadable
from domain.deliveries.delivery import Delivery
from domain.errors import (
    ModelRefused,
)
from domain.requests import File, Quote
from tests.domain.desk import DOG, Desk
from tests.fakes import (
    PlainResolver,
    ScriptedModel,
)


def test_a_question_that_nobody_can_answer_is_told_at_once_and_settled():
    desk = Desk(ScriptedModel(ModelRefused("no")))
    desk.answer(DOG)
    desk.answer(DOG, Delivery(2))
    assert DOG.reference in desk.replies.only.text
    assert len(desk.model.prompts) == 1
    assert desk.memory_of().buffer == ()


@pytest.mark.parametrize("text", ["", "  \n\t "])
def test_a_mention_without_a_word_is_asked_what_it_wants(text):
    desk = Desk()
    desk.answer(replace(DOG, text=text))
    assert "何でしょうか" in desk.replies.only.text
    assert desk.model.prompts == []


def test_a_question_over_the_limit_is_refused_without_asking_the_model():
    desk = Desk()
    desk.answer(replace(DOG, text="長" * 101))
    assert "長すぎて" in desk.replies.only.text
    assert desk.model.prompts == []
    assert desk.memory_of().buffer == ()
    assert "101 tokens" in str(desk.events[-1].error)


def test_a_question_of_exactly_the_limit_is_answered():
    desk = Desk()
    desk.answer(replace(DOG, text="長" * 100))
    assert len(desk.model.prompts) == 1


def test_files_alone_of_which_none_can_be_read_are_said_without_asking_the_model():
    unread = Unread("song.mp3", Unreadable.KIND)
    desk = Desk(resolver=PlainResolver(**{"": ResolvedQuestion("", unread=(unread,))}))
    desk.answer(replace(DOG, text="", files=(File("song.mp3", "audio/mpeg", 9, "https://files.slack.com/s"),)))
    assert "どのファイルも読めませんでした" in desk.replies.only.text
    assert desk.model.prompts == []


@pytest.mark.parametrize("text", ["", "犬" * 101])
def test_a_question_that_cannot_be_asked_is_told_to_its_person_alone(text):
    desk = Desk()
    desk.answer(replace(DOG, text=text))
    assert desk.replies.only.private
    assert DOG.reference in desk.replies.only.text


def test_in_a_direct_message_there_is_nobody_to_hide_it_from():
    desk = Desk()
    desk.answer(replace(DOG, text="", direct=True))
    assert not desk.replies.only.private


def test_a_person_of_another_company_is_told_so_alone_and_neither_the_model_nor_the_memory_hears_of_it():
    desk = Desk()
    desk.answer(DOG)
    theirs = replace(DOG, ts="1000.000002", thread=DOG.ts, person="UEXT", person_team="TEXT", external=True)
    for ts, text in (("1000.000002", "散歩は?"), ("1000.000003", "リセット")):
        desk.answer(replace(theirs, text=text, ts=ts))
        refused = desk.replies.by_ts[""]
        assert refused.private
        assert "運用している会社" in refused.text
    assert len(desk.model.prompts) == 1
    assert len(desk.memory_of().buffer) == 2


def test_a_quote_without_a_word_beside_it_is_a_question():
    reading = ResolvedQuestion("", documents=(Document("花子", "ポチの注射は金曜日です。", quoted=True),))
    desk = Desk(resolver=PlainResolver(**{"": reading}))
    desk.answer(replace(DOG, text="", quotes=(Quote("ポチの注射は金曜日です。", "花子"),)))
    assert "ポチの注射は金曜日です。" in desk.model.prompts[0][-1].text


def test_names_that_make_a_question_too_long_are_seen_before_the_model_is_asked():
    named = ResolvedQuestion("@" + "長い名前の人" * 100 + " 犬は?")
    desk = Desk(resolver=PlainResolver(**{DOG.text: named}))
    desk.answer(DOG)
    assert "長すぎて" in desk.replies.only.text
    assert desk.model.prompts == []
