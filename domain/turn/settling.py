"""Saving a turn with its charge: with its answer, or with the sentence that says why there is none."""

from contextlib import suppress

from domain.attachments import ResolvedQuestion
from domain.conversations.conversation import Conversation
from domain.conversations.saving import save_charge
from domain.errors import AlreadyWarned, AnsweringError, Conflict, NotAnswerable
from domain.limits.limiting import Limiting
from domain.ports.stores import Conversations
from domain.spending.ledger import Charge
from domain.spending.usage import NO_USAGE, Receipt
from domain.turn.remembering import Remembering
from domain.turn.streaming import Answer, Cut
from domain.turn.turn_charges import TurnCharging, owed
from domain.turn.turns import OpenTurn, save
from domain.turn_events import Answered, Failed


class Settling:
    """Saves turns. ``began`` is when one began, by the deadline's clock."""

    def __init__(
        self, conversations: Conversations, remembering: Remembering, limiting: Limiting, charging: TurnCharging
    ) -> None:
        self._conversations = conversations
        self._remembering = remembering
        self._limiting = limiting
        self._charging = charging

    def settle(
        self, turn: OpenTurn, resolved: ResolvedQuestion, answer: Answer, shown: str, began: float
    ) -> tuple[OpenTurn, Answered]:
        """Save the turn with its answer. ``shown`` is the answer with what stands below it."""
        charge = self._charging.answer(turn, answer, began)
        return self._remember_and_tell(turn, resolved, answer, shown, charge), _answered(turn, answer, charge)

    def refuse(self, turn: OpenTurn, error: NotAnswerable, began: float) -> tuple[OpenTurn, Failed]:
        """Save the turn with the sentence that says why it has no answer."""
        ts, sentence = turn.question.ts, turn.language.trouble(error, turn.question.reference)
        charge = self._charging.error(turn, error, began)
        usage = charge.usage if charge else NO_USAGE

        def settled(fresh: Conversation) -> Conversation:
            record = fresh.reply_to(ts)
            return fresh if record and record.answered else fresh.settled(ts, sentence).charged(usage)

        try:
            saved = save(self._conversations, turn, settled, charge)
        except Conflict:
            self._save_alone(turn, charge)
            raise
        return saved, Failed(turn.question, turn.key, error, notified=True)

    def charge_attempt(self, turn: OpenTurn, error: AnsweringError, began: float) -> None:
        """Charge what the model has used though there is no answer. What raised the error is worse than a store's."""
        self._save_alone(turn, self._charging.error(turn, error, began))

    def _save_alone(self, turn: OpenTurn, charge: Charge | None) -> None:
        if charge:
            with suppress(AnsweringError):
                save_charge(self._conversations, turn.key, turn.stored, charge)

    def _remember_and_tell(
        self, turn: OpenTurn, resolved: ResolvedQuestion, answer: Answer, shown: str, charge: Charge
    ) -> OpenTurn:
        """Save the turn, and tell the person of budgets that are nearly used up, unless another turn has meanwhile."""
        notice, telling = self._limiting.notice(turn.stored, charge, turn.language)
        try:
            saved = self._remember(turn, resolved, answer, shown + notice, telling)
        except AlreadyWarned:
            return self._remember(turn, resolved, answer, shown, charge)
        if notice and not saved.rewritten and saved.settled.answer == shown + notice:
            saved.reply.write(notice)
        return saved

    def _remember(
        self, turn: OpenTurn, resolved: ResolvedQuestion, answer: Answer, shown: str, charge: Charge
    ) -> OpenTurn:
        ts, receipt = turn.question.ts, Receipt(charge.model, turn.prompts.version, charge.usage, charge.seconds)
        remembering = self._remembering.of(turn.stored.settings)
        asked, answered = remembering.question(ts, resolved), remembering.answer(ts, answer.text)
        with owed(answer.usage):
            return save(
                self._conversations,
                turn,
                lambda fresh: (
                    turn.history.heard_in(fresh)
                    .heard(turn.question.person, resolved.name)
                    .remember(ts, shown, asked, answered, receipt, above=turn.history.messages)
                ),
                charge,
            )


def _answered(turn: OpenTurn, answer: Answer, charge: Charge) -> Answered:
    return Answered(
        turn.question,
        turn.key,
        charge.usage,
        cut=answer.cut is not None,
        stopped=answer.cut is Cut.STOP,
        model=charge.model,
        first_word=charge.first_word,
        seconds=charge.seconds,
    )
