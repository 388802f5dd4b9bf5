"""A table as an operator moves it: all its items as DynamoDB hands them out, whatever is in them."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from domain.errors import StoreUnavailable

RawItem = dict[str, dict[str, Any]]
"""Each attribute with its type: ``{"id": {"S": "T1/C1"}}``."""

KEYS = ("id", "period")
"""The hash keys of the two tables."""

ORDERED_BY = ("version", "voted_at")
"""What says which of two items is newer: no item has both."""

T = TypeVar("T")

OPERATORS_PATIENCE = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard"})
"""Seconds. A page of a scan has up to a megabyte."""


class WholeTable:
    """Reads and writes items of one table. Raises ``StoreUnavailable``."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._dynamodb = self._translated(lambda: boto3.client("dynamodb", config=OPERATORS_PATIENCE))

    def about(self) -> int:
        """How many items it had some hours ago: DynamoDB counts them every six."""
        described = self._translated(lambda: self._dynamodb.describe_table(TableName=self.name))
        return int(described["Table"].get("ItemCount", 0))

    def items(self) -> Iterator[RawItem]:
        """All of them, in no order, page by page."""
        start: dict[str, Any] = {}
        while True:
            page = self._page(start)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def put_unless_newer(self, item: RawItem) -> bool:
        """Write an item where there is none, or one of a lower ``version`` or an earlier vote; false where it is newer.

        What has neither is only written where there is none.
        """
        key = next(name for name in KEYS if name in item)
        names, condition, values = {"#key": key}, "attribute_not_exists(#key)", {}
        for name in ORDERED_BY:
            if name in item:
                names["#order"], values[":order"] = name, item[name]
                condition += " OR #order < :order"
        try:
            self._translated(lambda: self._put(item, condition, names, values))
        except StoreUnavailable as error:
            if _is_refused(error.__cause__):
                return False
            raise
        return True

    def _put(self, item: RawItem, condition: str, names: dict[str, str], values: RawItem) -> None:
        further = {"ExpressionAttributeValues": values} if values else {}
        self._dynamodb.put_item(
            TableName=self.name,
            Item=item,
            ConditionExpression=condition,
            ExpressionAttributeNames=names,
            **further,
        )

    def _page(self, start: dict[str, Any]) -> dict[str, Any]:
        return self._translated(
            lambda: dict[str, Any](self._dynamodb.scan(TableName=self.name, ConsistentRead=True, **start))
        )

    def _translated(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except ClientError as error:
            raise StoreUnavailable(f"{self.name}: DynamoDB answered {error.response['Error']['Code']}") from error
        except BotoCoreError as error:
            raise StoreUnavailable(f"{self.name}: DynamoDB could not be reached: {type(error).__name__}") from error


def _is_refused(error: BaseException | None) -> bool:
    return isinstance(error, ClientError) and error.response["Error"]["Code"] == "ConditionalCheckFailedException"
