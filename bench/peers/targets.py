"""What the comparison must reach, and what it has reached."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.peers.figures import Figures

OURS = "notes"
WHOLE_THREAD = {100: 1 / 2, 1_000: 1 / 10}
"""Turns after which remembering may be billed at so much of the whole thread's."""


@dataclass(frozen=True)
class Target:
    """A figure of this project over another's, at most ``bound``, for each conversation. ``kind`` says which figure."""

    kind: str
    other: str
    turns: int
    bound: float
    reached: Mapping[str, float]

    @property
    def missed(self) -> list[str]:
        """The conversations that miss it."""
        return [conversation for conversation, value in self.reached.items() if value > self.bound]


@dataclass(frozen=True)
class Report:
    """What is kept of a comparison: the day, the releases that were compared, and all that was measured."""

    day: str
    releases: Mapping[str, str]
    settings: Mapping[str, Any]
    figures: Sequence[Figures]
    curves: Mapping[str, Mapping[str, Sequence[Sequence[float]]]]

    @classmethod
    def from_json(cls, read: Mapping[str, Any]) -> "Report":
        return cls(**{**read, "figures": [Figures(**each) for each in read["figures"]]})

    @property
    def conversations(self) -> list[str]:
        return list(dict.fromkeys(each.conversation for each in self.figures))

    @property
    def turns(self) -> list[int]:
        return sorted({each.turns for each in self.figures})

    @property
    def names(self) -> list[str]:
        """Of the ways, this project's first."""
        return list(dict.fromkeys(each.name for each in self.figures))

    def of(self, conversation: str, name: str, turns: int) -> Figures:
        return next(
            each for each in self.figures if (each.conversation, each.name, each.turns) == (conversation, name, turns)
        )

    def over(self, kind: str, other: str, turns: int) -> dict[str, float]:
        """This project's figure over another's, for each conversation."""
        return {
            each: getattr(self.of(each, OURS, turns), kind) / max(1e-9, getattr(self.of(each, other, turns), kind))
            for each in self.conversations
        }

    def targets(self) -> Iterator[Target]:
        """Those that hold for the lengths that were measured."""
        for turns in (each for each in self.turns if each in WHOLE_THREAD):
            yield Target("remembering", "buffer", turns, 1 / 7, self.over("remembering", "buffer", turns))
            for thread in (each for each in self.names if each.startswith("thread")):
                reached = self.over("remembering", thread, turns)
                yield Target("remembering", thread, turns, WHOLE_THREAD[turns], reached)
            yield Target("calls", "buffer", turns, 0.6, self.over("calls", "buffer", turns))
        last = self.turns[-1]
        times = {each: self.of(each, OURS, last).time for each in self.conversations}
        if all(times.values()):
            yield Target("time", "bare", last, 1.3, times)
