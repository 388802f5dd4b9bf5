"""The policy of the memory: when to condense, and how many of the oldest turns to fold into the summary."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.conversations.conversation import Conversation, Message, Speaker
from domain.errors import QuestionTooLong

CEILING = 4
"""With condensing failing, the buffer may grow to this many times its limit before a turn must wait."""


@dataclass(frozen=True, slots=True)
class Memory:
    """The three numbers, in tokens: condense beyond ``limit``, down to ``keep``, into at most ``summary``.

    The gap between limit and keep is the point: a condensation happens once in many turns, and
    between two of them a prompt only grows at its end, so a provider's prompt cache keeps hitting.

    Raises ``ValueError`` unless 0 < keep < limit and 0 < summary.
    """

    limit: int = 4000
    keep: int = 2000
    summary: int = 1000

    def __post_init__(self) -> None:
        if not 0 < self.keep < self.limit:
            raise ValueError(f"keep must be between 0 and limit ({self.limit}), not {self.keep}")
        if self.summary <= 0:
            raise ValueError(f"summary must be more than 0, not {self.summary}")

    def is_over(self, conversation: Conversation) -> bool:
        """Is it time to condense?"""
        return conversation.buffer_tokens > self.limit

    def is_full(self, conversation: Conversation) -> bool:
        """Has condensing failed for so long that a further turn would break the bound on every prompt?"""
        return conversation.buffer_tokens > CEILING * self.limit

    def length_refusal(self, text: str, count_tokens: Callable[[str], int]) -> QuestionTooLong | None:
        """Why a question of this text is not answered: it alone has more tokens than ``limit``."""
        # A token is at least one byte, so that most questions need not be counted before the model is asked.
        if len(text.encode(errors="replace")) <= self.limit:
            return None
        tokens = count_tokens(text)
        return QuestionTooLong(tokens, self.limit) if tokens > self.limit else None

    def foldable(self, conversation: Conversation, keep: int | None = None) -> int:
        """How many of the oldest messages to fold: whole turns, so that the rest begins with a person.

        The rest is at most ``keep`` tokens, the memory's own unless another number is given. The newest turn stays
        even where it alone is more than that, unless it is more than ``limit``: then it is folded too, whole, and the
        buffer is empty.
        """
        buffer = conversation.buffer
        boundaries = _boundaries(buffer)
        for boundary in boundaries:
            if _tokens(buffer[boundary:]) <= (self.keep if keep is None else keep):
                return boundary
        if boundaries and _tokens(buffer[boundaries[-1] :]) <= self.limit:
            return boundaries[-1]
        return len(buffer)

    @staticmethod
    def half_of(conversation: Conversation, folded: int) -> int:
        """How many messages the older half of the ``folded`` turns has; one turn cannot be halved."""
        boundaries = [*_boundaries(conversation.buffer[:folded]), folded]
        return boundaries[(len(boundaries) - 1) // 2]


def longest_fitting(limit: int, text: str, count_tokens: Callable[[str], int]) -> tuple[str, int]:
    """The longest beginning of the text that has at most ``limit`` tokens, and how many it has."""
    tokens = count_tokens(text)
    fits, exceeds = 0, len(text)
    if tokens <= limit:
        return text, tokens
    while exceeds - fits > 1:
        middle = (fits + exceeds) // 2
        if count_tokens(text[:middle]) <= limit:
            fits = middle
        else:
            exceeds = middle
    return text[:fits], count_tokens(text[:fits])


def _boundaries(messages: tuple[Message, ...]) -> list[int]:
    """Where a further turn begins. What stands above a question in its thread belongs to its turn."""
    return [
        n
        for n, message in enumerate(messages)
        if n and message.speaker is not Speaker.BOT and messages[n - 1].speaker is not Speaker.THREAD
    ]


def _tokens(messages: tuple[Message, ...]) -> int:
    return sum(message.tokens for message in messages)
