"""Notes: what stands for all messages that are no longer in the buffer. Together they are the summary."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timezone

from domain.timestamp import Timestamp


@dataclass(frozen=True, slots=True)
class Note:
    """One short dated statement. It stays word for word until it is merged or dropped by name.

    ``tokens`` was counted once, when the note was made, as the prompt shows it. ``first`` and ``last`` are the ts of
    the oldest and of the newest post that it came from; a summary that an earlier release has stored has neither.
    ``rewrites`` is how many merges its text has passed through. A note is ``withheld`` from the model while it may hold
    what somebody has deleted.
    """

    text: str
    tokens: int
    first: Timestamp | None = None
    last: Timestamp | None = None
    rewrites: int = 0
    withheld: bool = False

    def day(self, zone: timezone) -> str:
        """The day of the newest post that it came from; empty where that is not known."""
        return f"{datetime.fromtimestamp(self.last.seconds, zone):%Y-%m-%d}" if self.last else ""


Notes = tuple[Note, ...]
"""In the order in which they were made, oldest first. A note's number is its place, from 1."""


def span(notes: Collection[Note]) -> tuple[Timestamp | None, Timestamp | None]:
    """The ts of the oldest and of the newest post that these notes came from.

    Where one of them does not know its oldest, it is not known of all. The newest is, as far as any knows it: what does
    not know its own is from before all that do.
    """
    firsts = [note.first for note in notes if note.first]
    lasts = [note.last for note in notes if note.last]
    return min(firsts, default=None) if len(firsts) == len(notes) else None, max(lasts, default=None)
