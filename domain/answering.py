"""The use case: one question, one reply, one remembered turn."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from domain.attachments import ResolvedQuestion
from domain.charging import Charging
from domain.condensing import Condensing
from domain.conversation import Conversation
from domain.correction.edits_and_deletions import Redact
from domain.deadline import Clock, Deadline
from domain.delivery import FIRST_DELIVERY, Delivery
from domain.errors import AlreadyWarned, AnsweringError, BudgetUsedUp, NotAnswerable, StoreUnavailable
from domain.ledger import Charge, Kind
from domain.limits.limiting import Limiting
from domain.memory import Memory
from domain.place import Scope
from domain.ports.model import CountTokens, LanguageModel
from domain.ports.slack import Channel, Resolver
from domain.ports.stores import Conversations, RequestQueue
from domain.prompts import Prompts
from domain.requests import Condense, Question, Request
from domain.saving import save_charge
from domain.turn.asking import Asking
from domain.turn.failing import Failing
from domain.turn.obeying import Obeying
from domain.turn.opening import Opening
from domain.turn.refusing import Refusing
from domain.turn.remembering import Remembering
from domain.turn.streaming import Answer, Cut
from domain.turn.thread_history import ThreadHistory
from domain.turn.turns import OpenTurn, Turn, save
from domain.turn_events import Answered, CondensingFailed, Event, Failed, Report
from domain.usage import NO_USAGE, Receipt, Usage


class Answering:
    """Answers questions. Holds no state between two of them, so that one instance serves every thread.

    ``reply_seconds`` and ``reply_token_limit`` bound one answer. ``clock`` is a monotonic one.
    """

    def __init__(
        self,
        *,
        conversations: Conversations,
        model: LanguageModel,
        channel: Channel,
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
        self._opening = Opening(conversations, channel, refusing, prompts, scope)
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
        self._remembering = Remembering(memory, prompts, count_tokens)
        self._obeying = Obeying(conversations, channel, resolver, limiting, ttl_days)
        self._failing = Failing(channel, report)
        self._charging = charging
        self._limiting = limiting
        self._conversations = conversations
        self._model = model
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
            return self._say_why_not(turn, error, began)
        except AnsweringError as error:
            self._charge_attempt(turn, error, began)
            raise

    def _answer(self, turn: OpenTurn, began: float) -> tuple[OpenTurn, Event]:
        """Stream the answer into the reply and save the turn."""
        turn, resolved = self._asking.read(turn)
        turn = self._asking.make_room(turn)
        with _paying():
            turn, answer = self._asking.ask(turn, resolved)
            turn = replace(turn, rewritten=answer.rewritten)
            ending = _ending(turn, answer, resolved)
            if ending and not turn.rewritten:
                with _owing(answer.usage):
                    turn.reply.write(ending)
            charge = self._charge_answer(turn, answer, began)
            turn = self._remember_and_tell(turn, resolved, answer, answer.text + ending, charge)
        return turn, self._answered(turn, answer, charge)

    def _answered(self, turn: OpenTurn, answer: Answer, charge: Charge) -> Answered:
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

    def _model_of(self, turn: OpenTurn) -> str:
        """What the model that answers this turn is called."""
        return self._model.name_of(turn.model) if turn.model else self._model.name

    def _charge_answer(self, turn: OpenTurn, answer: Answer, began: float) -> Charge:
        usage, first_word, seconds = answer.usage + Usage(turns=1), answer.first_word - began, self._clock() - began
        model = self._model_of(turn)
        return self._charging.charge(turn.question, Kind.ANSWER, model, usage, seconds=seconds, first_word=first_word)

    def _remember_and_tell(
        self, turn: OpenTurn, resolved: ResolvedQuestion, answer: Answer, shown: str, charge: Charge
    ) -> OpenTurn:
        """Save the turn, and tell the person of budgets that are nearly used up, unless another turn has meanwhile."""
        notice, telling = self._limiting.notice(turn.question, turn.stored, charge, turn.language)
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
        """Save the turn. ``shown`` is the answer with what stands below it."""
        ts, receipt = turn.question.ts, Receipt(charge.model, turn.prompts.version, charge.usage, charge.seconds)
        remembering = self._remembering.of(turn.stored.settings)
        asked, answered = remembering.question(ts, resolved), remembering.answer(ts, answer.text)
        with _owing(answer.usage):
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

    def _say_why_not(self, turn: OpenTurn, error: NotAnswerable, began: float) -> tuple[OpenTurn, Event]:
        ts, sentence = turn.question.ts, turn.language.trouble(error, turn.question.reference)
        charge = self._charge(turn, error, began)
        usage = charge.usage if charge else NO_USAGE

        def settled(fresh: Conversation) -> Conversation:
            record = fresh.reply_to(ts)
            return fresh if record and record.answered else fresh.settled(ts, sentence).charged(usage)

        saved = save(self._conversations, turn, settled, charge)
        return saved, Failed(turn.question, turn.key, error, notified=True)

    def _charge_attempt(self, turn: OpenTurn, error: AnsweringError, began: float) -> None:
        """Charge what the model has used though there is no answer. What raised the error is worse than a store's."""
        if charge := self._charge(turn, error, began):
            with suppress(AnsweringError):
                save_charge(self._conversations, turn.key, turn.stored, charge)

    def _charge(self, turn: OpenTurn, error: AnsweringError, began: float) -> Charge | None:
        if error.usage == NO_USAGE or error.charged:
            return None
        seconds, model = self._clock() - began, self._model_of(turn)
        return self._charging.charge(turn.question, Kind.REFUSAL, model, error.usage, seconds=seconds)

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
        needed: list[Request] = [Condense(*of_turn)] if self._memory.is_over(turn.conversation) else []
        needed += [Redact(*of_turn)] if turn.conversation.redactions else []
        try:
            for request in needed:
                self._queue.put(request, request.group(self._scope))
        except AnsweringError as error:  # the answer is out, and the next turn tries again
            self._report(CondensingFailed(turn.question, turn.key, error))


def _ending(turn: OpenTurn, answer: Answer, resolved: ResolvedQuestion) -> str:
    """What the person reads below the model's words: why they end there, and what was not read."""
    notices = "\n".join(filter(None, (turn.history.notice, turn.prompts.about_files(resolved))))
    return answer.ending(turn.language) + (f"\n\n{notices}" if notices else "")


@contextmanager
def _paying() -> Iterator[None]:
    """Marks an error inside as ``paid``."""
    try:
        yield
    except AnsweringError as error:
        error.paid = True
        raise


@contextmanager
def _owing(usage: Usage) -> Iterator[None]:
    """Gives an error inside the usage that is still to be charged, as of an answer that others kept from being saved.

    What an unreachable store did not confirm may have been saved all the same, with its charge.
    """
    try:
        yield
    except StoreUnavailable:
        raise
    except AnsweringError as error:
        error.usage = usage
        raise
