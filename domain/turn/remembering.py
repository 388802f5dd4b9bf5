"""What of a turn is remembered: the messages that go into the buffer."""

from dataclasses import replace

from domain.attachments import Document, ResolvedQuestion
from domain.conversation import Message, Speaker
from domain.memory import Memory, longest_fitting
from domain.ports import CountTokens
from domain.prompts import Part, Prompts, Role
from domain.timestamp import Timestamp


class Remembering:
    """Makes messages, each with its number of tokens. ``ts`` is the question's."""

    def __init__(self, memory: Memory, prompts: Prompts, count_tokens: CountTokens) -> None:
        self._memory = memory
        self._prompts = prompts
        self._count_tokens = count_tokens

    def question(self, ts: Timestamp, resolved: ResolvedQuestion) -> Message:
        """The question as it is remembered: of its documents as much as half the buffer's limit holds."""
        room = self._memory.limit // 2
        kept: list[Document] = []
        for document in resolved.documents:
            text, tokens = longest_fitting(room, document.text, self._count_tokens)
            kept.append(replace(document, text=text))
            room -= tokens
        text = self._prompts.question_text(resolved, tuple(each for each in kept if each.text))
        tokens = self._count_tokens(Part(Role.PERSON, text, resolved.name).text_with_name)
        return Message(Speaker.PERSON, text, tokens, resolved.name, ts)

    def answer(self, ts: Timestamp, text: str) -> Message:
        """The model's own words: what is said below them is for the person alone."""
        return Message(Speaker.BOT, text, self._count_tokens(text), ts=ts)
