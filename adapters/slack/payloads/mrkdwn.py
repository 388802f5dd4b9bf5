"""Turns the mrkdwn of posts into plain text.

Slack writes mentions, channels, dates and links as ``<…>`` and escapes the ``<``, ``>`` and ``&`` that people type.
So everything in such brackets is Slack's, and the escapes are undone last: a mention that somebody typed letter by
letter stays text.
"""

import re
from collections.abc import Callable

ESCAPES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
"""All that Slack escapes. The ampersand is undone last, or ``&amp;lt;`` would become ``<``."""

_MARKUP = re.compile(r"<((?:@[UW]|#[CDG])[A-Z0-9]+(?:\|[^<>]*)?|![a-z][^<>]*|[A-Za-z][A-Za-z0-9+.-]*:[^<>|\s][^<>]*)>")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?://)?(?:www\.)?")


def plain_text(text: str, name_of: Callable[[str], str]) -> str:
    """The text as a person sees it. Where ``name_of`` a user id is empty, the id is shown."""
    pieces = _MARKUP.split(text)
    pieces[::2] = [unescaped(each) for each in pieces[::2]]
    pieces[1::2] = [_shown(each, name_of) for each in pieces[1::2]]
    return "".join(pieces)


def escaped(text: str) -> str:
    """The text with Slack's escapes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescaped(text: str) -> str:
    for escape, character in ESCAPES.items():
        text = text.replace(escape, character)
    return text


def _shown(markup: str, name_of: Callable[[str], str]) -> str:
    target, _, label = (unescaped(each) for each in markup.partition("|"))
    match target[0]:
        case "@":
            return f"@{name_of(target[1:]) or label.removeprefix('@') or target[1:]}"
        case "#":
            return f"#{label.removeprefix('#') or target[1:]}"
        case "!":
            return _broadcast(target[1:], label)
        case _:
            return _link(target, label)


def _broadcast(command: str, label: str) -> str:
    """``@here`` and the like, a user group, or a date: its label is what Slack falls back to for every time zone."""
    if command.startswith("date^"):
        return label
    name = label or command.removeprefix("subteam^")
    return name if name.startswith("@") else f"@{name}"


def _link(address: str, label: str) -> str:
    """Slack links whatever looks like an address. Where the label only repeats the address, it is written once."""
    shown = address.removeprefix("mailto:").removeprefix("tel:")
    if not label or _without_scheme(label) == _without_scheme(address):
        return shown
    return f"{label} ({shown})"


def _without_scheme(address: str) -> str:
    return _SCHEME.sub("", address, count=1).rstrip("/").casefold()
