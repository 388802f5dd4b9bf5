"""The answer to a redaction, lines like those of a condensation's: ``MERGE 3: text`` writes note 3 anew, ``DROP 7``
removes note 7, and ``KEEP`` leaves all as they are.

A note that no line names is shown again, so that no line which may name one is passed over.
"""

import re
from collections.abc import Iterable

from domain.condensation.edit_lines import Add, Drop, Merge, NoteEdit, read_lines
from domain.condensation.note_text import is_note, plain

_KEEP = re.compile(r"[*_`]*keep(?:[*_`]*\s*(?:[\d#:：(（\[。.,;—–-]|$)|\s+(?:notes?|all)\b)", re.IGNORECASE)
"""How an answer says that no note rests on what was removed; “Keep in mind” says nothing."""

_RANGE = re.compile(r"\D*(\d{1,6})[\s\])]*(?:[-–—〜～~]|\.\.|to|through|から)[\s\[(#＃.]*(\d{1,6})(?![^\W_])")
"""Numbers of which one cannot know whether those between them are meant."""

_SHOWN = re.compile(r"\s*(\d{1,6})[.:：)]")
"""How a note begins in the request."""

_NUMBER = re.compile(r"\d{1,6}")


def read_redaction(answer: str, withheld: Iterable[int], most_lines: int, request: str) -> list[Merge | Drop] | None:
    """The edits in an answer; none where it names no withheld note, or one in a line that cannot be read.

    A line that a model has copied from the request names no note.
    """
    copied = set(map(plain, request.splitlines()))
    lines = [(line, edit) for line, edit in read_lines(answer, most_lines) if not isinstance(edit, Add)]
    edits = [edit for line, edit in lines if isinstance(edit, Merge | Drop) and _is_read(line, edit)]
    read = {number for edit in edits for number in edit.numbers}
    is_kept = any(_KEEP.match(plain(line)) for line, _ in lines)
    unread = [
        _may_name(line, edit)
        for line, edit in lines
        if edit not in edits and not _KEEP.match(plain(line)) and plain(line) not in copied
    ]
    if any(number not in read and _is_among(number, each) for number in withheld for each in unread):
        return None
    return edits if is_kept or read.intersection(withheld) else None


def _is_read(line: str, edit: Merge | Drop) -> bool:
    return bool(edit.numbers) and not _RANGE.match(line) and (isinstance(edit, Drop) or is_note(edit.text))


def _is_among(number: int, named: range | set[int] | None) -> bool:
    return named is None or number in named


def _may_name(line: str, edit: NoteEdit | None) -> range | set[int] | None:
    """The numbers of notes that a line may name; none where it may be any."""
    if edit is None:
        shown = _SHOWN.match(line)
        return {int(shown[1])} if shown else set()
    if found := _RANGE.match(line):
        return range(int(found[1]), int(found[2]) + 1)
    return set(map(int, _NUMBER.findall(line))) or None
