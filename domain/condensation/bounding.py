"""Keeping the notes within their bound: whole notes and whole sentences go, the oldest first, and never the newest."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace

from domain.condensation.applying_edits import Measure, Revision, revised
from domain.condensation.condensation import Condensation
from domain.condensation.edit_lines import Drop, NoteEdit, NoteEdits, read_edits
from domain.condensation.note_text import sentence_ends
from domain.conversations.notes import Note

Size = Callable[[str], int]
"""How many tokens a note of this text has."""


class Bounding:
    """Makes the notes after a condensation. ``bound`` is the most tokens that they may have together."""

    def __init__(self, bound: int, measure: Measure) -> None:
        self._bound = bound
        self._measure = measure

    def revised(self, condensation: Condensation, answer: str) -> Revision | None:
        """The notes after this answer, however many tokens they have; none where the answer has no note and no edit."""
        edits = read_edits(answer, self._bound)
        return revised(condensation.notes, edits, condensation.folded, self._measure)

    def bounded(self, condensation: Condensation, answer: str, *, cut: bool) -> Revision | None:
        """The notes after this answer, within the bound. ``cut`` where the answer has no end of its own."""
        edits = read_edits(_without_broken_end(answer) if cut else answer, self._bound)
        edits, shortened = self._shortened(condensation, edits)
        revision = revised(condensation.notes, edits, condensation.folded, self._measure)
        return self._fitted(replace(revision, shortened=shortened)) if revision else None

    def _shortened(self, condensation: Condensation, edits: NoteEdits) -> tuple[NoteEdits, int]:
        """With as many whole sentences of a text as fit, where it alone has more tokens than all notes may have.

        Where not even one fits, nothing is made of the text, and the notes that it names stand. One note never takes
        the place of all others: beside them it has what they leave, or half of the bound.
        """
        tokens = sum(note.tokens for note in condensation.notes)
        last = condensation.folded[-1].ts if condensation.folded else None
        number = len(condensation.notes) + len(edits.edits)

        def size(text: str) -> int:
            return self._measure(number, Note(text, 0, last, last))

        kept: list[NoteEdit] = []
        count = 0
        for edit in edits.edits:
            if isinstance(edit, Drop) or size(edit.text) <= self._bound:
                kept.append(edit)
            elif text := _beginning(edit.text, max(self._bound - tokens, self._bound // 2), size):
                kept.append(replace(edit, text=text))
                count += 1
        return replace(edits, edits=tuple(kept)), count

    def _fitted(self, revision: Revision) -> Revision:
        notes, standing = list(revision.notes), list(revision.standing)
        tokens, shortened = revision.tokens, revision.shortened
        while notes and tokens > self._bound:
            oldest = notes.pop(0)
            tokens -= oldest.tokens
            # A summary of an earlier release is many statements in one note.
            if not (oldest.last and notes) and (kept := self._ending(oldest, self._bound - tokens)):
                notes.insert(0, kept)
                shortened += 1
                break
            standing = standing[1:]
        gone = tuple(sorted(set(revision.standing) - set(standing)))
        return replace(
            revision,
            notes=tuple(notes),
            standing=tuple(standing),
            gone=gone,
            overflow=len(revision.notes) - len(notes) - len(gone),
            shortened=shortened,
        )

    def _ending(self, note: Note, room: int) -> Note | None:
        """The note with the last of its whole sentences that fit."""

        def size(text: str) -> int:
            return self._measure(1, replace(note, text=text))

        text = _ending(note.text, room, size)
        return replace(note, text=text, tokens=size(text)) if text else None


def _beginning(text: str, room: int, size: Size) -> str:
    """As many of the first whole sentences as have at most ``room`` tokens; empty where not even one has."""
    ends = sentence_ends(text)
    fitting = bisect_right(ends, room, key=lambda end: size(text[:end].rstrip()))
    return text[: ends[fitting - 1]].rstrip() if fitting else ""


def _ending(text: str, room: int, size: Size) -> str:
    """The same of the last sentences, without the first one."""
    text = text.rstrip()
    begins = [end for end in reversed(sentence_ends(text)) if end < len(text)]
    fitting = bisect_right(begins, room, key=lambda begin: size(text[begin:].lstrip()))
    return text[begins[fitting - 1] :].lstrip() if fitting else ""


def _without_broken_end(answer: str) -> str:
    """An answer without the sentence at its end that was not finished."""
    *lines, last = f"{answer}…".splitlines()
    ends = sentence_ends(last[:-1])
    return "\n".join([*lines, *([last[: ends[-1]].rstrip()] if ends else [])])
