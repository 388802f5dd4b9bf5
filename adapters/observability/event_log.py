"""What happened in each turn, as one log line that carries the reference the person was given.

People's texts are not logged unless ``texts`` is on, and an unexpected error is logged by its place
in the code rather than by its message, which may hold either texts or secrets.
"""

import logging

from adapters.dead_letters import remedy
from adapters.observability.event_fields import fields_of
from adapters.observability.evidence import evidence
from domain.correction.edits_and_deletions import Edit
from domain.errors import (
    BudgetUsedUp,
    EmptyQuestion,
    FilesUnreadable,
    ModelRefused,
    NotAnswerable,
    QuestionTooLong,
    StoppedEarly,
    TooManyQuestions,
)
from domain.requests import Question
from domain.spending.usage import NO_USAGE
from domain.turn_events import (
    Answered,
    Condensed,
    CondensingFailed,
    Corrected,
    Event,
    Failed,
    Finished,
    Obeyed,
    Redacted,
    SettingsChanged,
)

NOTICES = (
    EmptyQuestion,
    QuestionTooLong,
    BudgetUsedUp,
    TooManyQuestions,
    FilesUnreadable,
    ModelRefused,
    StoppedEarly,
)
"""What needs no operator: the person alone can do something about it."""

logger = logging.getLogger(__name__)


class EventLog:
    """Writes events to the log."""

    def __init__(self, *, texts: bool = False) -> None:
        self._texts = texts

    def __call__(self, event: Event) -> None:
        if self._texts and isinstance(event.request, Question):
            logger.info("%s asked: %s", event.request.reference, event.request.text)
        level, line = _line(event)
        logger.log(level, "%s %s", event.request.reference, line, extra=fields_of(event))


def _line(event: Event) -> tuple[int, str]:
    """How much an event matters, and what is said of it after the reference."""
    match event:
        case CondensingFailed(error=error, usage=usage):
            took = f"; {usage.sent} tokens sent, {usage.received} received" * (usage != NO_USAGE)
            return logging.WARNING, f"could not condense {event.conversation}: {evidence(error)}{took}"
        case Failed():
            return _failed(event)
        case Answered():
            line = _answered(event)
        case Finished():
            line = "was answered before; its reply is complete"
        case Obeyed(command=command):
            line = f"asked {event.conversation} for {command.value}"
        case Condensed():
            line = _condensed(event)
        case Corrected(request=request):
            line = f"was {'edited' if isinstance(request, Edit) else 'deleted'}: {event.conversation} is changed"
        case Redacted():
            line = _redacted(event)
        case SettingsChanged(request=request, names=names):
            line = f"{request.person} changed settings of {request.channel}: {', '.join(names) or 'none'}"
    return logging.INFO, line


def _answered(event: Answered) -> str:
    usage = event.usage
    return (
        f"answered in {event.conversation} for {event.request.person} by {event.model}:"
        f" first word after {event.first_word:.1f} s, last after {event.seconds:.1f} s,"
        f" {usage.sent} tokens sent ({usage.cached} cached), {usage.received} received"
        f"{', stopped by the person' if event.stopped else ', cut' * event.cut}"
    )


def _condensed(event: Condensed) -> str:
    return (
        f"condensed {event.conversation}: {event.messages} messages of {event.folded_tokens} tokens,"
        f" the summary has {event.summary_tokens}; {event.usage.sent} tokens sent, {event.usage.received} received;"
        f" {_edits(event)}"
    )


def _redacted(event: Redacted) -> str:
    return (
        f"redacted {event.conversation}: {event.changed} of {event.notes} notes changed;"
        f" {event.usage.sent} tokens sent, {event.usage.received} received"
    )


def _failed(event: Failed) -> tuple[int, str]:
    line = f"failed{', the person was told' * event.notified}: {evidence(event.error)}"
    if isinstance(event.error, NotAnswerable):  # it is no dead letter
        return logging.WARNING if isinstance(event.error, NOTICES) else logging.ERROR, line
    if event.retried:
        return logging.DEBUG, line  # the queue says it too, and when the next delivery is
    return logging.ERROR, f"{line}; {remedy(event.request.reference)}"


def _edits(event: Condensed) -> str:
    """What the condensation did to the notes, by their numbers before it."""
    done = [f"{event.added} notes added"]
    for verb, numbers in (
        ("merged", event.merged),
        ("dropped", event.dropped),
        ("gone because of SUMMARY_TOKEN_LIMIT", event.gone),
        ("unknown", event.unknown),
    ):
        done += [f"{verb}: {', '.join(map(str, numbers))}"] * bool(numbers)
    done += [f"{event.overflow} new notes gone because of SUMMARY_TOKEN_LIMIT"] * bool(event.overflow)
    done += [f"{event.shortened} notes cut to whole sentences"] * bool(event.shortened)
    done += ["in prose"] * event.prose + ["the answer was cut"] * event.cut
    return "; ".join(done)
