"""How the stand-in keeps notes: it adds the sentences most worth keeping, and drops notes that are worth less.

It redacts them by dropping those that repeat a sentence of what was removed.
"""

from collections.abc import Mapping, Sequence

from adapters.offline.quotations import in_message, in_note
from adapters.offline.sentences import Sentence, repeats
from domain.condensation.condensation import Condensation
from domain.conversations.conversation import Speaker
from domain.memory import longest_fitting
from domain.ports.model import CountTokens

NUMBER_AND_DATE = "99. 2026-11-26 "
"""What a prompt shows before a note counts as the note's."""


def edits_of(condensation: Condensation, names: Mapping[Speaker, str], count_tokens: CountTokens) -> str:
    """The lines of the answer; empty where nothing was said.

    Of equal worth, what the notes have comes before what is new, and the newer before the older.
    """
    people = {message.name for message in condensation.folded}
    known = [in_note(note.text, people) for note in condensation.notes]
    new = [
        sentence
        for message in condensation.folded
        for sentence in in_message(message.name or names[message.speaker], message.text)
    ]
    sizes = [note.tokens for note in condensation.notes] + [_size(each.line, count_tokens) for each in new]
    ranking = _ranking(known, new)
    chosen = _chosen([*known, *new], ranking, sizes, condensation.token_limit)
    drops = [f"DROP {n + 1}" for n in range(len(known)) if n not in chosen and (new or known[n].text)]
    adds = [f"ADD {each.line}" for n, each in enumerate(new, len(known)) if n in chosen]
    if ranking and not chosen:
        best = [*known, *new][ranking[0]].line
        adds = [f"ADD {_beginning(best, condensation.token_limit, count_tokens)}"]
    return "\n".join([*drops, *adds])


def redactions_of(condensation: Condensation) -> str:
    """The lines of the answer to a redaction."""
    removed = [sentence.text for text in condensation.removed for sentence in in_message("", text)]
    drops = [
        f"DROP {number}"
        for number, note in enumerate(condensation.notes, 1)
        if note.withheld and any(repeats(in_note(note.text, set()).text, each) for each in removed)
    ]
    return "\n".join(drops) or "KEEP"


def _ranking(known: Sequence[Sentence], new: Sequence[Sentence]) -> list[int]:
    said = [*known, *new]
    return sorted((n for n in range(len(said)) if said[n].text), key=lambda n: (-said[n].worth, n >= len(known), -n))


def _chosen(said: Sequence[Sentence], ranking: Sequence[int], sizes: Sequence[int], room: int) -> set[int]:
    chosen: set[int] = set()
    for number in ranking:
        repeated = any(repeats(said[number].text, said[other].text) for other in chosen)
        if not repeated and sizes[number] <= room:
            chosen.add(number)
            room -= sizes[number]
    return chosen


def _beginning(line: str, token_limit: int, count_tokens: CountTokens) -> str:
    """Where no whole sentence fits, the beginning of the best one, and never nothing of it."""
    return longest_fitting(token_limit - _size("", count_tokens), line, count_tokens)[0] or line[:1]


def _size(line: str, count_tokens: CountTokens) -> int:
    return count_tokens(f"{NUMBER_AND_DATE}{line}\n")
