"""Clocks, and when a piece of work must end."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

Clock = Callable[[], float]
"""Seconds since the epoch, or of a monotonic clock."""


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment ``at`` by this clock, or an earlier one at which a person stops the work.

    ``stopped`` may be called from the thread that works, once a second. A monotonic clock keeps the deadline where it
    is when somebody sets the time.
    """

    clock: Clock
    at: float = math.inf
    stopped: Callable[[], bool] = _never

    @property
    def seconds_left(self) -> float:
        """Never negative; 0 once the work is stopped."""
        return 0.0 if self.stopped() else max(0.0, self.at - self.clock())

    @property
    def is_over(self) -> bool:
        return self.seconds_left <= 0.0

    def within(self, seconds: float) -> "Deadline":
        """This deadline, but at most so many seconds from now."""
        return replace(self, at=min(self.at, self.clock() + seconds))

    def or_stopped(self, stopped: Callable[[], bool]) -> "Deadline":
        """This deadline, or the moment at which this says so."""
        return replace(self, stopped=stopped)


NO_DEADLINE = Deadline(lambda: 0.0)
