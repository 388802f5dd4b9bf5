"""Slack's ts as a value with an order."""

import math


class Timestamp(str):
    """Slack's ts: an id of a post that is also a time. Timestamps have the order of time.

    Raises ``ValueError`` for what is no number of seconds.
    """

    __slots__ = ("seconds",)

    seconds: float
    """Since the epoch."""

    def __new__(cls, text: str) -> "Timestamp":
        made = super().__new__(cls, text)
        made.seconds = float(text)
        if not math.isfinite(made.seconds):
            raise ValueError(f"{text!r} is no time")
        return made

    def __lt__(self, other: str) -> bool:
        return self.seconds < Timestamp(other).seconds

    def __gt__(self, other: str) -> bool:
        return self.seconds > Timestamp(other).seconds

    def __le__(self, other: str) -> bool:
        return not self > other

    def __ge__(self, other: str) -> bool:
        return not self < other
