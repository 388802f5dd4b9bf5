"""The stop buttons that people pressed, for replies in other processes."""

from contextlib import suppress

from adapters.dynamodb.items import bound_to, translated
from domain.deliveries.deadline import Clock
from domain.errors import Conflict
from domain.requests import Stop

STOP = "stop/"
"""How the id of a press begins; a conversation's begins with a team, which Slack writes in capitals."""

KEPT_SECONDS = 3_600
"""Longer than any delivery of a question may take."""


class DynamoStops:
    """The last press in each thread, for an hour, beside the conversations in their table."""

    def __init__(self, table_name: str, *, clock: Clock) -> None:
        self._item = bound_to(table_name)  # its client is made with the first look
        self._table = table_name
        self._clock = clock

    def keep(self, stop: Stop) -> None:
        """A delivery that comes late, after another press, changes nothing."""
        expires_at = int(max(self._clock(), stop.ts.seconds) + KEPT_SECONDS)  # DynamoDB deletes by its own clock
        item = self._item(f"{STOP}{stop.where}", expires_at=expires_at, stopped_at=stop.ts)
        earlier = self._item.stopped_at.does_not_exist() | (self._item.stopped_at <= stop.ts)
        with suppress(Conflict), translated(f"{self._table}: {item.id}"):
            item.save(earlier)

    def last(self, thread: str) -> str:
        """Read without consistency: it is read again soon."""
        key = f"{STOP}{thread}"
        with translated(f"{self._table}: {key}"):
            try:
                return self._item.get(key).stopped_at or ""
            except self._item.DoesNotExist:
                return ""
