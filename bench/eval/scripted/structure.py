"""What can be measured of the memory without a model: summarisers by a script, and bounds that hold with each."""

import statistics
from collections.abc import Iterable
from functools import lru_cache

from adapters.tiktoken import count_tokens_for
from bench.eval.scripted.summarisers import Rewriter, Summariser, Wordy
from bench.eval.scripted.watched import WatchedNotes
from bench.eval.talks.facts import Fact
from bench.eval.talks.generator import Talk, talk, telling
from bench.eval.talks.japanese import JAPANESE as WORDING
from bench.eval.ways.buffered import Circumstances
from bench.eval.ways.rewritten import RewrittenSummary
from bench.table import Bound
from domain.memory import Memory
from domain.prompts import Prompts
from domain.texts.japanese import JAPANESE

MEMORY = Memory(limit=2_000, keep=1_000, summary=1_000)
TURNS, PER_KIND = 2_000, 3
LOSS, SEEDS = 0.02, (1, 2, 3)
"""How probably a fact is lost when it is written again, and the seeds of chance."""

BOUNDS: list[Bound] = [
    ("condensations", "{:.0f}", 180, "≥", "condensations in 2,000 turns, with a summariser that obeys"),
    ("notes_changed", "{:.0f}", 0, "≤", "notes that no line has named and that are not byte for byte what they were"),
    ("condensing_output", "{:.0%}", 0.4, "≤", "tokens written by condensing in 100 turns over a rewritten summary's"),
    (
        "facts_surviving",
        "{:.1f} ×",
        4,
        "≥",
        "facts that survive a losing summariser for 2,000 turns, over a rewritten summary's",
    ),
    ("prompt_of_bound", "{:.0%}", 1, "≤", "the largest prompt over its bound, with any summariser"),
    ("unaccounted", "{:.0f}", 0, "≤", "messages and notes that went without being folded, named or reported"),
]

SHOWN = [
    ("facts_told", "{:.0f}", "facts told in those 2,000 turns"),
    ("facts_in_notes", "{:.1f}", "of those in the notes at the end, with the losing summariser, mean of three runs"),
    ("facts_in_rewritten", "{:.1f}", "of those in a rewritten summary"),
]

count_tokens = lru_cache(maxsize=50_000)(count_tokens_for("gpt-5.4-mini"))


def figures() -> dict[str, float]:
    """The figures that ``BOUNDS`` bounds."""
    made = talk(WORDING, TURNS, per_kind=PER_KIND)
    obeying = watched(made, Summariser(made, count_tokens))
    others = [
        watched(made, Wordy(made, count_tokens)),
        watched(made, Rewriter(made, count_tokens)),
        *(watched(made, Summariser(made, count_tokens, LOSS, seed)) for seed in SEEDS),
    ]
    return {
        "condensations": obeying.condensations,
        "notes_changed": obeying.changed,
        "condensing_output": condensing_output(made),
        **survival(made, others[2:]),
        "prompt_of_bound": max(each.prompt_of_bound for each in [obeying, *others]),
        "unaccounted": sum(each.unaccounted for each in [obeying, *others]),
    }


def watched(made: Talk, summariser: Summariser, memory: Memory = MEMORY) -> WatchedNotes:
    """The bot's memory after the whole conversation."""
    way = WatchedNotes(circumstances(summariser, memory), summariser)
    for turn in made.turns:
        way.take(turn)
    return way


def rewritten(made: Talk, summariser: Rewriter, memory: Memory = MEMORY) -> RewrittenSummary:
    """A rewritten summary after the whole conversation."""
    way = RewrittenSummary(circumstances(summariser, memory), WORDING.language)
    for turn in made.turns:
        way.take(turn)
    return way


def circumstances(summariser: Summariser, memory: Memory) -> Circumstances:
    return Circumstances(summariser, count_tokens, memory, Prompts(JAPANESE))


def condensing_output(made: Talk) -> float:
    """Tokens that condensing the first 100 turns writes, over what a rewritten summary writes for the same."""
    first = Talk(made.wording, made.turns[:100], ())
    ours, theirs = Summariser(first, count_tokens), Rewriter(first, count_tokens)
    watched(first, ours)
    rewritten(first, theirs)
    return sum(ours.written) / sum(theirs.written)


def survival(made: Talk, ours: Iterable[WatchedNotes]) -> dict[str, float]:
    """How many facts are still in the notes, and how many are still in a rewritten summary, with the same chances."""
    theirs = [rewritten(made, Rewriter(made, count_tokens, LOSS, seed)) for seed in SEEDS]
    notes = statistics.mean(len(surviving(made, each.record)) for each in ours)
    summary = statistics.mean(len(surviving(made, each.record)) for each in theirs)
    return {
        "facts_told": len(telling(made)),
        "facts_in_notes": notes,
        "facts_in_rewritten": summary,
        "facts_surviving": notes / max(1, summary),
    }


def surviving(made: Talk, record: str) -> set[Fact]:
    """The facts that a record still tells as they were last told."""
    return {fact for fact, turn in telling(made).items() if turn.note in record}
