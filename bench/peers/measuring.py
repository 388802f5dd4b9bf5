"""Runs one way over one conversation."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bench.peers.conversations import Conversation
from bench.peers.figures import Contender, Run
from bench.peers.langchain import Middleware, SummaryBuffer
from bench.peers.server import BARE, UNREADABLE, Call, begin
from bench.peers.ways import Circumstances, Notes, Way, WholeThread
from bench.stand_ins import seen
from bench.turns import Bench
from domain.memory import Memory

WAYS: dict[str, Callable[[Circumstances], Way]] = {
    "notes": Notes,
    "buffer": SummaryBuffer,
    "middleware": Middleware,
    "thread": WholeThread,
}

BARE_TURNS = 100
"""So many turns are each followed by one of the bare loop, so that noise hits both alike."""


@dataclass(frozen=True)
class Place:
    """A conversation, and the address of the stand-ins for it."""

    conversation: Conversation
    address: str


BLOCK = 10
"""Turns of which the times are added up before they are compared."""


def run(contender: Contender, place: Place, memory: Memory, turns: int, *, timed: bool = True) -> Run:
    """Not ``timed``, it takes less time. Raises ``RuntimeError`` where the stand-in could not read a prompt."""
    conversation, address = place.conversation, place.address
    begin(address)
    with _bot(place, memory) as bot:
        around = Circumstances(bot, conversation, address, memory.keep, memory.summary, contender.limit)
        made = WAYS[contender.way](around)
        seconds, bare_seconds = [], []
        for turn in range(turns):
            seconds.append(_timed(lambda turn=turn: made.ask(turn)))
            if timed and turn < BARE_TURNS:
                bare_seconds.append(_timed(lambda turn=turn: bot.bare(conversation.question(turn))))
        calls = [Call(**each) for each in seen(address)]
    if any(each.kind == UNREADABLE for each in calls):
        raise RuntimeError(f"the stand-in could not read a prompt of {contender.name}")
    own = [each for each in calls if each.kind != BARE]
    after = [*(n for n, each in enumerate(own) if each.kind == "answer"), len(own)][1:]
    outside = _outside_model(seconds, [own[start:end] for start, end in pairwise([0, *after])])
    outside_bare = _outside_model(bare_seconds, [[each] for each in calls if each.kind == BARE])
    return Run(contender, conversation.name, own, after, _ratio(outside, outside_bare))


def _outside_model(seconds: Sequence[float], calls: Iterable[Sequence[Call]]) -> list[float]:
    """Of the seconds of each turn those that are not the model's."""
    return [total - sum(each.seconds for each in made) for total, made in zip(seconds, calls, strict=False)]


def _ratio(seconds: Sequence[float], bare: Sequence[float]) -> float:
    """The median over blocks of turns: a condensation falls into each, a pause of the machine into few.

    The first block is left out, in which what is needed once is loaded.
    """
    starts = range(BLOCK, len(bare) - BLOCK + 1, BLOCK)
    ratios = [sum(seconds[start : start + BLOCK]) / sum(bare[start : start + BLOCK]) for start in starts]
    return round(statistics.median(ratios), 3) if ratios else 0.0


def _timed(act: Callable[[], None]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


@contextmanager
def _bot(place: Place, memory: Memory) -> Iterator[Bench]:
    """The bot with a store of its own."""
    conversation = place.conversation
    with tempfile.TemporaryDirectory() as folder:
        bot = Bench(place.address, Path(folder), memory, conversation.language, conversation.scope)
        try:
            yield bot
        finally:
            bot.close()
