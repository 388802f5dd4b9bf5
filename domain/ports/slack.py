"""Slack: replies, what can be read there, the Home tab and a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from domain.deliveries.deadline import NO_DEADLINE, Deadline

if TYPE_CHECKING:
    from domain.attachments import ResolvedQuestion
    from domain.channels.channel_settings import ChannelSettings
    from domain.channels.settings_requests import OpenSettings
    from domain.conversations.place import Place
    from domain.conversations.thread_posts import ThreadPosts
    from domain.requests import Question, Visit
    from domain.spending.usage import Receipt
    from domain.texts.language import Language
    from domain.timestamp import Timestamp


class Reply(Protocol):
    """The message in which an answer appears. Raises ``SlackUnavailable`` and ``SlackRefused``."""

    @property
    def ts(self) -> str:
        """Empty for a reply that only one person sees: nobody can find it again."""
        ...

    @property
    def stopped(self) -> bool:
        """Has the person pressed the stop button? Words may still be added, to say so.

        Asked after each piece, and once a second while files are read and while the model is silent.
        """
        ...

    def write(self, words: str) -> None:
        """Add to the reply. What is written appears soon, not at once: a channel bounds the rate."""
        ...

    def close(self, receipt: Receipt | None = None) -> None:
        """Show whatever is still held back; the reply is complete. With a receipt it can be voted on."""
        ...

    def replace(self, text: str, receipt: Receipt | None = None) -> None:
        """Make this the whole reply, whatever was written, and close it."""
        ...


class Replies(Protocol):
    """Where replies appear. Raises ``SlackUnavailable`` and ``SlackRefused``."""

    def open(self, question: Question, place: Place) -> Reply:
        """Post a reply that is still empty."""
        ...

    def resume(self, question: Question, place: Place, ts: str) -> Reply:
        """The reply that an earlier delivery opened; what is written replaces what it says."""
        ...

    def find(self, question: Question, place: Place) -> Reply | None:
        """The reply that an earlier delivery opened before it was killed, as ``resume`` gives it; else none."""
        ...

    def links(self, question: Question, place: Place, posts: Sequence[Timestamp]) -> Mapping[Timestamp, str]:
        """Addresses at which people can read posts of this place; one that is not known is left out. Raises nothing."""
        ...

    def send(self, question: Question, name: str, content: str) -> None:
        """Send a text file of this name to the person who asked, and to nobody else."""
        ...


class Resolver(Protocol):
    """Reads questions and threads: fetches names, files and posts.

    What cannot be read is no error; a name that cannot be found stays empty. A deadline is the whole answer's: reading
    leaves the model its share of the time, whatever stays unread.
    """

    def read(self, question: Question, deadline: Deadline = NO_DEADLINE) -> ResolvedQuestion:
        """The question with names and files. Files that cannot be read are among the ``unread``."""
        ...

    def thread(self, question: Question, since: Timestamp | None, deadline: Deadline = NO_DEADLINE) -> ThreadPosts:
        """The posts above the question in its thread: those after ``since``, or the first one and the newest."""
        ...

    def between(
        self,
        question: Question,
        place: Place,
        first: Timestamp,
        last: Timestamp,
        deadline: Deadline = NO_DEADLINE,
    ) -> ThreadPosts:
        """The posts of this place from ``first`` to ``last``, both included; ``partial`` where there are more."""
        ...


class SettingsModal(Protocol):
    """The form in which a person changes a channel's settings. Raises ``SlackUnavailable`` and ``SlackRefused``."""

    def open(self, request: OpenSettings, settings: ChannelSettings, language: Language) -> None:
        """Show these settings to the person, to be changed. Where it is too late for that, they can ask anew."""
        ...


class AppHome(Protocol):
    """The bot's own pages in Slack. Raises ``SlackUnavailable`` and ``SlackRefused``."""

    def show(self, visit: Visit) -> None:
        """Fill the page that was opened."""
        ...
