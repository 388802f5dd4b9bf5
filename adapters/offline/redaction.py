"""How the stand-in redacts: it drops notes that repeat a sentence of what was removed."""

from adapters.offline.quotations import in_message, in_note
from adapters.offline.sentences import repeats
from domain.condensation.condensation import Condensation


def redactions_of(condensation: Condensation) -> str:
    """The lines of the answer."""
    removed = [sentence.text for text in condensation.removed for sentence in in_message("", text)]
    drops = [
        f"DROP {number}"
        for number, note in enumerate(condensation.notes, 1)
        if note.withheld and any(repeats(in_note(note.text, set()).text, each) for each in removed)
    ]
    return "\n".join(drops) or "KEEP"
