"""The language model, and what it says piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from domain.deliveries.deadline import NO_DEADLINE, Deadline

if TYPE_CHECKING:
    from domain.condensation.condensation import Condensation
    from domain.prompts import Prompt
    from domain.spending.usage import Usage

CountTokens = Callable[[str], int]
"""How many tokens a text has. Never negative, and never more than its UTF-8 bytes."""


@dataclass(frozen=True, slots=True)
class Completed:
    """The end of what a model says. ``cut`` when it stopped at its token limit rather than by itself."""

    usage: Usage
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Retraction:
    """What the model has said so far proves to be its thoughts. Its answer begins behind this."""


Piece = str | Retraction | Completed
"""A part of what a model says."""


class LanguageModel(Protocol):
    """The model that answers, and the one that condenses.

    Raises:
        ModelUnavailable, ModelBusy: Another delivery may succeed.
        ModelRefused: The model will not answer this prompt.
        ModelMisconfigured: Only the operator can help.
        TokenLimitTooLow: The model's thoughts used up its limit of tokens before the first word.
        ContextTooSmall: The prompt has more tokens than the model takes.
    """

    @property
    def name(self) -> str:
        """What the model that answers is called."""
        ...

    def name_of(self, model: str) -> str:
        """What the model that answers is called where a channel has chosen this one."""
        ...

    @property
    def summary_name(self) -> str:
        """What the model that condenses is called."""
        ...

    def reply(
        self, prompt: Prompt, deadline: Deadline = NO_DEADLINE, conversation: str = "", model: str = ""
    ) -> Generator[Piece, None, None]:
        """The answer in pieces as they arrive, and last, exactly once, how it ended.

        ``model`` is a channel's own; empty for the bot's.

        ``conversation`` is the id of the conversation: prompts of one conversation begin alike, and the provider may be
        helped to find what it has cached of them.

        A ``Retraction`` among them takes back what came before it.

        Once the deadline is over the pieces end without ``Completed``, at most a second late, whatever the server
        sends or does not send. That, and closing the generator early, closes the connection to the model.

        Raises ``ModelCannotSee`` for pictures that the model does not take.
        """
        ...

    def summarise(self, condensation: Condensation, deadline: Deadline = NO_DEADLINE) -> tuple[str, Completed]:
        """What to do with the notes, as ``domain.condensation.edit_lines`` reads it, and how it ended.

        Raises ``SummaryTooSlow`` where it has not ended when the deadline is over, at most a second late. An error
        after the first word is ``paid``.
        """
        ...
