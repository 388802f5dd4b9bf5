"""Turns whose question is a command: no model is asked, and nothing is remembered."""

from collections.abc import Mapping

from domain.commands.command_request import CommandRequest, export, export_name
from domain.commands.command_words import Command, read_command
from domain.conversations.thread_posts import ThreadPosts
from domain.correction.note_sources import posts_to_link
from domain.limits.limiting import Limiting
from domain.ports.slack import Replies, Resolver
from domain.ports.stores import Conversations
from domain.timestamp import Timestamp
from domain.turn.turns import OpenTurn, save
from domain.turn_events import Event, Obeyed


class Obeying:
    """Carries out commands. ``ttl_days`` is how long a silent conversation is remembered."""

    def __init__(
        self,
        conversations: Conversations,
        replies: Replies,
        resolver: Resolver,
        limiting: Limiting,
        ttl_days: float,
    ) -> None:
        self._conversations = conversations
        self._resolver = resolver
        self._replies = replies
        self._limiting = limiting
        self._ttl_days = ttl_days

    def obey(self, turn: OpenTurn) -> tuple[OpenTurn, Event]:
        """Carry out the command in the question, and save what the person is told."""
        command = turn.command or Command.HELP
        sources = self._sources(turn)
        links = self._links(turn, sources) if command is Command.MEMORY else {}
        where, monthly = (turn.question, turn.place, turn.language), self._limiting.monthly_usage(turn.stored)
        request = CommandRequest(command, *where, self._ttl_days, monthly, links, sources, turn.stored.settings)
        if command is Command.EXPORT and not turn.conversation.is_empty:
            self._replies.send(turn.question, export_name(turn.place), export(turn.conversation))
        return save(self._conversations, turn, request.settled), Obeyed(turn.question, turn.key, command)

    def _sources(self, turn: OpenTurn) -> ThreadPosts | None:
        """The posts that the note came from after whose number the person asks; none where they ask for all notes."""
        command, number = read_command(turn.question.text) or (None, None)
        note = turn.conversation.note(number) if command is Command.MEMORY and number else None
        if note is None or note.first is None or note.last is None:
            return None
        record = turn.conversation.reply_to(note.last)
        last = Timestamp(record.reply) if record and record.reply else note.last  # the answer to the last question too
        return self._resolver.between(turn.question, turn.place, note.first, last, turn.deadline)

    def _links(self, turn: OpenTurn, sources: ThreadPosts | None) -> Mapping[Timestamp, str]:
        """Where people can read the posts that the notes came from."""
        notes = [note.last for note in turn.conversation.notes if note.last]
        posts = posts_to_link(sources) if sources else notes
        return self._replies.links(turn.question, turn.place, posts) if posts else {}
