"""Thoughts that a model writes before its answer, in tags.

Servers with a parser for them send thoughts in fields of their own; the others send ``<think>…</think>`` at the
beginning of the content. Mistral's models write ``[THINK]``, Seed's ``<seed:think>``, Kimi's ``◁think▷``, OpenThinker's
``<|begin_of_thought|>``, and gpt-oss and Gemma 4 a channel of their own.

The chat templates of DeepSeek R1, QwQ and Qwen3 put the opening tag into the prompt: their text begins inside the
thoughts, and only the closing tag says so.
"""

import enum
import re

_NAMES = "think|thinking|thought|reason|reasoning|seed:think"
_TAGS = {f"<{name}>": f"</{name}>" for name in _NAMES.split("|")} | {
    "[think]": "[/think]",
    "◁think▷": "◁/think▷",
    "<|begin_of_thought|>": "<|end_of_thought|>",
    "<|channel|>analysis<|message|>": "<|channel|>final<|message|>",
    "<|channel>thought": "<channel|>",
}
_BLANK = " \t\r\n\v\f\u00a0\u3000\u2028\u2029\ufeff\u200b"
_ATTRIBUTES = f"[{_BLANK}][^<>]{{0,80}}"
_OPEN = f"<(?P<name>{_NAMES})(?:{_ATTRIBUTES})?>|(?P<mark>{'|'.join(map(re.escape, _TAGS))})"
_OPENING = re.compile(f"[{_BLANK}]*(?:{_OPEN})")
_UNFINISHED = re.compile(f"<(?:{_NAMES}){_ATTRIBUTES}")
_CLOSING = re.compile("|".join(map(re.escape, _TAGS.values())))
_TAG = re.compile(f"(?P<closing>{_CLOSING.pattern})|{_OPEN}")
_LONGEST = max(map(len, _TAGS.values()))
_QUOTES = frozenset("`'\"“”‘’「」『』")

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""Full-width letters and marks, which stand for one character each."""


class _At(enum.Enum):
    """Where in the text the next piece stands."""

    BEGINNING = "where an opening tag may stand"
    THOUGHTS = "behind an opening tag"
    UNOPENED = "inside thoughts, as far as one knows: there was no opening tag"
    ANSWER = "in the answer"


class Thoughts:
    """Takes the thoughts out of a text that arrives in pieces, wherever it is cut.

    Only what stands at the beginning is a thought, also several times in a row; an opening tag after the first word is
    text. Thoughts that are never closed last to the end.

    ``unopened`` is for a model that is known to begin inside its thoughts: its text is held back until they end. Of any
    other model that is noticed too late: ``unopened`` becomes true with a closing tag that nothing has opened, and what
    was returned by then was thoughts.
    """

    def __init__(self, *, unopened: bool = False) -> None:
        self.seen = False
        """Have there been any?"""
        self.unopened = unopened
        self._at = _At.BEGINNING
        self._held = ""
        self._looked_at = 0
        self._closing = ""
        self._returned = ""

    def without(self, piece: str) -> str:
        """What of this piece, and of earlier ones that were held back, belongs to the answer."""
        if self._is_answering:
            return self._watched(piece)
        self._held += piece
        while self._moved():
            pass
        return self._watched(self.rest()) if self._is_answering else ""

    def rest(self, *, cut: bool = False) -> str:
        """What is still held back at the end: a beginning that might have become a tag, or that nothing has closed.

        Where the text was ``cut``, a beginning that nothing has closed is thoughts.
        """
        text, self._held = self._held, ""
        if self._at is _At.THOUGHTS or (cut and self._at is _At.UNOPENED):
            return ""
        return text.lstrip(_BLANK) if self.seen else text

    @property
    def _is_answering(self) -> bool:
        return self._at is _At.ANSWER

    def _moved(self) -> bool:
        """Is the text that is held back at another place now?"""
        before, held = self._at, self._held
        if before is _At.BEGINNING:
            self._begin(held)
        elif before is _At.THOUGHTS:
            end = _plain(held).find(self._closing)
            self._leave_thoughts(end + len(self._closing) if end >= 0 else 0)
        elif before is _At.UNOPENED and _CLOSING.search(_plain(held[max(0, self._looked_at - _LONGEST) :])):
            tag = _unopened(held)
            self._leave_thoughts(tag.end() if tag else 0)
        self._looked_at = len(self._held)
        return self._at is not before

    def _begin(self, held: str) -> None:
        plain = _plain(held)
        if tag := _OPENING.match(plain):
            self._at, self.seen, self._held = _At.THOUGHTS, True, held[tag.end() :]
            self._closing = _TAGS[tag["mark"] or f"<{tag['name']}>"]
            return
        beginning = plain.lstrip(_BLANK)
        if not (any(tag.startswith(beginning) for tag in _TAGS) or _UNFINISHED.fullmatch(beginning)):
            self._at = _At.UNOPENED if self.unopened and not self.seen else _At.ANSWER

    def _leave_thoughts(self, end: int) -> None:
        if end:
            self._at, self.seen, self._held = _At.BEGINNING, True, self._held[end:]
        elif self._at is _At.THOUGHTS:
            self._held = self._held[-_LONGEST:]  # nobody needs more of thoughts

    def _watched(self, text: str) -> str:
        """The text, unless it says that what was returned before was thoughts."""
        if self.seen:
            return text
        start = max(0, len(self._returned) - _LONGEST)
        self._returned += text
        tag = _CLOSING.search(_plain(self._returned[start:])) and _unopened(self._returned)
        if not tag or not self._returned[: tag.start()].strip(_BLANK):
            return text
        self._at, self.seen, self.unopened = _At.BEGINNING, True, True
        self._held, self._returned = self._returned[tag.end() :], ""
        return self.without("")


def _unopened(text: str) -> re.Match[str] | None:
    """The tag that closes thoughts which no tag in the text has opened.

    A tag beside quotation marks or in a code block is spoken of.
    """
    plain = _plain(text)
    for tag in _TAG.finditer(plain):
        if not tag["closing"]:
            return None
        beside = {plain[max(0, tag.start() - 1) : tag.start()], plain[tag.end() : tag.end() + 1]}
        if not beside & _QUOTES and plain.count("```", 0, tag.start()) % 2 == 0:
            return tag
    return None


def _plain(text: str) -> str:
    """The text in lower case, with marks and letters of half width, of the same length."""
    narrow = text.translate(_WIDE)
    lower = narrow.lower()
    return lower if len(lower) == len(text) else "".join(low if len(low := c.lower()) == 1 else c for c in narrow)
