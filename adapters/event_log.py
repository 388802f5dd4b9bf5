"""What happened in each turn, as one log line that carries the reference the person was given.

People's texts are not logged unless ``texts`` is on, and an unexpected error is logged by its place
in the code rather than by its message, which may hold either texts or secrets.
"""

import logging
import traceback

from domain.errors import AnsweringError, EmptyQuestion, FilesUnreadable, ModelRefused, QuestionTooLong, StoppedEarly
from domain.requests import Question
from domain.turn_events import Answered, Condensed, CondensingFailed, Event, Failed, Finished, Obeyed

NOTICES = (EmptyQuestion, QuestionTooLong, FilesUnreadable, ModelRefused, StoppedEarly)
"""What needs no operator: the person alone can do something about it."""

logger = logging.getLogger(__name__)


class EventLog:
    """Writes events to the log."""

    def __init__(self, *, texts: bool = False) -> None:
        self._texts = texts

    def __call__(self, event: Event) -> None:
        reference = event.request.reference
        if self._texts and isinstance(event.request, Question):
            logger.info("%s asked: %s", reference, event.request.text)
        match event:
            case Answered(usage=usage, cut=cut, stopped=stopped):
                logger.info(
                    "%s answered in %s: %d tokens sent (%d cached), %d received%s",
                    reference, event.conversation, usage.sent, usage.cached, usage.received,
                    ", stopped by the person" if stopped else ", cut" * cut,
                )  # fmt: skip
            case Finished():
                logger.info("%s was answered before; its reply is complete", reference)
            case Obeyed(command=command):
                logger.info("%s asked %s for %s", reference, event.conversation, command.value)
            case Condensed(messages=messages, folded_tokens=folded, summary_tokens=summary, usage=usage):
                logger.info(
                    "%s condensed %s: %d messages of %d tokens, the summary has %d; %d tokens sent, %d received; %s",
                    reference, event.conversation, messages, folded, summary, usage.sent, usage.received,
                    _edits(event),
                )  # fmt: skip
            case CondensingFailed(error=error):
                logger.warning("%s could not condense %s: %s", reference, event.conversation, evidence(error))
            case Failed(error=error, notified=notified):
                level = logging.WARNING if isinstance(error, NOTICES) else logging.ERROR
                logger.log(level, "%s failed%s: %s", reference, ", the person was told" * notified, evidence(error))


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


def evidence(error: BaseException) -> str:
    """What the log may say of an error: the messages of our own, and of others only type and place."""
    if isinstance(error, AnsweringError):
        said = f"{type(error).__name__}: {error}"
    else:
        frames = traceback.extract_tb(error.__traceback__)[-3:]
        said = " ".join([type(error).__name__, *(f"{each.name}:{each.lineno}" for each in frames)])
    return f"{said} ← {evidence(error.__cause__)}" if error.__cause__ else said
