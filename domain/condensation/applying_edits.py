"""The notes after a condensation's answer: which of them stand, which are merged or dropped, and which are new."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from domain.condensation.edit_lines import Add, Drop, Merge, NoteEdit, NoteEdits
from domain.condensation.note_text import is_restated, key, words_of
from domain.conversations.conversation import Message
from domain.conversations.notes import Note, Notes, span

Measure = Callable[[int, Note], int]
"""How many tokens a note has in a prompt that shows it under this number."""


@dataclass(frozen=True, slots=True)
class Revision:
    """The notes after a condensation, oldest first. All numbers are those that the notes had before it.

    Each of them stands (``standing``), was merged into a new one, was dropped by name, or is ``gone`` because the
    notes together had too many tokens. ``added`` counts the new notes, ``overflow`` those new ones that went for the
    same reason, ``shortened`` the notes that lost sentences for it. ``unknown`` are numbers that no note had which the
    model was shown. ``prose`` where a whole summary came in place of edits.
    """

    notes: Notes
    standing: tuple[int, ...] = ()
    merged: tuple[int, ...] = ()
    dropped: tuple[int, ...] = ()
    gone: tuple[int, ...] = ()
    added: int = 0
    overflow: int = 0
    shortened: int = 0
    unknown: tuple[int, ...] = ()
    prose: bool = False

    @property
    def tokens(self) -> int:
        return sum(note.tokens for note in self.notes)


def revised(notes: Notes, edits: NoteEdits, folded: Iterable[Message], measure: Measure) -> Revision | None:
    """The notes after these edits, however many tokens they have; none where the edits change and say nothing.

    A note that no edit names stays as it is, and so does one that the model could not see because it is withheld. A new
    note comes last, with the range of the ``folded`` messages' ts and of the notes that were merged into it.
    """
    wanted = _restating(notes, edits) if edits.prose else edits.edits
    named = [number for each in wanted if not isinstance(each, Add) for number in each.numbers]
    known = {number: note for number, note in enumerate(notes, 1) if not note.withheld}
    texts = [(_sources(each, known), each.text) for each in wanted if not isinstance(each, Drop)]
    merged = {number for sources, text in texts for number in sources if key(known[number].text) != key(text)}
    dropped = {each for edit in wanted if isinstance(edit, Drop) for each in edit.numbers if each in known} - merged
    if not (texts or dropped):
        return None
    standing = [number for number in range(1, len(notes) + 1) if number not in merged | dropped]
    said = {key(known[number].text) for number in standing if number in known}
    kept = tuple(notes[number - 1] for number in standing)
    new = _made([each for each in texts if key(each[1]) not in said], known, folded, len(kept), measure)
    return Revision(
        notes=(*kept, *new),
        standing=tuple(standing),
        merged=tuple(sorted(merged)),
        dropped=tuple(sorted(dropped)),
        added=len(new),
        unknown=tuple(sorted({number for number in named if number not in known})),
        prose=edits.prose,
    )


def _restating(notes: Notes, edits: NoteEdits) -> tuple[NoteEdit, ...]:
    """The lines of a summary in prose, as a merge of the notes that it says again.

    What it leaves out was not named, so it stands: a model that disobeys once must not cost the whole memory.
    """
    texts = [each.text for each in edits.edits if isinstance(each, Add)]
    said, words = {key(text) for text in texts}, words_of("\n".join(texts))
    restated = tuple(
        number
        for number, note in enumerate(notes, 1)
        if not note.withheld and key(note.text) not in said and is_restated(note.text, words)
    )
    return tuple(Merge(restated, text) if restated else Add(text) for text in texts)


def _sources(edit: Add | Merge, known: dict[int, Note]) -> tuple[int, ...]:
    return tuple(each for each in edit.numbers if each in known) if isinstance(edit, Merge) else ()


def _made(
    texts: list[tuple[tuple[int, ...], str]],
    known: dict[int, Note],
    folded: Iterable[Message],
    before: int,
    measure: Measure,
) -> list[Note]:
    """The new notes, after so many others."""
    posts = [Note("", 0, each.ts, each.ts) for each in folded]
    made = []
    for number, (sources, text) in enumerate(texts, before + 1):
        old = [known[each] for each in sources]
        first, last = span([*old, *posts])
        rewrites = max((each.rewrites + 1 for each in old), default=0)
        note = Note(text, 0, first, last, rewrites)
        made.append(replace(note, tokens=measure(number, note)))
    return made
