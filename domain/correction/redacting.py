"""Taking out of notes what rests on posts alone that people have edited or deleted since."""

from collections.abc import Mapping
from dataclasses import replace

from domain.condensation.condensation import Condensation
from domain.condensation.edit_lines import Drop
from domain.condensation.redaction_lines import read_redaction
from domain.condensation.summarising import NothingNoted, summarised
from domain.conversations.conversation import Conversation
from domain.conversations.notes import Note
from domain.conversations.saving import Stored, save_change, save_charge
from domain.correction.edits_and_deletions import Redact
from domain.deliveries.deadline import Clock, Deadline
from domain.deliveries.delivery import FIRST_DELIVERY, Delivery
from domain.errors import AnsweringError, Conflict, StoreUnavailable
from domain.limits.limiting import Limiting
from domain.memory import Memory
from domain.ports.model import CountTokens, LanguageModel
from domain.ports.stores import Conversations
from domain.prompts import Prompts
from domain.spending.charging import Charging
from domain.spending.ledger import Charge, Kind
from domain.spending.usage import NO_USAGE, Usage
from domain.turn_events import Redacted, Report

Rewritten = Mapping[int, Note | None]
"""Notes by their number as they are to read; none for those that go."""


class Redacting:
    """Redacts notes that are withheld from the model. Holds no state between two conversations.

    ``seconds`` bound one redaction. ``clock`` is a monotonic one.
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
        self._model = model
        self._count_tokens = count_tokens
        self._memory = memory
        self._prompts = prompts
        self._seconds = seconds
        self._charging = charging
        self._report = report
        self._clock = clock
        self._limiting = limiting

    def redact(self, request: Redact, delivery: Delivery = FIRST_DELIVERY) -> None:
        """Have the model go through the withheld notes, and show them again.

        Raises ``NothingNoted`` where its answer names no note, or one in a way that cannot be read, ``Conflict`` where
        the notes have changed meanwhile, and what the model and the store raise: the notes are withheld until another
        delivery, or the next turn's request, succeeds. So they are while a budget is used up.
        """
        deadline = Deadline(self._clock).within(min(self._seconds, delivery.deadline.seconds_left))
        stored = self._conversations.load(request.conversation, request.ts, of=request)
        prompts = self._prompts.of(stored.settings)
        before = stored.conversation
        if not before.redactions or self._limiting.budget_refusal(stored):
            return
        withheld = {number: note for number, note in enumerate(before.notes, 1) if note.withheld}
        began, usage = self._clock(), NO_USAGE
        try:
            if withheld:
                rewritten, usage = self._rewritten(request.conversation, before, withheld, prompts, deadline)
            else:
                rewritten = {}
            self._save(request, stored, rewritten, self._charge(request, usage, began))
        except StoreUnavailable:  # what could not be saved may have been all the same
            raise
        except AnsweringError as error:
            if charge := self._charge(request, error.usage + usage, began):
                save_charge(self._conversations, request.conversation, stored, charge)
            raise
        self._report(Redacted(request, request.conversation, len(withheld), len(rewritten), usage))

    def _charge(self, request: Redact, usage: Usage, began: float) -> Charge | None:
        if usage == NO_USAGE:
            return None
        seconds, model = self._clock() - began, self._model.summary_name
        return self._charging.charge(request, Kind.REDACTION, model, usage, seconds=seconds)

    def _rewritten(
        self, key: str, conversation: Conversation, withheld: Mapping[int, Note], prompts: Prompts, deadline: Deadline
    ) -> tuple[Rewritten, Usage]:
        prompt = prompts.redaction(conversation)
        removed = tuple(each.said for each in conversation.redactions)
        condensation = Condensation(conversation.notes, (), self._memory.summary, prompt, removed, key)
        answer, completed = summarised(self._model, condensation, deadline, self._count_tokens)
        edits = read_redaction(answer, withheld, self._memory.summary, prompts.language.redact)
        if edits is None or completed.cut:
            raise NothingNoted("the model's answer cannot be read to its end, or names no note", completed.usage)
        rewritten: dict[int, Note | None] = {}
        for edit in edits:
            numbers = [each for each in edit.numbers if each in withheld]
            rewritten |= dict.fromkeys(numbers)
            if numbers and not isinstance(edit, Drop):
                rewritten[numbers[0]] = self._note(numbers[0], withheld[numbers[0]], edit.text, prompts)
        return self._within_bound(conversation, rewritten), completed.usage

    def _note(self, number: int, note: Note, text: str, prompts: Prompts) -> Note:
        made = replace(note, text=text, rewrites=note.rewrites + 1)
        return replace(made, tokens=self._count_tokens(f"{prompts.note(number, made)}\n"))

    def _within_bound(self, conversation: Conversation, rewritten: Rewritten) -> Rewritten:
        """The same, without notes that became so long that all together have more tokens than they may."""
        room = self._memory.summary - sum(
            note.tokens for number, note in enumerate(conversation.notes, 1) if number not in rewritten
        )
        kept: dict[int, Note | None] = {}
        for number, note in rewritten.items():
            fits = note is not None and note.tokens <= room
            kept[number] = note if fits else None
            room -= note.tokens if note and fits else 0
        return kept

    def _save(self, request: Redact, stored: Stored, rewritten: Rewritten, charge: Charge | None) -> None:
        before = stored.conversation

        def redacted(fresh: Conversation) -> Conversation:
            if (fresh.notes, fresh.redactions) != (before.notes, before.redactions):
                raise Conflict(f"the notes of {request.conversation} have changed since they were redacted")
            numbered = ((number, rewritten.get(number, note)) for number, note in enumerate(fresh.notes, 1))
            notes = tuple(replace(note, withheld=False) for _, note in numbered if note)
            return replace(fresh, notes=notes, redactions=()).charged(charge.usage if charge else NO_USAGE)

        save_change(self._conversations, request.conversation, stored, redacted, charge)
