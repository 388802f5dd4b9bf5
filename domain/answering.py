"""The use case: one question, one reply, one remembered turn."""

from dataclasses import replace

from domain.attachments import ResolvedQuestion
from domain.condensing import Condensing
from domain.conversations.place import Scope
from domain.correction.edits_and_deletions import Redact
from domain.deliveries.deadline import Clock, Deadline
from domain.deliveries.delivery import FIRST_DELIVERY, Delivery
from domain.errors import AnsweringError, BudgetUsedUp, NotAnswerable, TooManyUnderWay
from domain.limits.limiting import Limiting
from domain.memory import Memory
from domain.ports.model import CountTokens, LanguageModel
from domain.ports.slack import Replies, Resolver
from domain.ports.stores import Conversations, RequestQueue
from domain.prompts import Prompts
from domain.requests import Condense, Question, Request
from domain.spending.charging import Charging
from domain.turn.asking import Asking
from domain.turn.failing import Failing
from domain.turn.obeying import Obeying
from domain.turn.opening import Opening
from domain.turn.refusing import Refusing
from domain.turn.remembering import Remembering
from domain.turn.settling import Settling
from domain.turn.streaming import Answer
from domain.turn.thread_history import ThreadHistory
from domain.turn.turn_charges import TurnCharging, marked_paid, owed
from domain.turn.turns import OpenTurn, Turn
from domain.turn_events import CondensingFailed, Event, Report


class Answering:
    """Answers questions. Holds no state between two of them, so that one instance serves every thread.

    ``reply_seconds`` and ``reply_token_limit`` bound one answer. ``clock`` is a monotonic one.
    """

    def __init__(
        self,
        *,
        conversations: Conversations,
        model: LanguageModel,
        replies: Replies,
        resolver: Resolver,
        queue: RequestQueue,
        condensing: Condensing,
        count_tokens: CountTokens,
        memory: Memory,
        prompts: Prompts,
        scope: Scope,
        ttl_days: float,
        reply_seconds: float,
        reply_token_limit: int,
        thread_history_tokens: int,
        charging: Charging,
        report: Report,
        clock: Clock,
        limiting: Limiting,
    ) -> None:
        refusing = Refusing(memory, count_tokens, limiting)
        self._opening = Opening(conversations, replies, refusing, limiting, prompts=prompts, scope=scope)
        self._asking = Asking(
            model=model,
            resolver=resolver,
            thread_history=ThreadHistory(resolver, count_tokens, thread_history_tokens),
            condensing=condensing,
            refusing=refusing,
            memory=memory,
            count_tokens=count_tokens,
            token_limit=reply_token_limit,
        )
        self._settling = Settling(
            conversations, Remembering(memory, prompts, count_tokens), limiting, TurnCharging(charging, model, clock)
        )
        self._obeying = Obeying(conversations, replies, resolver, limiting, ttl_days)
        self._failing = Failing(replies, report)
        self._queue = queue
        self._memory = memory
        self._scope = scope
        self._reply_seconds = reply_seconds
        self._report = report
        self._clock = clock

    def answer(self, question: Question, delivery: Delivery = FIRST_DELIVERY) -> None:
        """Answer a question, or finish the reply that an earlier delivery began.

        Returns when the person has the answer, or a sentence that says why there is none. Raises whatever kept the
        question from being answered, so that it is delivered again; after the last delivery the person has a sentence
        by then. Raises ``PersonNotNotified`` where Slack was out of reach for that too: see ``Apologising``.
        """
        turn = self._begin(question, delivery)
        try:
            turn = self._opening.load(turn)
            if not turn.is_for_the_bot:
                return
            if turn.is_answered:
                self._report(self._opening.finish(turn))
                return
            turn = self._opening.open(turn)
            turn = self._opening.save(turn)
            turn, event = self._obeying.obey(turn) if turn.command and not turn.refusal else self._reply(turn)
            self._complete(turn)
            self._report(event)
        except TooManyUnderWay:
            raise
        except Exception as error:  # a bug is a failure too, and the person must hear of it
            self._failing.fail(turn, error)
            raise
        self._tidy_later(turn)

    def _begin(self, question: Question, delivery: Delivery) -> Turn:
        seconds = min(self._reply_seconds, delivery.deadline.seconds_left)
        deadline = Deadline(self._clock).within(seconds)
        return self._opening.begin(question, delivery, deadline)

    def _reply(self, turn: OpenTurn) -> tuple[OpenTurn, Event]:
        """Answer, or say why not."""
        began = self._clock()
        try:
            if turn.refusal:
                raise turn.refusal
            return self._answer(turn, began)
        except NotAnswerable as error:
            return self._settling.refuse(turn, error, began)
        except AnsweringError as error:
            self._settling.charge_attempt(turn, error, began)
            raise

    def _answer(self, turn: OpenTurn, began: float) -> tuple[OpenTurn, Event]:
        """Stream the answer into the reply and save the turn."""
        turn, resolved = self._asking.read(turn)
        turn = self._asking.make_room(turn)
        with marked_paid():
            turn, answer = self._asking.ask(turn, resolved)
            turn = replace(turn, rewritten=answer.rewritten)
            ending = _ending(turn, answer, resolved)
            if ending and not turn.rewritten:
                with owed(answer.usage):
                    turn.reply.write(ending)
            return self._settling.settle(turn, resolved, answer, answer.text + ending, began)

    def _complete(self, turn: OpenTurn) -> None:
        """Close the reply that has the model's words, or put into it what is said in their place."""
        settled = turn.settled
        if settled.receipt and not turn.rewritten:
            turn.reply.close(settled.receipt)
        else:
            turn.reply.replace(settled.answer, settled.receipt)

    def _tidy_later(self, turn: Turn) -> None:
        """Hand what the notes need over to the queue, so that the conversation's next question need not wait for it.

        A redaction that an earlier request has not achieved is asked for again. Where a budget is used up, a turn of
        the next month asks for both.
        """
        if isinstance(turn.refusal, BudgetUsedUp):
            return
        of_turn = (turn.question.team, turn.question.channel, turn.question.ts, turn.question.person, turn.key)
        enterprise = turn.question.enterprise
        needed: list[Request] = []
        if self._memory.is_over(turn.conversation):
            needed.append(Condense(*of_turn, enterprise=enterprise))
        if turn.conversation.redactions:
            needed.append(Redact(*of_turn, enterprise=enterprise))
        try:
            for request in needed:
                self._queue.put(request, request.group(self._scope))
        except AnsweringError as error:  # the answer is out, and the next turn tries again
            self._report(CondensingFailed(turn.question, turn.key, error))


def _ending(turn: OpenTurn, answer: Answer, resolved: ResolvedQuestion) -> str:
    """What the person reads below the model's words: why they end there, and what was not read."""
    notices = "\n".join(filter(None, (turn.history.notice, turn.prompts.about_files(resolved))))
    return answer.ending(turn.language) + (f"\n\n{notices}" if notices else "")
