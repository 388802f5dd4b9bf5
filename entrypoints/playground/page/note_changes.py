"""What a condensation did to the notes, in their own words: the event itself never has what people wrote."""

from collections.abc import Iterable
from typing import Any

from domain.notes import Notes
from domain.turn_events import Condensed

Json = dict[str, Any]


def note_changes(event: Condensed, before: Notes | None, after: Notes | None) -> Json:
    """The notes that are new, and those that were merged, dropped or went because of the bound.

    Numbers are those of before the condensation. A text is none where the notes of then are not known.
    """
    kept = event.added - event.overflow
    new = [each.text for each in after[len(after) - kept :]] if after is not None else [None] * kept
    return {
        "added": [{"number": None, "text": text} for text in new],
        "merged": _named(event.merged, before),
        "dropped": _named(event.dropped, before),
        "gone": _named(event.gone, before),
    }


def _named(numbers: Iterable[int], notes: Notes | None) -> list[Json]:
    known = dict(enumerate(notes or (), 1))
    return [{"number": number, "text": known[number].text if number in known else None} for number in numbers]
