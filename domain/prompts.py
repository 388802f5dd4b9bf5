"""Prompts: what a model is told, in parts whose order never changes between two condensations.

A template knows its variables: one that is missing or unknown is an error when the template is
made, not when it is used, and braces in people's texts are harmless because a value is never read
as a template.
"""

import enum
import hashlib
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass

from domain.attachments import Document, Picture, ResolvedQuestion, Unreadable
from domain.conversation import Conversation, Speaker
from domain.errors import AnsweringError, TemplateError


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
    def said(self) -> str:
        """The text as the model reads it: with the speaker's name before it, so that it knows who said what."""
        return f"{self.name}: {self.text}" if self.name else self.text


Prompt = tuple[Part, ...]


class Template:
    """A text with ``{variables}``; a doubled brace is a brace.

    Raises ``TemplateError`` when made with a text whose variables are not exactly those promised,
    and when filled with others.
    """

    def __init__(self, text: str, *variables: str) -> None:
        try:
            self._pieces = [(literal, name) for literal, name, *_ in _parsed(text)]
        except ValueError as error:
            raise TemplateError(f"{error} in the template {text!r}") from error
        endings = map(re.escape, re.findall(r"</[^<>{}]+>", text))
        self._endings = re.compile("|".join(endings) or r"(?!)", re.IGNORECASE)
        self.variables = frozenset(variables)
        found = {name for _, name in self._pieces if name is not None}
        self._require(found, f"in the template {text!r}")

    def fill(self, **values: object) -> str:
        """The text with these values. None of them can end a quotation: its closing tags are broken in them."""
        self._require(set(values), "among the values")
        quoted = {name: self._endings.sub(_broken, str(value)) for name, value in values.items()}
        return "".join(literal + ("" if name is None else quoted[name]) for literal, name in self._pieces)

    def _require(self, found: set[str], where: str) -> None:
        missing, unknown = self.variables - found, found - self.variables
        if missing or unknown:
            complaints = [f"missing {sorted(missing)}"] * bool(missing) + [f"unknown {sorted(unknown)}"] * bool(unknown)
            raise TemplateError(f"{' and '.join(complaints)} {where}")


def _broken(tag: re.Match[str]) -> str:
    return f"<\u200b{tag[0][1:]}"


def _parsed(text: str) -> list[tuple[str, str | None, str | None, str | None]]:
    pieces = list(string.Formatter().parse(text))
    for _, name, specification, conversion in pieces:
        if specification or conversion or (name is not None and not name.isidentifier()):
            raise ValueError(f"{{{name}}} is not a plain variable")
    return pieces


@dataclass(frozen=True)
class Language:
    """Everything the bot says of its own accord in one language: prompts, and sentences for people.

    The variables each template must have are checked when the set is made.
    """

    instruction: Template
    persona: str
    record: Template
    condense: Template
    transcript: Template
    continued: Template
    names: Mapping[Speaker, str]
    troubles: Mapping[type[AnsweringError], str]
    with_reference: Template
    cut_short: str
    out_of_time: str
    stopped: str
    wordless: str
    picture: Template
    document: Template
    unread: Mapping[Unreadable, Template]
    partly_read: Template
    help: Template
    forgotten: Template
    mention_to_reset: str
    gone_on: str
    remembered: Template
    nothing: str
    elsewhere: str
    exported: Template
    usage: Template
    quiet: str
    listening: str
    always_listening: str
    thinking: str
    good: str
    bad: str
    home: str
    suggestions: tuple[tuple[str, str], ...]
    """Titles of suggested prompts, and the messages that they send: four at most."""

    def __post_init__(self) -> None:
        for name, variables in _VARIABLES.items():
            promised = getattr(self, name).variables
            if promised != variables:
                raise TemplateError(f"{name} takes {sorted(variables)}, not {sorted(promised)}")
        if AnsweringError not in self.troubles:
            raise TemplateError("troubles need a sentence for AnsweringError itself")
        for reason in Unreadable:
            if reason not in self.unread or self.unread[reason].variables != {"name"}:
                raise TemplateError(f"unread needs a sentence for {reason} with the name of the file")

    def trouble(self, error: Exception, reference: str) -> str:
        """What to tell the person: the sentence of the error's own class, or of the nearest above it."""
        for kind in (*type(error).__mro__, AnsweringError):
            if kind in self.troubles:
                return self.with_reference.fill(sentence=self.troubles[kind], reference=reference)
        raise AssertionError("unreachable: AnsweringError always has a sentence")  # pragma: no cover


