"""Ways to remember a conversation, side by side. Each takes turns in and makes the prompt for a question."""

from dataclasses import dataclass, replace
from typing import Protocol

from bench.eval.talks.generator import Turn
from domain.attachments import ResolvedQuestion
from domain.conversations.conversation import Conversation, Message, Speaker
from domain.errors import ContextTooSmall, ModelRefused, TokenLimitTooLow
from domain.memory import Memory
from domain.ports.model import CountTokens, LanguageModel
from domain.prompts import Part, Prompt, Prompts, Role
from domain.timestamp import Timestamp

START, SECONDS_PER_TURN = 1_767_571_200, 1_800
"""The first turn is on 5 January 2026, and there are 48 a day."""


def number_of(message: Message) -> int:
    """The number of the turn, from 0, in which a message was said."""
    return round(((message.ts or Timestamp("0")).seconds - START) / SECONDS_PER_TURN) - 1


OWN_FAILURES = (ModelRefused, ContextTooSmall, TokenLimitTooLow)
"""What a model does to itself, so that asking again would not help. Everything else ends the run, which can go on."""


class Way(Protocol):
    """One way to remember a conversation."""

    def take(self, turn: Turn) -> None:
        """Remember a turn, condensing where that is due."""
        ...

    def prompt(self, person: str, question: str) -> Prompt:
        """What the model gets of the conversation with a question that will not be remembered."""
        ...


@dataclass(frozen=True)
class Circumstances:
    """What all ways have in common. ``window`` is the most tokens of the thread that is sent whole."""

    model: LanguageModel
    count_tokens: CountTokens
    memory: Memory
    prompts: Prompts
    window: int = 8_000


class Buffered:
    """A conversation of recent messages. What leaves the buffer is lost, unless a subclass takes it in."""

    def __init__(self, circumstances: Circumstances) -> None:
        self._circumstances = circumstances
        self._turns = 0
        self.conversation = Conversation()

    def take(self, turn: Turn) -> None:
        self._turns += 1
        if self._is_full():
            self._condense()
        if self._is_full():
            return  # the bot refuses such a question
        self.conversation = replace(self.conversation, buffer=(*self.conversation.buffer, *self._messages(turn)))
        if self._is_over():
            self._condense()

    def prompt(self, person: str, question: str) -> Prompt:
        return self._circumstances.prompts.reply(self.conversation, ResolvedQuestion(question, person))

    @property
    def ts(self) -> Timestamp:
        """The last turn's."""
        return Timestamp(f"{START + self._turns * SECONDS_PER_TURN}.000000")

    def _is_full(self) -> bool:
        return self._circumstances.memory.is_full(self.conversation)

    def _is_over(self) -> bool:
        return self._circumstances.memory.is_over(self.conversation)

    def _condense(self) -> None:
        folded = self._circumstances.memory.foldable(self.conversation)
        self.conversation = replace(self.conversation, buffer=self.conversation.buffer[folded:])

    def _messages(self, turn: Turn) -> tuple[Message, Message]:
        asked = Part(Role.PERSON, turn.question, turn.person)
        count = self._circumstances.count_tokens
        return (
            Message(Speaker.PERSON, asked.text, count(asked.text_with_name), asked.name, self.ts),
            Message(Speaker.BOT, turn.answer, count(turn.answer), ts=self.ts),
        )


class WholeThread(Buffered):
    """Everything, as far as the window holds it: the oldest turns that do not fit are not sent."""

    def _is_full(self) -> bool:
        return False

    def _is_over(self) -> bool:
        return self.conversation.buffer_tokens > self._circumstances.window

    def _condense(self) -> None:
        folded = self._circumstances.memory.foldable(self.conversation, keep=self._circumstances.window)
        self.conversation = replace(self.conversation, buffer=self.conversation.buffer[folded:])
