"""Watches whether Slack is heard, and reads what was posted while it was not."""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from adapters.observability.evidence import evidence
from adapters.slack.receiving.connection import Connection
from adapters.slack.receiving.heartbeat import BEAT_SECONDS, SILENT_SECONDS, Heartbeat
from adapters.slack.receiving.missed import Pause
from adapters.sqlite import SqliteLastHeard
from domain.deliveries.deadline import Clock
from domain.errors import AnsweringError, SlackUnavailable
from entrypoints.counted import counted

OVERLAP_SECONDS = SILENT_SECONDS
"""What is read begins so long before Slack was last heard: a connection may have delivered nothing for this time before
that was noticed. What had come is recognised, as is what Slack itself still delivers."""

BOUND_SECONDS = 3_600.0
"""What was posted longer ago is not answered any more."""

SAVE_SECONDS = 60.0
"""Between two writes of until when Slack was heard."""

logger = logging.getLogger(__name__)

Accept = Callable[[Mapping[str, Any]], bool]
"""Queues the request in an event, and returns whether it is new."""


class Missed(Protocol):
    """What was posted where the bot is."""

    def since(self, oldest: float) -> Iterable[Mapping[str, Any]]:
        """The events later than this, in seconds since the epoch, oldest first.

        Raises what ``GapWatch.catch_up`` raises, also after some of them.
        """
        ...


class GapWatch:
    """A thread with a heartbeat. ``missed`` is made with how it waits; ``accept`` gets the events that it reads."""

    def __init__(
        self,
        connection: Connection,
        missed: Callable[[Pause], Missed],
        accept: Accept,
        last_heard: SqliteLastHeard,
        *,
        clock: Clock,
        stopwatch: Clock,
    ) -> None:
        self._stopping = threading.Event()
        self._missed = missed(self._pause)
        self._accept = accept
        self._clock = clock
        self._last_heard = last_heard
        heard_until = last_heard.load()
        self._saved = heard_until or 0.0
        self.heartbeat = Heartbeat(connection, self.catch_up, heard_until=heard_until, clock=clock, stopwatch=stopwatch)
        self._thread = threading.Thread(target=self._run, name="gap-watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, patience: float) -> None:
        """Waits up to ``patience`` seconds for a call to Slack that is under way."""
        self._stopping.set()
        self._thread.join(patience)

    def catch_up(self, since: float) -> int:
        """Queue what people posted since this moment, oldest first. Returns how many requests are new.

        Raises ``SlackUnavailable``, ``SlackRefused`` and ``StoreUnavailable``; what was queued by then stays.
        """
        now = self._clock()
        if now - since > BOUND_SECONDS:
            logger.warning("posts of more than %.0f minutes ago are not answered any more", BOUND_SECONDS / 60)
        events = self._missed.since(max(min(since, now) - OVERLAP_SECONDS, now - BOUND_SECONDS))
        new = sum(map(self._accept, events))
        logger.info("read what was posted meanwhile: %s that had not come", counted(new, "request"))
        return new

    def beat(self) -> None:
        """One look at the connection; nothing that goes wrong ends the watch."""
        try:
            self.heartbeat.beat()
            self._save(SAVE_SECONDS)
        except Exception as error:  # noqa: BLE001 - a watch that ends in silence is what it is against
            logger.error("the watch over the connection to Slack failed: %s", evidence(error))

    def _run(self) -> None:
        self.beat()
        while not self._stopping.wait(BEAT_SECONDS):
            self.beat()
        try:
            self._save(0.0)
        except AnsweringError as error:
            logger.warning("until when Slack was heard could not be written: %s", error)

    def _save(self, seconds: float) -> None:
        until = self.heartbeat.heard_until
        if until is not None and abs(until - self._saved) > seconds:
            self._last_heard.save(until)
            self._saved = until

    def _pause(self, seconds: float) -> None:
        while True:
            if self._stopping.wait(min(seconds, BEAT_SECONDS)):
                raise SlackUnavailable("the bot is being stopped")
            self.heartbeat.observe()  # Slack is heard meanwhile, too
            seconds -= BEAT_SECONDS
            if seconds <= 0:
                return
