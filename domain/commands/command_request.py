"""Carrying out commands, with which a person inspects or changes what the bot remembers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.channels.channel_settings import NO_SETTINGS, ChannelSettings
from domain.channels.showing import all_settings, set_settings
from domain.commands.command_words import Command, read_command
from domain.conversations.conversation import Conversation
from domain.conversations.notes import Note
from domain.conversations.place import Place
from domain.conversations.thread_posts import ThreadPosts
from domain.correction.note_sources import shown_sources
from domain.requests import Question
from domain.spending.monthly_usage import MonthlyUsage
from domain.spending.usage import Usage
from domain.texts.language import Language
from domain.timestamp import Timestamp


@dataclass(frozen=True, slots=True)
class CommandRequest:
    """A command that someone gave in some place. ``days`` of silence are remembered there.

    ``monthly`` is what was used this month. ``links`` lead to the posts that notes came from, as far as Slack can show
    them. ``sources`` are those of one note. ``settings`` are the channel's.
    """

    command: Command
    question: Question
    place: Place
    language: Language
    days: float
    monthly: MonthlyUsage
    links: Mapping[Timestamp, str] = field(default_factory=dict)
    sources: ThreadPosts | None = None
    settings: ChannelSettings = NO_SETTINGS

    def settled(self, conversation: Conversation) -> Conversation:
        """The conversation after it, with the question settled by what the person reads."""
        changed, answer = self.execute(conversation)
        return changed.settled(self.question.ts, answer)

    def execute(self, conversation: Conversation) -> tuple[Conversation, str]:
        """The conversation after it, and the answer to the person."""
        language, command, after = self.language, self.command, conversation
        match command:
            case Command.HELP:
                answer = language.help.fill(days=f"{self.days:g}")
            case Command.USAGE:
                answer = self._usage(conversation.usage)
            case Command.QUIET | Command.LISTEN if self.question.direct or not self.place.is_thread_with_own_memory:
                answer = language.always_listening
            case Command.QUIET | Command.LISTEN:
                after = conversation.told_to_be_quiet(self.question.ts, command is Command.QUIET)
                answer = language.quiet if after.quiet else language.listening
            case Command.RESET if not self.question.addressed:
                answer = language.mention_to_reset  # what cannot be undone must be meant for the bot
            case Command.RESET if conversation.has_gone_on(self.question.ts):
                answer = language.gone_on  # what came too late must not take what was said since
            case Command.RESET:
                # Of nothing too: what was asked earlier and is delivered later must not be remembered.
                after, answer = conversation.forgotten(self.question.ts), self._forgotten(conversation)
            case Command.FORGET:
                after, answer = self._without_note(conversation)
            case Command.EXPORT:
                name = export_name(self.place)
                answer = self._nothing if conversation.is_empty else language.exported.fill(name=name)
            case _:  # Command.MEMORY and Command.SETTINGS
                answer = self._remembered(conversation) if command is Command.MEMORY else self._settings
        return after, answer

    @property
    def _number(self) -> int | None:
        """Of the note that it is about."""
        _, number = read_command(self.question.text) or (None, None)
        return number

    @property
    def _is_outside_threads(self) -> bool:
        """Was it given where no thread could be meant, as a slash command is?"""
        return self.question.private and not self.place.thread

    @property
    def _nothing(self) -> str:
        return self.language.elsewhere if self._is_outside_threads else self.language.nothing

    @property
    def _settings(self) -> str:
        return f"{all_settings(self.settings, self.language)}\n\n{self.language.settings_how}"

    def _usage(self, usage: Usage) -> str:
        month = self.monthly.of_all(self.language)
        if not usage.turns:
            return month
        figures = {"turns": usage.turns, "sent": usage.sent, "cached": usage.cached, "received": usage.received}
        conversation = self.language.usage.fill(**{name: f"{figure:,}" for name, figure in figures.items()})
        return f"{month}\n\n{conversation}"

    def _forgotten(self, conversation: Conversation) -> str:
        if conversation.is_empty:
            return self._nothing
        return self.language.forgotten.fill(messages=len(conversation.buffer), tokens=_tokens(conversation))

    def _without_note(self, conversation: Conversation) -> tuple[Conversation, str]:
        number = self._number
        if not self.question.addressed:
            return conversation, self.language.mention_to_forget  # it cannot be undone either
        if conversation.is_empty:
            return conversation, self._nothing
        if not number or number > len(conversation.notes):
            return conversation, self.language.no_such_note.fill(number=number)
        note = conversation.notes[number - 1]
        return conversation.without_note(number), self.language.note_forgotten.fill(number=number, note=note.text)

    def _sources(self, conversation: Conversation, number: int) -> str:
        note = conversation.note(number)
        if note is None:
            return self.language.no_such_note.fill(number=number)
        posts = shown_sources(conversation, note, self.sources or ThreadPosts(), self.links, self.language)
        return self.language.sources.fill(number=number, note=note.text, posts=posts)

    def _remembered(self, conversation: Conversation) -> str:
        if self._number is not None and not conversation.is_empty:
            return self._sources(conversation, self._number)
        memory = self._nothing if conversation.is_empty else self._memory(conversation)
        if not self.settings:
            return memory
        settings = self.language.in_this_channel_line.fill(settings=set_settings(self.settings, self.language))
        return f"{memory}\n\n{settings}"

    def _memory(self, conversation: Conversation) -> str:
        names = self.language.names
        lines = [f"- {each.name or names[each.speaker]}: {_first_line(each.text)}" for each in conversation.buffer]
        return self.language.remembered.fill(
            notes="\n".join(self._note(*each) for each in enumerate(conversation.notes, 1)) or "–",
            lines="\n".join(lines) or "–",
            tokens=_tokens(conversation),
            days=f"{self.days:g}",
        )

    def _note(self, number: int, note: Note) -> str:
        """A line of a numbered list, with the note's day as a link to its post."""
        day = note.day(self.language.zone)
        link = self.links.get(note.last) if note.last else None
        text = "\n   ".join(note.text.splitlines())
        return f"{number}. {f'[{day}]({link})' if link else day}: {text}" if day else f"{number}. {text}"


def export_name(place: Place) -> str:
    """The name of the file with what a conversation remembers."""
    return f"memory-{place.conversation.replace('/', '-')}.json"


def export(conversation: Conversation) -> str:
    """All that is remembered, as JSON that people can read."""
    buffer = [
        {"speaker": each.speaker.value, "name": each.name, "ts": each.ts, "text": each.text, "tokens": each.tokens}
        for each in conversation.buffer
    ]
    notes = [
        {"text": each.text, "tokens": each.tokens, "first": each.first, "last": each.last, "rewrites": each.rewrites}
        for each in conversation.notes
    ]
    return json.dumps({"notes": notes, "messages": buffer}, ensure_ascii=False, indent=2)


def _tokens(conversation: Conversation) -> str:
    return f"{conversation.buffer_tokens + conversation.notes_tokens:,}"


def _first_line(text: str) -> str:
    line, *rest = text.strip().split("\n", 1)
    return f"{line[:200]}…" if rest or len(line) > 200 else line