_VARIABLES: Mapping[str, set[str]] = {
    "instruction": {"persona"},
    "record": {"summary"},
    "condense": {"limit"},
    "transcript": {"summary", "lines"},
    "continued": {"count", "limit"},
    "with_reference": {"sentence", "reference"},
    "picture": {"name"},
    "document": {"name", "text"},
    "partly_read": {"name", "characters"},
    "help": {"days"},
    "forgotten": {"messages", "tokens"},
    "remembered": {"summary", "lines", "tokens", "days"},
    "exported": {"name"},
    "usage": {"turns", "sent", "received", "cached"},
}


@dataclass(frozen=True)
class Prompts:
    """Builds prompts in one language with one persona.

    ``continuing`` is for a summariser that is the very model that answers: its request begins with
    the prompt of the last answer, nearly all of which the provider has cached. Any other summariser
    gets less to read: the folded lines alone, quoted.
    """

    language: Language
    persona: str = ""
    continuing: bool = True

    @property
    def version(self) -> str:
        """Eight characters that change with the wording of the instruction, so that votes can be compared by it."""
        return hashlib.sha256(self._instruction.encode()).hexdigest()[:8]

    def reply(self, conversation: Conversation, question: ResolvedQuestion) -> Prompt:
        """Instruction, summary, buffer, question."""
        text = self.told(question, question.documents)
        return (*self._opening(conversation), Part(Role.PERSON, text, question.name, question.pictures))

    def told(self, question: ResolvedQuestion, documents: tuple[Document, ...]) -> str:
        """The words of a question with what is read of its files. Pictures are named, not shown."""
        language = self.language
        pictures = [language.picture.fill(name=each.name) for each in question.pictures]
        texts = [language.document.fill(name=each.name, text=each.text) for each in documents]
        return "\n".join([question.text or language.wordless, *pictures, *texts])

    def notes(self, question: ResolvedQuestion) -> str:
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
        """The request to take the oldest ``folded`` messages into the summary."""
        language = self.language
        if not self.continuing:
            lines = "\n".join(
                # Whatever follows a line break is the same person's.
                f"{each.name or language.names[each.speaker]}: {each.text}".replace("\n", "\n  ")
                for each in conversation.buffer[:folded]
            )
            quoted = language.transcript.fill(summary=conversation.summary, lines=lines)
            return (Part(Role.INSTRUCTION, language.condense.fill(limit=token_limit)), Part(Role.RECORD, quoted))
        # The border is a count: people's words have no place in an instruction.
        request = language.continued.fill(count=folded, limit=token_limit)
        return (*self._opening(conversation), Part(Role.INSTRUCTION, request))

    @property
    def _instruction(self) -> str:
        return self.language.instruction.fill(persona=self.persona or self.language.persona)

    def _opening(self, conversation: Conversation) -> Prompt:
        record = self.language.record.fill(summary=conversation.summary)
        return (
            Part(Role.INSTRUCTION, self._instruction),
            *(Part(Role.RECORD, record),) * bool(conversation.summary),
            *(Part(_ROLES[each.speaker], each.text, each.name) for each in conversation.buffer),
        )


_ROLES = {Speaker.PERSON: Role.PERSON, Speaker.BOT: Role.BOT}
