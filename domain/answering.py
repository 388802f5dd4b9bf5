"""The use case: one question, one reply, one remembered turn."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

from domain.attachments import Document, ResolvedQuestion
from domain.commands import Command, Order, command_in, export, export_name
from domain.condensing import Condensing, within
from domain.conversation import Conversation, Message, ReplyRecord, Speaker
from domain.deadline import Deadline
from domain.errors import (
    AnsweringError,
    ChannelRefused,
    Conflict,
    EmptyQuestion,
    ExternalPerson,
    FilesUnreadable,
    MemoryFull,
    ModelRefused,
    ModelUnavailable,
    NobodyTold,
    NotAnswerable,
    QuestionTooLong,
)
from domain.memory import Memory
from domain.ports import (
    Channel,
    Clock,
    Completed,
    Conversations,
    CountTokens,
    LanguageModel,
    Reply,
    Resolver,
    Stored,
)
from domain.prompts import Part, Prompt, Prompts, Role
from domain.requests import FIRST_DELIVERY, Delivery, Place, Question, Scope
from domain.turn_events import Answered, CondensingFailed, Failed, Finished, Obeyed, Report
from domain.usage import Receipt, Usage

ATTEMPTS_TO_SAVE = 3
"""How often a change is made anew on the fresh conversation after a conflict, before the queue has its turn."""


class Answering:
    """Answers questions. Holds no state between two of them, so that one instance serves every thread."""

    def __init__(
        self,
        *,
        conversations: Conversations,
        model: LanguageModel,
        channel: Channel,
        reader: Resolver,
        count_tokens: CountTokens,
        memory: Memory,
        prompts: Prompts,
        scope: Scope,
        ttl_days: float,
        report: Report,
        clock: Clock,
    ) -> None:
        self._conversations = conversations
        self._model = model
        self._channel = channel
        self._reader = reader
        self._count_tokens = count_tokens
        self._memory = memory
        self._prompts = prompts
        self._scope = scope
        self._ttl_days = ttl_days
        self._report = report
        self._clock = clock
        self._condensing = Condensing(
            conversations=conversations,
            model=model,
            count_tokens=count_tokens,
            memory=memory,
            prompts=prompts,
            report=report,
        )

    def answer(self, question: Question, delivery: Delivery = FIRST_DELIVERY) -> None:
        """Answer a question, or finish the reply that an earlier delivery began.

        Returns when the person has the answer, or has been told why there is none. Raises whatever
        kept the question from being answered, so that it is delivered again; after the last delivery
        the person has then been told, as far as Slack allowed it.
        """
        place = question.place(self._scope)
        stored: Stored | None = None
        reply: Reply | None = None
        try:
            stored = self._conversations.load(place.conversation)
            command = None if question.external else command_in(question.text)
            if not (question.addressed or self._is_meant(stored.conversation, command)):
                return

            earlier = stored.conversation.reply_to(question.ts)
            if earlier and earlier.answered:
                self._finish(question, place, earlier)
                return

            refusal = None if command else self._refusal(question)
            if refusal and not question.direct:
                question = replace(question, private=True)  # it concerns nobody else
            reply = self._opened(question, place, earlier, delivery)
            if not earlier:
                stored = self._save_opened(question, place, stored, reply)
            if command:
                order = Order(command, question, place, self._prompts.language, self._ttl_days)
                self._obey(order, stored, reply)
                return
            try:
                if refusal:
                    raise refusal
                stored, answered, receipt = self._answer(question, place, stored, reply, delivery.deadline)
            except NotAnswerable as error:
                self._say_why_not(question, place, stored, reply, error)
                return
            reply.close(receipt)
            self._report(answered)
        except Exception as error:  # a bug is a failure too, and the person must hear of it
            self._fail(question, place, stored, reply, error, last=delivery.is_last(error))
            raise

        if self._memory.is_over(stored.conversation) and not delivery.deadline.is_over:
            self._tidy_up(question, place, stored)

    def apologise(self, question: Question) -> None:
        """Tell the person that nobody could answer; where the answer is saved after all, finish its reply instead.

        For a question whose deliveries have all failed, its apology too. Raises what kept it from being told.
        """
        place = question.place(self._scope)
        stored = self._conversations.load(place.conversation)
        earlier = stored.conversation.reply_to(question.ts)
        if earlier and earlier.answered:
            self._finish(question, place, earlier)
            return
        if not (question.addressed or earlier):
            return  # nobody may be waiting for an answer
        reply = self._opened(question, place, earlier, Delivery(replayed=True))
        if not earlier:
            self._save_opened(question, place, stored, reply)
        reply.replace(self._prompts.language.trouble(AnsweringError(), question.reference))
        self._report(Failed(question, place.conversation, AnsweringError("the person is told only now"), told=True))

    @staticmethod
    def _is_meant(conversation: Conversation, command: Command | None) -> bool:
        """Is talk without a mention for the bot? Only where it has been asked, and not since told to be quiet."""
        return conversation.is_joined and (not conversation.quiet or command is Command.LISTEN)

    def _finish(self, question: Question, place: Place, earlier: ReplyRecord) -> None:
        if earlier.answer:
            self._channel.resume(question, place, earlier.reply).replace(earlier.answer, earlier.receipt)
        self._report(Finished(question, place.conversation))

    def _opened(self, question: Question, place: Place, earlier: ReplyRecord | None, delivery: Delivery) -> Reply:
        """The reply that an earlier delivery began, or a new one."""
        if earlier:
            return self._channel.resume(question, place, earlier.reply)
        found = self._channel.find(question, place) if delivery.repeated else None
        return found or self._channel.open(question, place)

    def _save_opened(self, question: Question, place: Place, stored: Stored, reply: Reply) -> Stored:
        stored = self._save(place, stored, lambda fresh: fresh.opened(question.ts, reply.ts))
        record = stored.conversation.reply_to(question.ts)
        if record is None or record.reply != reply.ts or record.answered:
            raise Conflict("another delivery of this question is ahead of this one")
        return stored

    def _obey(self, order: Order, stored: Stored, reply: Reply) -> None:
        question, place, told = order.question, order.place, ""
        if order.command is Command.EXPORT and not stored.conversation.is_empty:
            self._channel.send(question, export_name(place), export(stored.conversation))

        def change(fresh: Conversation) -> Conversation:
            nonlocal told
            changed, told = order.carried_out(fresh)
            return changed.settled(question.ts, told)

        self._save(place, stored, change)
        reply.replace(told)
        self._report(Obeyed(question, place.conversation, order.command))

    def _answer(
        self, question: Question, place: Place, stored: Stored, reply: Reply, deadline: Deadline
    ) -> tuple[Stored, Answered, Receipt]:
        """Stream the answer into the reply and save the turn; the reply is still open."""
        began = self._clock()
        reading = self._reader.read(question, deadline, first=stored.conversation.is_new)
        if not (question.text.strip() or reading.pictures or reading.documents):
            raise FilesUnreadable("; ".join(each.reason for each in reading.unread))
        if self._memory.is_full(stored.conversation):
            stored = self._make_room(question, place, stored)

        with _paying():
            answer, completed, ending = self._stream(self._prompts.reply(stored.conversation, reading), reply, deadline)
            notes = self._prompts.notes(reading)
            ending += f"\n\n{notes}" if notes else ""
            if ending:
                reply.write(ending)

            usage = completed.usage + Usage(turns=1)
            seconds = round(max(0.0, self._clock() - began), 3)
            receipt = Receipt(self._model.name, self._prompts.version, usage, seconds)
            asked = self._asked(reading)
            said = Message(Speaker.BOT, answer, self._count_tokens(answer))
            stored = self._save(
                place, stored, lambda fresh: fresh.remember(question.ts, answer + ending, asked, said, receipt)
            )
        answered = Answered(question, place.conversation, usage, completed.cut, reply.stopped)
        return stored, answered, receipt

    def _stream(self, prompt: Prompt, reply: Reply, deadline: Deadline) -> tuple[str, Completed, str]:
        """The model's words, how they ended, and what the person is told where they were cut short."""
        language = self._prompts.language
        completed, ending = None, ""
        words: list[str] = []
        with closing(self._model.reply(prompt, deadline)) as pieces:
            for piece in pieces:
                if isinstance(piece, Completed):
                    completed = piece
                    break
                words.append(piece)
                reply.write(piece)
                late = deadline.is_over
                if (reply.stopped or late) and not "".join(words).isspace():
                    completed = Completed(Usage(), cut=True)
                    ending = language.stopped if reply.stopped else language.out_of_time
                    break
        if completed is None:
            raise ModelUnavailable("the model broke off before its answer was complete")
        answer = "".join(words)
        if not answer.strip():
            raise ModelRefused("the model answered with nothing")
        if completed.cut:
            ending = f"{_closing(answer)}\n\n{ending or language.cut_short}"
        return answer, completed, ending

    def _refusal(self, question: Question) -> NotAnswerable | None:
        """Why this question need not reach the model, told from its words alone."""
        if question.external:
            return ExternalPerson(f"a person of team {question.person_team}")
        if not (question.text.strip() or question.files or question.quotes):
            return EmptyQuestion("a mention without a question")
        # A token is at least one byte, so that most questions need not be counted before the model speaks.
        if len(question.text.encode(errors="replace")) <= self._memory.limit:
            return None
        tokens = self._count_tokens(question.text)
        return QuestionTooLong(tokens, self._memory.limit) if tokens > self._memory.limit else None

    def _asked(self, reading: ResolvedQuestion) -> Message:
        """The question as it is remembered: of its documents as much as half the buffer's limit holds."""
        room = self._memory.limit // 2
        kept: list[Document] = []
        for document in reading.documents:
            text, tokens = within(room, document.text, self._count_tokens)
            kept.append(replace(document, text=text))
            room -= tokens
        text = self._prompts.told(reading, tuple(each for each in kept if each.text))
        said = Part(Role.PERSON, text, reading.name).said
        return Message(Speaker.PERSON, text, self._count_tokens(said), reading.name)

    def _say_why_not(
        self, question: Question, place: Place, stored: Stored, reply: Reply, error: NotAnswerable
    ) -> None:
        sentence = self._prompts.language.trouble(error, question.reference)
        self._save(place, stored, lambda fresh: fresh.settled(question.ts, sentence))
        reply.replace(sentence)
        self._report(Failed(question, place.conversation, error, told=True))

    def _fail(
        self,
        question: Question,
        place: Place,
        stored: Stored | None,
        reply: Reply | None,
        error: Exception,
        *,
        last: bool,
    ) -> None:
        """Report the error, after the last delivery told to the person. Raises ``NobodyTold`` where Slack is away."""
        told = last and self._apologise(question, place, stored, reply, error)
        self._report(Failed(question, place.conversation, error, told))
        is_awaited = question.addressed or reply is not None
        if last and is_awaited and not told and not isinstance(error, ChannelRefused):
            raise NobodyTold("the person is told as soon as Slack can be reached") from error

    def _apologise(
        self, question: Question, place: Place, stored: Stored | None, reply: Reply | None, error: Exception
    ) -> bool:
        """Tell the person after the last delivery; true where they have been told."""
        record = stored.conversation.reply_to(question.ts) if stored else None
        if record and record.answered:
            return False  # the answer is saved: whoever replays the question finishes its reply
        if not (question.addressed or reply):
            return False  # nobody may be waiting for an answer
        try:
            reply = reply or self._channel.open(question, place)
            reply.replace(self._prompts.language.trouble(error, question.reference))
        except AnsweringError:
            return False  # Slack is what fails; the error that is raised says what happened first
        return True

    def _make_room(self, question: Question, place: Place, stored: Stored) -> Stored:
        try:
            return self._condensing.condense(question, place, stored)
        except AnsweringError as error:
            raise MemoryFull("condensing keeps failing and the buffer has reached its ceiling") from error

    def _tidy_up(self, question: Question, place: Place, stored: Stored) -> None:
        try:
            self._condensing.condense(question, place, stored)
        except Exception as error:  # noqa: BLE001 - the answer is out: nothing that fails here may undo the turn
            self._report(CondensingFailed(question, place.conversation, error))

    def _save(self, place: Place, stored: Stored, change: Callable[[Conversation], Conversation]) -> Stored:
        """Save a change; after a conflict make it anew on the fresh conversation, so that a stale writer never wins."""
        for _ in range(ATTEMPTS_TO_SAVE):
            try:
                changed = replace(stored, conversation=change(stored.conversation))
                return self._conversations.save(place.conversation, changed)
            except Conflict:
                stored = self._conversations.load(place.conversation)
        raise Conflict(f"{place.conversation} was changed by others {ATTEMPTS_TO_SAVE} times in a row")


@contextmanager
def _paying() -> Iterator[None]:
    """Marks what goes wrong inside as ``paid``."""
    try:
        yield
    except AnsweringError as error:
        error.paid = True
        raise


def _closing(answer: str) -> str:
    """What closes a code fence that an answer leaves open, so that nothing after it is taken for code."""
    fence = ""
    for found in _FENCE.finditer(answer):
        if not fence:
            fence = found["mark"]
        elif found["mark"].startswith(fence) and not found["info"].strip():
            fence = ""
    return f"\n{fence}" if fence else ""


_FENCE = re.compile(r"^ {0,3}(?P<mark>`{3,}|~{3,})(?P<info>.*)$", re.MULTILINE)
