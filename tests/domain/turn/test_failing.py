"""Turns that fail."""

from dataclasses import replace

import pytest

from domain.deliveries.delivery import Delivery
from domain.errors import (
    ModelBusy,
    ModelMisconfigured,
    PersonNotNotified,
    SlackRefused,
    SlackUnavailable,
    StoreUnavailable,
    TokenLimitTooLow,
    Unavailable,
)
from domain.turn_events import Failed
from tests.domain.desk import DOG, Desk, follow_up, raising
from tests.fakes import (
    InMemoryReplies,
    ScriptedModel,
)


def test_after_the_last_delivery_the_person_is_told_with_a_reference_and_nothing_is_remembered():
    desk = Desk(ScriptedModel(ModelBusy("429")))
    with pytest.raises(ModelBusy):
        desk.answer(DOG, Delivery(3, last=True))
    assert "混み合って" in desk.replies.only.text
    assert DOG.reference in desk.replies.only.text
    assert desk.replies.only.closed
    assert desk.memory_of().buffer == ()
    assert [(type(each), each.notified, each.retried) for each in desk.events] == [(Failed, True, False)]


def test_before_the_last_delivery_nobody_is_told():
    desk = Desk(ScriptedModel(ModelBusy("429")))
    with pytest.raises(ModelBusy):
        desk.answer(DOG, Delivery(1))
    assert desk.replies.only.text == ""
    assert [(each.notified, each.retried) for each in desk.events] == [(False, True)]


def test_a_bug_is_told_like_any_other_failure():
    desk = Desk(ScriptedModel(ZeroDivisionError("a bug")))
    with pytest.raises(ZeroDivisionError):
        desk.answer(DOG, Delivery(3, last=True))
    assert DOG.reference in desk.replies.only.text
    assert "bug" not in desk.replies.only.text


def test_where_even_the_apology_fails_the_first_error_is_the_one_that_counts():
    desk = Desk(ScriptedModel(ModelBusy("429")), replies=InMemoryReplies(fail_after=0))
    with pytest.raises(PersonNotNotified) as failed:
        desk.answer(DOG, Delivery(3, last=True))
    assert isinstance(failed.value.__cause__, ModelBusy)
    assert [(type(each.error), each.notified) for each in desk.events] == [(ModelBusy, False)]


def test_where_slack_refuses_the_reply_nobody_is_told_later_either():
    desk = Desk()
    desk.replies.on_open = raising(SlackRefused("not_in_channel"))
    with pytest.raises(SlackRefused):
        desk.answer(DOG, Delivery(3, last=True))
    assert [each.notified for each in desk.events] == [False]


@pytest.mark.parametrize("error", [ModelMisconfigured("401"), TokenLimitTooLow("2000 tokens of thoughts")])
def test_what_the_operator_must_mend_is_told_at_once_and_answered_when_it_is_replayed(error):
    desk = Desk(ScriptedModel(error, "いい名前ですね"))
    with pytest.raises(type(error)):
        desk.answer(DOG)
    assert "管理者" in desk.replies.only.text
    assert DOG.reference in desk.replies.only.text
    assert desk.memory_of().buffer == ()
    desk.answer(DOG, Delivery(1, replayed=True))
    assert desk.replies.only.text == "いい名前ですね"


@pytest.mark.parametrize(
    ("break_", "paid"),
    [
        (lambda desk: setattr(desk.store, "load", raising(StoreUnavailable("locked"))), False),
        (lambda desk: setattr(desk.replies, "on_open", raising(SlackUnavailable("502"))), False),
        (lambda desk: setattr(desk.replies, "fail_after", 0), True),
    ],
    ids=["no store", "no Slack", "Slack went while the model spoke"],
)
def test_an_error_says_whether_the_model_had_been_asked_by_then(break_, paid):
    desk = Desk()
    break_(desk)
    with pytest.raises(Unavailable) as failed:
        desk.answer(DOG)
    assert failed.value.paid is paid


def test_an_answer_that_is_saved_is_never_replaced_by_an_apology():
    desk = Desk()
    desk.replies.on_open = lambda reply: setattr(reply, "fail_to_close", True)
    with pytest.raises(PersonNotNotified):
        desk.answer(DOG, Delivery(3, last=True))
    assert desk.replies.only.text == "『犬の名前はポチです』ですね。"
    assert [each.notified for each in desk.events] == [False]


def test_when_the_store_is_down_for_good_the_person_is_told():
    desk = Desk()
    desk.store.load = raising(StoreUnavailable("down"))
    with pytest.raises(StoreUnavailable):
        desk.answer(DOG, Delivery(3, last=True))
    assert DOG.reference in desk.replies.only.text
    assert [each.notified for each in desk.events] == [True]


def test_when_the_store_is_down_talk_that_may_not_be_for_the_bot_gets_no_apology():
    desk = Desk()
    desk.store.load = raising(StoreUnavailable("down"))
    with pytest.raises(StoreUnavailable):
        desk.answer(follow_up(1, addressed=False), Delivery(3, last=True))
    assert desk.replies.by_ts == {}


def test_a_reply_that_cannot_be_opened_is_reported():
    desk = Desk()
    desk.replies.on_open = raising(SlackUnavailable("down"))
    with pytest.raises(SlackUnavailable):
        desk.answer(DOG, Delivery(1))
    assert [(type(each), each.notified) for each in desk.events] == [(Failed, False)]


def test_a_refusal_that_cannot_be_told_is_reported_and_told_at_the_next_delivery():
    desk = Desk(replies=InMemoryReplies(fail_after=0))
    with pytest.raises(SlackUnavailable):
        desk.answer(replace(DOG, text=""))
    assert isinstance(desk.events[-1].error, SlackUnavailable)
    desk.replies.only.fail_after = 1
    desk.answer(replace(DOG, text=""), Delivery(2))
    assert "何でしょうか" in desk.replies.only.text


def test_when_the_store_is_down_nothing_is_posted():
    desk = Desk()
    desk.store.load = raising(StoreUnavailable("down"))
    with pytest.raises(StoreUnavailable):
        desk.answer(DOG)
    assert desk.replies.by_ts == {}


def test_when_slack_breaks_off_in_mid_answer_the_question_is_delivered_again():
    desk = Desk(ScriptedModel("あ|い|う", "あ|い|う"), replies=InMemoryReplies(fail_after=2))
    with pytest.raises(SlackUnavailable):
        desk.answer(DOG)
    desk.replies.only.fail_after = 99
    desk.answer(DOG, Delivery(2))
    assert desk.replies.only.text == "あいう"
