"""Folding the oldest turns of a conversation into its notes."""

from domain.condensation.condensation import Condensation
from domain.condensation.summarising import Made, Summarising
from domain.conversations.conversation import Conversation
from domain.conversations.saving import Stored, save_change, save_charge
from domain.deliveries.deadline import Clock, Deadline
from domain.deliveries.delivery import FIRST_DELIVERY, Delivery
from domain.errors import AnsweringError, Conflict, ContextTooSmall
from domain.limits.limiting import Limiting
from domain.memory import Memory
from domain.ports.model import CountTokens, LanguageModel
from domain.ports.stores import Conversations
from domain.prompts import Prompt, Prompts
from domain.requests import Condense, Request
from domain.spending.charging import Charging
from domain.spending.ledger import Charge, Kind
from domain.spending.usage import NO_USAGE, Usage
from domain.turn_events import Condensed, CondensingFailed, Report

Charged = tuple[Made, Charge]
"""The notes after a condensation, and what it is charged."""


class Condensing:
    """Condenses what is over the limit. Holds no state between two conversations.

    ``seconds`` bound one condensation. ``clock`` is a monotonic one.
    """

    def __init__(
        self,
        *,
        conversations: Conversations,
        model: LanguageModel,
        count_tokens: CountTokens,
        memory: Memory,
        prompts: Prompts,
        seconds: float,
        charging: Charging,
        report: Report,
        clock: Clock,
        limiting: Limiting,
    ) -> None:
        self._conversations = conversations
        self._memory = memory
        self._prompts = prompts
        self._model = model
        self._charging = charging
        self._count_tokens = count_tokens
        self._seconds = seconds
        self._report = report
        self._clock = clock
        self._limiting = limiting

    def condense(self, request: Condense, delivery: Delivery = FIRST_DELIVERY) -> None:
        """Fold the oldest turns where the conversation is still over its limit.

        A failure is reported and not raised: the buffer is kept as it was, and the next turn asks again.
        """
        deadline = Deadline(self._clock).within(min(self._seconds, delivery.deadline.seconds_left))
        try:
            stored = self._conversations.load(request.conversation, of=request)
            if self._memory.is_over(stored.conversation):
                self._require_budget(stored)
                self.fold(request, request.conversation, stored, deadline)
        except Exception as error:  # noqa: BLE001 - the answer is out: nothing that fails here may undo the turn
            usage = error.usage if isinstance(error, AnsweringError) else NO_USAGE
            self._report(CondensingFailed(request, request.conversation, error, usage))

    def _require_budget(self, stored: Stored) -> None:
        """Raises ``BudgetUsedUp``."""
        if refusal := self._limiting.budget_refusal(stored):
            raise refusal

    def fold(self, request: Request, key: str, stored: Stored, deadline: Deadline) -> Stored:
        """The conversation with its oldest turns in the notes, saved. ``request`` is what made it necessary.

        Raises what the model and the store raise, and ``Conflict`` where the conversation has been forgotten
        meanwhile; nothing has changed then.
        """
        before = stored.conversation
        folded = self._memory.foldable(before)
        prompt = self._prompts.of(stored.settings).condensation(before, folded, self._memory.summary)
        condensation = self._condensation(key, before, folded, prompt)
        try:
            charged = self._revise(request, key, stored, condensation, deadline)
        except ContextTooSmall:
            return self.fold_half(request, key, stored, deadline)
        return self._apply(request, key, stored, condensation, charged)

    def fold_half(self, request: Request, key: str, stored: Stored, deadline: Deadline) -> Stored:
        """The same for a model whose context is too small: half of the buffer, or as few turns as the model takes.

        Raises ``ContextTooSmall`` too, where not even one turn fits.
        """
        before = stored.conversation
        folded = self._memory.foldable(before, keep=before.buffer_tokens // 2)
        while True:
            prompt = self._prompts.of(stored.settings).transcript(before, folded, self._memory.summary)
            condensation = self._condensation(key, before, folded, prompt)
            try:
                charged = self._revise(request, key, stored, condensation, deadline)
            except ContextTooSmall:
                fewer = self._memory.half_of(before, folded)
                if fewer == folded:
                    raise
                folded = fewer
                continue
            return self._apply(request, key, stored, condensation, charged)

    def _condensation(self, key: str, before: Conversation, folded: int, prompt: Prompt) -> Condensation:
        return Condensation(before.notes, before.buffer[:folded], self._memory.summary, prompt, conversation=key)

    def _revise(
        self, request: Request, key: str, stored: Stored, condensation: Condensation, deadline: Deadline
    ) -> Charged:
        """The new notes, and the charge for them. Where there are none, what that took is charged at once."""
        began, prompts = self._clock(), self._prompts.of(stored.settings)
        try:
            made = Summarising(self._model, prompts, self._memory, self._count_tokens).revise(condensation, deadline)
        except AnsweringError as error:
            if error.usage != NO_USAGE:
                save_charge(self._conversations, key, stored, self._charge(request, error.usage, began))
                error.charged = True
            raise
        return made, self._charge(request, made[1].usage, began)

    def _charge(self, request: Request, usage: Usage, began: float) -> Charge:
        seconds, model = self._clock() - began, self._model.summary_name
        return self._charging.charge(request, Kind.CONDENSATION, model, usage, seconds=seconds)

    def _apply(
        self, request: Request, key: str, stored: Stored, condensation: Condensation, charged: Charged
    ) -> Stored:
        """Save the notes; after a conflict on the fresh conversation, where the folded messages still begin it.

        Where they do not, only what the notes took is saved.
        """
        (revision, completed), charge = charged
        folded = len(condensation.folded)

        def condensed(fresh: Conversation) -> Conversation:
            if not _still_stands(condensation, fresh):
                raise Conflict(f"{key} no longer begins with what was condensed")
            return fresh.condensed(folded, revision.notes).charged(completed.usage)

        try:
            saved = save_change(self._conversations, key, stored, condensed, charge)
        except Conflict as error:
            save_charge(self._conversations, key, stored, charge)
            error.usage, error.charged = completed.usage, True
            raise
        folded_tokens = sum(each.tokens for each in condensation.folded)
        event = Condensed(
            request,
            key,
            folded,
            folded_tokens,
            revision.tokens,
            completed.usage,
            added=revision.added,
            merged=revision.merged,
            dropped=revision.dropped,
            gone=revision.gone,
            overflow=revision.overflow,
            shortened=revision.shortened,
            unknown=revision.unknown,
            prose=revision.prose,
            cut=completed.cut,
        )
        self._report(event)
        return saved


def _still_stands(condensation: Condensation, conversation: Conversation) -> bool:
    folded = condensation.folded
    return conversation.notes == condensation.notes and conversation.buffer[: len(folded)] == folded
