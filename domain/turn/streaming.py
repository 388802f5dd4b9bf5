"""The model's words on their way into the reply, and why they may end before their end."""

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from domain.deliveries.deadline import Deadline
from domain.errors import ModelRefused, ModelTooSlow, ModelUnavailable, StoppedEarly
from domain.ports.model import Completed, Piece, Retraction
from domain.ports.slack import Reply
from domain.spending.usage import Usage
from domain.texts.language import Language

BYTES_PER_TOKEN = 10
"""UTF-8 bytes that an answer may have for each token of its limit. Text has 3 to 5, in English and Japanese alike, so
that only a server which ignores the limit comes to this bound."""


class Cut(enum.StrEnum):
    """Why an answer ends before its end."""

    LENGTH = "length"
    TIME = "time"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model wrote. Nobody has counted its usage where it was cut by time or by the stop button.

    ``rewritten`` where the reply shows thoughts of the model in its place. ``first_word`` is when it began, by the
    deadline's clock.
    """

    text: str
    usage: Usage
    cut: Cut | None = None
    rewritten: bool = False
    first_word: float = field(default=0.0, compare=False)

    @property
    def fence(self) -> str:
        """What closes a code fence that the answer leaves open, so that nothing after it is taken for code."""
        return _open_fence(self.text)

    def ending(self, language: Language) -> str:
        """What the person reads below the model's words: why they end there. Empty where they end by themselves."""
        sentences = {Cut.LENGTH: language.cut_short, Cut.TIME: language.out_of_time, Cut.STOP: language.stopped}
        return f"{self.fence}\n\n{sentences[self.cut]}" if self.cut else ""


def stream(pieces: Iterable[Piece], reply: Reply, deadline: Deadline, token_limit: int) -> Answer:
    """Write the pieces into the reply until they end, the deadline is over, or they are too many.

    What is behind a retraction is not written: the whole reply is to be replaced.

    Raises:
        ModelUnavailable: The pieces end without ``Completed`` before the deadline.
        ModelRefused: The answer is empty.
        ModelTooSlow: The deadline is over before the first word.
        StoppedEarly: The person pressed the stop button before the first word.
    """
    words: list[str] = []
    room = BYTES_PER_TOKEN * token_limit
    rewritten, first_word = False, 0.0
    for piece in pieces:
        if isinstance(piece, Completed):
            return _complete("".join(words), piece.usage, Cut.LENGTH if piece.cut else None, rewritten, first_word)
        if isinstance(piece, Retraction):
            words, room, rewritten, first_word = [], BYTES_PER_TOKEN * token_limit, True, 0.0
            continue
        written = piece.encode(errors="replace")[:room].decode(errors="ignore")
        first_word = first_word or (deadline.clock() if piece.strip() else 0.0)
        words.append(written)
        if not rewritten:
            reply.write(written)
        room -= len(piece.encode(errors="replace"))
        if room <= 0:
            return _complete("".join(words), Usage(), Cut.LENGTH, rewritten, first_word)
        if deadline.is_over:
            break
    text = "".join(words)
    if not deadline.is_over:
        raise ModelUnavailable("the model broke off before its answer was complete")
    if text.strip():
        return Answer(text, Usage(), Cut.STOP if reply.stopped else Cut.TIME, rewritten, first_word)
    if reply.stopped:
        raise StoppedEarly("stopped before the first word")
    raise ModelTooSlow("no word came in the time that an answer may take (REPLY_SECONDS)")


def _complete(text: str, usage: Usage, cut: Cut | None, rewritten: bool, first_word: float) -> Answer:
    if not text.strip():
        raise ModelRefused("the model's answer is empty").after(usage)
    return Answer(text, usage, cut, rewritten, first_word)


def _open_fence(text: str) -> str:
    fence = ""
    for line in _FENCE.finditer(text):
        if not fence:
            fence = line["mark"]
        elif line["mark"].startswith(fence) and not line["info"].strip():
            fence = ""
    return f"\n{fence}" if fence else ""


_FENCE = re.compile(r"^ {0,3}(?P<mark>`{3,}|~{3,})(?P<info>.*)$", re.MULTILINE)
