"""The sentences of messages, of the documents in them, and of notes."""

import re
from collections.abc import Iterable, Set

from adapters.offline.sentences import Sentence, sentences
from adapters.offline.voices import VOICES

# In every language, because the bot's language may change while a memory stays.
_DISCLAIMERS = tuple(voice.disclaimer for voice in VOICES.values())
_EMPTY = {voice.empty for voice in VOICES.values()}
_NAMES = frozenset(name for voice in VOICES.values() for name in voice.language.names.values())
_NUMBER = re.compile(r"^\d+\. (?:\d{4}-\d\d-\d\d )?")
"""What stands before a note in a prompt."""

_DOCUMENTS = [
    re.compile(
        re.escape(voice.language.document.fill(name="\1", text="\2"))
        .replace("\1", r"(?P<name>[^\n]*)")
        .replace("\2", r"(?P<text>.*?)"),
        re.DOTALL,
    )
    for voice in VOICES.values()
]


def in_message(speaker: str, text: str) -> list[Sentence]:
    """A message's sentences, and those of its documents with the file's name as the speaker.

    The stand-in's own answers have none: everything in them was said by someone else.
    """
    if text.startswith(_DISCLAIMERS):
        return []
    words, written = documents_apart(text)
    return [*sentences(speaker, words), *written]


def documents_apart(text: str) -> tuple[str, list[Sentence]]:
    """The words of a message, and the sentences of the documents that came with it."""
    written: list[Sentence] = []
    for quotation in _DOCUMENTS:
        for document in quotation.finditer(text):
            written += sentences(document["name"], document["text"])
        text = quotation.sub("", text)
    return text, written


def in_notes(lines: Iterable[str], names: Set[str]) -> list[Sentence]:
    """The sentences of notes, with their speakers where a note is one of the stand-in's own and they are called so."""
    found: list[Sentence] = []
    for numbered in lines:
        line = _NUMBER.sub("", numbered.strip())
        speaker, _, text = line.partition(": ")
        found += sentences(speaker, text) if speaker in _NAMES | names else sentences("", line)
    return [sentence for sentence in found if sentence.text not in _EMPTY]


def in_note(text: str, names: Set[str]) -> Sentence:
    """All that a note says, as one sentence; its text is empty where it says that nothing was said."""
    found = in_notes(text.splitlines(), names)
    return Sentence(found[0].speaker if found else "", " ".join(each.text for each in found))
