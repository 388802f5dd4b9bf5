"""Puts requests on the queue, and reads them from what Lambda delivers."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from adapters.serialization.request_records import request_from_json, request_to_json
from adapters.sqs.client import translated
from domain.deliveries.delivery import Delivery
from domain.requests import Request

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import MessageAttributeValueTypeDef

REPLAYED = "replayed/"
"""How the deduplication id of a replayed dead letter begins."""

CORRELATION_ID = "correlation_id"
"""The message attribute that carries the id under which API Gateway's request is logged."""

CORRELATION_ID_PATH = f"Records[0].messageAttributes.{CORRELATION_ID}.stringValue"
"""Where a worker finds it in its event, as a JMESPath."""


class SqsQueue:
    """Puts requests on the queue, each with the ``correlation_id`` of the moment, if that is not empty.

    Group and identity serve as they are: SQS allows 128 letters, digits and marks, slash and
    full stop among them, and ``adapters.slack.payloads.validation`` refuses ids that would exceed this.
    """

    def __init__(self, queue_url: str, client: "SQSClient", *, correlation_id: Callable[[], str | None]) -> None:
        self._queue_url = queue_url
        self._client = client
        self._correlation_id = correlation_id

    def put(self, request: Request, group: str, deduplication_id: str = "") -> bool:
        """Always true: SQS takes a repeated identity without a word, and without delivering it again.

        A ``deduplication_id`` stands in place of the request's identity.
        """
        with translated():
            self._client.send_message(
                QueueUrl=self._queue_url,
                MessageGroupId=group,
                MessageDeduplicationId=deduplication_id or request.identity,
                MessageBody=allowed(request_to_json(request)),
                MessageAttributes=correlation_attributes(self._correlation_id()),
            )
        return True


def received(record: Mapping[str, Any]) -> tuple[Request, Delivery]:
    """The request in one record of a Lambda event, and which delivery of it this is.

    Raises ``StoreCorrupt`` for a body that is no request.
    """
    number = int(record["attributes"]["ApproximateReceiveCount"])
    request = request_from_json(record["body"], f"message {record['messageId']}")
    replayed = record["attributes"].get("MessageDeduplicationId", "").startswith(REPLAYED)
    return request, Delivery(number, replayed=replayed)


def correlation_attributes(correlation_id: str | None) -> "dict[str, MessageAttributeValueTypeDef]":
    """The message attributes that carry this id; none for an empty one."""
    return {CORRELATION_ID: {"DataType": "String", "StringValue": correlation_id}} if correlation_id else {}


def allowed(body: str) -> str:
    """The body without characters that SQS does not take."""
    # The only two characters that JSON leaves unescaped and SQS does not take; in JSON each has an escape.
    return body.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
