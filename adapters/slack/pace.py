"""How often replies may call Slack, together."""

import threading

from domain.ports import Clock


class Pace:
    """The calls of one of Slack's methods, shared by all replies of a workspace. Safe to use from any thread.

    ``promise`` is how many calls a minute Slack promises to allow. Seven tenths of them are handed out
    evenly; one tenth can be called ahead of time, so that a reply that is alone may call every
    ``interval`` seconds for a while; the rest is for calls that do not wait: the first words of a
    reply, and its end. Every call books the caller's next one, behind all that are booked already:
    the more replies are live, the longer each one waits.

    Other processes use up the same promise unseen. Where that is too much Slack says so: ``postpone``.
    """

    def __init__(self, clock: Clock, *, promise: int, interval: float) -> None:
        self._clock = clock
        self._interval = interval
        self._step = 60 / (promise * 0.7)
        self._ahead = self._step * promise * 0.1
        self._lock = threading.Lock()
        self._booked = 0.0
        self._closed_until = 0.0

    def ready(self, due: float) -> bool:
        """May a call be made that is due then?"""
        return self._clock() >= max(due, self._closed_until)

    def count(self) -> float:
        """Count a call that was made. Returns when the next one of the same reply is due."""
        with self._lock:
            now = self._clock()
            self._booked = max(self._booked, now) + self._step
            return max(now + self._interval, self._booked - self._ahead)

    def postpone(self, seconds: float) -> None:
        """Let nobody call for so long, and nobody ahead of time after it."""
        with self._lock:
            self._closed_until = max(self._closed_until, self._clock() + seconds)
            self._booked = max(self._booked, self._closed_until + self._ahead)
