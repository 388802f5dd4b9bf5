"""Threads that take requests from the queue and handle them, on one machine."""

import logging
import threading
import time
from collections.abc import Callable

from adapters.event_log import evidence
from adapters.sqlite import Claim, SqliteQueue
from domain.errors import AnsweringError
from domain.ports import Clock
from domain.requests import Delivery, Request

RETRY_DELAYS = (1.0, 5.0)
"""Seconds before the second and the third delivery: long enough for a hiccup, short enough to wait for."""

IDLE = 1.0
"""Seconds after which an idle worker polls the queue even without a notification: another process, the operator's, may
have put a dead letter back. A poll that finds nothing takes some 60 µs and writes nothing."""

logger = logging.getLogger(__name__)


class WorkerPool:
    """``count`` threads with one request each: as many conversations are answered at once."""

    def __init__(
        self, queue: SqliteQueue, dispatch: Callable[[Request, Delivery], None], count: int, clock: Clock
    ) -> None:
        self._queue = queue
        self._dispatch = dispatch
        self._clock = clock
        self._changed = threading.Condition()
        self._stopping = False
        self._threads = [threading.Thread(target=self._work, name=f"worker-{n + 1}", daemon=True) for n in range(count)]

    def start(self) -> None:
        """Requeue what a killed process had claimed, or make it a dead letter after its last delivery; then begin."""
        put_back, buried = self._queue.recover()
        if put_back:
            logger.info("going on with %d questions that were interrupted", put_back)
        if buried:
            logger.error("%d questions are dead letters now: they were interrupted every time", buried)
        self._queue.on_put = self._notify
        for thread in self._threads:
            thread.start()

    def stop(self, patience: float) -> None:
        """Wait up to ``patience`` seconds for the requests under way; the others stay in the queue."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        end = time.monotonic() + patience
        for thread in self._threads:
            if thread.ident is not None:  # one that never started cannot be waited for
                thread.join(max(0.0, end - time.monotonic()))

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                if self._stopping:
                    return
                next_ = self._next()
                if not isinstance(next_, Claim):
                    self._changed.wait(next_)
                    continue
            self._attempt(next_)
            self._notify()  # the next question of this conversation may be taken now

    def _next(self) -> Claim | float:
        """A request, or for how many seconds to wait for one."""
        try:
            claim = self._queue.claim()
            due = None if claim else self._queue.next_due()
        except AnsweringError as error:
            logger.error("no question could be taken: %s", error)
            return RETRY_DELAYS[0]
        if claim:
            return claim
        # Questions that wait for another of their conversation count when that one's end wakes us.
        return IDLE if due is None else min(IDLE, max(0.0, due - self._clock()))

    def _attempt(self, claim: Claim) -> None:
        request, delivery = claim.request, claim.delivery
        try:
            self._dispatch(request, delivery)
        except Exception as error:  # noqa: BLE001 - whatever it was, the question must not be lost
            reason = evidence(error)
            logger.error("delivery %d of %s failed: %s", delivery.number, request.reference, reason)
            if delivery.last:
                logger.error("%s is a dead letter now", request.reference)
                self._settle(request, lambda: self._queue.bury(request, reason))
            else:
                self._settle(request, lambda: self._queue.retry(request, RETRY_DELAYS[delivery.number - 1]))
        else:
            self._settle(request, lambda: self._queue.finish(request))

    def _settle(self, request: Request, move: Callable[[], None]) -> None:
        """Write the outcome to the queue, however long it takes; after a stop the next start recovers the claim."""
        while True:
            try:
                return move()
            except AnsweringError as error:
                logger.error("%s waits for the queue: %s", request.reference, error)
            with self._changed:
                if self._stopping:
                    return None
                self._changed.wait(RETRY_DELAYS[0])
