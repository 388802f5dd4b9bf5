"""A turn as a value: a question, where it is answered, and what is stored and shown of it so far."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

from domain.commands.command_words import Command, command_in
from domain.conversations.conversation import Conversation, ReplyRecord
from domain.conversations.place import Place
from domain.conversations.saving import Stored, save_change
from domain.conversations.thread_posts import NO_HISTORY, History
from domain.correction.waiting_changes import PostChange
from domain.deliveries.deadline import Deadline
from domain.deliveries.delivery import Delivery
from domain.errors import NotAnswerable
from domain.limits.question_rate import Admission
from domain.ports.slack import Reply
from domain.ports.stores import Conversations
from domain.prompts import Prompts
from domain.requests import Question
from domain.spending.ledger import Charge
from domain.texts.language import Language

NOTHING_STORED = Stored(Conversation(), 0)


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A question on its way to an answer.

    ``stored`` is the conversation as this turn last loaded or saved it, ``prompts`` are its channel's, as far as that
    is loaded. ``refusal`` is why the question does not reach the model. ``deadline`` bounds the answer.
    """

    question: Question
    place: Place
    delivery: Delivery
    deadline: Deadline
    prompts: Prompts
    stored: Stored = NOTHING_STORED
    refusal: NotAnswerable | None = None

    @property
    def key(self) -> str:
        return self.place.conversation

    @property
    def language(self) -> Language:
        return self.prompts.language

    @property
    def model(self) -> str:
        """The channel's own; empty for the bot's."""
        return self.stored.settings.model

    @property
    def conversation(self) -> Conversation:
        return self.stored.conversation

    @property
    def record(self) -> ReplyRecord | None:
        """What is stored of this question: its reply and, once known, its answer."""
        return self.conversation.reply_to(self.question.ts)

    @property
    def change(self) -> PostChange | None:
        """What the person has made of the question since, as far as it is stored."""
        return self.conversation.change_of(self.question.ts)

    @property
    def is_deleted(self) -> bool:
        return bool(self.change and self.change.text is None)

    def as_changed(self) -> Self:
        """With the question as it reads now."""
        if self.change is None or self.change.text is None:
            return self
        return replace(self, question=replace(self.question, text=self.change.text))

    @property
    def is_answered(self) -> bool:
        return bool(self.record and self.record.answered)

    @property
    def command(self) -> Command | None:
        return None if self.question.external else command_in(self.question.text)

    @property
    def is_for_the_bot(self) -> bool:
        """A mention always is; other talk only where the bot takes part and was not told to be quiet.

        A question that was deleted is only where its reply has been opened.
        """
        if self.is_deleted and not self.record:
            return False
        if self.question.addressed:
            return True
        if not self.place.is_thread_with_own_memory:
            return False
        is_listening = not self.conversation.quiet or self.command is Command.LISTEN
        return self.conversation.is_joined and is_listening


@dataclass(frozen=True, kw_only=True)
class OpenTurn(Turn):
    """A turn whose reply has been posted.

    ``history`` is what it has read above the question. ``rewritten`` where the reply shows what is no part of the
    answer.
    """

    reply: Reply
    history: History = NO_HISTORY
    rewritten: bool = False

    @property
    def known(self) -> Conversation:
        """All that the model is shown of the conversation."""
        return self.history.beside(self.conversation)

    @property
    def settled(self) -> ReplyRecord:
        """The record, once the turn has been saved with its answer."""
        return self.record or ReplyRecord(self.question.ts, self.reply.ts)


def save(
    conversations: Conversations,
    turn: OpenTurn,
    change: Callable[[Conversation], Conversation],
    charge: Charge | None = None,
    *,
    admitted: Admission | None = None,
) -> OpenTurn:
    """The turn with its conversation changed and saved. Raises what ``save_change`` raises."""
    stored = save_change(conversations, turn.key, turn.stored, change, charge, admitted=admitted)
    return replace(turn, stored=stored)
