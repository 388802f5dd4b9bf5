"""What a made-up workspace consists of: people, places, posts and files, by Slack's names for them."""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

TEAM = "T0PLAYGRND"
TEAM_DOMAIN = "playground"
APP = "A0PLAYGRND"
BOT_USER = "U0BOT00001"
BOT = "B0BOT00001"
BOT_NAME = "bot"
SLACKBOT = "USLACKBOT"

Json = dict[str, Any]


class Refused(Exception):
    """Slack would not do this. ``code`` is what it answers as ``error``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    name: str


Kind = Literal["channel", "im", "mpim"]


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel, a group's direct messages, or a person's with the bot: then ``owner`` is that person's id."""

    id: str
    name: str
    owner: str = ""
    kind: Kind = "channel"

    @property
    def direct(self) -> bool:
        return bool(self.owner)


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An entry of a message's menu."""

    callback_id: str
    name: str


class Upload(NamedTuple):
    """A file that somebody shares: its name, its media type and what is in it."""

    name: str
    type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A file in a post. ``size`` is in bytes, ``created`` in seconds since the epoch; the content is elsewhere."""

    id: str
    name: str
    title: str
    type: str
    size: int
    user: str
    created: int


Mode = Literal["", "text", "chunks"]


@dataclass(frozen=True, slots=True)
class Post:
    """One message. ``text`` is as Slack stores it: ``&``, ``<`` and ``>`` escaped, mentions as ``<@U…>``.

    ``markdown`` where it is standard Markdown instead. ``blocks`` are as the bot sent them; the text of
    ``markdown`` blocks is in ``text``, which is otherwise what notifications say of them. ``only_for`` is
    the one person who sees an ephemeral post. A ``tombstone`` is what is left of a deleted first post of a thread.

    ``streamed`` is when a stream began, in seconds since the epoch, none for a post that is not or no
    longer a stream; ``mode`` is what the stream was opened with and must be continued with; ``stopped``
    where a person has stopped it. ``metadata`` is the app's own, as JSON.
    """

    channel: str
    ts: str
    user: str
    text: str
    thread: str = ""
    markdown: bool = False
    username: str = ""
    edited: str = ""
    streamed: float | None = None
    mode: Mode = ""
    metadata: str = ""
    deleted: bool = False
    blocks: tuple[Json, ...] = ()
    files: tuple[SharedFile, ...] = ()
    only_for: str = ""
    stopped: bool = False
    tombstone: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A post that is new, or that was ``before`` until now."""

    post: Post
    before: Post | None = None
