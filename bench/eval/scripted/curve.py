"""Draws what the three numbers of the memory do, for docs/memory.md: what a turn costs, and how many facts last.

    python -m bench.eval.scripted.curve

Writes docs/pictures/en-memory.svg and ja-memory.svg. No model is needed: the summariser is scripted, and a provider's
cache is reckoned from the prompts.
"""

from collections.abc import Sequence
from pathlib import Path

from bench.eval.chart import Panel, svg
from bench.eval.scripted.structure import LOSS, circumstances, count_tokens, rewritten, surviving, watched
from bench.eval.scripted.summarisers import Rewriter, Summariser
from bench.eval.spending import Spending
from bench.eval.talks.generator import Talk, talk, telling
from bench.eval.talks.japanese import JAPANESE as WORDING
from bench.eval.ways.notes import Notes
from domain.memory import Memory
from domain.ports.model import Completed

PICTURES = Path(__file__).parents[3] / "docs/pictures"
LIMITS = (1_000, 2_000, 4_000, 8_000, 16_000)
KEPT = (0.25, 0.5, 0.75)
"""Shares of the limit that stay word for word."""

SUMMARIES = (250, 500, 1_000, 2_000, 4_000)
TURNS, PER_KIND = 400, 6
"""Of the conversation, and how many facts of each kind it has."""

TITLES = {
    "en": (
        ("What a turn costs", "MEMORY_TOKEN_LIMIT (tokens; price 1 : 0.1 : 8, answers left out)", "keep {:.0%} of it"),
        ("Facts that last 400 turns", "SUMMARY_TOKEN_LIMIT"),
        ("notes", "a summary that is rewritten, where each rewriting loses 2 %"),
    ),
    "ja": (
        ("一回のやりとりの費用", "MEMORY_TOKEN_LIMIT(トークン。単価 1 : 0.1 : 8、答えを除く)", "その {:.0%} を残す"),
        ("400 回のあとも残る事実", "SUMMARY_TOKEN_LIMIT"),
        ("メモ", "毎回書き直す要約(書き直すたびに 2 % を失う)"),
    ),
}


def main() -> None:
    made = talk(WORDING, TURNS, per_kind=PER_KIND)
    costs = {keep: [(limit, cost(made, limit, keep)) for limit in LIMITS] for keep in KEPT}
    shares = [lasting(made), lasting_rewritten(made)]
    for language, (cost_words, lasting_words, names) in TITLES.items():
        *titles, keeps = cost_words
        panels = [
            Panel(*titles, {keeps.format(keep): line for keep, line in costs.items()}),
            Panel(*lasting_words, dict(zip(names, shares, strict=True)), percent=True),
        ]
        (PICTURES / f"{language}-memory.svg").write_text(svg(panels), encoding="utf-8")


def cost(made: Talk, limit: int, keep: float) -> float:
    """What a turn is billed for on the average, in tokens at the price of those that are sent, without its answer."""
    summariser, spending = Summariser(made, count_tokens), Spending()
    way = Notes(circumstances(summariser, Memory(limit, int(limit * keep), 1_000)))
    for turn in made.turns:
        *_, completed = summariser.reply(way.prompt(turn.person, turn.question))
        if isinstance(completed, Completed):
            spending.add(completed.usage)
        way.take(turn)
    spending.received = sum(summariser.written)
    return spending.billed / len(made.turns)


def lasting(made: Talk) -> Sequence[tuple[float, float]]:
    """For each bound of the summary the share of the facts that the notes still tell at the end."""
    ways = [(each, watched(made, Summariser(made, count_tokens, LOSS), memory(each))) for each in SUMMARIES]
    return [(each, share(made, way.record)) for each, way in ways]


def lasting_rewritten(made: Talk) -> Sequence[tuple[float, float]]:
    """The same of a summary that is rewritten each time."""
    ways = [(each, rewritten(made, Rewriter(made, count_tokens, LOSS), memory(each))) for each in SUMMARIES]
    return [(each, share(made, way.record)) for each, way in ways]


def memory(summary: int) -> Memory:
    return Memory(limit=2_000, keep=1_000, summary=summary)


def share(made: Talk, record: str) -> float:
    return len(surviving(made, record)) / len(telling(made))


if __name__ == "__main__":
    main()
