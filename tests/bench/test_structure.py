"""The memory with summarisers by a script: obeying, losing, writing too much, answering in prose."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.__main__ import BOUNDS
from bench.eval.scripted import structure
from bench.eval.scripted.structure import (
    circumstances,
    condensing_output,
    count_tokens,
    rewritten,
    surviving,
    watched,
)
from bench.eval.scripted.summarisers import Rewriter, Summariser, Wordy
from bench.eval.scripted.watched import WatchedNotes
from bench.eval.talks.generator import Talk, talk, telling
from bench.eval.talks.japanese import JAPANESE
from bench.eval.ways.buffered import Buffered
from domain.condensation.condensation import Condensation
from domain.memory import CEILING, Memory

MEMORY = Memory(limit=1_000, keep=400, summary=600)


@pytest.fixture(scope="module")
def made() -> Talk:
    return talk(JAPANESE, 150)


def losing(made: Talk) -> Summariser:
    return Summariser(made, count_tokens, loss=0.2)


def prose_and_losing(made: Talk) -> Rewriter:
    return Rewriter(made, count_tokens, loss=0.2)


SCRIPTS: dict[str, Callable[[Talk], Summariser]] = {
    "obeying": lambda made: Summariser(made, count_tokens),
    "losing": losing,
    "wordy": lambda made: Wordy(made, count_tokens),
    "prose": lambda made: Rewriter(made, count_tokens),
}
with_each = pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)


def test_a_note_that_no_line_names_stays_byte_for_byte_what_it_was(made):
    way = watched(made, Summariser(made, count_tokens), MEMORY)

    assert way.condensations > 15
    assert way.changed == 0
    assert surviving(made, way.record)


@with_each
def test_no_message_and_no_note_goes_without_being_folded_named_or_reported(made, script):
    way = watched(made, script(made), MEMORY)

    assert way.condensations > 10
    assert way.unaccounted == 0


@with_each
def test_no_prompt_is_larger_than_its_bound(made, script):
    way = watched(made, script(made), MEMORY)

    assert 0.5 < way.prompt_of_bound <= 1


def test_condensing_writes_what_is_new_and_not_the_whole_summary_again():
    assert condensing_output(talk(JAPANESE, 100)) <= 0.4


def test_more_facts_survive_a_losing_summariser_as_notes_than_in_a_summary_that_is_rewritten(made):
    notes = surviving(made, watched(made, losing(made), MEMORY).record)
    summary = surviving(made, rewritten(made, prose_and_losing(made), MEMORY).record)

    assert len(notes) >= 4 * len(summary)
    assert notes


def test_a_losing_summariser_loses_what_it_is_made_to_write_again(made):
    summariser = Summariser(made, count_tokens, loss=1.0)
    way = Buffered(circumstances(summariser, Memory(limit=100_000, keep=400, summary=600)))
    for turn in made.turns[:60]:
        way.take(turn)
    condensation = Condensation((), way.conversation.buffer, 600, ())

    first, again = summariser.lines(condensation), summariser.lines(condensation)

    assert any(summariser.fact(line.removeprefix("ADD ")) for line in first)
    assert again == []


def test_a_summariser_that_loses_nothing_keeps_every_fact_either_way(made):
    roomy = Memory(limit=1_000, keep=400, summary=4_000)
    older = {turn.fact for turn in made.turns[:-20] if turn.fact}

    assert surviving(made, watched(made, Summariser(made, count_tokens), roomy).record) >= older
    assert surviving(made, rewritten(made, Rewriter(made, count_tokens), roomy).record) >= older


def test_the_figures_are_those_that_are_bounded_and_the_bench_has_them(monkeypatch):
    monkeypatch.setattr(structure, "TURNS", 60)
    monkeypatch.setattr(structure, "PER_KIND", 1)

    assert set(structure.figures()) == {name for name, *_ in [*structure.BOUNDS, *structure.SHOWN]}
    assert {name for name, *_ in structure.BOUNDS} <= {name for name, *_ in BOUNDS}


class Drawn(Summariser):
    """Answers with lines that Hypothesis draws."""

    def __init__(self, made: Talk, answers: list[list[str]]) -> None:
        super().__init__(made, count_tokens)
        self._answers = answers

    def lines(self, condensation: Condensation) -> list[str]:
        lines = self._answers[len(self.written) % len(self._answers)]
        numbered = [line for line in lines if not line.startswith("ADD")]
        self.named |= {int(number) for line in numbered for number in re.findall(r"\d+", line.partition(":")[0])}
        return lines


LINES = st.one_of(
    st.builds("ADD ポチは{}が好き。".format, st.text(min_size=1, max_size=200)),
    st.builds("MERGE {} {}: ポチは{}に行った。".format, st.integers(1, 9), st.integers(1, 9), st.text(max_size=40)),
    st.builds("DROP {}".format, st.integers(0, 12)),
)


@settings(max_examples=30)
@given(st.lists(st.lists(LINES, min_size=1, max_size=8), min_size=1, max_size=6))
def test_conservation_and_the_bound_hold_whatever_a_summariser_writes(answers):
    made = talk(JAPANESE, 60)
    way = watched(made, Drawn(made, answers), MEMORY)

    assert way.unaccounted == 0
    assert way.prompt_of_bound <= CEILING  # where it is never obeyed, the buffer waits


def test_the_measured_memory_is_the_bots_own(made):
    assert isinstance(watched(made, Summariser(made, count_tokens), MEMORY), WatchedNotes)
    assert len(telling(made)) == 18
