"""Inline rules that markdown-it lacks: Slack's own tokens and emphasis, bare links beside Japanese, and emoji."""

import re
import unicodedata
from functools import lru_cache

import emoji
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter

_TOKEN = re.compile(r"<(@|#|!|https?://)([^<>|\n]*)(?:\|([^<>\n]*))?>")
_ENDS = r"\s<>\"'`、。「」()【】"
_URL_AFTER_SCHEME = re.compile(rf"://[^{_ENDS}]*[^{_ENDS}.,;:!?)\]*_~]")
_SCHEME = re.compile(r"(?<![A-Za-z0-9_])https?$")
_SCHEME_LENGTH = len(" https")
_SHORTCODE = re.compile(r":[a-z0-9_+\-']{1,60}:")
_SLACK_MARKS = {"*": "strong", "_": "em", "~": "s"}
_SLACK_EMPHASIS = {
    mark: re.compile(
        rf"(?=\S)((?:`[^`\n]*`|[^`\n{re.escape(mark)}])+?)(?<=\S){re.escape(mark)}(?![{beside}{re.escape(mark)}])"
    )
    for mark, beside in {"*": "A-Za-z0-9", "_": r"\w", "~": "A-Za-z0-9"}.items()
}
"""What follows an opening mark. A star may stand between Japanese letters, which no spaces part."""


def slack_token(state: StateInline, silent: bool) -> bool:
    """``<@U…>``, ``<#C…|name>``, ``<!here>`` and ``<https://…|label>``, as Slack writes them into a text.

    ``env["name"]`` tells what somebody, or a channel, is called by its id.
    """
    found = _TOKEN.match(state.src, state.pos) if state.src[state.pos] == "<" else None
    if not found:
        return False
    if not silent:
        kind, value, label = found.groups()
        if kind.startswith("http"):
            url = _decoded(kind + value)
            link(state, url, _decoded(label or "") or url)
        else:
            name = state.env["name"](value) if kind == "@" or (kind == "#" and not label) else label or value
            mention(state, ("#" if kind == "#" else "@") + _decoded(name))
    state.pos = found.end()
    return True


def slack_emphasis(state: StateInline, silent: bool) -> bool:
    """mrkdwn's emphasis: one star is bold. It begins neither in a word nor before a space, and ends in its line."""
    mark = state.src[state.pos]
    if silent or mark not in _SLACK_MARKS or (state.pos and _is_inside(state.src[state.pos - 1], mark)):
        return False
    found = _SLACK_EMPHASIS[mark].match(state.src, state.pos + 1, state.posMax)
    if not found:
        return False
    end = state.posMax
    state.pos, state.posMax = found.span(1)
    state.push(f"{_SLACK_MARKS[mark]}_open", _SLACK_MARKS[mark], 1)
    state.md.inline.tokenize(state)
    state.push(f"{_SLACK_MARKS[mark]}_close", _SLACK_MARKS[mark], -1)
    state.pos, state.posMax = found.end(), end
    return True


def emphasis(state: StateInline, silent: bool) -> bool:
    """Markdown's emphasis, which CommonMark does not see in ``**「はい」**です``.

    CommonMark lets a mark that has punctuation inside and a letter outside neither open nor close, as it takes
    letters to be apart from their neighbours by spaces. Japanese writes none.
    """
    mark = state.src[state.pos]
    if silent or mark not in "*_":
        return False
    scanned = state.scanDelims(state.pos, mark == "*")
    before = state.src[state.pos - 1] if state.pos else " "
    after = state.src[state.pos + scanned.length] if state.pos + scanned.length < state.posMax else " "
    is_japanese = mark == "*" and (_is_wide(before) or _is_wide(after))
    for _ in range(scanned.length):
        state.push("text", "", 0).content = mark
        state.delimiters.append(
            Delimiter(
                marker=ord(mark),
                length=scanned.length,
                token=len(state.tokens) - 1,
                end=-1,
                open=scanned.can_open or (is_japanese and not after.isspace()),
                close=scanned.can_close or (is_japanese and not before.isspace()),
            )
        )
    state.pos += scanned.length
    return True


def bare_link(state: StateInline, silent: bool) -> bool:
    """A URL that stands by itself; Japanese punctuation ends it, where linkify would take it in."""
    if state.linkLevel or not state.src.startswith("://", state.pos):
        return False
    scheme = _SCHEME.search(state.pending[-_SCHEME_LENGTH:])
    rest = _URL_AFTER_SCHEME.match(state.src, state.pos, state.posMax) if scheme else None
    if not scheme or not rest:
        return False
    if not silent:
        state.pending = state.pending.removesuffix(scheme[0])
        url = _decoded(scheme[0] + rest[0])
        link(state, url, url)
    state.pos = rest.end()
    return True


def shortcode(state: StateInline, silent: bool) -> bool:
    """An emoji by its name between colons, as Slack stores them; what names none stays as it is."""
    found = _SHORTCODE.match(state.src, state.pos, state.posMax) if state.src[state.pos] == ":" else None
    if not found or _emoji(found[0]) == found[0]:
        return False
    if not silent:
        state.append_pending(_emoji(found[0]))
    state.pos = found.end()
    return True


def link(state: StateInline, url: str, label: str) -> None:
    """Add a link with a label to what is parsed; the label alone where the URL is not to be followed."""
    href = state.md.normalizeLink(url)
    is_safe = state.md.validateLink(href)
    if is_safe:
        state.push("link_open", "a", 1).attrs = {"href": href}
    state.push("text", "", 0).content = label
    if is_safe:
        state.push("link_close", "a", -1)


def mention(state: StateInline, name: str) -> None:
    """Add the name of somebody or of a channel."""
    state.push("mention_open", "span", 1).attrs = {"class": "mention"}
    state.push("text", "", 0).content = name
    state.push("mention_close", "span", -1)


@lru_cache(10_000)
def _emoji(code: str) -> str:
    return emoji.emojize(code, language="alias")


def _is_inside(before: str, mark: str) -> bool:
    """Does a mark after this character stand in a word, or in a row of marks?"""
    return before == mark or (before.isalnum() and (before.isascii() or mark == "_"))


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "FW"


def _decoded(text: str) -> str:
    """What Slack escaped: ``&``, ``<`` and ``>``, and nothing else."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
