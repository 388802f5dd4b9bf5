"""The figures of an event as fields of its log line, for whoever reads lines as JSON."""

from domain.turn_events import Answered, Condensed, CondensingFailed, Event, Failed, Redacted


def fields_of(event: Event) -> dict[str, object]:
    """Whose event it is and what it took, under names that no attribute of a ``LogRecord`` has."""
    fields: dict[str, object] = {
        "event": type(event).__name__,
        "reference": event.request.reference,
        "conversation": event.conversation,
        "person": event.request.person,
    }
    match event:
        case Answered():
            fields |= {"model": event.model, "first_word_seconds": event.first_word, "seconds": event.seconds}
            fields |= {"sent": event.usage.sent, "cached": event.usage.cached, "received": event.usage.received}
        case Condensed() | Redacted():
            fields |= {"sent": event.usage.sent, "cached": event.usage.cached, "received": event.usage.received}
        case Failed(error=error) | CondensingFailed(error=error):
            fields |= {"error": type(error).__name__}
    return fields
