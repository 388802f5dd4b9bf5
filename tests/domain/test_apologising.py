"""People who hear late that their question could not be answered."""

import pytest

from domain.deliveries.delivery import Delivery
from domain.errors import (
    ModelBusy,
    PersonNotNotified,
)
from tests.domain.desk import DOG, Desk, follow_up
from tests.fakes import (
    InMemoryReplies,
    ScriptedModel,
)


def test_who_could_not_be_told_is_told_when_slack_is_back():
    desk = Desk(ScriptedModel(ModelBusy("429")), replies=InMemoryReplies(fail_after=0))
    with pytest.raises(PersonNotNotified):
        desk.answer(DOG, Delivery(3, last=True))
    desk.replies.only.fail_after = 1
    desk.apologising.apologise(DOG)
    desk.apologising.apologise(DOG)
    assert DOG.reference in desk.replies.only.text
    assert desk.memory_of().buffer == ()


def test_who_is_told_late_though_the_answer_is_saved_gets_the_answer():
    desk = Desk()
    desk.replies.on_open = lambda reply: setattr(reply, "fail_to_close", True)
    with pytest.raises(PersonNotNotified):
        desk.answer(DOG, Delivery(3, last=True))
    desk.replies.only.fail_to_close = False
    desk.apologising.apologise(DOG)
    assert desk.replies.only.text == "『犬の名前はポチです』ですね。"
    assert desk.replies.only.closed


def test_an_apology_to_a_question_that_never_reached_slack_opens_a_reply():
    desk = Desk()
    desk.apologising.apologise(DOG)
    assert DOG.reference in desk.replies.only.text


def test_an_apology_to_a_follow_up_in_a_thread_that_the_bot_takes_part_in_ends_what_a_killed_worker_began():
    """Its session may say that the bot is at work, though no reply is known."""
    desk = Desk()
    desk.answer(DOG)
    desk.apologising.apologise(follow_up(1, addressed=False))
    first, second = desk.replies.by_ts.values()
    assert follow_up(1).reference in second.text
    assert first.text == "『犬の名前はポチです』ですね。"


def test_nobody_waits_for_an_apology_to_talk_that_may_not_be_for_the_bot():
    desk = Desk()
    desk.apologising.apologise(follow_up(1, addressed=False))
    assert desk.replies.by_ts == {}
