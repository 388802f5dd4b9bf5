"""Tokens, and what one answer took."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the model's server counted them, and how many turns they were used for. Usages add up.

    ``cached`` of the ``sent`` tokens were billed as cache hits, and ``written`` of the others were put into the
    provider's cache, which some bill for; ``reasoning`` of the ``received`` ones were thoughts.
    ``turns`` counts answers: a condensation has none. ``estimated`` counts the calls whose tokens the server has not
    counted, so that they are estimated.
    """

    sent: int = 0
    received: int = 0
    cached: int = 0
    turns: int = 0
    reasoning: int = 0
    estimated: int = 0
    written: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    @property
    def billed(self) -> int:
        """Billed-equivalent tokens: sent ones that were not cached, a tenth of the cached, eight times the received.

        So are the usual prices of one model to one another. One rule for all models, so that budgets can be compared.
        """
        return self.sent - self.cached + round(self.cached / 10) + 8 * self.received


NO_USAGE = Usage()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one answer took: the model, the version of the prompts, its usage, and the seconds until its last word."""

    model: str
    prompts: str
    usage: Usage
    seconds: float
