"""The messages of each channel, and the observers of their changes."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from domain.deliveries.deadline import Clock
from entrypoints.playground.emulator.workspace.directory import Directory
from entrypoints.playground.emulator.workspace.model import Change, Channel, Post, Refused

POSTS_KEPT = 400
"""In each channel; older ones are forgotten. So are older ephemeral posts, of which as many are kept in all."""

STREAM_SECONDS = 300
"""A stream dies so long after its start, whatever is appended."""


class Messages:
    """The posts of every channel in the order of their timestamps. Safe to use from any thread.

    ``lock`` makes several calls one step.
    """

    def __init__(self, directory: Directory, clock: Clock, posts: Iterable[Post] = ()) -> None:
        self.lock = threading.RLock()
        self._directory = directory
        self._clock = clock
        self._posts: dict[str, OrderedDict[str, Post]] = {channel.id: OrderedDict() for channel in directory.channels}
        self._ephemerals: OrderedDict[str, Post] = OrderedDict()
        self._last_microsecond = 0
        self._observers: list[Callable[[Change], None]] = []
        for post in posts:
            if post.channel in self._posts:
                self._keep(post)
                self._last_microsecond = max(self._last_microsecond, int(post.ts.replace(".", "")))

    def observe(self, observer: Callable[[Change], None]) -> None:
        """Call ``observer`` at every change of a post, in order. It must be quick and must not change anything.

        It gets ephemeral posts too: their ``only_for`` says so.
        """
        self._observers.append(observer)

    def posts(self) -> list[Post]:
        """Everything that is kept, channel by channel, oldest first; ephemeral posts are not, as in any history."""
        with self.lock:
            return [post for posts in self._posts.values() for post in posts.values()]

    def ephemerals(self) -> list[Post]:
        """What single people see besides, each in ``only_for``, oldest first."""
        with self.lock:
            return list(self._ephemerals.values())

    def find(self, channel: str, ts: str, person: str = "") -> Post:
        """A post, or an ephemeral one that this person sees. Raises ``Refused`` where there is none."""
        with self.lock:
            where = self._directory.channel(channel).id
            post = self._ephemerals.get(ts)
            if post and post.channel == where and post.only_for == person:
                return post
            if ts not in self._posts[where]:
                raise Refused("message_not_found")
            return self._posts[where][ts]

    def thread(self, channel: str, ts: str) -> list[Post]:
        """A post and the replies to it, oldest first. Any post of a thread names it."""
        with self.lock:
            posts = self._posts[self._directory.channel(channel).id]
            if ts not in posts:
                raise Refused("thread_not_found")
            first = posts[ts].thread or ts
            return [post for post in posts.values() if first in (post.ts, post.thread)]

    def has_replies(self, post: Post) -> bool:
        """Is it the first post of a thread?"""
        with self.lock:
            return any(each.thread == post.ts for each in self._posts[post.channel].values())

    def next_ts(self) -> str:
        """A timestamp that nothing else has: seconds since the epoch and, after the point, microseconds."""
        with self.lock:
            self._last_microsecond = max(int(self._clock() * 1_000_000), self._last_microsecond + 1)
            return f"{self._last_microsecond // 1_000_000}.{self._last_microsecond % 1_000_000:06}"

    def is_live(self, post: Post) -> bool:
        """Can words still be appended to this post?"""
        return post.streamed is not None and self._clock() - post.streamed < STREAM_SECONDS

    def live_in(self, channel: str, thread: str) -> list[Post]:
        """The streams of a thread that are still open, oldest first."""
        with self.lock:
            return [post for post in self._posts[channel].values() if post.thread == thread and self.is_live(post)]

    def add(self, where: Channel, user: str, text: str, thread: str, **more: Any) -> Post:
        """Post a message."""
        with self.lock:
            posts = self._posts[where.id]
            # Like Slack, take a reply to a reply as one to the thread's first post, and a reply to a
            # post that is gone as it comes: a bot that outlives this process still finishes its answers.
            if thread in posts:
                thread = posts[thread].thread or thread
            post = Post(where.id, self.next_ts(), user, text, thread, **more)
            self._keep(post)
            self._report(Change(post))
            return post

    def add_ephemeral(self, where: Channel, user: str, text: str, thread: str, **more: Any) -> Post:
        """Post a message that one person sees, ``only_for``."""
        with self.lock:
            post = Post(where.id, self.next_ts(), user, text, thread, **more)
            self._ephemerals[post.ts] = post
            if len(self._ephemerals) > POSTS_KEPT:
                self._ephemerals.popitem(last=False)
            self._report(Change(post))
            return post

    def change(self, before: Post, **changes: Any) -> Post:
        """Replace fields of a post, ephemeral or not. Raises ``Refused``: ``message_not_found``."""
        with self.lock:
            posts = self._of_kind(before)
            if before.ts not in posts:
                raise Refused("message_not_found")
            before = posts[before.ts]
            posts[before.ts] = after = replace(before, **changes)
            self._report(Change(after, before))
            return after

    def remove(self, post: Post) -> None:
        """Take a post back, ephemeral or not; nothing happens where it is gone."""
        with self.lock:
            if self._of_kind(post).pop(post.ts, None):
                blocks = () if post.only_for else post.blocks
                self._report(Change(replace(post, text="", blocks=blocks, deleted=True), post))

    def _of_kind(self, post: Post) -> OrderedDict[str, Post]:
        return self._ephemerals if post.only_for else self._posts[post.channel]

    def _keep(self, post: Post) -> None:
        posts = self._posts[post.channel]
        posts[post.ts] = post
        if len(posts) > POSTS_KEPT:
            posts.popitem(last=False)

    def _report(self, change: Change) -> None:
        for observer in self._observers:
            observer(change)
