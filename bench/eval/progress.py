"""A progress bar on stderr, so that the figures on stdout can be kept in a file."""

import sys
import time
from collections.abc import Callable
from typing import TextIO

WIDTH = 30
LEAST_SECONDS = 0.2
"""Between two drawings."""


class Progress:
    """Draws how many of the expected calls are made, and how long the rest may take."""

    def __init__(self, expected: int, stream: TextIO = sys.stderr, clock: Callable[[], float] = time.monotonic) -> None:
        self._expected = max(1, expected)
        self._stream = stream
        self._clock = clock
        self._began = self._drawn = clock()
        self._made = 0
        self.label = ""

    def advance(self) -> None:
        """One more call has been made."""
        self._made += 1
        if self._clock() - self._drawn >= LEAST_SECONDS:
            self._draw()

    def close(self) -> None:
        self._draw()
        self._stream.write("\n")

    def _draw(self) -> None:
        self._drawn = self._clock()
        done = min(1.0, self._made / self._expected)
        bar = "█" * round(done * WIDTH)
        left = (self._drawn - self._began) / done * (1 - done) if done else 0
        line = f"\r{bar:░<{WIDTH}} {self._made:,} of about {self._expected:,} calls, {left / 60:,.0f} min left"
        self._stream.write(f"{line}  {self.label:<40}")
        self._stream.flush()
