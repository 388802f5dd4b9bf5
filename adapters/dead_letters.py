"""Dead letters: requests whose last delivery failed, as an operator may see them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from adapters.serialization.request_records import request_from_json
from domain.errors import StoreCorrupt


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What an operator may see of a request whose last delivery failed: never what the person wrote.

    ``key`` is the store's own name for it. One that cannot be read has no ``reference`` and is never
    replayed; its ``reason`` says what is wrong with it.
    """

    key: str
    conversation: str
    deliveries: int
    reason: str
    reference: str = ""
    asked: datetime | None = None


class DeadLetters(Protocol):
    """The dead letters of one queue. Raises ``StoreUnavailable`` and ``StoreCorrupt``."""

    def count(self) -> int:
        """How many there are, as far as the store knows."""
        ...

    def letters(self) -> Iterator[DeadLetter]:
        """Those that can be seen, the earlier ones of a conversation first."""
        ...

    def replay(self, letter: DeadLetter) -> bool:
        """Put it back into the queue; false where it is no dead letter any more."""
        ...


def dead_letter(
    content: str, where: str, *, key: str, conversation: str, deliveries: int, reason: str = ""
) -> DeadLetter:
    """The dead letter with a request's JSON in it, or one that cannot be read."""
    try:
        request = request_from_json(content, where)
        asked = datetime.fromtimestamp(request.ts.seconds, UTC)
        return DeadLetter(key, conversation, deliveries, reason, request.reference, asked)
    except StoreCorrupt as error:
        reason = str(error)
    except (ValueError, TypeError, OverflowError, OSError) as error:  # the ts is no time, or the identity no text
        reason = f"{where} is not a request: {type(error).__name__}"
    return DeadLetter(key, conversation, deliveries, reason)


def remedy(reference: str) -> str:
    """What an operator does about a dead letter, as the log says it."""
    return f"once that is mended: bot replay {reference}"
