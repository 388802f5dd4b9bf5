"""Prompts: what a model gets, in parts whose order never changes between two condensations."""

import enum
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Self

from domain.attachments import Document, Picture, ResolvedQuestion
from domain.channels.channel_settings import ChannelSettings
from domain.conversations.conversation import Conversation, Message, Speaker
from domain.conversations.notes import Note, Notes
from domain.texts.language import Language

LINE_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
"""Everything that begins a line, in some program or other."""


class Role(enum.StrEnum):
    """Who speaks a part. A record is evidence of what was said: quoted to the model, never an instruction."""

    INSTRUCTION = "instruction"
    RECORD = "record"
    PERSON = "person"
    BOT = "bot"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a prompt. ``name`` is the person's who speaks it, where that is known."""

    role: Role
    text: str
    name: str = ""
    pictures: tuple[Picture, ...] = ()

    @property
    def text_with_name(self) -> str:
        """The text as the model reads it: with the speaker's name before it, so that it knows who said what."""
        return f"{self.name}: {self.text}" if self.name else self.text


Prompt = tuple[Part, ...]


@dataclass(frozen=True)
class Prompts:
    """Builds prompts in one language with one persona.

    ``continuing`` is for a summariser that is the very model that answers: its request begins with
    the prompt of the last answer, nearly all of which the provider has cached. Any other summariser
    gets less to read: the folded lines alone, quoted.

    ``instructions`` are a channel's, of which one may choose among the ``languages``, by their codes, and a model that
    is not the ``summary_model``.
    """

    language: Language
    persona: str = ""
    continuing: bool = True
    instructions: str = ""
    languages: Mapping[str, Language] = field(default_factory=dict)
    summary_model: str = ""

    def of(self, settings: ChannelSettings) -> Self:
        """The prompts of a channel with these settings."""
        return replace(
            self,
            language=self.languages.get(settings.language, self.language),
            instructions=settings.instructions,
            continuing=settings.model == self.summary_model if settings.model else self.continuing,
        )

    @property
    def version(self) -> str:
        """Eight characters that change with the wording of the instruction, so that votes can be compared by it."""
        return hashlib.sha256(self._instruction.encode()).hexdigest()[:8]

    def reply(self, conversation: Conversation, question: ResolvedQuestion) -> Prompt:
        """Instruction, notes, buffer, question."""
        text = self.question_text(question, question.documents)
        return (*self._opening(conversation), Part(Role.PERSON, text, question.name, question.pictures))

    def question_text(self, question: ResolvedQuestion, documents: tuple[Document, ...]) -> str:
        """The words of a question with what is read of its files. Pictures are named, not shown."""
        language = self.language
        pictures = [language.picture.fill(name=each.name) for each in question.pictures]
        texts = [
            (language.quoted if each.quoted else language.document).fill(name=each.name, text=each.text)
            for each in documents
        ]
        return "\n".join([question.text or language.wordless, *pictures, *texts])

    def about_files(self, question: ResolvedQuestion) -> str:
        """What the person must be told of files that were not read, or not to their end; empty where there is none."""
        language = self.language
        unread = [language.unread[each.reason].fill(name=each.name) for each in question.unread]
        cut = [
            language.partly_read.fill(name=each.name, characters=f"{len(each.text):,}")
            for each in question.documents
            if each.cut
        ]
        return "\n".join([*unread, *cut])

    def condensation(self, conversation: Conversation, folded: int, token_limit: int) -> Prompt:
        """The request to take the oldest ``folded`` messages into the notes."""
        language = self.language
        if not self.continuing:
            return self.transcript(conversation, folded, token_limit)
        # The border is a count: people's words have no place in an instruction.
        count = sum(each.speaker is not Speaker.THREAD for each in conversation.buffer[:folded])
        left = self._tokens_left(conversation, token_limit)
        request = language.continued.fill(count=count, limit=token_limit, left=left)
        return (*self._opening(conversation), Part(Role.INSTRUCTION, request))

    def transcript(self, conversation: Conversation, folded: int, token_limit: int) -> Prompt:
        """The same request without the rest of the conversation: the notes and the folded messages are quoted."""
        language = self.language
        lines = self._lines(conversation.buffer[:folded])
        quoted = language.transcript.fill(notes=self.notes(conversation.notes), lines=lines)
        request = language.condense.fill(limit=token_limit, left=self._tokens_left(conversation, token_limit))
        return (Part(Role.INSTRUCTION, request), Part(Role.RECORD, quoted))

    def shorter(self, condensation: Prompt, tokens: int, token_limit: int) -> Prompt:
        """A request once more, because the notes would have so many tokens after the first answer."""
        return (*condensation, Part(Role.INSTRUCTION, self.language.shorter.fill(tokens=tokens, limit=token_limit)))

    def redaction(self, conversation: Conversation) -> Prompt:
        """The request to take out of the withheld notes what rests on edited or deleted posts alone."""
        notes = "\n".join(self.note(number, each) for number, each in enumerate(conversation.notes, 1) if each.withheld)
        removed = "\n".join(_one_line(each.said) for each in conversation.redactions)
        last = {each.post: each for each in sorted(conversation.redactions, key=lambda each: each.at)}
        instead = "\n".join(_one_line(each.now) for each in last.values() if each.now)
        quoted = self.language.redacted.fill(notes=notes, removed=removed, instead=instead or "–")
        return (Part(Role.INSTRUCTION, self.language.redact), Part(Role.RECORD, quoted))

    @staticmethod
    def _tokens_left(conversation: Conversation, token_limit: int) -> int:
        return max(0, token_limit - conversation.notes_tokens)

    def notes(self, notes: Notes) -> str:
        """The notes as a prompt shows them: a line each, with number and date; not those that are withheld."""
        return "\n".join(self.note(number, each) for number, each in enumerate(notes, 1) if not each.withheld)

    def note(self, number: int, note: Note) -> str:
        """One note as a prompt shows it. What follows a line break in it can be taken for no other note."""
        day = note.day(self.language.zone)
        text = LINE_BREAK.sub("\n  ", note.text)
        return f"{number}. {day} {text}" if day else f"{number}. {text}"

    @property
    def _instruction(self) -> str:
        instruction = self.language.instruction.fill(persona=self.persona or self.language.persona)
        if not self.instructions:
            return instruction
        return f"{instruction}\n{self.language.in_this_channel.fill(instructions=self.instructions)}"

    def _opening(self, conversation: Conversation) -> Prompt:
        record = self.language.record.fill(notes=self.notes(conversation.notes))
        return (
            Part(Role.INSTRUCTION, self._instruction),
            *(Part(Role.RECORD, record),) * any(not note.withheld for note in conversation.notes),
            *self._parts(conversation.buffer),
        )

    def _parts(self, messages: Iterable[Message]) -> Iterator[Part]:
        """The messages as they were said; those that were not said to the bot are quoted together."""
        for is_quoted, group in groupby(messages, key=lambda each: each.speaker is Speaker.THREAD):
            if is_quoted:
                yield Part(Role.RECORD, self.language.thread.fill(lines=self._lines(group)))
            else:
                yield from (Part(_ROLES[each.speaker], each.text, each.name) for each in group)

    def _lines(self, messages: Iterable[Message]) -> str:
        """One message a line. Whatever follows a line break in it is the same person's."""
        names = self.language.names
        return "\n".join(
            LINE_BREAK.sub("\n  ", f"{each.name or names[each.speaker]}: {each.text}") for each in messages
        )


def _one_line(text: str) -> str:
    return LINE_BREAK.sub("\n  ", text)


_ROLES = {Speaker.PERSON: Role.PERSON, Speaker.BOT: Role.BOT}
