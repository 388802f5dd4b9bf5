"""What is worth telling about a turn, for logs, metrics and the playground. Never what people wrote."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.commands.command_words import Command
from domain.correction.edits_and_deletions import Deletion, Edit, Redact
from domain.requests import Question, Request
from domain.spending.usage import NO_USAGE, Usage


@dataclass(frozen=True, slots=True)
class Answered:
    """A question got its answer."""

    request: Question
    conversation: str
    usage: Usage
    cut: bool
    stopped: bool = False
    """By the person: what the model's side would have counted is not known then."""

    model: str = ""
    first_word: float = 0.0
    """Seconds until the first word, from when the question's names and files were begun to be read."""

    seconds: float = 0.0
    """Seconds until the last word."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A repeated delivery found the answer saved, and finished its reply without asking the model again."""

    request: Question
    conversation: str


@dataclass(frozen=True, slots=True)
class Condensed:
    """The oldest ``messages`` messages of ``folded_tokens`` tokens became part of a summary of ``summary_tokens``.

    The other figures are those of a ``Revision``. ``cut`` where the model's answer had no end of its own.
    """

    request: Request
    conversation: str
    messages: int
    folded_tokens: int
    summary_tokens: int
    usage: Usage
    added: int = 0
    merged: tuple[int, ...] = ()
    dropped: tuple[int, ...] = ()
    gone: tuple[int, ...] = ()
    overflow: int = 0
    shortened: int = 0
    unknown: tuple[int, ...] = ()
    prose: bool = False
    cut: bool = False

    @property
    def lost(self) -> int:
        """How many whole notes found no room."""
        return len(self.gone) + self.overflow

    @property
    def trimmed(self) -> bool:
        """Did the model write more than a summary may have?"""
        return self.cut or bool(self.lost or self.shortened)


@dataclass(frozen=True, slots=True)
class Failed:
    """Something went wrong with a question. ``notified`` where the person has been given the reference.

    ``retried`` where the queue delivers it again.
    """

    request: Question
    conversation: str
    error: Exception
    notified: bool
    retried: bool = False


@dataclass(frozen=True, slots=True)
class CondensingFailed:
    """The buffer is kept as it was; the next turn tries again. ``usage`` is what it took nevertheless."""

    request: Request
    conversation: str
    error: Exception
    usage: Usage = NO_USAGE


@dataclass(frozen=True, slots=True)
class Obeyed:
    """A command was carried out."""

    request: Question
    conversation: str
    command: Command


@dataclass(frozen=True, slots=True)
class Corrected:
    """The memory has what a person has made of a post."""

    request: Edit | Deletion
    conversation: str


@dataclass(frozen=True, slots=True)
class Redacted:
    """Of so many ``notes`` that were withheld, ``changed`` were written anew or dropped; all are shown again."""

    request: Redact
    conversation: str
    notes: int
    changed: int
    usage: Usage


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    """A person has changed settings of a channel: those of these ``names``. ``conversation`` is the channel's key."""

    request: Request
    conversation: str
    names: tuple[str, ...]


Event = Answered | Finished | Condensed | Failed | CondensingFailed | Obeyed | Corrected | Redacted | SettingsChanged
Report = Callable[[Event], None]
