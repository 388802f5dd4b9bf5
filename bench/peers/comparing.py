"""The comparison: the ways side by side, each with the limit at which it shows as much word for word as this project.

The limits of LangChain's two ways are found by running them: what they show on the average is measured, and the limit
changed by what is missing, until the averages are equal within ``EQUAL``.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.peers.conversations import CONVERSATIONS, Conversation
from bench.peers.figures import Contender, Figures, Run
from bench.peers.measuring import Place, run
from bench.peers.server import serving
from domain.memory import Memory

EQUAL = 0.02
"""How much two averages may differ that are taken for equal."""

TRIES = 4
CALIBRATED_TURNS = 100

STEPS = {"buffer": 1.0, "middleware": 2.0}
"""By how much a limit is changed for each token that is missing: what the middleware shows goes up and down between
what it keeps and its limit."""

CURVE = (10, 20, 50, 100, 200, 500, 1_000)
"""After so many turns the chart has a point."""


MEMORY = Memory(limit=2_000, keep=1_000, summary=1_000)


@dataclass(frozen=True)
class Settings:
    """What is compared. ``windows`` are the most tokens of a thread that is sent whole."""

    memory: Memory = MEMORY
    turns: Sequence[int] = (100, 1_000)
    windows: Sequence[int] = (8_000, 32_000, 128_000)
    conversations: Sequence[str] = tuple(CONVERSATIONS)


@dataclass(frozen=True)
class Comparison:
    """Figures of every way over every conversation, and what a turn of remembering is billed on the average."""

    settings: Settings
    figures: Sequence[Figures]
    curves: dict[str, dict[str, list[tuple[int, float]]]]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def compare(settings: Settings, progress: Callable[[Run], None]) -> Comparison:
    """Runs all of them, one after the other, and tells ``progress`` of each that has ended."""
    figures: list[Figures] = []
    curves: dict[str, dict[str, list[tuple[int, float]]]] = {}
    for name in settings.conversations:
        lines = curves.setdefault(name, {})
        for done in _runs(settings, CONVERSATIONS[name]):
            figures += [done.figures(turns) for turns in settings.turns]
            lines[done.contender.name] = list(_curve(done, max(settings.turns)))
            progress(done)
    return Comparison(settings, figures, curves)


def _runs(settings: Settings, conversation: Conversation) -> Iterator[Run]:
    turns, memory = max(settings.turns), settings.memory
    with serving(conversation) as address:
        place = Place(conversation, address)
        notes = run(Contender("notes", "notes", memory.limit), place, memory, turns)
        yield notes
        first = min(CALIBRATED_TURNS, turns)
        shown = notes.figures(first).verbatim
        for way in STEPS:
            yield run(calibrated(way, place, memory, shown, first), place, memory, turns)
        for window in settings.windows:
            yield run(Contender(f"thread {window}", "thread", window), place, memory, turns)


def calibrated(way: str, place: Place, memory: Memory, shown: float, turns: int) -> Contender:
    """This way with the limit at which it shows nearest to ``shown`` tokens word for word in so many turns."""
    limit = memory.limit + (memory.summary if way == "middleware" else 0)
    tried: dict[int, float] = {}
    for _ in range(TRIES):
        figures = run(Contender(way, way, limit), place, memory, turns, timed=False).figures(turns)
        tried[limit] = figures.verbatim - shown
        if abs(tried[limit]) <= EQUAL * shown:
            break
        limit = max(1, round(limit - STEPS[way] * tried[limit]))
    return Contender(way, way, min(tried, key=lambda each: abs(tried[each])))


def _curve(done: Run, turns: int) -> Iterator[tuple[int, float]]:
    for each in CURVE:
        if each <= turns:
            yield each, round(done.figures(each).remembering / each, 1)
