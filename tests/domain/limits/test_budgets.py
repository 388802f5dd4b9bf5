"""Budgets of a month and questions a minute, as values."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.limits.allowance import Allowance
from domain.limits.budgets import budget_refusal, budgets, next_month
from domain.limits.question_rate import rate_refusal
from domain.spending.ledger import Accounts, OwnerKind, Sum
from domain.spending.usage import Usage
from domain.timestamp import Timestamp

NOW = datetime(2026, 11, 26, 18, tzinfo=UTC).timestamp()


def spent(billed: int, warnings: int = 0) -> Sum:
    return Sum(Usage(sent=billed), warnings=warnings)


def test_without_limits_nothing_is_refused_whatever_is_used():
    accounts = Accounts(spent(10**9), spent(10**9), spent(10**9))
    assert budget_refusal(Allowance(), accounts, NOW) is None
    assert list(budgets(Allowance(), accounts)) == []


@pytest.mark.parametrize(("used", "is_refused"), [(0, False), (49_999, False), (50_000, True), (60_000, True)])
def test_a_budget_is_used_up_at_a_hundred_per_cent(used, is_refused):
    refusal = budget_refusal(Allowance(person=50_000), Accounts(person=spent(used)), NOW)
    assert (refusal is not None) == is_refused


@pytest.mark.parametrize(
    ("accounts", "whose"),
    [
        (Accounts(spent(10), spent(10), spent(10)), "person"),
        (Accounts(spent(9), spent(20), spent(30)), "channel"),
        (Accounts(spent(9), spent(19), spent(30)), "team"),
    ],
)
def test_a_refusal_says_whose_budget_it_is_and_when_the_next_begins(accounts, whose):
    refusal = budget_refusal(Allowance(person=10, channel=20, team=30), accounts, NOW)
    assert (refusal.whose, refusal.begins) == (whose, date(2026, 12, 1))


def test_what_is_received_counts_eight_times_and_what_was_cached_a_tenth():
    (budget,) = budgets(Allowance(person=1_000), Accounts(person=Sum(Usage(sent=300, cached=100, received=50))))
    assert budget.used == 200 + 10 + 400


@pytest.mark.parametrize(
    ("used", "warnings", "must_be_told"), [(79, 0, False), (80, 0, True), (80, 1, False), (130, 0, True)]
)
def test_at_eighty_per_cent_people_are_told_once(used, warnings, must_be_told):
    (budget,) = budgets(Allowance(channel=100), Accounts(channel=spent(used, warnings)))
    assert budget.must_be_told == must_be_told
    assert (budget.whose, budget.percent) == (OwnerKind.CHANNEL, used)


@pytest.mark.parametrize(
    ("at", "begins"),
    [
        (datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC), date(2026, 12, 1)),
        (datetime(2026, 12, 1, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2026, 1, 31, tzinfo=UTC), date(2026, 2, 1)),
        (datetime(2028, 2, 29, 12, tzinfo=UTC), date(2028, 3, 1)),
    ],
)
def test_a_month_ends_at_midnight_utc_of_its_last_day(at, begins):
    assert next_month(at.timestamp()) == begins


def ts(seconds: float) -> Timestamp:
    return Timestamp(f"{seconds:.6f}")


def test_without_a_limit_as_many_may_be_asked_as_one_likes():
    assert rate_refusal(0, ts(1000), [1000 - each for each in range(1, 60)]) is None


def test_the_question_above_the_limit_is_refused_until_the_first_is_a_minute_old():
    refusal = rate_refusal(3, ts(1030), [1000, 1010, 1020])
    assert (refusal.limit, refusal.seconds) == (3, 30)
    assert rate_refusal(3, ts(1060), [1000, 1010, 1020]) is None


def test_a_question_that_was_let_through_before_is_let_through_again():
    assert rate_refusal(1, ts(1000), [1000]) is None


def test_a_question_that_comes_late_is_one_of_its_own_minute():
    assert rate_refusal(2, ts(1000), [1100, 1110]) is None
    assert rate_refusal(2, ts(1000), [1010, 1020]).seconds == 70


@given(st.lists(st.integers(0, 600), unique=True), st.integers(1, 5), st.randoms())
def test_in_whatever_order_questions_come_no_minute_has_more_than_the_limit(asked, limit, random):
    admitted: list[float] = []
    random.shuffle(asked)
    for each in asked:
        if not rate_refusal(limit, ts(each), admitted):
            admitted.append(each)
    for first in admitted:
        assert sum(first <= each < first + 60 for each in admitted) <= limit


@given(st.lists(st.integers(0, 600), unique=True, min_size=1), st.integers(1, 5))
def test_who_asks_again_when_they_are_told_to_is_answered(asked, limit):
    admitted: list[float] = []
    for each in sorted(asked):
        refusal = rate_refusal(limit, ts(each), admitted)
        if refusal is None:
            admitted.append(each)
        else:
            assert rate_refusal(limit, ts(each + refusal.seconds), admitted) is None
