"""Facts that a conversation tells, two a turn, and what a model writes of them: a stated number of tokens each.

A message that tells a fact names it by ``#`` and its number. ``#58←#40`` is a fact that corrects an earlier one.
"""

import itertools
import re
from collections.abc import Iterator
from functools import lru_cache

from adapters.tiktoken import count_tokens_for

MODEL = "gpt-5.4-mini"
"""What is asked for; its tokens are those of ``o200k_base``."""

FACT_TOKENS = 24
"""What a model writes for each fact that it takes in or writes again."""

PER_TURN = 2
"""A question tells one fact, and its answer another."""

CORRECTED_EVERY, CORRECTED_AFTER = 10, 9
"""Every tenth answer corrects what was asked nine turns before."""

TOLD = re.compile(r"#(\d+)(?:←#(\d+))?")

count_tokens = lru_cache(maxsize=100_000)(count_tokens_for(MODEL))


def told_in_question(turn: int) -> str:
    """How the question of a turn, from 0, names its fact."""
    return f"#{PER_TURN * turn}"


def told_in_answer(turn: int) -> str:
    number = PER_TURN * turn + 1
    corrects = turn % CORRECTED_EVERY == CORRECTED_AFTER
    return f"#{number}←#{PER_TURN * (turn - CORRECTED_AFTER)}" if corrects else f"#{number}"


def told_in(text: str) -> Iterator[tuple[int, int | None]]:
    """The facts that a text tells, each with the one that it corrects."""
    for number, corrected in TOLD.findall(text):
        yield int(number), int(corrected) if corrected else None


def turn_of(number: int) -> int:
    """The turn in which a fact is told."""
    return number // PER_TURN


@lru_cache(maxsize=10_000)
def written(number: int, person: str, gist: str) -> str:
    """What a model writes of a fact: ``gist`` as far as there is room for it, in exactly ``FACT_TOKENS`` tokens."""
    text = f"{person} (#{number}): "
    for letter in itertools.chain(gist, itertools.repeat("!")):
        longer = text + letter
        if count_tokens(longer) <= FACT_TOKENS:
            text = longer
        elif count_tokens(text) == FACT_TOKENS:
            return text
    raise AssertionError("unreachable: the text grows until it is long enough")
