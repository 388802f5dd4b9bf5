"""What of a turn is remembered: the messages that go into the buffer."""

from collections.abc import Iterable
from dataclasses import replace

from domain.attachments import Document, ResolvedQuestion
from domain.channels.channel_settings import ChannelSettings
from domain.conversations.conversation import Message, Speaker
from domain.memory import Memory, longest_fitting
from domain.ports.model import CountTokens
from domain.prompts import Part, Prompts, Role
from domain.timestamp import Timestamp


class Remembering:
    """Makes messages, each with its number of tokens. ``ts`` is the question's."""

    def __init__(self, memory: Memory, prompts: Prompts, count_tokens: CountTokens) -> None:
        self._memory = memory
        self._prompts = prompts
        self._count_tokens = count_tokens

    def of(self, settings: ChannelSettings) -> "Remembering":
        """The same in a channel with these settings."""
        return Remembering(self._memory, self._prompts.of(settings), self._count_tokens)

    def question(self, ts: Timestamp | None, resolved: ResolvedQuestion) -> Message:
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

    def edited(self, before: Message, read: ResolvedQuestion) -> Message:
        """The message of a question that was edited: at most as long as a question may be."""
        text, _ = longest_fitting(self._memory.limit, read.text, self._count_tokens)
        return self.question(before.ts, replace(read, text=text, name=before.name))

    def quoted(self, before: Message, read: ResolvedQuestion, files: Iterable[str]) -> Message:
        """The message of a post outside any turn that was edited, with what it quotes and the names of its files."""
        quotes = [f"> {line}" for each in read.documents for line in f"{each.name}: {each.text}".splitlines()]
        lines = "\n".join([*([read.text] if read.text else []), *quotes, *(f"[{each}]" for each in files)])
        text, _ = longest_fitting(self._memory.limit, lines, self._count_tokens)
        tokens = self._count_tokens(Part(Role.RECORD, text, before.name).text_with_name)
        return replace(before, text=text, tokens=tokens)
