"""The answer to a condensation: lines that add, merge and drop notes.

``ADD text`` is a new note, ``MERGE 3 5: text`` makes notes 3 and 5 this one, ``DROP 7`` removes note 7. A line without
a keyword beside such lines is an ``ADD`` too. Where no line has a keyword, the answer is prose: a whole new summary, a
note a line.
"""

import re
from dataclasses import dataclass

from domain.condensation.note_text import is_note, key, plain

CHARACTERS_READ = 1_000_000
"""Of an answer. What is beyond belongs to a model that does not end."""

LEAST_LINES = 100
"""So many lines of an answer are read in any case."""


@dataclass(frozen=True, slots=True)
class Add:
    """A new note."""

    text: str


@dataclass(frozen=True, slots=True)
class Merge:
    """The notes of these numbers become one."""

    numbers: tuple[int, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Drop:
    """The notes of these numbers go."""

    numbers: tuple[int, ...]


NoteEdit = Add | Merge | Drop


@dataclass(frozen=True, slots=True)
class NoteEdits:
    """What an answer asks for, in its order. In prose there is nothing but ``Add``."""

    edits: tuple[NoteEdit, ...]
    prose: bool


def _keyword(word: str) -> str:
    """A pattern for a word in either case and width, whatever Markdown stands around it."""
    letters = "".join(f"[{each}{each.lower()}{_wide(each)}{_wide(each.lower())}]" for each in word)
    return rf"(?:#{{1,6}}\s+)?[*_`\[(]*{letters}(?![A-Za-zＡ-Ｚａ-ｚ])[*_`\])]*\s*[:：]?\s*"


def _wide(letter: str) -> str:
    return chr(ord(letter) + 0xFEE0)


_NUMBER = r"[\[(#＃]*(?!\d{4}-\d\d-\d\d)\d{1,6}(?![^\W_])[\])]*"
"""A note's number, and not the date with which a prompt shows a note."""

_BETWEEN = r"(?:[\s,、，・&＆+/と-]|and)+"
_NUMBERS = rf"(?:notes?\s*)?(?P<numbers>{_NUMBER}(?:{_BETWEEN}{_NUMBER})*)"
_TEXT = r"\s*(?:[:：]|→|[-=]>|[-–—](?=\s))?(?:[*_`]+(?=\s))?\s*(?P<text>.*)"
_ADD = re.compile(_keyword("ADD") + _TEXT)
_MERGE = re.compile(_keyword("MERGE") + _NUMBERS + r"[*_`]*" + _TEXT)
_DROP = re.compile(_keyword("DROP") + _NUMBERS + r"[*_`]*\s*(?:[:：(（。.;—].*)?$")
_UNFILLED = re.compile(r"(?:MERGE|DROP|KEEP)(?![^\W_])")
"""A line of the request that a model has copied, or one that says what needs no word: that a note stays."""


def read_edits(answer: str, most_lines: int) -> NoteEdits:
    """The edits in an answer, without what is visibly no note and without repetitions.

    So many lines are read that more could not fit where each note has a token at least: a million lines are no work.
    """
    read = read_lines(answer, most_lines)
    known: set[str] = set()
    edits = [edit or Add(plain(line)) for line, edit in read]
    return NoteEdits(tuple(each for each in edits if _is_edit(each, known)), prose=not any(edit for _, edit in read))


def read_lines(answer: str, most_lines: int) -> list[tuple[str, NoteEdit | None]]:
    """As many lines that say something, with the edit that each asks for; none where it has no keyword."""
    lines = [line for line in answer[:CHARACTERS_READ].splitlines() if plain(line)]
    return [(line, _edit(plain(line))) for line in lines[: max(most_lines, LEAST_LINES)]]


def _edit(line: str) -> NoteEdit | None:
    if found := _ADD.match(line):
        return Add(_closed(found["text"]))
    if found := _MERGE.match(line):
        return Merge(_numbers(found["numbers"]), _closed(found["text"]))
    if found := _DROP.match(line):
        return Drop(_numbers(found["numbers"]))
    return Drop(()) if _UNFILLED.match(line) else None


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(int(each) for each in re.findall(r"\d+", text)))  # \d and int know every script's digits


def _closed(text: str) -> str:
    """Without half of an emphasis, the other half of which stands by the keyword."""
    return text.removesuffix("**").removeprefix("**").strip() if text.count("**") % 2 else text.strip()


def _is_edit(edit: NoteEdit, known: set[str]) -> bool:
    """Is it none that has no sentence, or one of these ``known``? Its own is one of them then."""
    if isinstance(edit, Drop):
        return True
    mark = key(edit.text)
    is_new = is_note(edit.text) and mark not in known
    known.add(mark)
    return is_new
