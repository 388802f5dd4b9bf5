"""The use case: one question, one reply, one remembered turn."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

from domain.conversation import Conversation, Memory, Message, Replied, Speaker
from domain.errors import (
    AnsweringError,
    Conflict,
    EmptyQuestion,
    MemoryFull,
    ModelRefused,
    ModelUnavailable,
    NotAnswerable,
    QuestionTooLong,
)
from domain.events import Answered, Condensed, CondensingFailed, Failed, Finished, Report
from domain.ports import (
    Channel,
    Clock,
    Completed,
    Condensation,
    Conversations,
    CountTokens,
    LanguageModel,
    Reply,
    Stored,
    Usage,
)
from domain.prompts import Prompt, Prompts
from domain.question import FIRST_DELIVERY, Delivery, Place, Question, Scope

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
        count_tokens: CountTokens,
        memory: Memory,
        prompts: Prompts,
        scope: Scope,
        report: Report,
        clock: Clock,
    ) -> None:
        self._conversations = conversations
        self._model = model
        self._channel = channel
        self._count_tokens = count_tokens
        self._memory = memory
        self._prompts = prompts
        self._scope = scope
        self._report = report
        self._clock = clock

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
            if not question.addressed and stored.version == 0:
                return  # talk in a thread in which nobody has asked the bot

            earlier = stored.conversation.reply_to(question.ts)
            if earlier and earlier.answered:
                self._finish(question, place, earlier)
                return

            if earlier:
                reply = self._channel.resume(question, place, earlier.reply)
            else:
                found = self._channel.find(question, place) if delivery.repeated else None
                reply = found or self._channel.open(question, place)
                stored = self._save_opened(question, place, stored, reply)
            try:
                stored, answered = self._answer(question, place, stored, reply, delivery.until)
            except NotAnswerable as error:
                self._say_why_not(question, place, stored, reply, error)
                return
            reply.close()
            self._report(answered)
        except Exception as error:  # a bug is a failure too, and the person must hear of it
            told = delivery.last and self._apologise(question, place, stored, reply, error)
            self._report(Failed(question, place.conversation, error, told))
            raise

        if self._memory.is_over(stored.conversation) and self._clock() < delivery.until:
            try:
                self._condense(question, place, stored)
            except Exception as error:  # noqa: BLE001 - the answer is out: nothing that fails here may undo the turn
                self._report(CondensingFailed(question, place.conversation, error))

    def _finish(self, question: Question, place: Place, earlier: Replied) -> None:
        if earlier.answer:
            self._channel.resume(question, place, earlier.reply).replace(earlier.answer)
        self._report(Finished(question, place.conversation))

    def _save_opened(self, question: Question, place: Place, stored: Stored, reply: Reply) -> Stored:
        stored = self._save(place, stored, lambda fresh: fresh.opened(question.ts, reply.ts))
        record = stored.conversation.reply_to(question.ts)
        if record is None or record.reply != reply.ts or record.answered:
            raise Conflict("another delivery of this question is ahead of this one")
        return stored

    def _answer(
        self, question: Question, place: Place, stored: Stored, reply: Reply, until: float
    ) -> tuple[Stored, Answered]:
        """Stream the answer into the reply and save the turn; the reply is still open."""
        self._check(question)
        if self._memory.is_full(stored.conversation):
            stored = self._make_room(question, place, stored)

        answer, completed, ending = self._stream(self._prompts.reply(stored.conversation, question.text), reply, until)
        if ending:
            reply.write(ending)

        asked = Message(Speaker.PERSON, question.text, self._count_tokens(question.text))
        said = Message(Speaker.BOT, answer, self._count_tokens(answer))
        stored = self._save(place, stored, lambda fresh: fresh.remember(question.ts, answer + ending, asked, said))
        return stored, Answered(question, place.conversation, completed.usage, completed.cut)

    def _stream(self, prompt: Prompt, reply: Reply, until: float) -> tuple[str, Completed, str]:
        """The model's words, how they ended, and what the person is told where they were cut short."""
        completed, ending = None, ""
        words: list[str] = []
        with closing(self._model.reply(prompt)) as pieces:
            for piece in pieces:
                if isinstance(piece, Completed):
                    completed = piece
                    break
                words.append(piece)
                reply.write(piece)
                if self._clock() >= until and not "".join(words).isspace():
                    completed = Completed(Usage(), cut=True)
                    ending = f"\n\n{self._prompts.language.out_of_time}"
                    break
        if completed is None:
            raise ModelUnavailable("the model broke off before its answer was complete")
        answer = "".join(words)
        if not answer.strip():
            raise ModelRefused("the model answered with nothing")
        if completed.cut and not ending:
            ending = f"\n\n{self._prompts.language.cut_short}"
        return answer, completed, ending

    def _check(self, question: Question) -> None:
        if not question.text.strip():
            raise EmptyQuestion("a mention without a question")
        # A token is at least one byte, so that most questions need not be counted before the model speaks.
        if len(question.text.encode(errors="replace")) <= self._memory.limit:
            return
        tokens = self._count_tokens(question.text)
        if tokens > self._memory.limit:
            raise QuestionTooLong(tokens, self._memory.limit)

    def _say_why_not(
        self, question: Question, place: Place, stored: Stored, reply: Reply, error: NotAnswerable
    ) -> None:
        sentence = self._prompts.language.trouble(error, question.reference)
        self._save(place, stored, lambda fresh: fresh.settled(question.ts, sentence))
        reply.replace(sentence)
        self._report(Failed(question, place.conversation, error, told=True))

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
            return self._condense(question, place, stored)
        except AnsweringError as error:
            raise MemoryFull("condensing keeps failing and the buffer has reached its ceiling") from error

    def _condense(self, question: Question, place: Place, stored: Stored) -> Stored:
        before = stored.conversation
        folded = self._memory.foldable(before)
        limit = self._memory.summary
        summary, completed = self._model.summarise(
            Condensation(
                before.summary, before.buffer[:folded], limit, self._prompts.condensation(before, folded, limit)
            )
        )
        summary = summary.strip()
        if not summary:
            raise ModelRefused("the model's summary is empty")
        kept, tokens = self._within(limit, summary)
        condensed = replace(stored, conversation=before.condensed(folded, kept, tokens))
        stored = self._conversations.save(place.conversation, condensed)
        self._report(
            Condensed(
                question,
                place.conversation,
                folded,
                before.buffer_tokens - stored.conversation.buffer_tokens,
                tokens,
                completed.usage,
                trimmed=completed.cut or kept != summary,
            )
        )
        return stored

    def _within(self, limit: int, text: str) -> tuple[str, int]:
        """The longest beginning of the text that has at most ``limit`` tokens, and how many it has."""
        tokens = self._count_tokens(text)
        fits, exceeds = 0, len(text)
        if tokens <= limit:
            return text, tokens
        while exceeds - fits > 1:
            middle = (fits + exceeds) // 2
            if self._count_tokens(text[:middle]) <= limit:
                fits = middle
            else:
                exceeds = middle
        return text[:fits], self._count_tokens(text[:fits])

    def _save(self, place: Place, stored: Stored, change: Callable[[Conversation], Conversation]) -> Stored:
        """Save a change; after a conflict make it anew on the fresh conversation, so that a stale writer never wins."""
        for _ in range(ATTEMPTS_TO_SAVE):
            try:
                changed = replace(stored, conversation=change(stored.conversation))
                return self._conversations.save(place.conversation, changed)
            except Conflict:
                stored = self._conversations.load(place.conversation)
        raise Conflict(f"{place.conversation} was changed by others {ATTEMPTS_TO_SAVE} times in a row")
