"""Turns whose question is a command: no model is asked, and nothing is remembered."""

from collections.abc import Mapping

from domain.command_words import Command
from domain.commands import CommandRequest, export, export_name
from domain.language import Language
from domain.ports import Channel, Conversations
from domain.timestamp import Timestamp
from domain.turn.turns import OpenTurn, save
from domain.turn_events import Event, Obeyed


class Obeying:
    """Carries out commands. ``ttl_days`` is how long a silent conversation is remembered."""

    def __init__(self, conversations: Conversations, channel: Channel, language: Language, ttl_days: float) -> None:
        self._conversations = conversations
        self._channel = channel
        self._language = language
        self._ttl_days = ttl_days

    def obey(self, turn: OpenTurn) -> tuple[OpenTurn, Event]:
        """Carry out the command in the question, and save what the person is told."""
        command = turn.command or Command.HELP
        links = self._links(turn) if command is Command.MEMORY else {}
        request = CommandRequest(command, turn.question, turn.place, self._language, self._ttl_days, links)
        if command is Command.EXPORT and not turn.conversation.is_empty:
            self._channel.send(turn.question, export_name(turn.place), export(turn.conversation))
        return save(self._conversations, turn, request.settled), Obeyed(turn.question, turn.key, command)

    def _links(self, turn: OpenTurn) -> Mapping[Timestamp, str]:
        """Where people can read the posts that the notes came from."""
        posts = [note.last for note in turn.conversation.notes if note.last]
        return self._channel.links(turn.question, turn.place, posts) if posts else {}
