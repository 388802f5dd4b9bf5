"""The made-up workspace: its people, channels and posts, and the rules by which Slack lets them change.

Nothing here knows HTTP. What Slack would refuse raises ``Refused`` with Slack's own name for the error.
Rules and limits are those of docs.slack.dev/reference/methods (November 2026); where Slack's practice
is stricter than its pages, and known, the practice counts.
"""

import html
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from domain.ports import Clock

TEAM = "T0PLAYGRND"
APP = "A0PLAYGRND"
BOT_USER = "U0BOT00001"
BOT = "B0BOT00001"
BOT_NAME = "bot"

POSTS_KEPT = 400
"""In each channel; older ones are forgotten."""

TEXT_LIMIT = 4_000
"""Characters of ``text``. The reference says so of ``chat.update``. Of ``chat.postMessage`` it only advises
it, but Slack splits or refuses longer ones, and a bot that sends them should fail its tests."""

MARKDOWN_LIMIT = 12_000
"""Characters of ``markdown_text`` in one call, and of a stream in all."""

STREAM_SECONDS = 300
"""A stream dies so long after its start, whatever is appended."""


class Refused(Exception):
    """Slack would not do this. ``code`` is what it answers as ``error``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel, or a person's direct messages with the bot: then ``owner`` is that person's id."""

    id: str
    name: str
    owner: str = ""

    @property
    def direct(self) -> bool:
        return bool(self.owner)


Mode = Literal["", "text", "chunks"]


