"""What a condensation did to the notes, in their own words: the event itself never has what people wrote."""

from collections.abc import Iterable
from typing import Any

from domain.conversations.notes import Notes
from domain.turn_events import Condensed

Json = dict[str, Any]


def note_changes(event: Condensed, before: Notes | None, after: Notes | None) -> Json:
    """The new notes, those that others were merged ``into``, and those that were merged, dropped or went for the bound.

    Numbers are those of before the condensation. A text is none where the notes of then are not known.
    """
    kept = event.added - event.overflow
    new = after[len(after) - kept :] if after is not None else ()
    return {
        "added": [{"number": None, "text": each.text} for each in new if not each.rewrites],
        "into": [{"number": None, "text": each.text} for each in new if each.rewrites],
        "merged": _named(event.merged, before),
        "dropped": _named(event.dropped, before),
        "gone": _named(event.gone, before),
    }


def _named(numbers: Iterable[int], notes: Notes | None) -> list[Json]:
    known = dict(enumerate(notes or (), 1))
    return [{"number": number, "text": known[number].text if number in known else None} for number in numbers]
