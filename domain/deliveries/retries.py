"""How often a failed request is tried again: one budget for each cause, the same on one machine and on AWS."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from domain.errors import (
    AnsweringError,
    MemoryFull,
    Misconfigured,
    ModelUnavailable,
    SlackRefused,
    SlackUnavailable,
    StillAnswering,
    StoreCorrupt,
    StoreUnavailable,
    TemplateError,
    TooManyUnderWay,
)


class Cause(enum.StrEnum):
    """Why a delivery failed, as far as the next one is concerned."""

    OUTAGE = "outage"
    """Slack or the store is out of reach, or an answer is under way. Nothing was paid for, so that waiting is free."""
    MODEL = "model"
    """The model is away; or Slack or the store went away after the model had been asked."""
    OPERATOR = "operator"
    """Only the operator can mend it: a later delivery would meet the same."""
    WAITING = "waiting"
    """Nothing has failed: other answers to the same person are under way."""
    OTHER = "other"
    """Two writers at once, a bug, or a worker that was killed."""


CAUSES: Mapping[type[BaseException], Cause] = {
    SlackUnavailable: Cause.OUTAGE,
    StoreUnavailable: Cause.OUTAGE,
    StillAnswering: Cause.OUTAGE,
    TooManyUnderWay: Cause.WAITING,
    ModelUnavailable: Cause.MODEL,
    MemoryFull: Cause.MODEL,
    Misconfigured: Cause.OPERATOR,
    SlackRefused: Cause.OPERATOR,
    StoreCorrupt: Cause.OPERATOR,
    TemplateError: Cause.OPERATOR,
}
"""By the error's class, or the nearest class above it. What is not named is ``OTHER``."""

DELAYS: Mapping[Cause, tuple[float, ...]] = {
    Cause.OUTAGE: (2, 4, 8, 15, 30, 60, 120, 240, *(300,) * 10),
    Cause.MODEL: (10, 120),
    Cause.OPERATOR: (),
    # More than six hours in 58 deliveries, of the 200 that SQS makes. Then it waits no longer. The first is long enough
    # for hundreds to be looked at before any of them comes back: it would come before what others have asked.
    Cause.WAITING: (10, 20, 40, *(60,) * 20, *(300,) * 15, *(900,) * 20),
    Cause.OTHER: (1, 5),
}
"""Seconds before the next delivery after the first, second … failure of this cause. An outage has up to an hour. It is
counted rather than measured, so that a clock that jumps neither shortens nor prolongs it."""

PERSISTENT = (*DELAYS[Cause.OUTAGE], *(3_600,) * 48)
"""The same for what must not be given up in an outage: two days longer, once an hour."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """How many deliveries of a request have failed, by cause."""

    outage: int = 0
    model: int = 0
    operator: int = 0
    waiting: int = 0
    other: int = 0

    def after(self, cause: Cause) -> Self:
        """One more."""
        return replace(self, **{cause.value: self.of(cause) + 1})

    def of(self, cause: Cause) -> int:
        number: int = getattr(self, cause.value)
        return number

    def delay(self, cause: Cause, *, persistent: bool = False) -> float | None:
        """Seconds until the next delivery if this one fails for this cause; none where nobody tries again."""
        delays = PERSISTENT if persistent and cause is Cause.OUTAGE else DELAYS[cause]
        number = self.of(cause)
        return delays[number] if number < len(delays) else None

    def is_spent(self, cause: Cause) -> bool:
        """Has it failed for this cause as often as it may be tried?"""
        return self.of(cause) > len(DELAYS[cause])


NO_ATTEMPTS = Attempts()


def cause_of(error: BaseException) -> Cause:
    """Why a delivery that raised this error failed."""
    cause = next((CAUSES[kind] for kind in type(error).__mro__ if kind in CAUSES), Cause.OTHER)
    paid = isinstance(error, AnsweringError) and error.paid
    return Cause.MODEL if paid and cause is Cause.OUTAGE else cause