@dataclass(frozen=True, slots=True)
class Post:
    """One message. ``text`` is as Slack stores it: ``&``, ``<`` and ``>`` escaped, mentions as ``<@U…>``.

    ``markdown`` where it is standard Markdown instead. ``streamed`` is when a stream began, in seconds
    since the epoch, none for a post that is not or no longer a stream; ``mode`` is what the stream was
    opened with and must be continued with. ``metadata`` is the app's own, as JSON.
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


@dataclass(frozen=True, slots=True)
class Change:
    """A post that is new, or that was ``before`` until now."""

    post: Post
    before: Post | None = None


_NAMES = {
    "ja": (("総務", "開発", "random"), ("私", "さくら", "ケン")),
    "en": (("office", "dev", "random"), ("Me", "Sakura", "Ken")),
}


class Workspace:
    """Who is there and what was said. Safe to use from any thread.

    ``language`` is ``ja`` or ``en`` and chooses the names. ``clock`` dates posts and ends streams.
    ``posts`` were said before, oldest first.
    """

    def __init__(self, language: str, clock: Clock = time.time, posts: Iterable[Post] = ()) -> None:
        names, people = _NAMES[language]
        self.people = tuple(Person(f"U0PERSON0{n}", name) for n, name in enumerate(people, 1))
        self.channels = (
            *(Channel(f"C0CHANNEL{n}", name) for n, name in enumerate(names, 1)),
            *(Channel(f"D0DIRECT0{n}", BOT_NAME, owner.id) for n, owner in enumerate(self.people, 1)),
        )
        self._clock = clock
        self._lock = threading.RLock()
        self._posts: dict[str, OrderedDict[str, Post]] = {channel.id: OrderedDict() for channel in self.channels}
        self._last_microsecond = 0
        self._observers: list[Callable[[Change], None]] = []
        for post in posts:
            if post.channel in self._posts:
                self._keep(post)
                self._last_microsecond = max(self._last_microsecond, int(post.ts.replace(".", "")))

    def observe(self, observer: Callable[[Change], None]) -> None:
        """Call ``observer`` at every change, in order. It must be quick and must not change anything."""
        self._observers.append(observer)

    def channel(self, channel: str) -> Channel:
        """The channel with this id; a person's id stands for their direct messages."""
        for each in self.channels:
            if channel and channel in (each.id, each.owner):
                return each
        raise Refused("channel_not_found")

    def posts(self) -> list[Post]:
        """Everything that is kept, channel by channel, oldest first."""
        with self._lock:
            return [post for posts in self._posts.values() for post in posts.values()]

    def thread(self, channel: str, ts: str) -> list[Post]:
        """A post and the replies to it, oldest first. Any post of a thread names it."""
        with self._lock:
            posts = self._posts[self.channel(channel).id]
            if ts not in posts:
                raise Refused("thread_not_found")
            first = posts[ts].thread or ts
            return [post for post in posts.values() if first in (post.ts, post.thread)]

    def is_live(self, post: Post) -> bool:
        """Can words still be appended to this post?"""
        return post.streamed is not None and self._clock() - post.streamed < STREAM_SECONDS

    def say(self, person: str, channel: str, text: str, thread: str = "") -> Post:
        """Post what a person typed: ``@bot`` and the people's names after an ``@`` become mentions."""
        where = self.channel(channel)
        if person not in (each.id for each in self.people) or where.owner not in ("", person):
            raise Refused("not_in_channel")
        if not text.strip():
            raise Refused("no_text")
        if len(text) > MARKDOWN_LIMIT:
            raise Refused("msg_too_long")
        return self._add(where, person, self._with_mentions(text.strip()), thread)

    def post(
        self, channel: str, text: str, *, markdown: bool, thread: str = "", username: str = "", metadata: str = ""
    ) -> Post:
        """Post a message of the bot."""
        _require_size(text, MARKDOWN_LIMIT if markdown else TEXT_LIMIT)
        return self._add(
            self.channel(channel), BOT_USER, text, thread, markdown=markdown, username=username, metadata=metadata
        )

    def delete(self, channel: str, ts: str) -> None:
        """Take back a message of the bot."""
        with self._lock:
            post = self._find(channel, ts)
            if post.user != BOT_USER:
                raise Refused("cant_delete_message")
            del self._posts[post.channel][ts]
            self._tell(Change(replace(post, text="", deleted=True), post))

    def update(self, channel: str, ts: str, text: str, *, markdown: bool, metadata: str = "") -> Post:
        """Replace the text of a message of the bot."""
        _require_size(text, TEXT_LIMIT)
        with self._lock:
            post = self._find(channel, ts)
            if post.user != BOT_USER:
                raise Refused("cant_update_message")
            if self.is_live(post):
                raise Refused("streaming_state_conflict")
            return self._change(
                post,
                replace(
                    post,
                    text=text,
                    markdown=markdown,
                    edited=self._next_ts(),
                    streamed=None,
                    metadata=metadata or post.metadata,
                ),
            )

    def start_stream(
        self, channel: str, thread: str, text: str, mode: Mode, *, recipients: tuple[str, str], username: str = ""
    ) -> Post:
        """Begin a message that grows. ``recipients`` are a person's id and their team's, each empty where absent."""
        where = self.channel(channel)
        if not where.direct:
            for value, known, name in (
                (recipients[0], {person.id for person in self.people}, "user"),
                (recipients[1], {TEAM}, "team"),
            ):
                if not value:
                    raise Refused(f"missing_recipient_{name}_id")
                if value not in known:
                    raise Refused(f"{name}_not_found")
        if not thread:  # only channels that are one session as a whole take streams outside threads
            raise Refused("invalid_thread_ts")
        _require_size(text, MARKDOWN_LIMIT, may_be_empty=True)
        return self._add(
            where, BOT_USER, text, thread, markdown=True, username=username, streamed=self._clock(), mode=mode
        )

    def append_stream(self, channel: str, ts: str, text: str, mode: Mode) -> Post:
        """Add words to a stream."""
        if not mode:
            raise Refused("no_text")
        with self._lock:
            post = self._find(channel, ts)
            return self._change(post, self._appended(post, text, mode))

    def stop_stream(self, channel: str, ts: str, text: str, mode: Mode, metadata: str = "") -> Post:
        """Add the last words, if any, and end the stream."""
        with self._lock:
            post = self._find(channel, ts)
            return self._change(post, replace(self._appended(post, text, mode), streamed=None, metadata=metadata))

    def _appended(self, post: Post, text: str, mode: Mode) -> Post:
        if not self.is_live(post):
            raise Refused("message_not_in_streaming_state")
        if mode and post.mode and mode != post.mode:  # measured by many, documented nowhere
            raise Refused("streaming_mode_mismatch")
        _require_size(post.text + text, MARKDOWN_LIMIT, may_be_empty=True)
        return replace(post, text=post.text + text, mode=post.mode or mode)

    def _find(self, channel: str, ts: str) -> Post:
        try:
            return self._posts[self.channel(channel).id][ts]
        except KeyError:
            raise Refused("message_not_found") from None

    def _add(
        self,
        where: Channel,
        user: str,
        text: str,
        thread: str,
        *,
        markdown: bool = False,
        username: str = "",
        streamed: float | None = None,
        mode: Mode = "",
        metadata: str = "",
    ) -> Post:
        with self._lock:
            posts = self._posts[where.id]
            # Like Slack, take a reply to a reply as one to the thread's first post, and a reply to a
            # post that is gone as it comes: a bot that outlives this process still finishes its answers.
            if thread in posts:
                thread = posts[thread].thread or thread
            post = Post(where.id, self._next_ts(), user, text, thread, markdown, username, "", streamed, mode, metadata)
            self._keep(post)
            self._tell(Change(post))
            return post

    def _keep(self, post: Post) -> None:
        posts = self._posts[post.channel]
        posts[post.ts] = post
        if len(posts) > POSTS_KEPT:
            posts.popitem(last=False)

    def _change(self, before: Post, after: Post) -> Post:
        self._posts[after.channel][after.ts] = after
        self._tell(Change(after, before))
        return after

    def _tell(self, change: Change) -> None:
        for observer in self._observers:
            observer(change)

    def _next_ts(self) -> str:
        """A timestamp that no other post has: seconds since the epoch and, after the point, microseconds."""
        self._last_microsecond = max(int(self._clock() * 1_000_000), self._last_microsecond + 1)
        return f"{self._last_microsecond // 1_000_000}.{self._last_microsecond % 1_000_000:06}"

    def _with_mentions(self, text: str) -> str:
        text = html.escape(text, quote=False)
        for name, user in ((BOT_NAME, BOT_USER), *((person.name, person.id) for person in self.people)):
            # Japanese writes no space around a name, so only what could belong to a Latin word or an address counts.
            mention = rf"(?<![A-Za-z0-9_.])@{re.escape(name)}(?![A-Za-z0-9_]|[.-][A-Za-z0-9])"
            text = re.sub(mention, f"<@{user}>", text, flags=re.IGNORECASE)
        return text


def _require_size(text: str, limit: int, *, may_be_empty: bool = False) -> None:
    if len(text) > limit:
        raise Refused("msg_too_long")
    if not text.strip() and not may_be_empty:
        raise Refused("no_text")
