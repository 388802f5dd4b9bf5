"""The use case of a question that nobody could answer while Slack was out of reach."""

from domain.conversations.place import Scope
from domain.deliveries.deadline import NO_DEADLINE
from domain.deliveries.delivery import Delivery
from domain.errors import AnsweringError
from domain.limits.limiting import UNLIMITED
from domain.memory import Memory
from domain.ports.model import CountTokens
from domain.ports.slack import Replies
from domain.ports.stores import Conversations
from domain.prompts import Prompts
from domain.requests import Question
from domain.turn.opening import Opening
from domain.turn.refusing import Refusing
from domain.turn.turns import Turn
from domain.turn_events import Failed, Report


class Apologising:
    """Tells people late that their question could not be answered. Holds no state between two of them."""

    def __init__(
        self,
        *,
        conversations: Conversations,
        replies: Replies,
        count_tokens: CountTokens,
        memory: Memory,
        prompts: Prompts,
        scope: Scope,
        report: Report,
    ) -> None:
        self._opening = Opening(
            conversations,
            replies,
            Refusing(memory, count_tokens, UNLIMITED),
            UNLIMITED,
            prompts=prompts,
            scope=scope,
        )
        self._report = report

    def apologise(self, question: Question) -> None:
        """Tell the person that the question could not be answered, after ``PersonNotNotified``.

        Where the answer is saved after all, its reply is finished instead. Raises whatever kept the person from being
        told, so that it is delivered again.
        """
        turn = self._opening.load(self._opening.begin(question, Delivery(replayed=True), NO_DEADLINE))
        if turn.is_answered:
            self._report(self._opening.finish(turn))
        elif turn.record or turn.is_for_the_bot:  # otherwise nobody may be waiting
            self._apologise(turn)

    def _apologise(self, turn: Turn) -> None:
        opened = self._opening.save(self._opening.open(turn))
        opened.reply.replace(turn.language.trouble(AnsweringError(), turn.question.reference))
        self._report(Failed(turn.question, turn.key, AnsweringError("the person is told only now"), notified=True))
