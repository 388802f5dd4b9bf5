"""The reply of a turn, stored before its first word, so that every delivery of a question writes into one reply."""

from dataclasses import replace

from domain.channels.placing import Placing
from domain.commands.command_words import Command
from domain.conversations.place import Scope
from domain.deliveries.deadline import Deadline
from domain.deliveries.delivery import Delivery
from domain.errors import Conflict, TooManyQuestions
from domain.limits.limiting import Limiting
from domain.limits.question_rate import Admission
from domain.ports.slack import Replies, Reply
from domain.ports.stores import Conversations
from domain.prompts import Prompts
from domain.requests import Question
from domain.turn.refusing import Refusing
from domain.turn.turns import OpenTurn, Turn, save
from domain.turn_events import Finished


class Opening:
    """Loads a turn's conversation, and opens its reply or finishes the one that an earlier delivery opened."""

    def __init__(
        self,
        conversations: Conversations,
        replies: Replies,
        refusing: Refusing,
        limiting: Limiting,
        *,
        prompts: Prompts,
        scope: Scope,
    ) -> None:
        self._conversations = conversations
        self._placing = Placing(conversations, scope)
        self._replies = replies
        self._refusing = refusing
        self._limiting = limiting
        self._prompts = prompts

    def begin(self, question: Question, delivery: Delivery, deadline: Deadline) -> Turn:
        """The turn of a question, of whose channel nothing is loaded yet."""
        place = self._placing.expected(question)
        return Turn(question=question, place=place, delivery=delivery, deadline=deadline, prompts=self._prompts)

    def load(self, turn: Turn) -> Turn:
        """With its conversation and its channel's settings, and with the question as it reads by now."""
        place, stored = self._placing.load(turn.question, turn.question)
        return replace(turn, place=place, stored=stored, prompts=self._prompts.of(stored.settings)).as_changed()

    def finish(self, turn: Turn) -> Finished:
        """Complete the reply of an answer that an earlier delivery saved."""
        if turn.record and turn.record.answer:
            reply = self._replies.resume(turn.question, turn.place, turn.record.reply)
            reply.replace(turn.record.answer, turn.record.receipt)
        return Finished(turn.question, turn.key)

    def open(self, turn: Turn) -> OpenTurn:
        """With the reply that an earlier delivery began, or a new one.

        Raises ``TooManyUnderWay`` where the question must wait for its person's others.
        """
        question = turn.question
        self._limiting.require_turn(question, turn.stored, turn.delivery)
        refusal = self._refusing.refusal(turn)
        concerns_one = refusal or turn.command is Command.USAGE
        if concerns_one and not question.direct:
            question = replace(question, private=True)
        reply = self._reply(replace(turn, question=question))
        return OpenTurn(
            question=question,
            place=turn.place,
            delivery=turn.delivery,
            deadline=turn.deadline.or_stopped(lambda: reply.stopped),
            prompts=turn.prompts,
            stored=turn.stored,
            refusal=refusal,
            reply=reply,
        )

    def save(self, turn: OpenTurn) -> OpenTurn:
        """Store which reply was opened.

        Raises ``Conflict`` where another delivery of the question was faster, and ``TooManyUnderWay`` where others of
        its person's questions were, that came at once.
        """
        admission = self._admission(turn, counted=not (turn.refusal or turn.command))
        if turn.record and (turn.stored.noted or not (admission and admission.most)):
            return turn
        too_many: TooManyQuestions | None = None
        try:
            turn = self._recorded(turn, admission)
        except TooManyQuestions as error:  # of the person's questions that came at once others were faster
            too_many = error
            turn = replace(self._recorded(turn, self._admission(turn, counted=False)), refusal=too_many)
        if turn.record is None or turn.record.reply != turn.reply.ts or turn.record.answered:
            raise Conflict("another delivery of this question is ahead of this one")
        if turn.change is None:
            return turn
        turn = turn.as_changed()  # somebody may have changed it while the reply was being opened
        return replace(turn, refusal=self._refusing.refusal(turn) or (None if turn.command else too_many))

    def _admission(self, turn: OpenTurn, *, counted: bool) -> Admission | None:
        return self._limiting.admission(turn.question, turn.stored, turn.delivery, counted=counted)

    def _recorded(self, turn: OpenTurn, admission: Admission | None) -> OpenTurn:
        opened = turn.question.ts, turn.reply.ts
        return save(self._conversations, turn, lambda fresh: fresh.opened(*opened), admitted=admission)

    def _reply(self, turn: Turn) -> Reply:
        if turn.record:
            return self._replies.resume(turn.question, turn.place, turn.record.reply)
        begun = self._replies.find(turn.question, turn.place) if turn.delivery.repeated else None
        return begun or self._replies.open(turn.question, turn.place)
