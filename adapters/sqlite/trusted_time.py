"""Up to when may be deleted what has expired: a clock that is set wrong must not delete the memory."""

import sqlite3

from domain.deliveries.deadline import Clock

DAY = 86_400
HOUR = 3_600


class TrustedTime:
    """The time, unless the clock has leapt ahead since the last write.

    After a leap of more than a day, which also is what a long silence looks like, it follows by one day in an hour of
    ``uptime``, a clock that nobody sets.
    """

    def __init__(self, uptime: Clock) -> None:
        self._uptime = uptime
        self._leapt: float | None = None

    def at(self, now: float, connection: sqlite3.Connection) -> float:
        """The trusted time at ``now``, which is written down for the next look."""
        mark = connection.execute("SELECT seconds FROM marks WHERE name = 'trusted'").fetchone()
        trusted = now if mark is None else min(now, mark[0] + self._step(now - mark[0]))
        connection.execute("INSERT OR REPLACE INTO marks (name, seconds) VALUES ('trusted', ?)", (trusted,))
        return trusted

    def _step(self, ahead: float) -> float:
        if ahead <= DAY:
            return ahead
        if self._leapt is not None and self._uptime() < self._leapt + HOUR:
            return 0.0
        self._leapt = self._uptime()
        return DAY
