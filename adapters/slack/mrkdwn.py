"""Slack's markup in what people write, turned into words.

Slack writes mentions, channels, dates and links as ``<…>`` and escapes what people themselves type of
``<``, ``>`` and ``&``. So all that stands in such brackets is Slack's, and the escapes are undone last:
a mention that somebody spelt out letter by letter stays the text it is.
"""

import re
from collections.abc import Callable

ESCAPES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
"""All that Slack escapes; the ampersand comes last, so that what it was escaped with is not taken for another."""

_MARKUP = re.compile(r"<((?:@[UW]|#[CDG])[A-Z0-9]+(?:\|[^<>]*)?|![a-z][^<>]*|[A-Za-z][A-Za-z0-9+.-]*:[^<>|\s][^<>]*)>")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?://)?(?:www\.)?")


def words(text: str, name_of: Callable[[str], str]) -> str:
    """The text as a person reads it. ``name_of`` a user id may be empty; then the id stands for it."""
    pieces = _MARKUP.split(text)
    pieces[::2] = [unescaped(each) for each in pieces[::2]]
    pieces[1::2] = [_read(each, name_of) for each in pieces[1::2]]
    return "".join(pieces)


def unescaped(text: str) -> str:
    for escape, character in ESCAPES.items():
        text = text.replace(escape, character)
    return text


def _read(markup: str, name_of: Callable[[str], str]) -> str:
    target, _, label = (unescaped(each) for each in markup.partition("|"))
    match target[0]:
        case "@":
            return f"@{name_of(target[1:]) or label.removeprefix('@') or target[1:]}"
        case "#":
            return f"#{label.removeprefix('#') or target[1:]}"
        case "!":
            return _announced(target[1:], label)
        case _:
            return _linked(target, label)


def _announced(command: str, label: str) -> str:
    """``@here`` and its like, a group of users, or a date in words that Slack says as everybody's own clock does."""
    if command.startswith("date^"):
        return label
    name = label or command.removeprefix("subteam^")
    return name if name.startswith("@") else f"@{name}"


def _linked(address: str, label: str) -> str:
    """Slack makes a link of whatever looks like an address: where that is all the label says, it is said once."""
    shown = address.removeprefix("mailto:").removeprefix("tel:")
    if not label or _bare(label) == _bare(address):
        return shown
    return f"{label} ({shown})"


def _bare(address: str) -> str:
    return _SCHEME.sub("", address, count=1).rstrip("/").casefold()
