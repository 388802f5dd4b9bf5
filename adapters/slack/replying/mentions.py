"""Model output made fit for Slack: its mentions notify nobody but those who take part in the talk.

Slack turns ``<!channel>``, ``<!subteam^S1>`` and ``<@U1>`` into mentions that notify, with or without a label, and
clients turn typed names like ``@here`` into them. Markdown may spell their signs as entities or behind a backslash,
and characters that nobody sees may stand within. All of that counts as a mention here, in code and links too.
"""

import re
from collections.abc import Set
from functools import cache

from adapters.slack.payloads.mrkdwn import escaped
from domain.requests import Question
from domain.texts.invisible import INVISIBLE

ZERO_WIDTH_SPACE = "\u200b"

COMMANDS = ("channel", "here", "everyone", "subteam^")
"""What notifies many people, behind ``<!``."""

NAMES = ("channel", "here", "everyone")
"""What people type for it, behind ``@``. Inside a longer word or an address it notifies nobody."""

NOTIFICATION_LIMIT = 4_000
"""Characters of ``text`` that ``chat.update`` takes."""

ID_LIMIT = 20
"""Characters of a user id, and more than Slack's have: 9 to 11."""


class MentionNeutraliser:
    """Neutralises mentions in streamed text, but those of the people with the ids in ``allowed``.

    A zero-width space after the first character leaves the text readable. An end that may be the
    beginning of such a mention is held back until the next piece, or ``rest``, tells.
    """

    def __init__(self, allowed: Set[str] = frozenset()) -> None:
        self._allowed = allowed
        self._before = ""  # the last character that was let go: what follows may belong to its word
        self._held = ""

    def feed(self, piece: str) -> str:
        """What can be shown so far of everything fed."""
        text = self._held + piece
        beginning = _compiled(_BEGINNING).search(text, max(0, len(text) - _LONGEST))
        end = beginning.start() if beginning else len(text)
        self._held = text[end:]
        return self._neutralised(text[:end])

    def rest(self) -> str:
        """What was held back, at the end of the text."""
        held, self._held = self._held, ""
        return self._neutralised(held)

    def _neutralised(self, text: str) -> str:
        neutral = _compiled(_MENTION).sub(self._replaced, self._before + text)
        neutral = neutral[len(self._before) :]
        self._before = text[-1:] or self._before
        return neutral

    def _replaced(self, mention: re.Match[str]) -> str:
        if (mention["person"] or "").upper() in self._allowed:
            return mention[0]
        first = mention["first"] or mention["at"]
        return f"{first}{ZERO_WIDTH_SPACE}{mention[0][len(first) :]}"


def neutralised(text: str, allowed: Set[str] = frozenset()) -> str:
    """A whole text with its mentions neutralised."""
    neutraliser = MentionNeutraliser(allowed)
    return neutraliser.feed(text) + neutraliser.rest()


def participants(question: Question) -> frozenset[str]:
    """The ids of those whom an answer may mention: who asked, and whom they mentioned themselves."""
    return frozenset({question.person, *re.findall(r"<@([UW][A-Z0-9]+)", question.text)})


def notification_text(text: str) -> str:
    """What notifications and screen readers say of a text that is shown in blocks, within ``NOTIFICATION_LIMIT``.

    Slack reads the ``text`` beside blocks as mrkdwn, so what is special there is escaped, and nothing in it
    mentions anybody.
    """
    literal = literal_mrkdwn(text)
    if len(literal) <= NOTIFICATION_LIMIT:
        return literal
    return re.sub(r"&[a-z]*$", "", literal[: NOTIFICATION_LIMIT - 1]) + "…"


def literal_mrkdwn(text: str) -> str:
    """A text as mrkdwn that shows it letter by letter and mentions nobody."""
    return escaped(neutralised(text))


_UNSEEN = rf"[\\{INVISIBLE}]{{0,4}}"
"""A backslash, which Markdown drops, and characters that are not shown."""

_LESS = r"(?:[<\uff1c]|&lt;?|&#0{0,4}60;?|&#x0{0,4}3c;?)"
_AT = r"(?:[@\uff20]|&commat;|&#0{0,4}64;?|&#x0{0,4}40;?)"
_BANG = r"(?:[!\uff01]|&excl;|&#0{0,4}33;?|&#x0{0,4}21;?)"
_ENTITY = r"&(?:#x?)?[a-z0-9]{0,7}"
"""An entity that may go on."""


def _spelled(word: str) -> str:
    return _UNSEEN.join(map(re.escape, word))


def _begun(signs: list[str]) -> str:
    """The beginnings of what these signs spell together, from the first sign to all of them."""
    pattern = ""
    for sign in reversed(signs):
        pattern = f"{sign}{_UNSEEN}(?:{pattern})?" if pattern else f"{sign}{_UNSEEN}"
    return pattern


_NEUTRAL = f"(?!{ZERO_WIDTH_SPACE})"  # what is neutralised already stays as it is
# Japanese writes no space around a name: only Latin letters and digits can make it part of a longer word.
_MENTION = (
    rf"(?P<first>{_LESS}){_NEUTRAL}{_UNSEEN}"
    rf"(?:{_BANG}{_UNSEEN}(?:{'|'.join(map(_spelled, COMMANDS))})|{_AT}{_UNSEEN}(?P<person>[UW](?:{_UNSEEN}[A-Z0-9])+))"
    rf"|(?<![A-Za-z0-9_])(?P<at>{_AT}){_NEUTRAL}{_UNSEEN}(?:{'|'.join(map(_spelled, NAMES))})(?![A-Za-z0-9_])"
)
_BEGINNINGS = [
    *(_begun([_LESS, _BANG, *map(re.escape, word)]) for word in COMMANDS),
    *(_begun([_AT, *word]) for word in NAMES),
    _begun([_LESS, _AT, f"[UW](?:{_UNSEEN}[A-Z0-9]){{0,{ID_LIMIT}}}"]),
]
_BEGINNING = rf"(?:(?:{'|'.join(_BEGINNINGS)})(?:{_ENTITY})?|{_ENTITY})\Z"
_LONGEST = 240
"""Characters of the longest of them, and some more."""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compiled with the first words of an answer, while the model goes on: it takes 40 ms, which no start waits for."""
    return re.compile(pattern, re.IGNORECASE)
