"""What is worth telling about a turn, for logs, metrics and the playground. Never what people wrote."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.commands import Command
from domain.requests import Question, Request
from domain.usage import Usage


@dataclass(frozen=True, slots=True)
class Answered:
    """A question got its answer."""

    request: Question
    conversation: str
    usage: Usage
    cut: bool
    stopped: bool = False
    """By the person: what the model's side would have counted is not known then."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A repeated delivery found the answer saved, and finished its reply without asking the model again."""

    request: Question
    conversation: str


@dataclass(frozen=True, slots=True)
class Condensed:
    """The oldest ``messages`` messages of ``folded_tokens`` tokens became part of a summary of ``summary_tokens``.

    ``trimmed`` where the model wrote more than a summary may have.
    """

    request: Request
    conversation: str
    messages: int
    folded_tokens: int
    summary_tokens: int
    usage: Usage
    trimmed: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """Something went wrong with a question. ``notified`` where the person has been given the reference."""

    request: Question
    conversation: str
    error: Exception
    notified: bool


@dataclass(frozen=True, slots=True)
class CondensingFailed:
    """The buffer is kept as it was; the next turn tries again."""

    request: Request
    conversation: str
    error: Exception


@dataclass(frozen=True, slots=True)
class Obeyed:
    """A command was carried out."""

    request: Question
    conversation: str
    command: Command


Event = Answered | Finished | Condensed | Failed | CondensingFailed | Obeyed
Report = Callable[[Event], None]
