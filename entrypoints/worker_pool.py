"""Threads that take questions and other requests from the queue and have them seen to, on one machine."""

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
"""Seconds after which an idle worker looks at the queue even if nobody woke it: another process, the operator's, may
have put a dead letter back. A look that finds nothing takes some 60 µs and writes nothing."""

logger = logging.getLogger(__name__)


class WorkerPool:
    """``count`` threads, each with one request at a time: as many conversations are answered at once."""

    def __init__(
        self, questions: SqliteQueue, answer: Callable[[Request, Delivery], None], count: int, clock: Clock
    ) -> None:
        self._questions = questions
        self._answer = answer
        self._clock = clock
        self._changed = threading.Condition()
        self._stopping = False
        self._threads = [threading.Thread(target=self._work, name=f"worker-{n + 1}", daemon=True) for n in range(count)]

    def start(self) -> None:
        """Put back or bury what a killed process had claimed, and begin."""
        put_back, buried = self._questions.recover()
        if put_back:
            logger.info("going on with %d questions that were interrupted", put_back)
        if buried:
            logger.error("%d questions are dead letters now: they were interrupted every time", buried)
        self._questions.on_put = self._wake
        for thread in self._threads:
            thread.start()

    def stop(self, patience: float) -> None:
        """Let the questions in hand be finished within ``patience`` seconds; the others stay in the queue."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        end = time.monotonic() + patience
        for thread in self._threads:
            if thread.ident is not None:  # one that never started cannot be waited for
                thread.join(max(0.0, end - time.monotonic()))

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                if self._stopping:
                    return
                found = self._next()
                if not isinstance(found, Claim):
                    self._changed.wait(found)
                    continue
            self._attempt(found)
            self._wake()  # the next question of this conversation may be taken now

    def _next(self) -> Claim | float:
        """A question, or for how many seconds to wait for one."""
        try:
            claim = self._questions.claim()
            due = None if claim else self._questions.next_due()
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
            self._answer(request, delivery)
        except Exception as error:  # noqa: BLE001 - whatever it was, the question must not be lost
            reason = evidence(error)
            logger.error("delivery %d of %s failed: %s", delivery.number, request.reference, reason)
            if delivery.last:
                logger.error("%s is a dead letter now", request.reference)
                self._put_away(request, lambda: self._questions.bury(request, reason))
            else:
                self._put_away(request, lambda: self._questions.retry(request, RETRY_DELAYS[delivery.number - 1]))
        else:
            self._put_away(request, lambda: self._questions.finish(request))

    def _put_away(self, request: Request, move: Callable[[], None]) -> None:
        """Tell the queue, however long it takes; at a stop the request stays claimed and the next start has it."""
        while True:
            try:
                return move()
            except AnsweringError as error:
                logger.error("%s waits for the queue: %s", request.reference, error)
            with self._changed:
                if self._stopping:
                    return None
                self._changed.wait(RETRY_DELAYS[0])
