"""Threads that take requests from the queue and handle them, on one machine."""

import logging
import threading
import time
from collections.abc import Callable

from adapters.dead_letters import remedy
from adapters.observability.evidence import evidence
from adapters.sqlite import Claim, SqliteQueue
from domain.deliveries.deadline import Clock
from domain.deliveries.delivery import Delivery
from domain.deliveries.retries import cause_of
from domain.errors import AnsweringError, PersonNotNotified
from domain.requests import Apology, Question, Request
from entrypoints.counted import counted

QUEUE_RETRY = 1.0
"""Seconds after which a queue that could not be read or written is tried again."""

IDLE = 1.0
"""Seconds after which an idle worker polls the queue even without a notification: another process, the operator's, may
have put a dead letter back. A poll that finds nothing takes some 60 µs and writes nothing."""

logger = logging.getLogger(__name__)


class WorkerPool:
    """At most ``count`` threads with one request each: as many conversations are answered at once.

    A thread waits for requests while all others are busy, so that no conversation waits for those that take long; what
    is more than one ends.
    """

    def __init__(
        self, queue: SqliteQueue, dispatch: Callable[[Request, Delivery], None], count: int, clock: Clock
    ) -> None:
        self._queue = queue
        self._dispatch = dispatch
        self._count = count
        self._clock = clock
        self._changed = threading.Condition()
        self._stopping = False
        self._threads: list[threading.Thread] = []
        self._busy = 0

    def start(self) -> None:
        """Requeue what a killed process had claimed, or make it a dead letter after its last delivery; then begin."""
        put_back, dead = self._queue.recover()
        if put_back:
            logger.info("going on with %s left unfinished", counted(put_back, "question"))
        if dead:
            logger.error("%d questions are dead letters now: they were interrupted every time", dead)
        self._queue.on_put = self._notify
        with self._changed:
            self._add_thread()

    def stop(self, patience: float) -> None:
        """Wait up to ``patience`` seconds for the requests under way; the others stay in the queue."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        end = time.monotonic() + patience
        for thread in tuple(self._threads):
            thread.join(max(0.0, end - time.monotonic()))

    @property
    def is_alive(self) -> bool:
        """Is there a thread that takes requests, or could?"""
        return any(thread.is_alive() for thread in self._threads)

    @property
    def busy(self) -> int:
        """Requests under way."""
        return self._busy

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _add_thread(self) -> None:
        thread = threading.Thread(target=self._work, name=f"worker-{len(self._threads) + 1}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        while True:
            with self._changed:
                if self._stopping:
                    return
                next_ = self._next()
                if not isinstance(next_, Claim):
                    if len(self._threads) > self._busy + 1:  # another one waits already
                        self._threads.remove(threading.current_thread())
                        return
                    self._changed.wait(next_)
                    continue
                self._busy += 1
                if self._busy == len(self._threads) < self._count:
                    self._add_thread()
            self._attempt(next_)
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()  # the next question of this conversation may be taken now

    def _next(self) -> Claim | float:
        """A request, or for how many seconds to wait for one."""
        try:
            claim = self._queue.claim()
            due = None if claim else self._queue.next_due()
        except AnsweringError as error:
            logger.error("no question could be taken: %s", error)
            return QUEUE_RETRY
        if claim:
            return claim
        # Questions that wait for another of their conversation count when that one's end wakes us.
        return IDLE if due is None else min(IDLE, max(0.0, due - self._clock()))

    def _attempt(self, claim: Claim) -> None:
        request = claim.request
        try:
            self._dispatch(request, claim.delivery)
        except Exception as error:  # noqa: BLE001 - whatever it was, the question must not be lost
            self._settle(request, self._outcome(claim, error))
        else:
            self._settle(request, lambda: self._queue.finish(request))

    def _outcome(self, claim: Claim, error: Exception) -> Callable[[], None]:
        """What becomes of a request whose delivery has failed."""
        request, delivery, reason = claim.request, claim.delivery, evidence(error)
        is_apology = isinstance(request, Apology)
        delay = delivery.delay_after(error, persistent=is_apology)
        if delay is not None:
            logger.warning(
                "delivery %d of %s failed: %s; again in %g s", delivery.number, request.reference, reason, delay
            )
            return lambda: self._queue.retry(request, delay, delivery.attempts.after(cause_of(error)))
        if is_apology:  # its question is a dead letter already
            logger.error("delivery %d of %s failed: %s; nobody was told", delivery.number, request.reference, reason)
            return lambda: self._queue.finish(request)
        logger.log(
            logging.DEBUG if isinstance(request, Question) else logging.ERROR,  # the event log has the question's line
            "delivery %d of %s failed: %s; a dead letter now, %s",
            delivery.number, request.reference, reason, remedy(request.reference),
        )  # fmt: skip
        return lambda: self._queue.move_to_dead_letters(
            request, reason, notified=not isinstance(error, PersonNotNotified)
        )

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
                self._changed.wait(QUEUE_RETRY)
