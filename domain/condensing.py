"""Folding the oldest turns of a conversation into its notes."""

from dataclasses import replace

from domain.condensation.bounding import Bounding
from domain.condensation.revising import Revision
from domain.conversation import Conversation
from domain.deadline import Deadline
from domain.delivery import FIRST_DELIVERY, Delivery
from domain.errors import Conflict, ContextTooSmall, ModelRefused, TokenLimitTooLow
from domain.memory import Memory
from domain.notes import Note
from domain.ports import Clock, Completed, Condensation, Conversations, CountTokens, LanguageModel, Stored
from domain.prompts import Prompts
from domain.requests import Condense, Request
from domain.saving import save_change
from domain.turn_events import Condensed, CondensingFailed, Report

ROOM_TO_THINK = 8_000
"""Tokens beyond a summary's limit for a model that spends them on thoughts first. Limits of up to 2,400 in all are
reported to come back empty."""


_Made = tuple[Revision, Completed]
"""The notes after a condensation, what it cost, and whether the model's last answer was cut."""


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
        report: Report,
        clock: Clock,
    ) -> None:
        self._conversations = conversations
        self._model = model
        self._count_tokens = count_tokens
        self._memory = memory
        self._prompts = prompts
        self._bounding = Bounding(memory.summary, self._measure)
        self._seconds = seconds
        self._report = report
        self._clock = clock

    def condense(self, request: Condense, delivery: Delivery = FIRST_DELIVERY) -> None:
        """Fold the oldest turns where the conversation is still over its limit.

        A failure is reported and not raised: the buffer is kept as it was, and the next turn asks again.
        """
        deadline = Deadline(self._clock).within(min(self._seconds, delivery.deadline.seconds_left))
        try:
            stored = self._conversations.load(request.conversation)
            if self._memory.is_over(stored.conversation):
                self.fold(request, request.conversation, stored, deadline)
        except Exception as error:  # noqa: BLE001 - the answer is out: nothing that fails here may undo the turn
            self._report(CondensingFailed(request, request.conversation, error))

    def fold(self, request: Request, key: str, stored: Stored, deadline: Deadline) -> Stored:
        """The conversation with its oldest turns in the notes, saved. ``request`` is what made it necessary.

        Raises what the model and the store raise, and ``Conflict`` where the conversation has been forgotten
        meanwhile; nothing has changed then.
        """
        before = stored.conversation
        folded = self._memory.foldable(before)
        prompt = self._prompts.condensation(before, folded, self._memory.summary)
        condensation = Condensation(before.notes, before.buffer[:folded], self._memory.summary, prompt)
        try:
            made = self._revise(condensation, deadline)
        except ContextTooSmall:
            return self.fold_half(request, key, stored, deadline)
        return self._apply(request, key, stored, condensation, made)

    def fold_half(self, request: Request, key: str, stored: Stored, deadline: Deadline) -> Stored:
        """The same for a model whose context is too small: half of the buffer, or as few turns as the model takes.

        Raises ``ContextTooSmall`` too, where not even one turn fits.
        """
        before = stored.conversation
        folded = self._memory.foldable(before, keep=before.buffer_tokens // 2)
        while True:
            prompt = self._prompts.transcript(before, folded, self._memory.summary)
            condensation = Condensation(before.notes, before.buffer[:folded], self._memory.summary, prompt)
            try:
                made = self._revise(condensation, deadline)
            except ContextTooSmall:
                fewer = self._memory.half_of(before, folded)
                if fewer == folded:
                    raise
                folded = fewer
                continue
            return self._apply(request, key, stored, condensation, made)

    def _revise(self, condensation: Condensation, deadline: Deadline) -> _Made:
        """What the model makes of the notes. It is asked once more where they have too many tokens then.

        What is still too much goes: see ``Bounding``. Raises ``ModelRefused`` where an answer has no note, or none
        that could be kept within the bound; nothing has changed then, and the next turn asks again.
        """
        answer, first = summarised(self._model, condensation, deadline)
        revision = self._bounding.revised(condensation, answer)
        if not revision:
            raise ModelRefused("the model's summary has no note")
        if not first.cut and revision.tokens <= self._memory.summary:
            return revision, first
        prompt = self._prompts.shorter(condensation.prompt, revision.tokens, self._memory.summary)
        shorter, second = summarised(self._model, replace(condensation, prompt=prompt), deadline)
        usage = first.usage + second.usage
        for text, completed in ((shorter, second), (answer, first)):
            if bounded := self._bounding.bounded(condensation, text, cut=completed.cut):
                return bounded, Completed(usage, completed.cut)
        raise ModelRefused(f"no sentence of the model's notes fits into {self._memory.summary} tokens")

    def _apply(self, request: Request, key: str, stored: Stored, condensation: Condensation, made: _Made) -> Stored:
        """Save the notes; after a conflict on the fresh conversation, where the folded messages still begin it."""
        revision, completed = made
        folded = len(condensation.folded)

        def condensed(fresh: Conversation) -> Conversation:
            if not _still_stands(condensation, fresh):
                raise Conflict(f"{key} no longer begins with what was condensed")
            return fresh.condensed(folded, revision.notes).charged(completed.usage)

        saved = save_change(self._conversations, key, stored, condensed)
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

    def _measure(self, number: int, note: Note) -> int:
        return self._count_tokens(f"{self._prompts.note(number, note)}\n")


def summarised(model: LanguageModel, condensation: Condensation, deadline: Deadline) -> tuple[str, Completed]:
    """The model's answer. It is asked with more room where its thoughts have used up the first. Never empty.

    Raises what the model raises, and ``ModelRefused`` for an empty answer.
    """
    try:
        text, completed = model.summarise(condensation, deadline)
    except TokenLimitTooLow:
        roomy = replace(condensation, token_limit=condensation.token_limit + ROOM_TO_THINK)
        text, completed = model.summarise(roomy, deadline)
    if not text.strip():
        raise ModelRefused("the model's summary is empty")
    return text.strip(), completed


def _still_stands(condensation: Condensation, conversation: Conversation) -> bool:
    folded = condensation.folded
    return conversation.notes == condensation.notes and conversation.buffer[: len(folded)] == folded
