"""Conversations as items."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pynamodb.connection import Connection
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from adapters.dynamodb.article import adopted
from adapters.dynamodb.channel_settings import settings_id, settings_in
from adapters.dynamodb.items import DAY, Item, bound_to, every_item, failed_conditions, translated
from adapters.dynamodb.ledger import account_keys, accounts_in, enter, usage_items
from adapters.dynamodb.limits import limit_ids, limits_in
from adapters.dynamodb.question_rate import MINUTE, admit, admitted_ids, admitted_in
from adapters.dynamodb.transactions import commit, read_batch
from adapters.dynamodb.under_way import begin, end, under_way_id, under_way_in
from adapters.serialization.conversation_records import conversation_from_record, conversation_to_record, rare_to_record
from domain.conversations.conversation import Conversation
from domain.conversations.saving import Stored
from domain.deliveries.deadline import Clock
from domain.errors import AlreadyWarned, Conflict, StoreCorrupt, TooManyQuestions, TooManyUnderWay
from domain.limits.question_rate import Admission
from domain.limits.under_way import UnderWay
from domain.ports.model import CountTokens
from domain.requests import Request
from domain.spending.ledger import Charge, month_of
from domain.timestamp import Timestamp


class DynamoConversations:
    """Conversations, each forgotten after ``ttl_days`` days of silence, and the ledger in ``usage_table``.

    Without that table, which deployments of earlier releases lack, no charge is entered, and accounts, settings and
    limits are empty. ``count_tokens`` counts an item of the 2023 article when that is first read, since it has no
    counts of its own.
    """

    def __init__(
        self, table_name: str, *, ttl_days: float, clock: Clock, count_tokens: CountTokens, usage_table: str = ""
    ) -> None:
        self._item = bound_to(table_name)
        self._table = table_name
        self._usage_item = usage_items(usage_table)
        self._usage_table = usage_table
        self._ttl = ttl_days * DAY
        self._clock = clock
        self._count_tokens = count_tokens

    def load(self, conversation: str, asked: Timestamp | None = None, of: Request | None = None) -> Stored:
        where, now = f"{self._table}: {conversation}", min(self._times(asked))
        try:
            if of and self._usage_table:
                return self._load_beside(conversation, now, of, where)
            with translated(where):
                item = self._item.get(conversation, consistent_read=True)
            return self._stored(item, now)
        except DoesNotExist:
            return Stored(Conversation(), 0)
        except (TypeError, ValueError) as error:  # PynamoDB's, for an attribute of another type or no JSON
            raise StoreCorrupt(f"{where} is not a conversation: {type(error).__name__}") from error

    def _load_beside(self, conversation: str, now: float, of: Request, where: str) -> Stored:
        """With what is kept of those whom the request concerns, in one request to two tables."""
        month = month_of(self._clock())
        ids = [conversation, settings_id(of.team, of.channel), *limit_ids(of), *admitted_ids(of), under_way_id(of)]
        keys = {self._table: [{"id": {"S": key}} for key in ids], self._usage_table: account_keys(of, month)}
        batch = read_batch(self._connection(), keys, where)
        items = {each["id"]["S"]: self._item.from_raw_data(dict(each)) for each in batch[self._table]}
        under_way = under_way_in(items, of)
        return replace(
            self._stored(items[conversation], now) if conversation in items else Stored(Conversation(), 0),
            accounts=accounts_in(batch[self._usage_table], of, month, self._usage_table),
            settings=settings_in(items.get(settings_id(of.team, of.channel)), self._table),
            limits=limits_in(items, of, self._table),
            admitted=admitted_in(items, of),
            under_way=under_way,
            noted=next((each for each in under_way if each.request == of.identity), None),
        )

    def everything(self) -> Iterator[tuple[str, Stored]]:
        """Each conversation that has not expired, with its key, in no order.

        For an operator, and for a worker that forgets a workspace: it reads the whole table, and where there is one
        workspace the functions are not allowed to.
        """
        for item in every_item(self._item):
            if item.id[:1].isupper():  # what is no conversation has an id that begins with a small letter
                stored = self._stored(item, self._clock())
                if stored != Stored(Conversation(), 0):
                    yield item.id, stored

    def delete(self, conversation: str) -> None:
        """Delete its item, whatever is in it. One that is not there is no error."""
        with translated(f"{self._table}: {conversation}"):
            self._item(conversation).delete()

    def _connection(self) -> Connection:
        """The client that reads and writes single items too: another would take 50 ms to make."""
        return self._item._get_connection().connection

    def _stored(self, item: Item, now: float) -> Stored:
        where = f"{self._table}: {item.id}"
        if item.expires_at is not None and item.expires_at <= now:
            return Stored(Conversation(), 0)
        if item.version is None:
            return Stored(adopted(item.summary_buffer or "", map(str, item.buffer or ()), self._count_tokens), 0)
        record = {name: getattr(item, name) for name in ("summary", "summary_tokens", "replies")}
        record |= {"buffer": item.messages} | _object(item.more, where)
        return Stored(conversation_from_record(record, where), int(item.version))

    def save(
        self, conversation: str, stored: Stored, charge: Charge | None = None, admitted: Admission | None = None
    ) -> Stored:
        times = self._times(stored.conversation.last_asked)
        version, expires_at = self._item.version, self._item.expires_at
        record = conversation_to_record(stored.conversation)
        item = self._item(
            conversation,
            version=stored.version + 1,
            expires_at=int(max(times) + self._ttl),
            summary=record["summary"],
            summary_tokens=record["summary_tokens"],
            messages=record["buffer"],
            replies=record["replies"],
            more=rare_to_record(stored.conversation) or None,
        )
        # What has no version was never saved: nothing at all, or an item of the 2023 article.
        condition = (
            version == stored.version if stored.version else version.does_not_exist() | (expires_at <= int(min(times)))
        )
        if self._usage_table:
            noted = self._write(item, condition, stored, charge, admitted)
        else:  # whose function may only put and get items
            noted = self._write(item, condition, Stored(stored.conversation, stored.version), None, None)
        return replace(stored, version=stored.version + 1, noted=noted)

    def _write(
        self, item: Item, condition: Condition, stored: Stored, charge: Charge | None, admitted: Admission | None
    ) -> UnderWay | None:
        where, noted = f"{self._table}: {item.id}", None
        if not (charge or admitted or stored.noted):
            with translated(where):
                item.save(condition)
            return None

        def transaction() -> None:
            nonlocal noted
            with TransactWrite(connection=self._connection()) as writing:
                writing.save(item, condition)
                if charge:
                    enter(writing, self._usage_item, charge, int(item.version or 0))
                if admitted and admitted.limit:
                    admit(writing, self._item, admitted)
                if admitted and admitted.most:
                    noted = begin(writing, self._item, admitted, stored.under_way, self._clock())
                elif stored.noted:
                    end(writing, self._item, stored.noted)

        try:
            commit(transaction, where)
        except Conflict as error:
            failed = failed_conditions(error.__cause__)
            if failed and 0 not in failed:  # the conversation's own holds, a warning's or an admission's does not
                raise _refusal(admitted, failed, where) from error
            raise
        return noted

    def _times(self, asked: Timestamp | None) -> tuple[float, ...]:
        """Now by this machine's clock, and by Slack's where a question tells it.

        An item expires by the later of the two, and has expired by the earlier one: DynamoDB deletes by its own clock,
        and what this machine took for expired under a wrong clock would be written over.
        """
        return (self._clock(), asked.seconds) if asked else (self._clock(),)


def _refusal(
    admitted: Admission | None, failed: Sequence[int], where: str
) -> AlreadyWarned | TooManyQuestions | TooManyUnderWay:
    """Why a charge or a question does not go with a conversation. What is admitted has no charge yet."""
    if admitted is None:
        return AlreadyWarned(f"{where}: one of the budgets")
    if admitted.limit and 1 in failed:
        return TooManyQuestions(admitted.limit, MINUTE)
    return TooManyUnderWay(f"{where}: its person has {admitted.most} answers under way")


def _object(value: object, where: str) -> dict[str, object]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise StoreCorrupt(f"{where} is not a conversation: {type(value).__name__}")
    return value
