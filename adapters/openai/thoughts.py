"""Thoughts that a model writes before its answer, in tags.

Servers with a parser for them send thoughts in fields of their own; the others send ``<think>…</think>`` at the
beginning of the content. Mistral's models write ``[THINK]``, Seed's ``<seed:think>``, Kimi's ``◁think▷``, and gpt-oss
and Gemma 4 a channel of their own.
"""

import re

_NAMES = ("think", "thinking", "thought", "reason", "reasoning", "seed:think")
_TAGS = {f"<{name}>": f"</{name}>" for name in _NAMES} | {
    "[think]": "[/think]",
    "◁think▷": "◁/think▷",
    "<|channel|>analysis<|message|>": "<|channel|>final<|message|>",
    "<|channel>thought": "<channel|>",
}
_BLANK = " \t\r\n\v\f\u00a0\u3000\u2028\u2029\ufeff\u200b"
_OPENING = re.compile(f"[{_BLANK}]*({'|'.join(map(re.escape, _TAGS))})", re.IGNORECASE)
_LONGEST = max(map(len, _TAGS.values()))


class Thoughts:
    """Takes the thoughts out of a text that arrives in pieces, wherever it is cut.

    Only what stands at the beginning is a thought, also several times in a row; a tag after the first word is text.
    Thoughts that are never closed last to the end.
    """

    def __init__(self) -> None:
        self.seen = False
        """Have there been any?"""
        self._held = ""
        self._closing: re.Pattern[str] | None = None
        self._answering = False

    def without(self, piece: str) -> str:
        """What of this piece, and of earlier ones that were held back, belongs to the answer."""
        if self._answering:
            return piece
        self._held += piece
        while self._took_tag():
            pass
        return self.rest() if self._answering else ""

    def rest(self) -> str:
        """What is still held back at the end: a beginning that might have become a tag."""
        text, self._held = "" if self._closing else self._held, ""
        return text.lstrip(_BLANK) if self.seen else text

    def _took_tag(self) -> bool:
        """Has a tag been taken off, so that another one may stand behind it?"""
        if self._closing:
            end = self._closing.search(self._held)
            self._held = self._held[end.end() :] if end else self._held[-_LONGEST:]
            self._closing = None if end else self._closing
            return bool(end)
        begin = _OPENING.match(self._held)
        if begin:
            self._held = self._held[begin.end() :]
            self._closing = re.compile(re.escape(_TAGS[begin[1].lower()]), re.IGNORECASE)
            self.seen = True
            return True
        beginning = self._held.lstrip(_BLANK).lower()
        self._answering = not any(tag.startswith(beginning) for tag in _TAGS)
        return False
