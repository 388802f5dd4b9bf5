"""The use case: one question, one reply, one remembered turn."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

from domain.attachments import Document, ResolvedQuestion
from domain.commands import Command, CommandRequest, export, export_name
from domain.condensing import Condensing
from domain.conversation import Conversation, Message, Speaker
from domain.deadline import Deadline
from domain.delivery import FIRST_DELIVERY, Delivery
from domain.errors import (
    AnsweringError,
    ChannelRefused,
    Conflict,
    ContextTooSmall,
    EmptyQuestion,
    ExternalPerson,
    FilesUnreadable,
    MemoryFull,
    Misconfigured,
    NotAnswerable,
    PersonNotNotified,
)
from domain.memory import Memory, longest_fitting
from domain.place import Scope
from domain.ports import Channel, Clock, Conversations, CountTokens, LanguageModel, Reply, RequestQueue, Resolver
from domain.prompts import Part, Prompts, Role
from domain.requests import Condense, Question
from domain.saving import save_change
from domain.streaming import Answer, Cut, stream
from domain.turn_events import Answered, CondensingFailed, Event, Failed, Finished, Obeyed, Report
from domain.turns import OpenTurn, Turn
from domain.usage import Receipt, Usage


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
        report: Report,
        clock: Clock,
    ) -> None:
        self._conversations = conversations
        self._model = model
        self._channel = channel
        self._resolver = resolver
        self._queue = queue
        self._condensing = condensing
        self._count_tokens = count_tokens
        self._memory = memory
        self._prompts = prompts
        self._scope = scope
        self._ttl_days = ttl_days
        self._reply_seconds = reply_seconds
        self._reply_token_limit = reply_token_limit
        self._report = report
        self._clock = clock

    def answer(self, question: Question, delivery: Delivery = FIRST_DELIVERY) -> None:
        """Answer a question, or finish the reply that an earlier delivery began.

        Returns when the person has the answer, or a sentence that says why there is none. Raises whatever kept the
        question from being answered, so that it is delivered again; after the last delivery the person has a sentence
        by then. Raises ``PersonNotNotified`` where Slack was out of reach for that too: see ``apologise``.
        """
        turn = self._begin(question, delivery)
        try:
            turn = self._load(turn)
            if not turn.is_for_the_bot:
                return
            if turn.is_answered:
                self._finish(turn)
                return
            turn = self._open(turn)
            turn = self._save_opened(turn)
            turn, event = self._obey(turn) if turn.command else self._reply(turn)
            self._complete(turn)
            self._report(event)
        except Exception as error:  # a bug is a failure too, and the person must hear of it
            self._fail(turn, error)
            raise
        self._condense_later(turn)

    def apologise(self, question: Question) -> None:
        """Tell the person that the question could not be answered, after ``PersonNotNotified``.

        Where the answer is saved after all, its reply is finished instead. Raises whatever kept the person from being
        told, so that it is delivered again.
        """
        turn = self._load(self._begin(question, Delivery(replayed=True)))
        if turn.is_answered:
            self._finish(turn)
        elif question.addressed or turn.record:  # otherwise nobody may be waiting for an answer
            turn = self._open(turn)
            turn = self._save_opened(turn)
            turn.reply.replace(self._prompts.language.trouble(AnsweringError(), question.reference))
            self._report(Failed(question, turn.key, AnsweringError("the person is told only now"), notified=True))

    def _begin(self, question: Question, delivery: Delivery) -> Turn:
        seconds = min(self._reply_seconds, delivery.deadline.seconds_left)
        deadline = Deadline(self._clock).within(seconds)
        return Turn(question=question, place=question.place(self._scope), delivery=delivery, deadline=deadline)

    def _load(self, turn: Turn) -> Turn:
        return replace(turn, stored=self._conversations.load(turn.key))

    def _finish(self, turn: Turn) -> None:
        """Complete the reply of an answer that an earlier delivery saved."""
        if turn.record and turn.record.answer:
            reply = self._channel.resume(turn.question, turn.place, turn.record.reply)
            reply.replace(turn.record.answer, turn.record.receipt)
        self._report(Finished(turn.question, turn.key))

    def _open(self, turn: Turn) -> OpenTurn:
        """With the reply that an earlier delivery began, or a new one."""
        question = turn.question
        refusal = None if turn.command else self._refusal(question)
        if refusal and not question.direct:
            question = replace(question, private=True)  # it concerns nobody else
        reply = self._opened_reply(replace(turn, question=question))
        return OpenTurn(
            question=question,
            place=turn.place,
            delivery=turn.delivery,
            deadline=turn.deadline.or_stopped(lambda: reply.stopped),
            stored=turn.stored,
            refusal=refusal,
            reply=reply,
        )

    def _opened_reply(self, turn: Turn) -> Reply:
        if turn.record:
            return self._channel.resume(turn.question, turn.place, turn.record.reply)
        begun = self._channel.find(turn.question, turn.place) if turn.delivery.repeated else None
        return begun or self._channel.open(turn.question, turn.place)

    def _save_opened(self, turn: OpenTurn) -> OpenTurn:
        if turn.record:
            return turn
        turn = self._save(turn, lambda fresh: fresh.opened(turn.question.ts, turn.reply.ts))
        if turn.record is None or turn.record.reply != turn.reply.ts or turn.record.answered:
            raise Conflict("another delivery of this question is ahead of this one")
        return turn

    def _obey(self, turn: OpenTurn) -> tuple[OpenTurn, Event]:
        """Carry out the command in the question."""
        command, language = turn.command or Command.HELP, self._prompts.language
        request = CommandRequest(command, turn.question, turn.place, language, self._ttl_days)
        if command is Command.EXPORT and not turn.conversation.is_empty:
            self._channel.send(turn.question, export_name(turn.place), export(turn.conversation))
        return self._save(turn, request.settled), Obeyed(turn.question, turn.key, command)

    def _reply(self, turn: OpenTurn) -> tuple[OpenTurn, Event]:
        """Answer, or say why not."""
        try:
            if turn.refusal:
                raise turn.refusal
            return self._answer(turn)
        except NotAnswerable as error:
            return self._say_why_not(turn, error)

    def _answer(self, turn: OpenTurn) -> tuple[OpenTurn, Event]:
        """Stream the answer into the reply and save the turn."""
        began = self._clock()
        resolved = self._resolve(turn)
        turn = self._make_room(turn)
        with _paying():
            turn, answer = self._ask(turn, resolved)
            ending = self._ending(answer, resolved)
            if ending:
                turn.reply.write(ending)
            usage = answer.usage + Usage(turns=1)
            seconds = round(max(0.0, self._clock() - began), 3)
            receipt = Receipt(self._model.name, self._prompts.version, usage, seconds)
            asked, answered = self._remembered(resolved), self._message(Speaker.BOT, answer.text)
            shown = answer.text + ending
            turn = self._save(
                turn,
                lambda fresh: fresh.heard(turn.question.person, resolved.name).remember(
                    turn.question.ts, shown, asked, answered, receipt
                ),
            )
        event = Answered(turn.question, turn.key, usage, answer.cut is not None, answer.cut is Cut.STOP)
        return turn, event

    def _refusal(self, question: Question) -> NotAnswerable | None:
        """Why this question need not reach the model, known from its words alone."""
        if question.external:
            return ExternalPerson(f"a person of team {question.person_team}")
        if not (question.text.strip() or question.files or question.quotes):
            return EmptyQuestion("a mention without a question")
        return self._memory.length_refusal(question.text, self._count_tokens)

    def _resolve(self, turn: OpenTurn) -> ResolvedQuestion:
        """The question with names and files, bounded once more now that they are in it."""
        resolved = self._resolver.read(turn.question, turn.deadline, first=turn.conversation.is_new)
        if not (turn.question.text.strip() or resolved.pictures or resolved.documents):
            raise FilesUnreadable("; ".join(each.reason for each in resolved.unread))
        if refusal := self._memory.length_refusal(resolved.text, self._count_tokens):
            raise refusal
        return replace(resolved, name=turn.conversation.name_for(turn.question.person, resolved.name))

    def _make_room(self, turn: OpenTurn) -> OpenTurn:
        """Condense before the model is asked, where condensing has failed for so long that the buffer is full."""
        if not self._memory.is_full(turn.conversation):
            return turn
        try:
            return replace(turn, stored=self._condensing.fold(turn.question, turn.key, turn.stored, turn.deadline))
        except Misconfigured:
            raise
        except AnsweringError as error:
            raise MemoryFull("condensing keeps failing and the buffer has reached its ceiling") from error

    def _ask(self, turn: OpenTurn, resolved: ResolvedQuestion) -> tuple[OpenTurn, Answer]:
        """The answer. Older turns are folded first where the prompt does not fit the model's context."""
        while True:
            prompt = self._prompts.reply(turn.conversation, resolved)
            try:
                with closing(self._model.reply(prompt, turn.deadline)) as pieces:
                    return turn, stream(pieces, turn.reply, turn.deadline, self._reply_token_limit)
            except ContextTooSmall:
                if not turn.conversation.buffer:
                    raise
                stored = self._condensing.fold_half(turn.question, turn.key, turn.stored, turn.deadline)
                turn = replace(turn, stored=stored)

    def _ending(self, answer: Answer, resolved: ResolvedQuestion) -> str:
        """What the person reads below the model's words: why they end there, and which files were not read."""
        language = self._prompts.language
        sentences = {Cut.LENGTH: language.cut_short, Cut.TIME: language.out_of_time, Cut.STOP: language.stopped}
        ending = f"{answer.fence}\n\n{sentences[answer.cut]}" if answer.cut else ""
        about_files = self._prompts.about_files(resolved)
        return ending + (f"\n\n{about_files}" if about_files else "")

    def _remembered(self, resolved: ResolvedQuestion) -> Message:
        """The question as it is remembered: of its documents as much as half the buffer's limit holds."""
        room = self._memory.limit // 2
        kept: list[Document] = []
        for document in resolved.documents:
            text, tokens = longest_fitting(room, document.text, self._count_tokens)
            kept.append(replace(document, text=text))
            room -= tokens
        text = self._prompts.question_text(resolved, tuple(each for each in kept if each.text))
        return self._message(Speaker.PERSON, text, resolved.name)

    def _message(self, speaker: Speaker, text: str, name: str = "") -> Message:
        role = Role.PERSON if speaker is Speaker.PERSON else Role.BOT
        return Message(speaker, text, self._count_tokens(Part(role, text, name).text_with_name), name)

    def _say_why_not(self, turn: OpenTurn, error: NotAnswerable) -> tuple[OpenTurn, Event]:
        sentence = self._prompts.language.trouble(error, turn.question.reference)
        saved = self._save(turn, lambda fresh: fresh.settled(turn.question.ts, sentence))
        return saved, Failed(turn.question, turn.key, error, notified=True)

    def _complete(self, turn: OpenTurn) -> None:
        """Close the reply that has the model's words, or put into it what is said in their place."""
        if turn.settled.receipt:
            turn.reply.close(turn.settled.receipt)
        else:
            turn.reply.replace(turn.settled.answer)

    def _fail(self, turn: Turn, error: Exception) -> None:
        """Report the error, after the last delivery to the person too.

        Raises ``PersonNotNotified`` where Slack is away.
        """
        is_last = turn.delivery.is_last(error)
        notified = is_last and self._tell(turn, error)
        self._report(Failed(turn.question, turn.key, error, notified))
        is_awaited = turn.question.addressed or isinstance(turn, OpenTurn)
        if is_last and is_awaited and not notified and not isinstance(error, ChannelRefused):
            raise PersonNotNotified("the person is told as soon as Slack can be reached") from error

    def _tell(self, turn: Turn, error: Exception) -> bool:
        """Put the error's sentence in place of the reply; true where that succeeded."""
        if turn.is_answered:
            return False  # the answer is saved: whoever replays the question finishes its reply
        if not (turn.question.addressed or isinstance(turn, OpenTurn)):
            return False  # nobody may be waiting for an answer
        try:
            reply = turn.reply if isinstance(turn, OpenTurn) else self._channel.open(turn.question, turn.place)
            reply.replace(self._prompts.language.trouble(error, turn.question.reference))
        except AnsweringError:
            return False  # Slack is what fails; the error that is raised says what happened first
        return True

    def _condense_later(self, turn: Turn) -> None:
        """Hand the condensation over to the queue, so that the conversation's next question need not wait for it."""
        if not self._memory.is_over(turn.conversation):
            return
        asked = turn.question
        request = Condense(asked.team, asked.channel, asked.ts, asked.person, turn.key)
        try:
            self._queue.put(request, request.group(self._scope))
        except AnsweringError as error:  # the answer is out, and the next turn tries again
            self._report(CondensingFailed(asked, turn.key, error))

    def _save(self, turn: OpenTurn, change: Callable[[Conversation], Conversation]) -> OpenTurn:
        return replace(turn, stored=save_change(self._conversations, turn.key, turn.stored, change))


@contextmanager
def _paying() -> Iterator[None]:
    """Marks an error inside as ``paid``."""
    try:
        yield
    except AnsweringError as error:
        error.paid = True
        raise
