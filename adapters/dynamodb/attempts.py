"""How the deliveries of a message have failed, for as long as SQS may deliver it again."""

from pynamodb.exceptions import DoesNotExist

from adapters.dynamodb.items import DAY, bound_to, translated
from adapters.serialization.request_records import attempts_from_json, attempts_to_json
from domain.deliveries.deadline import Clock
from domain.deliveries.retries import NO_ATTEMPTS, Attempts, Cause

ATTEMPTS = "attempts/"
"""How the id of such an item begins; a conversation's begins with a team, which Slack writes in capitals."""

KEPT_FOR = 5 * DAY
"""Seconds: SQS keeps a message for four days."""


class DynamoAttempts:
    """The failed deliveries of each message, beside the conversations in their table. Raises ``StoreUnavailable``.

    SQS counts receives, those that Lambda throttled among them, and has no room for a count of our own. Only what is
    delivered again has an item, so that a turn without a failure makes no request.
    """

    def __init__(self, table_name: str, *, clock: Clock) -> None:
        self._item = bound_to(table_name)
        self._table = table_name
        self._clock = clock

    def begin(self, message: str, number: int) -> Attempts:
        """The attempts before this delivery, which is noted: where it never ends, its worker was killed."""
        if number == 1:
            return NO_ATTEMPTS
        attempts, begun, ended = self._load(message)
        if begun > ended:
            attempts = attempts.after(Cause.OTHER)
        self._save(message, attempts, begun=number, ended=max(ended, begun))
        return attempts

    def fail(self, message: str, number: int, attempts: Attempts) -> None:
        """Note that this delivery has ended, and all attempts so far."""
        self._save(message, attempts, begun=number, ended=number)

    def _load(self, message: str) -> tuple[Attempts, int, int]:
        try:
            with translated(f"{self._table}: {ATTEMPTS}{message}"):
                item = self._item.get(f"{ATTEMPTS}{message}", consistent_read=True)
        except DoesNotExist:
            return NO_ATTEMPTS, 0, 0
        more = item.more if isinstance(item.more, dict) else {}
        return attempts_from_json(more.get("failed")), int(more.get("begun", 0)), int(more.get("ended", 0))

    def _save(self, message: str, attempts: Attempts, *, begun: int, ended: int) -> None:
        item = self._item(
            f"{ATTEMPTS}{message}",
            expires_at=int(self._clock() + KEPT_FOR),
            more={"failed": attempts_to_json(attempts), "begun": begun, "ended": ended},
        )
        with translated(f"{self._table}: {item.id}"):
            item.save()
