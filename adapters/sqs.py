"""The queue on AWS: an SQS FIFO queue with one message group for each conversation.

SQS hands out one message of a group at a time, in order, and recognises an identity it has had
within five minutes. Later repetitions are recognised by the conversation itself.
"""

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from adapters.records import question_from_json, question_to_json
from domain.errors import StoreUnavailable
from domain.question import Delivery, Question

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import MessageAttributeValueTypeDef

DELIVERIES = 3
"""How often SQS delivers a question before it is a dead letter: ``maxReceiveCount`` in terraform/modules/queue."""

RETRY_SECONDS = (5, 30)
"""Seconds before the second and the third delivery of a question that failed. One whose worker was killed waits for
the queue's visibility timeout instead, since nobody is left to shorten it."""

PATIENCE = Config(connect_timeout=1, read_timeout=1, retries={"mode": "standard", "total_max_attempts": 2})
"""Seconds. SQS takes a message within some 20 ms, and Slack waits three seconds for all of it. Where the second
attempt repeats one that did arrive, the identity is recognised."""

CORRELATION_ID = "correlation_id"
"""The message attribute that carries the id under which API Gateway's request is logged."""

CORRELATION_ID_PATH = f"Records[0].messageAttributes.{CORRELATION_ID}.stringValue"
"""Where a worker finds it in its event, as a JMESPath."""

logger = logging.getLogger(__name__)


def sqs_client() -> "SQSClient":
    """A client for the region and the credentials that the environment names."""
    return boto3.client("sqs", config=PATIENCE)


class SqsQuestions:
    """Puts questions on the queue, each with the ``correlation_id`` of the moment, if that is not empty.

    Conversation and identity serve as they are: SQS allows 128 letters, digits and marks, slash and
    full stop among them, and the door lets no id in that would exceed this.
    """

    def __init__(self, queue_url: str, client: "SQSClient", *, correlation_id: Callable[[], str | None]) -> None:
        self._queue_url = queue_url
        self._client = client
        self._correlation_id = correlation_id

    def put(self, question: Question, conversation: str) -> bool:
        """Always true: SQS takes a repeated identity without a word, and without delivering it again."""
        correlation_id = self._correlation_id()
        attributes: dict[str, MessageAttributeValueTypeDef] = {}
        if correlation_id:
            attributes[CORRELATION_ID] = {"DataType": "String", "StringValue": correlation_id}
        try:
            self._client.send_message(
                QueueUrl=self._queue_url,
                MessageGroupId=conversation,
                MessageDeduplicationId=question.identity,
                MessageBody=_allowed(question_to_json(question)),
                MessageAttributes=attributes,
            )
        except ClientError as error:
            raise StoreUnavailable(f"SQS answered {error.response['Error']['Code']}") from error
        except BotoCoreError as error:
            raise StoreUnavailable(f"SQS could not be reached: {type(error).__name__}") from error
        return True


def received(record: Mapping[str, Any]) -> tuple[Question, Delivery]:
    """The question in one record of a Lambda event, and which delivery of it this is.

    Raises ``StoreCorrupt`` for a body that is no question.
    """
    number = int(record["attributes"]["ApproximateReceiveCount"])
    question = question_from_json(record["body"], f"message {record['messageId']}")
    return question, Delivery(number, last=number >= DELIVERIES)


class SqsReturns:
    """Has a question that failed delivered again soon, rather than when its visibility timeout ends."""

    def __init__(self, queue_url: str, client: "SQSClient") -> None:
        self._queue_url = queue_url
        self._client = client

    def soon(self, record: Mapping[str, Any], delivery: Delivery) -> None:
        """Make it visible after this delivery's wait. Where SQS refuses, the visibility timeout has to do."""
        wait = RETRY_SECONDS[min(delivery.number, len(RETRY_SECONDS)) - 1]
        try:
            self._client.change_message_visibility(
                QueueUrl=self._queue_url, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=wait
            )
        except (ClientError, BotoCoreError) as error:
            logger.warning("a question comes back late: %s", type(error).__name__)


def _allowed(body: str) -> str:
    # The only two characters that JSON leaves unescaped and SQS does not take; in JSON each has an escape.
    return body.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
