"""What was said in each channel, and who is told when that changes."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from domain.ports import Clock
from entrypoints.playground.emulator.model import Change, Channel, Json, Person, Post, Refused

POSTS_KEPT = 400
"""In each channel; older ones are forgotten. So are older ephemeral posts, of which as many are kept in all."""

STREAM_SECONDS = 300
"""A stream dies so long after its start, whatever is appended."""


class Timeline:
    """The posts of every channel in the order of their timestamps. Safe to use from any thread."""

    def __init__(
        self, people: Sequence[Person], channels: Sequence[Channel], clock: Clock, posts: Iterable[Post] = ()
    ) -> None:
        self.people = tuple(people)
        self.channels = tuple(channels)
        self._clock = clock
        self._lock = threading.RLock()
        self._posts: dict[str, OrderedDict[str, Post]] = {channel.id: OrderedDict() for channel in self.channels}
        self._ephemerals: OrderedDict[str, Post] = OrderedDict()
        self._last_microsecond = 0
        self._observers: list[Callable[[Change], None]] = []
        self._notified: list[Callable[[str, Json], None]] = []
        self._event_observers: list[Callable[[Json], None]] = []
        for post in posts:
            if post.channel in self._posts:
                self._keep(post)
                self._last_microsecond = max(self._last_microsecond, int(post.ts.replace(".", "")))

    def observe(self, observer: Callable[[Change], None]) -> None:
        """Call ``observer`` at every change of a post, in order. It must be quick and must not change anything.

        It is told of ephemeral posts too: their ``only_for`` says so.
        """
        self._observers.append(observer)

    def observe_notices(self, observer: Callable[[str, Json], None]) -> None:
        """Call ``observer`` with ``session``, ``status``, ``prompts`` or ``home``, and what each has become."""
        self._notified.append(observer)

    def observe_events(self, observer: Callable[[Json], None]) -> None:
        """Call ``observer`` with every event that is about no post: a stop button pressed, a tab opened."""
        self._event_observers.append(observer)

    def channel(self, channel: str) -> Channel:
        """The channel with this id; a person's id stands for their direct messages."""
        for each in self.channels:
            if channel and channel in (each.id, each.owner):
                return each
        raise Refused("channel_not_found")

    def members(self, channel: Channel) -> tuple[str, ...]:
        """The people in a channel, by their ids."""
        return (channel.owner,) if channel.direct else tuple(person.id for person in self.people)

    def posts(self) -> list[Post]:
        """Everything that is kept, channel by channel, oldest first; ephemeral posts are not, as in any history."""
        with self._lock:
            return [post for posts in self._posts.values() for post in posts.values()]

    def ephemerals(self) -> list[Post]:
        """What single people see besides, each in ``only_for``, oldest first."""
        with self._lock:
            return list(self._ephemerals.values())

    def find(self, channel: str, ts: str, person: str = "") -> Post:
        """A post, or an ephemeral one that this person sees. Raises ``Refused`` where there is none."""
        with self._lock:
            post = self._ephemerals.get(ts)
            if post and post.channel == self.channel(channel).id and post.only_for == person:
                return post
            return self._find(channel, ts)

    def thread(self, channel: str, ts: str) -> list[Post]:
        """A post and the replies to it, oldest first. Any post of a thread names it."""
        with self._lock:
            posts = self._posts[self.channel(channel).id]
            if ts not in posts:
                raise Refused("thread_not_found")
            first = posts[ts].thread or ts
            return [post for post in posts.values() if first in (post.ts, post.thread)]

    def moment(self) -> str:
        """A timestamp for something that happens now, which nothing else has."""
        with self._lock:
            return self._next_ts()

    def is_live(self, post: Post) -> bool:
        """Can words still be appended to this post?"""
        return post.streamed is not None and self._clock() - post.streamed < STREAM_SECONDS

    def _find(self, channel: str, ts: str) -> Post:
        try:
            return self._posts[self.channel(channel).id][ts]
        except KeyError:
            raise Refused("message_not_found") from None

    def _add(self, where: Channel, user: str, text: str, thread: str, **more: Any) -> Post:
        with self._lock:
            posts = self._posts[where.id]
            # Like Slack, take a reply to a reply as one to the thread's first post, and a reply to a
            # post that is gone as it comes: a bot that outlives this process still finishes its answers.
            if thread in posts:
                thread = posts[thread].thread or thread
            post = Post(where.id, self._next_ts(), user, text, thread, **more)
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

    def _notify(self, kind: str, now: Json) -> None:
        for observer in self._notified:
            observer(kind, now)

    def _tell_event(self, event: Json) -> Json:
        for observer in self._event_observers:
            observer(event)
        return event

    def _next_ts(self) -> str:
        """A timestamp that no other post has: seconds since the epoch and, after the point, microseconds."""
        self._last_microsecond = max(int(self._clock() * 1_000_000), self._last_microsecond + 1)
        return f"{self._last_microsecond // 1_000_000}.{self._last_microsecond % 1_000_000:06}"
