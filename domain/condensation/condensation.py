"""What one condensation must do."""

from dataclasses import dataclass

from domain.conversations.conversation import Message
from domain.conversations.notes import Notes
from domain.prompts import Prompt


@dataclass(frozen=True, slots=True)
class Condensation:
    """What one condensation must do: take ``folded`` (oldest first) into ``notes``, in at most ``token_limit`` tokens.

    Or to go through the withheld notes for what rests on the ``removed`` texts. ``prompt`` says the same to a language
    model. ``conversation`` is the id of the conversation: see ``LanguageModel.reply``.
    """

    notes: Notes
    folded: tuple[Message, ...]
    token_limit: int
    prompt: Prompt
    removed: tuple[str, ...] = ()
    conversation: str = ""
