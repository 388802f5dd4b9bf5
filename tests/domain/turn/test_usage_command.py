"""The command ``usage`` as a turn: what it reads, whom it tells, and what it costs."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.limits.allowance import Allowance
from domain.limits.owner_limits import Limit
from domain.spending.ledger import Owner, OwnerKind
from domain.turn_events import Obeyed
from tests.domain.desk import DOG, Desk, follow_up
from tests.fakes import spending

NOVEMBER = datetime(2026, 11, 26, 18, tzinfo=UTC).timestamp()
ASKED = follow_up(1, "使用量")


def desk(*charges, **limits: int) -> Desk:
    """A desk in November with this in the ledger."""
    made = Desk(allowance=Allowance(**limits))
    made.clock.now = NOVEMBER
    made.store.charges += charges
    return made


def told(made: Desk, question=ASKED) -> str:
    made.answer(question)
    return made.replies.of[question.identity].text


@pytest.mark.parametrize("word", ["usage", "使用量", "利用量", "Usage!"])
def test_a_person_is_told_of_the_month_without_a_model_call(word):
    made = desk(spending(1_000, NOVEMBER), person=4_000)
    text = told(made, replace(ASKED, text=word))
    assert "上限 4,000 トークンのうち 1,000(25 %)" in text
    assert made.model.prompts == []
    assert isinstance(made.events[-1], Obeyed)


def test_what_others_have_used_in_other_channels_or_months_does_not_count():
    ken = replace(spending(1_000, NOVEMBER), person="UKEN", channel="C2")
    october = spending(1_000, NOVEMBER - 31 * 86_400)
    text = told(desk(ken, october, person=4_000))
    assert "上限 4,000 トークンのうち 0(0 %)" in text


def test_a_person_over_the_limit_can_still_ask_for_it():
    text = told(desk(spending(9_000, NOVEMBER), person=4_000, channel=5_000, team=6_000))
    assert "上限 4,000 トークンのうち 9,000(225 %)" in text
    assert text.count("上限") == 3


def test_the_limit_is_the_one_that_the_operator_has_set_for_the_person():
    made = desk(spending(1_000, NOVEMBER), person=4_000)
    made.store.limits.set_limit(Owner("T1", OwnerKind.PERSON, "USAKURA"), Limit(budget=2_000))
    assert "上限 2,000 トークンのうち 1,000(50 %)" in told(made)


def test_in_a_channel_the_person_alone_is_told():
    made = desk()
    told(made)
    assert made.replies.only.private


def test_in_a_direct_message_it_is_a_reply_like_any_other():
    made = desk()
    told(made, replace(ASKED, direct=True))
    assert not made.replies.only.private


def test_the_conversation_comes_below_the_month_where_it_has_an_answer():
    made = desk()
    made.answer(DOG)
    text = told(made)
    assert text.index("2026-11 に使った量") < text.index("この会話では、これまでに 1 回答え")


def test_it_is_told_once_however_often_it_is_delivered():
    made = desk()
    first = told(made)
    made.answer(ASKED)
    assert made.replies.of[ASKED.identity].text == first
    assert len(made.replies.by_ts) == 1


def test_it_reads_the_store_once():
    made = desk()
    told(made)
    assert (made.store.loads, made.store.saves) == (1, 2)
