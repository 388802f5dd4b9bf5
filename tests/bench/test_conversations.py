"""The conversations that the memory is measured with, and how answers are scored."""

from itertools import pairwise

import pytest

from bench.eval.scoring import is_admission, is_right, normalised
from bench.eval.talks.english import ENGLISH
from bench.eval.talks.facts import Kind
from bench.eval.talks.generator import AGES, WORDINGS, Probe, talk
from bench.eval.talks.japanese import JAPANESE

in_both = pytest.mark.parametrize("wording", WORDINGS.values(), ids=WORDINGS)


def probe(expected: str, kind: Kind = Kind.NAME) -> Probe:
    return Probe(1, kind, 5, "?", expected)


@in_both
def test_the_same_seed_makes_the_same_conversation_and_another_seed_another(wording):
    assert talk(wording, 50, seed=1) == talk(wording, 50, seed=1)
    assert talk(wording, 50, seed=1).turns != talk(wording, 50, seed=2).turns


@in_both
def test_facts_of_every_kind_are_told_and_asked_for(wording):
    made = talk(wording, 50)

    assert {turn.fact.kind for turn in made.turns if turn.fact} == set(wording.patterns)
    assert {each.kind for each in made.probes} == {*wording.patterns, Kind.UNTOLD}


@in_both
def test_a_fact_is_asked_for_at_every_age_that_the_conversation_reaches(wording):
    ages = {each.age for each in talk(wording, 2_000).probes if each.kind is not Kind.UNTOLD}

    assert ages == set(AGES)


@in_both
def test_the_probes_stand_in_the_order_in_which_they_are_asked_and_within_the_conversation(wording):
    made = talk(wording, 400)

    assert all(earlier.at <= later.at for earlier, later in pairwise(made.probes))
    assert all(0 < each.at <= len(made.turns) for each in made.probes)


@in_both
def test_a_corrected_fact_is_told_wrongly_and_then_rightly(wording):
    made = talk(wording, 50)
    wrong, right = [turn for turn in made.turns if turn.fact and turn.fact.kind is Kind.CORRECTION]

    assert wrong.fact == right.fact
    assert wrong.fact.rival in wrong.question
    assert wrong.fact.value not in wrong.question
    assert right.fact.value in right.question


@in_both
def test_what_a_quoted_text_demands_is_no_fact(wording):
    made = talk(wording, 50)
    told, quoted = [turn for turn in made.turns if turn.fact and turn.fact.kind is Kind.INJECTION]
    (asked, *_) = [each for each in made.probes if each.kind is Kind.INJECTION]

    assert told.fact.value in told.question
    assert told.fact.rival in quoted.question
    assert asked.expected == told.fact.value != told.fact.rival


@in_both
def test_a_yes_answers_what_the_bot_has_offered_in_the_turn_before(wording):
    made = talk(wording, 50)
    (at,) = [n for n, turn in enumerate(made.turns) if turn.question in wording.agreements.values()]

    assert made.turns[at].fact.subject in made.turns[at - 1].answer
    assert made.turns[at].fact.subject not in made.turns[at].question


@in_both
def test_who_said_it_stands_in_no_text(wording):
    made = talk(wording, 50)
    (said,) = [turn for turn in made.turns if turn.fact and turn.fact.kind is Kind.SPEAKER]

    assert said.person == said.fact.value
    assert said.fact.value not in said.question + said.answer


@in_both
def test_what_was_never_told_stands_nowhere(wording):
    made = talk(wording, 2_000)
    said = "\n".join(turn.question for turn in made.turns)
    never = [subject for pattern in wording.patterns.values() for subject in pattern.subjects[-2:]]

    assert [subject for subject in never if f" {subject} " in said or f"{subject}は" in said] == []


@pytest.mark.parametrize(
    ("wording", "expected", "answer"),
    [
        (ENGLISH, "Mori", "Mori"),
        (ENGLISH, "Mori", "**Dr. Mori**."),
        (ENGLISH, "Mori", "Answer: Doctor Mori"),
        (ENGLISH, "river", "At the river."),
        (ENGLISH, "5 December", "December 5th"),
        (ENGLISH, "5 December", "the 5th of December"),
        (ENGLISH, "1,250", "1250 yen"),
        (JAPANESE, "森", "森先生です。"),
        (JAPANESE, "12月5日", "12月5日です"),
        (JAPANESE, "14,300", "14,300円"),
        (JAPANESE, "茶色", "「茶色」"),
        (JAPANESE, "かぼちゃ", "かぼちゃ です。"),
    ],
)
def test_an_answer_is_right_however_it_is_dressed(wording, expected, answer):
    assert is_right(wording, probe(expected), answer)


@pytest.mark.parametrize(
    ("expected", "answer"),
    [
        ("Mori", "Mori or Kondo"),
        ("Mori", "Not Mori"),
        ("Mori", ""),
        ("5 December", "6 December"),
        ("5 December", "5 October"),
        ("yes", "yes and no"),
        ("1,250", "11,250"),
    ],
)
def test_an_answer_that_says_anything_else_is_wrong(expected, answer):
    assert not is_right(ENGLISH, probe(expected), answer)


@in_both
def test_every_value_can_be_told_from_the_others(wording):
    for pattern in wording.patterns.values():
        assert len({normalised(value) for value in pattern.values}) == len(pattern.values)


@in_both
def test_what_was_never_told_is_right_where_the_answer_admits_it(wording):
    for admission in (wording.unknown, *wording.admissions):
        assert is_right(wording, probe(wording.unknown, Kind.UNTOLD), f"{admission}。")
        assert is_admission(wording, admission)
        assert not is_right(wording, probe("Mori"), admission)
