"""What stands for the model: it answers, edits notes and writes summaries in prose, as obediently one as the other.

It takes in every fact of what it is shown to take in, ``FACT_TOKENS`` tokens each, lets a correction take the place of
what it corrects, and lets the oldest facts go where the summary would have more tokens than it may. It reads its
prompt alone.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from bench.peers.conversations import Conversation
from bench.peers.facts import count_tokens, told_in, turn_of

Message = tuple[str, str]
"""Role and text."""

RECORD = re.compile(r"<(record|記録)>\n(?P<notes>.*?)\n</\1>", re.DOTALL)
NOTE = re.compile(r"^(?P<number>\d+)\. \d{4}-\d\d-\d\d (?P<text>.*)$", re.MULTILINE)
FOLDED = re.compile(r"first (\d+) messages|最初の (\d+) 件")
LEFT = re.compile(r"(\d+) of which are left|残りは (\d+) トークン")
AGAIN = re.compile(r"Write all lines once more|すべての行を書き直して")
"""How this project asks for less."""

OLDER = re.compile(r".*(?:END OF EXAMPLE|Messages to summarize:)", re.DOTALL)
"""Where LangChain's prompts begin with what is to be summarised."""

DAY = "2026-01-05"
"""Some day: each has as many tokens."""


class Unreadable(ValueError):
    """The stand-in cannot read a prompt: its figures would be wrong."""


@dataclass(frozen=True)
class Written:
    """What the stand-in writes, and how many facts the summary has after that."""

    text: str
    facts: int = 0


def answer(conversation: Conversation, messages: Sequence[Message]) -> Written:
    """The answer to the last question. Raises ``Unreadable`` where the last message asks none."""
    told = list(told_in(messages[-1][1]))
    if messages[-1][0] != "user" or not told:
        raise Unreadable("the last message is no question")
    return Written(conversation.answer(turn_of(told[-1][0])))


def condensation(conversation: Conversation, messages: Sequence[Message], limit: int) -> Written:
    """The edits of the notes, or the whole new summary, whichever is asked for.

    Raises ``Unreadable`` for a prompt of another form.
    """
    request = messages[-1][1]
    return _edits(conversation, messages) if "MERGE" in request else _prose(conversation, messages, limit)


def _edits(conversation: Conversation, messages: Sequence[Message]) -> Written:
    *shown, (_, request) = [each for each in messages if each[0] != "system"]
    count, left = _number(FOLDED, request), _number(LEFT, request)
    if AGAIN.search(request):
        raise Unreadable("the notes are too long: the stand-in has not obeyed")
    quoted = RECORD.search(shown[0][1])
    notes = {int(each["number"]): each for each in NOTE.finditer(quoted["notes"])} if quoted else {}
    known = {fact: number for number, note in notes.items() for fact, _ in told_in(note["text"])}
    said = [RECORD.sub("", text, count=1) for _, text in shown[:count]]
    facts = _facts(each for text in said for each in told_in(text))
    corrected = {fact: known[of] for fact, of in facts.items() if of in known}
    lines = [
        f"MERGE {corrected[fact]}: {conversation.fact(fact)}" if fact in corrected else f"ADD {conversation.fact(fact)}"
        for fact in facts
    ]
    merged = set(corrected.values())
    dropped = _dropped(notes, merged, [conversation.fact(each) for each in facts], left)
    lines += [f"DROP {' '.join(map(str, dropped))}"] * bool(dropped)
    return Written("\n".join(lines), len(notes) + len(facts) - len(merged) - len(dropped))


def _dropped(notes: dict[int, re.Match[str]], merged: set[int], written: Sequence[str], left: int) -> list[int]:
    """The oldest notes, as many as make room for what is ``written``."""
    numbers = sorted(notes)
    sizes = {number: _size(number, notes[number]["text"]) for number in numbers}
    added = sum(_size(len(notes) + n, text) for n, text in enumerate(written, 1))
    lacking = added - sum(sizes[number] for number in merged) - left
    kept = accumulate((sizes[number] for number in numbers if number not in merged), initial=0)
    needed = next((n for n, room in enumerate(kept) if room >= lacking), len(numbers))
    return [number for number in numbers if number not in merged][:needed]


def _size(number: int, text: str) -> int:
    """Tokens of a note as a prompt shows it."""
    return count_tokens(f"{number}. {DAY} {text}\n")


def _prose(conversation: Conversation, messages: Sequence[Message], limit: int) -> Written:
    shown = "\n".join(text for _, text in messages)
    if not OLDER.match(shown):
        raise Unreadable("this asks for no summary that is known here")
    lines = [conversation.fact(each) for each in _facts(told_in(OLDER.sub("", shown, count=1)))]
    while count_tokens("\n".join(lines)) > limit:
        del lines[0]
    return Written("\n".join(lines), len(lines))


def _facts(told: Iterable[tuple[int, int | None]]) -> dict[int, int | None]:
    """The facts that stand in the end, each once, with those that they correct."""
    facts = dict(told)
    for corrected in facts.values():
        facts = {each: of for each, of in facts.items() if each != corrected}
    return facts


def _number(pattern: re.Pattern[str], text: str) -> int:
    if not (found := pattern.search(text)):
        raise Unreadable("this asks for no edits that are known here")
    return int(next(filter(None, found.groups())))
