"""How an event is delivered until the app takes it.

An event goes by Socket Mode while a client is connected, otherwise it is posted to the events URL,
signed. What is not taken within three seconds is delivered again: at once, after a minute, after five.
"""

import heapq
import itertools
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.deliveries.deadline import Clock
from entrypoints.playground.emulator.event_payloads import payload_of
from entrypoints.playground.emulator.signed_requests import Send
from entrypoints.playground.emulator.workspace.model import Json

RETRY_WAITS = (0.0, 60.0, 300.0)
"""Seconds before each further delivery of an event that was not taken."""

WAITING_KEPT = 1_000
"""Deliveries that may wait at once; beyond, the oldest is dropped, as Slack drops what an app cannot keep up with."""


@dataclass(order=True)
class _Waiting:
    due: float
    number: int
    payload: Json = field(compare=False)
    retry: int = field(compare=False, default=0)
    reason: str = field(compare=False, default="")


class EventDelivery:
    """Delivers events one after the other on a thread of its own, and again while they are not taken.

    ``waits`` are the seconds before each retry; ``name`` is the thread's.
    """

    def __init__(
        self, send: Send, clock: Clock, waits: Sequence[float] = RETRY_WAITS, name: str = "playground-events"
    ) -> None:
        self._name = name
        self._send = send
        self._clock = clock
        self._waits = waits
        self._changed = threading.Condition()
        self._waiting: list[_Waiting] = []
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None

    def put(self, event: Json) -> None:
        """Deliver an event, in its ``event_callback``."""
        self.put_as_it_is(payload_of(event, int(self._clock())))

    def put_as_it_is(self, payload: Json) -> None:
        """Deliver what is no event, or has its ``event_callback`` around it."""
        self._put(_Waiting(time.monotonic(), next(self._numbers), payload))

    def start(self) -> None:
        """Begin to deliver. Once is enough, more does no harm."""
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Deliver no more. Returns at once, though a delivery under way may still end."""
        with self._changed:
            self._thread = None
            self._changed.notify_all()

    def _put(self, waiting: _Waiting) -> None:
        with self._changed:
            heapq.heappush(self._waiting, waiting)
            if len(self._waiting) > WAITING_KEPT:
                heapq.heappop(self._waiting)
            self._changed.notify_all()

    def _run(self) -> None:
        while waiting := self._next():
            reason = self._send(waiting.payload, waiting.retry, waiting.reason)
            if reason and waiting.retry < len(self._waits):
                due = time.monotonic() + self._waits[waiting.retry]
                self._put(_Waiting(due, waiting.number, waiting.payload, waiting.retry + 1, reason))

    def _next(self) -> _Waiting | None:
        with self._changed:
            while self._thread is threading.current_thread():
                if not self._waiting:
                    self._changed.wait()
                elif (wait := self._waiting[0].due - time.monotonic()) > 0:
                    self._changed.wait(wait)
                else:
                    return heapq.heappop(self._waiting)
            return None
