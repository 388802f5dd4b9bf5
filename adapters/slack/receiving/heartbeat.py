"""Notices that Slack could not be heard for a while, has the connection renewed and what was missed read.

slack_sdk alone does not: it takes a connection for stale only where a ping was answered before, and one that answers
its pings and delivers nothing for a good one (its issue 1701 is of such). A machine that slept finds its connections
as it left them.
"""

import logging
from collections.abc import Callable

from adapters.slack.receiving.connection import Connection
from domain.deliveries.deadline import Clock
from domain.errors import AnsweringError, SlackRefused

BEAT_SECONDS = 5.0
"""Between two looks at the connection; slack_sdk sends its pings as often."""

DEAF_SECONDS = 20.0
"""Without an answer to a ping, and without an event: Slack is not heard."""

LONGEST_WAIT = 300.0
"""Seconds between two attempts to be heard again at most. Each wait is twice the one before."""

ASLEEP_SECONDS = 30.0
"""Between two looks: the machine slept, or the process stood still."""

SILENT_SECONDS = 1800.0
"""Without any event, though pings are answered: it is looked whether people were as silent. In a quiet workspace they
were, so that such a silence alone is no fault."""

RETRY_SECONDS = 60.0
"""After which what was missed is read again where that failed."""

logger = logging.getLogger(__name__)

CatchUp = Callable[[float], int]
"""Queues what was posted since a moment, in seconds since the epoch, and returns how many requests were new."""


class Heartbeat:
    """Looks at the connection with each ``beat``. For one thread; ``deaf_seconds`` may be read from any.

    ``heard_until`` is when Slack was last heard, in seconds since the epoch, by what is known from an earlier process;
    none where there was none, so that nothing was missed. ``stopwatch`` is a clock that nobody sets.
    """

    def __init__(
        self,
        connection: Connection,
        catch_up: CatchUp,
        *,
        heard_until: float | None,
        clock: Clock,
        stopwatch: Clock,
    ) -> None:
        self._connection = connection
        self._catch_up = catch_up
        self._clock = clock
        self._stopwatch = stopwatch
        self._signs = connection.signs
        self._heard = self._delivered = self._looked = (clock(), stopwatch())
        self._is_deaf = False
        self._wait = DEAF_SECONDS
        self._session = ""
        self._next_attempt = self._next_reading = stopwatch()
        self.heard_until = heard_until
        """Everything that was posted before this is queued."""

    @property
    def deaf_seconds(self) -> float:
        """For how long Slack was not heard, as far as has been looked."""
        return self._since(self._heard)

    @property
    def is_heard(self) -> bool:
        """Is there a connection on which Slack was heard lately?"""
        return bool(self._connection.session) and not self._is_deaf and self.deaf_seconds <= DEAF_SECONDS

    def beat(self) -> None:
        """Look at the connection, and do what it needs."""
        stood_still = self._since(self._looked)
        if stood_still > ASLEEP_SECONDS:  # what is heard now says nothing of the time before
            self._lose(f"nothing ran here for {stood_still:.0f} s")
        self.observe()
        if self.deaf_seconds > DEAF_SECONDS and self._stopwatch() >= self._next_attempt:
            self._lose(f"Slack was not heard for {self.deaf_seconds:.0f} s")
        if self._connection.session not in ("", self._session):
            self._read_what_was_missed()
        elif self._since(self._delivered) > SILENT_SECONDS and not self._is_deaf:
            self._look_through_silence()
        self._looked = self._now()

    def observe(self) -> None:
        """Note whether Slack was heard since the last time."""
        signs, before = self._connection.signs, self._signs
        if signs == before:
            return
        if self._is_deaf:
            logger.info("Slack is heard again, after %.0f s", self.deaf_seconds)
            self._is_deaf, self._wait = False, DEAF_SECONDS
        self._signs, self._heard = signs, self._now()
        if signs[1] != before[1]:
            self._delivered = self._heard
        if self._connection.session == self._session:
            self.heard_until = self._clock()

    def _now(self) -> tuple[float, float]:
        return self._clock(), self._stopwatch()

    def _since(self, moment: tuple[float, float]) -> float:
        """Seconds, by either clock: on most systems the one that nobody sets stands still while a machine sleeps."""
        wall, uptime = moment
        return max(self._clock() - wall, self._stopwatch() - uptime)

    def _lose(self, cause: str) -> None:
        if not self._is_deaf:
            logger.warning("%s; what was posted meanwhile is read", cause)
        self._is_deaf = True
        self._next_attempt = self._stopwatch() + self._wait
        self._wait = min(LONGEST_WAIT, 2 * self._wait)
        self._session = ""  # also where the connection stays the same
        self._connection.renew()

    def _read_what_was_missed(self) -> None:
        """Of a new connection: from when Slack was last heard on the one before, however long it was gone."""
        began, session = self._clock(), self._connection.session
        if self._stopwatch() < self._next_reading:
            return
        if self.heard_until is not None and self._found(self.heard_until) is None:
            return
        self._session, self.heard_until = session, began

    def _look_through_silence(self) -> None:
        (since, _), signs = self._delivered, self._signs
        found = self._found(since)
        self._delivered = self._now()
        if found and self._connection.signs[1] == signs[1]:
            self._lose(f"Slack answered pings, but had not delivered {found} of the last {SILENT_SECONDS:.0f} s")

    def _found(self, since: float) -> int | None:
        """How many requests were missed; none where that cannot be known now."""
        try:
            return self._catch_up(since)
        except SlackRefused as error:
            logger.warning("what was missed cannot be read: %s", error)
            return 0
        except AnsweringError as error:
            logger.warning("what was missed is not read yet: %s", error)
            self._next_reading = self._stopwatch() + RETRY_SECONDS
            return None
