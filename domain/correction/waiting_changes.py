"""What people have made of their posts since, as far as it is not in the memory yet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.timestamp import Timestamp

CHANGES_KEPT = 16
CHANGES_BYTES = 60_000
"""So many changes wait at most, with so many bytes of text in all; beyond, the oldest are dropped. The newest waits in
any case, and so does a deletion, which has no text."""

REDACTIONS_KEPT = 64
"""So many redactions wait at most, with as many bytes; the newest in any case."""


@dataclass(frozen=True, slots=True)
class PostChange:
    """A post that has been edited or deleted ``at`` this time, before its question is answered.

    ``text`` is what it says now; none where it was deleted. Of a message in the buffer only the time of its last edit
    is kept, without a text, so that one that is delivered late does not undo it.
    """

    post: Timestamp
    at: Timestamp
    text: str | None


@dataclass(frozen=True, slots=True)
class Redaction:
    """A post that was edited or deleted ``at`` this time, after notes had been made of it.

    ``said`` is what it said then, ``now`` what it says now; empty where it was deleted.
    """

    post: Timestamp
    at: Timestamp
    said: str
    now: str = ""


def newest_changes(changes: Iterable[PostChange]) -> tuple[PostChange, ...]:
    """The last change of each post, oldest first, within the bounds above."""
    last: dict[Timestamp, PostChange] = {}
    for change in sorted(changes, key=lambda each: each.at):
        last.pop(change.post, None)
        last[change.post] = change
    kept: list[PostChange] = []
    room = CHANGES_BYTES
    for change in list(last.values())[: -CHANGES_KEPT - 1 : -1]:
        size = len((change.text or "").encode(errors="replace"))
        if kept and size > max(room, 0):
            continue
        room -= size
        kept.insert(0, change)
    return tuple(kept)


def newest_redactions(redactions: Sequence[Redaction]) -> tuple[Redaction, ...]:
    """The last of these, within the bounds above."""
    kept = redactions[-REDACTIONS_KEPT:]
    sizes = [len((each.said + each.now).encode(errors="replace")) for each in kept]
    while len(sizes) > 1 and sum(sizes) > CHANGES_BYTES:
        sizes.pop(0)
    return tuple(kept[-len(sizes) :])
