"""Bounds how often all replies together call Slack."""

import copy
import math
import threading
from collections import deque

from slack_sdk import WebClient

from domain.deliveries.deadline import Clock

MINUTE = 60.0


class RateLimit:
    """The calls of one of Slack's methods, shared by all replies of a workspace. Safe to use from any thread.

    ``calls_per_minute`` is how many calls Slack promises to allow. Seven tenths of them are handed out
    evenly; one tenth can be called ahead of time, so that a reply that is alone may call every
    ``interval`` seconds for a while; the rest is for calls that do not wait: the first words of a
    reply, and its end. Every call books the caller's next one, behind all that are booked already:
    the more replies are live, the longer each one waits. Where few calls are allowed even the first words
    of a reply wait when very much is booked: ``first_at_once`` is false then.

    Other processes use up the same calls unseen. Where that is too much Slack says so: ``postpone``.
    """

    def __init__(self, clock: Clock, *, calls_per_minute: int, interval: float, first_at_once: bool = True) -> None:
        self._clock = clock
        self._interval = interval
        self._first_at_once = first_at_once
        self._step = MINUTE / (calls_per_minute * 0.7)
        self._ahead = self._step * calls_per_minute * 0.1
        self._lock = threading.Lock()
        self._booked = 0.0
        self._closed_until = 0.0

    def ready(self, due: float | None) -> bool:
        """May a call be made that is due then? None is for the first of a reply."""
        if due is None:
            due = 0.0 if self._first_at_once else self._booked - 2 * self._ahead
        return self._clock() >= max(due, self._closed_until)

    def reserve(self) -> None:
        """Book a call that will be made without waiting, whenever that is."""
        with self._lock:
            self._booked = max(self._booked, self._clock()) + self._step

    def count(self) -> float:
        """Count a call that was made. Returns when the next one of the same reply is due."""
        with self._lock:
            now = self._clock()
            self._booked = max(self._booked, now) + self._step
            return max(now + self._interval, self._booked - self._ahead)

    def after_another(self) -> float:
        """When a reply that has just called another method is due again."""
        return self._clock() + self._interval

    def postpone(self, seconds: float) -> None:
        """Let nobody call for so long, and nobody ahead of time after it."""
        with self._lock:
            self._closed_until = max(self._closed_until, self._clock() + seconds)
            self._booked = max(self._booked, self._closed_until + self._ahead)


class Pacing:
    """When one reply may call Slack next, within the limit that it shares with the others."""

    def __init__(self) -> None:
        self._due: float | None = None

    def is_due(self, rate_limit: RateLimit) -> bool:
        return rate_limit.ready(self._due)

    def count(self, rate_limit: RateLimit) -> None:
        """Count a call of the limited method."""
        self._due = rate_limit.count()

    def wait(self, rate_limit: RateLimit) -> None:
        """Wait after a call of another method."""
        self._due = rate_limit.after_another()


class SlidingWindow:
    """``calls`` within any minute, for a method that one can do without. Safe to use from any thread."""

    def __init__(self, clock: Clock, *, calls: int) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._made: deque[float] = deque([-math.inf] * calls, maxlen=calls)

    def take(self) -> bool:
        """Take one of the calls; false where none is left for now."""
        with self._lock:
            now = self._clock()
            if now - self._made[0] < MINUTE:
                return False
            self._made.append(now)
            return True


class RateLimitedClient:
    """One workspace's Web API, as the messages of all its replies share it.

    ``with_retries`` waits out a short rate limit; ``without_retries`` is the same client, but never does.
    """

    def __init__(self, client: WebClient, clock: Clock) -> None:
        self.clock = clock
        self.with_retries = client
        self.without_retries = copy.copy(client)
        self.without_retries.retry_handlers = []
        # The calls a minute that Slack promises for chat.startStream (tier 2), appendStream (4) and update (3).
        self.streams = SlidingWindow(clock, calls=20)
        self.appends = RateLimit(clock, calls_per_minute=100, interval=0.5)
        self.updates = RateLimit(clock, calls_per_minute=50, interval=1.2, first_at_once=False)
