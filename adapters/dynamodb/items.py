"""The one shape of everything in the table: each PynamoDB model has a client of its own, which takes long to make."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.attributes import JSONAttribute, ListAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.exceptions import PynamoDBConnectionError, PynamoDBException, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model

from adapters.serialization.records import compact_json
from domain.errors import Conflict, StoreCorrupt, StoreUnavailable

DAY = 86_400


class CompactJSONAttribute(JSONAttribute):
    """Nested data as JSON text, which takes fewer bytes and less time than DynamoDB's own lists and maps."""

    def serialize(self, value: object) -> str:
        return compact_json(value)


class Timeouts:
    """What every model asks of its client."""

    # Seconds. DynamoDB answers within some 10 ms, and a person is waiting, so PynamoDB's 15, 30 and three
    # retries are no use: what is still down after these, the queue tries again.
    connect_timeout_seconds = 1
    read_timeout_seconds = 2
    max_retry_attempts = 2


class Item(Model):
    """One conversation, one vote, one press of a stop button, the settings of one channel, the limit of one person, the
    installation of one workspace, when one person asked within one minute, or which answers one person has under way.

    ``vote`` and ``voted_at`` are all that a vote has beside id and expiry, ``stopped_at`` all that a press has, and
    ``settings`` all that a channel's settings have, ``limit`` all that a limit has, ``admitted`` all that a minute has,
    ``installation`` all that an installation has, ``under_way`` all that a person's answers have.

    ``more`` holds what most conversations do not have. ``buffer`` and ``summary_buffer`` are what the
    items of the 2023 article have in place of the rest; the first save leaves them out.
    """

    class Meta(Timeouts):
        table_name = ""  # each DynamoConversations binds its own

    id = UnicodeAttribute(hash_key=True)
    version = NumberAttribute(null=True)
    expires_at = NumberAttribute(null=True)  # seconds since the epoch, the table's TTL attribute
    summary = UnicodeAttribute(null=True)
    summary_tokens = NumberAttribute(null=True)
    messages = CompactJSONAttribute(null=True)
    replies = CompactJSONAttribute(null=True)
    more = CompactJSONAttribute(null=True)

    vote = UnicodeAttribute(null=True)
    voted_at = NumberAttribute(null=True)  # seconds since the epoch

    stopped_at = UnicodeAttribute(null=True)  # a ts of Slack's

    settings = UnicodeAttribute(null=True)
    limit = UnicodeAttribute(null=True)
    admitted = UnicodeSetAttribute(null=True)  # of Slack's ts
    installation = UnicodeAttribute(null=True)
    under_way = UnicodeSetAttribute(null=True)  # of seconds since the epoch and identities

    buffer = ListAttribute(of=UnicodeAttribute, null=True)
    summary_buffer = UnicodeAttribute(null=True)


def bound_to(table_name: str) -> type[Item]:
    """The items of one table. A client is made when the first of them is asked for."""

    class Bound(Item):
        class Meta(Item.Meta):
            pass

    Bound.Meta.table_name = table_name
    return Bound


def every_item(model: type[Item], condition: Condition | None = None) -> Iterator[Item]:
    """The items of a whole table that meet the condition, read page by page. Raises ``StoreCorrupt`` for another's."""
    found = model.scan(condition)
    while True:
        try:
            with translated(model.Meta.table_name):
                item = next(found, None)
        except (TypeError, ValueError) as error:  # PynamoDB's, for an attribute of another type or no JSON
            raise StoreCorrupt(
                f"{model.Meta.table_name} has an item of another form: {type(error).__name__}"
            ) from error
        if item is None:
            return
        yield item


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Raises ``Conflict`` and ``StoreUnavailable`` in place of PynamoDB's errors and botocore's."""
    try:
        yield
    except (PynamoDBConnectionError, TransactWriteError, ClientError, BotoCoreError) as error:
        codes = _codes(error)
        if not {"ConditionalCheckFailedException", "ConditionalCheckFailed"}.isdisjoint(codes):
            raise Conflict(f"{where} was changed by others") from error
        raise StoreUnavailable(f"{where}: DynamoDB answered {', '.join(codes)}") from error


def is_transaction_conflict(error: BaseException | None) -> bool:
    """Was a transaction cancelled because another one was at one of its items?"""
    return "TransactionConflict" in _codes(error)


def failed_conditions(error: BaseException | None) -> list[int]:
    """Which items' conditions cancelled a transaction: PynamoDB writes those that are saved before those updated."""
    cause = error.cause if isinstance(error, PynamoDBException) else error
    reasons = enumerate(getattr(cause, "cancellation_reasons", ()))
    return [place for place, reason in reasons if reason and reason.code == "ConditionalCheckFailed"]


def _codes(error: BaseException | None) -> list[str]:
    """DynamoDB's words for an error, of a cancelled transaction those for each of its items too."""
    cause = error.cause if isinstance(error, PynamoDBException) else error
    if not isinstance(cause, ClientError):
        return [type(cause).__name__]
    reasons = getattr(cause, "cancellation_reasons", ())
    return [cause.response["Error"]["Code"], *sorted({reason.code for reason in reasons if reason})]
