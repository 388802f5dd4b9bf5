"""The stop button of a thread. Slack ends open streams itself; anything else the bot has to end.

Slack tells of a press by ``agent_session_stopped`` alone: the Web API has no method that reads a session
(docs.slack.dev, November 2026). So the press reaches a reply in another process by way of the store.
"""

import threading
from collections import OrderedDict

from domain.deliveries.deadline import Clock
from domain.errors import AnsweringError
from domain.ports.stores import Stops
from domain.requests import Stop
from domain.timestamp import Timestamp

THREADS_KEPT = 1_000

SECONDS_BETWEEN_LOOKS = 2.0
"""An answer of a minute looks thirty times at most, at a store that may be paid by the look."""


class InMemoryStops:
    """The last press in each of ``THREADS_KEPT`` threads, for one process. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: OrderedDict[str, Timestamp] = OrderedDict()

    def keep(self, stop: Stop) -> None:
        with self._lock:
            self._last[stop.where] = max(stop.ts, self._last.pop(stop.where, stop.ts))
            if len(self._last) > THREADS_KEPT:
                self._last.popitem(last=False)

    def last(self, thread: str) -> str:
        with self._lock:
            return self._last.get(thread, "")


class StopButton:
    """Whether somebody pressed the stop button of a thread after the reply with the ts ``since`` had begun.

    It looks once in ``SECONDS_BETWEEN_LOOKS`` and raises nothing: a store that is away stops no answer.
    """

    def __init__(self, stops: Stops, clock: Clock, *, thread: str, since: str) -> None:
        self._stops = stops
        self._clock = clock
        self._thread = thread
        self._since = since
        self._next_look = clock() + SECONDS_BETWEEN_LOOKS
        self._pressed = False

    def is_pressed(self) -> bool:
        if not self._pressed and self._clock() >= self._next_look:
            self._next_look = self._clock() + SECONDS_BETWEEN_LOOKS
            self._pressed = self._look()
        return self._pressed

    def _look(self) -> bool:
        try:
            last = self._stops.last(self._thread)
            return bool(last) and Timestamp(last) > self._since
        except AnsweringError:
            return False
