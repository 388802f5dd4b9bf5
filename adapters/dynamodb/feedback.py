"""What people thought of the answers."""

from collections.abc import Iterator
from contextlib import suppress

from adapters.dynamodb.items import DAY, bound_to, every_item, translated
from adapters.serialization.request_records import request_to_json, vote_from_json
from domain.deliveries.deadline import Clock
from domain.errors import Conflict
from domain.requests import Vote

VOTE = "vote/"
"""How the id of a vote begins; a conversation's begins with a team, which Slack writes in capitals."""


class DynamoFeedback:
    """Each person's last vote on each answer, for ``ttl_days`` days, beside the conversations in their table."""

    def __init__(self, table_name: str, *, ttl_days: float, clock: Clock) -> None:
        self._item = bound_to(table_name)  # its client is made with the first vote: nobody waits for one
        self._table = table_name
        self._ttl = ttl_days * DAY
        self._clock = clock

    def keep(self, vote: Vote) -> None:
        """A delivery that comes late, after this person has voted again, changes nothing."""
        given, voted_at = vote.ts.seconds, self._item.voted_at
        item = self._item(
            f"{VOTE}{vote.question}/{vote.person}",
            expires_at=int(max(self._clock(), given) + self._ttl),  # DynamoDB deletes by its own clock
            vote=request_to_json(vote),
            voted_at=given,
        )
        # An expired vote may still be there, but it is as old as its expiry is: it is never the later one.
        with suppress(Conflict), translated(f"{self._table}: {item.id}"):
            item.save(voted_at.does_not_exist() | (voted_at <= given))

    def votes(self) -> Iterator[Vote]:
        """Those that are kept, in no order; ``ts`` says when each was given. Raises ``StoreCorrupt``.

        For an operator alone: it reads the whole table, conversations too, and the functions are not allowed to.
        """
        now = int(self._clock())
        for item in every_item(self._item, self._item.id.startswith(VOTE) & (self._item.expires_at > now)):
            yield vote_from_json(item.vote or "", f"{self._table}: {item.id}")

    def remove(self, vote: Vote) -> None:
        """Delete it; one that is not there is no error. For an operator alone, like ``votes``."""
        item = self._item(f"{VOTE}{vote.question}/{vote.person}")
        with translated(f"{self._table}: {item.id}"):
            item.delete()
