"""What one way over one conversation has taken."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.eval.spending import RECEIVED, Spending
from bench.peers.server import Call
from domain.spending.usage import Usage


@dataclass(frozen=True)
class Contender:
    """A way with its limit, in the way's own terms: see its class."""

    name: str
    way: str
    limit: int


@dataclass(frozen=True)
class Figures:
    """What one way over one conversation has taken after so many turns.

    ``billed`` and its parts are in tokens at the price of one that is sent: ``answers`` are the tokens of the answers,
    ``remembering`` is all that is billed beside them. ``verbatim`` and ``share`` are means over the answers. ``time``
    is the time outside the model over the bare loop's, 0 where it was not measured.
    """

    name: str
    conversation: str
    turns: int
    limit: int
    calls: int
    sent: int
    cached: int
    received: int
    billed: float
    answers: float
    remembering: float
    verbatim: float
    share: float
    facts: int
    time: float


@dataclass(frozen=True)
class Run:
    """Every call of a way, how many there were after each turn, and its time outside the model over the bare loop's."""

    contender: Contender
    conversation: str
    calls: Sequence[Call]
    made: Sequence[int]
    time: float

    def figures(self, turns: int) -> Figures:
        """After so many turns."""
        calls = self.calls[: self.made[turns - 1]]
        spent = Spending()
        for each in calls:
            spent.add(Usage(sent=each.sent, received=each.received, cached=each.cached))
        answers = [each for each in calls if each.kind == "answer"]
        own = sum(each.received for each in answers) * RECEIVED
        return Figures(
            name=self.contender.name,
            conversation=self.conversation,
            turns=turns,
            limit=self.contender.limit,
            calls=spent.calls,
            sent=spent.sent,
            cached=spent.cached,
            received=spent.received,
            billed=round(spent.billed),
            answers=round(own),
            remembering=round(spent.billed - own),
            verbatim=round(sum(each.verbatim for each in answers) / turns, 1),
            share=round(sum(each.share for each in answers) / turns, 4),
            facts=next((each.facts for each in reversed(calls) if each.kind == "summary"), 0),
            time=self.time,
        )
