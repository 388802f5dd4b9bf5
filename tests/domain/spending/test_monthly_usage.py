"""What a person reads of the month."""

from dataclasses import replace

import pytest

from domain.limits.allowance import NO_LIMITS, Allowance
from domain.spending.ledger import NO_ACCOUNTS, Accounts, Sum
from domain.spending.monthly_usage import MonthlyUsage
from domain.spending.prices import money
from domain.spending.usage import Usage
from domain.texts.english import ENGLISH
from domain.texts.japanese import JAPANESE

NOVEMBER = 1_795_800_000.0
"""27 November 2026, in UTC."""

SAKURA = Sum(Usage(sent=34_567, received=1_234, cached=30_000, turns=12), money=21_300)
DOG_LOVERS = Sum(Usage(sent=3_456_700, received=123_400, cached=3_000_000, turns=120), money=2_130_000)
EVERYBODY = Sum(Usage(sent=9_000_000, received=500_000, turns=400))
ACCOUNTS = Accounts(SAKURA, DOG_LOVERS, EVERYBODY)


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("- ")]


def test_a_person_reads_what_they_and_the_channel_have_used():
    person, channel = lines(MonthlyUsage(NOVEMBER, ACCOUNTS, NO_LIMITS).of_all(ENGLISH))
    assert person == (
        "- You: 17,439 billed-equivalent tokens, without a limit, 0.0213 by the price list."
        " Answers: 12; tokens sent: 34,567, from the cache: 30,000, received: 1,234."
    )
    assert channel.startswith("- This channel: 1,743,900 billed-equivalent tokens, without a limit, 2.13 by")


def test_against_a_limit_they_read_how_much_of_it_is_used():
    allowance = Allowance(person=1_000_000, channel=1_500_000)
    person, channel = lines(MonthlyUsage(NOVEMBER, ACCOUNTS, allowance).of_all(ENGLISH))
    assert person.startswith("- You: 17,439 of 1,000,000 billed-equivalent tokens (1 %)")
    assert channel.startswith("- This channel: 1,743,900 of 1,500,000 billed-equivalent tokens (116 %)")


def test_what_all_others_use_is_shown_only_where_it_is_limited():
    assert len(lines(MonthlyUsage(NOVEMBER, ACCOUNTS, NO_LIMITS).of_all(ENGLISH))) == 2
    team = lines(MonthlyUsage(NOVEMBER, ACCOUNTS, Allowance(team=20_000_000)).of_all(ENGLISH))[2]
    assert team.startswith("- The workspace: 13,000,000 of 20,000,000 billed-equivalent tokens (65 %).")


def test_the_app_home_shows_a_person_their_own_alone():
    (person,) = lines(MonthlyUsage(NOVEMBER, ACCOUNTS, Allowance(person=1_000_000, team=5)).of_person(ENGLISH))
    assert "17,439 of 1,000,000" in person


@pytest.mark.parametrize(
    ("now", "month", "anew"),
    [
        (NOVEMBER, "2026-11", "2026-12-01"),
        (1_798_761_599.0, "2026-12", "2027-01-01"),  # the last second of the year
        (1_798_761_600.0, "2027-01", "2027-02-01"),
    ],
)
def test_it_says_which_month_it_is_and_when_it_begins_anew(now, month, anew):
    for language in (ENGLISH, JAPANESE):
        text = MonthlyUsage(now, NO_ACCOUNTS, NO_LIMITS).of_all(language)
        assert month in text
        assert anew in text


@pytest.mark.parametrize(("language", "word"), [(ENGLISH, "Estimated"), (JAPANESE, "概算")])
def test_it_says_what_is_estimated(language, word):
    stopped = replace(SAKURA, usage=replace(SAKURA.usage, estimated=2))
    assert word in MonthlyUsage(NOVEMBER, Accounts(stopped), NO_LIMITS).of_person(language)
    assert word not in MonthlyUsage(NOVEMBER, ACCOUNTS, NO_LIMITS).of_person(language)


@pytest.mark.parametrize(("language", "word"), [(ENGLISH, "price list"), (JAPANESE, "値段表")])
def test_money_is_shown_where_a_price_is_known_with_what_has_none(language, word):
    unpriced = Sum(Usage(sent=500, turns=1), unpriced=500)
    assert word not in MonthlyUsage(NOVEMBER, Accounts(unpriced), NO_LIMITS).of_person(language)
    both = MonthlyUsage(NOVEMBER, Accounts(SAKURA + unpriced), NO_LIMITS).of_person(language)
    assert word in both
    assert "500" in both


@pytest.mark.parametrize(
    ("amount", "shown"), [(0, "0.0000"), (478, "0.0005"), (999_999, "1.0000"), (1_234_567_890, "1,234.57")]
)
def test_money_has_as_many_decimals_as_it_needs(amount, shown):
    assert money(amount) == shown
