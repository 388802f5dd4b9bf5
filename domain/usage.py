"""Tokens, and what one answer took."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the model's server counted them, and how many turns they were used for. Usages add up.

    ``cached`` of the ``sent`` tokens were billed as cache hits. ``turns`` counts answers: a condensation has none.
    """

    sent: int = 0
    received: int = 0
    cached: int = 0
    turns: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.sent + other.sent,
            self.received + other.received,
            self.cached + other.cached,
            self.turns + other.turns,
        )


NO_USAGE = Usage()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one answer took: the model, the version of the prompts, its usage, and the seconds until its last word."""

    model: str
    prompts: str
    usage: Usage
    seconds: float
