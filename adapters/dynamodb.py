"""Conversations in a DynamoDB table, one item each, through PynamoDB.

A turn reads once and writes twice. Every write is conditional on the version that was read, so that
a stale writer never wins. An item is forgotten by its ``expires_at``; DynamoDB deletes it up to some
days later, and until then it counts as gone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from pynamodb.attributes import JSONAttribute, ListAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist, PynamoDBConnectionError
from pynamodb.models import Model

from adapters.records import compact_json, conversation_from_record, conversation_to_record
from domain.conversation import Conversation, Message, Speaker
from domain.errors import Conflict, StoreCorrupt, StoreUnavailable
from domain.ports import Clock, CountTokens, Stored

DAY = 86_400

SPEAKERS = {"私: ": Speaker.PERSON, "AI: ": Speaker.BOT}
"""How the 2023 article's lines begin."""


class CompactJSONAttribute(JSONAttribute):
    """Nested data as JSON text, which takes fewer bytes and less time than DynamoDB's own lists and maps."""

    def serialize(self, value: object) -> str:
        return compact_json(value)


class Item(Model):
    """One conversation.

    ``buffer`` and ``summary_buffer`` are what the items of the 2023 article have in place of the rest;
    the first save leaves them out.
    """

    class Meta:
        table_name = ""  # each DynamoConversations binds its own
        # Seconds. DynamoDB answers within some 10 ms, and a person is waiting, so PynamoDB's 15, 30 and three
        # retries are no use: what is still down after these, the queue tries again.
        connect_timeout_seconds = 1
        read_timeout_seconds = 2
        max_retry_attempts = 2

    id = UnicodeAttribute(hash_key=True)
    version = NumberAttribute(null=True)
    expires_at = NumberAttribute(null=True)  # seconds since the epoch, the table's TTL attribute
    summary = UnicodeAttribute(null=True)
    summary_tokens = NumberAttribute(null=True)
    messages = CompactJSONAttribute(null=True)
    replies = CompactJSONAttribute(null=True)

    buffer = ListAttribute(of=UnicodeAttribute, null=True)
    summary_buffer = UnicodeAttribute(null=True)


class DynamoConversations:
    """Conversations, each forgotten after ``ttl_days`` days of silence.

    ``count_tokens`` counts an item of the 2023 article when that is first read, since it has no counts
    of its own.
    """

    def __init__(self, table_name: str, *, ttl_days: float, clock: Clock, count_tokens: CountTokens) -> None:
        self._item = _bound_to(table_name)
        self._table = table_name
        self._ttl = ttl_days * DAY
        self._clock = clock
        self._count_tokens = count_tokens

    def load(self, conversation: str) -> Stored:
        where = f"{self._table}: {conversation}"
        try:
            with _translated(where):
                item = self._item.get(conversation, consistent_read=True)
        except DoesNotExist:
            return Stored(Conversation(), 0)
        except (TypeError, ValueError) as error:  # PynamoDB's, for an attribute of another type or no JSON
            raise StoreCorrupt(f"{where} is not a conversation: {type(error).__name__}") from error
        if item.expires_at is not None and item.expires_at <= self._clock():
            return Stored(Conversation(), 0)
        if item.version is None:
            return Stored(self._adopted(item), 0)
        record = {name: getattr(item, name) for name in ("summary", "summary_tokens", "replies")}
        return Stored(conversation_from_record(record | {"buffer": item.messages}, where), int(item.version))

    def save(self, conversation: str, stored: Stored) -> Stored:
        now = self._clock()
        version, expires_at = self._item.version, self._item.expires_at
        record = conversation_to_record(stored.conversation)
        item = self._item(
            conversation,
            version=stored.version + 1,
            expires_at=int(now + self._ttl),
            summary=record["summary"],
            summary_tokens=record["summary_tokens"],
            messages=record["buffer"],
            replies=record["replies"],
        )
        with _translated(f"{self._table}: {conversation}"):
            # What has no version was never saved: nothing at all, or an item of the 2023 article.
            item.save(
                version == stored.version if stored.version else version.does_not_exist() | (expires_at <= int(now))
            )
        return replace(stored, version=stored.version + 1)

    def _adopted(self, item: Item) -> Conversation:
        summary = item.summary_buffer or ""
        return Conversation(
            summary=summary,
            summary_tokens=self._count_tokens(summary),
            buffer=tuple(self._message(str(line)) for line in item.buffer or ()),
        )

    def _message(self, line: str) -> Message:
        """The message in a line of the 2023 article; a line in no known voice is a person's."""
        for beginning, speaker in SPEAKERS.items():
            if line.startswith(beginning):
                text = line.removeprefix(beginning)
                return Message(speaker, text, self._count_tokens(text))
        return Message(Speaker.PERSON, line, self._count_tokens(line))


def _bound_to(table_name: str) -> type[Item]:
    class Bound(Item):
        class Meta(Item.Meta):
            pass

    Bound.Meta.table_name = table_name
    return Bound


@contextmanager
def _translated(where: str) -> Iterator[None]:
    try:
        yield
    except PynamoDBConnectionError as error:
        code = error.cause_response_code
        if code == "ConditionalCheckFailedException":
            raise Conflict(f"{where} was changed by others") from error
        raise StoreUnavailable(f"{where}: DynamoDB answered {code or type(error.cause).__name__}") from error
