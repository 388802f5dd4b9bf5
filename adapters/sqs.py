"""The queue on AWS: an SQS FIFO queue with one message group for each conversation.

SQS hands out one message of a group at a time, in order, and recognises an identity it has had
within five minutes. Later repetitions are recognised by the conversation itself.
"""

import json
import logging
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from adapters.dead_letters import DeadLetter, dead_letter
from adapters.serialization import request_from_json, request_to_json
from domain.errors import StoreUnavailable
from domain.requests import Apology, Delivery, Request

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.literals import QueueAttributeNameType
    from types_boto3_sqs.type_defs import (
        ChangeMessageVisibilityBatchRequestEntryTypeDef,
        MessageAttributeValueTypeDef,
        MessageTypeDef,
    )

RECEIVES = 100
"""How often SQS hands out a message before it moves it to the dead letters by itself: ``maxReceiveCount`` in
terraform/modules/queue. The worker counts failed deliveries by their cause and sends dead letters itself; SQS counts
every receive, also those that Lambda throttled. This is the bound for what never reaches the worker's code."""

REPLAYED = "replayed/"
"""How the deduplication id of a replayed dead letter begins."""

BURIED = "buried/"
"""How that of a dead letter begins which the worker has sent."""

REASON, DELIVERIES = "reason", "deliveries"
"""The message attributes of such a dead letter: why its last delivery failed, and how many there were."""

REASON_LIMIT = 1_000
"""Characters."""

PATIENCE = Config(connect_timeout=1, read_timeout=1, retries={"mode": "standard", "total_max_attempts": 2})
"""Seconds. SQS takes a message within some 20 ms, and Slack waits three seconds for all of it. Where the second
attempt repeats one that did arrive, the identity is recognised."""

OPERATORS_PATIENCE = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard"})
"""Seconds. An operator sits behind slow lines and can wait."""

POLL_SECONDS = 1
"""WaitTimeSeconds: short polling can miss messages."""

VISIBILITY_SECONDS = 120
"""Seconds after which a dead letter shows up again if the operator's process was killed while it had it."""

CORRELATION_ID = "correlation_id"
"""The message attribute that carries the id under which API Gateway's request is logged."""

CORRELATION_ID_PATH = f"Records[0].messageAttributes.{CORRELATION_ID}.stringValue"
"""Where a worker finds it in its event, as a JMESPath."""

logger = logging.getLogger(__name__)


def sqs_client(patience: Config = PATIENCE) -> "SQSClient":
    """A client for the region and the credentials that the environment names.

    Raises ``StoreUnavailable`` where it names no region.
    """
    with _translated():
        return boto3.client("sqs", config=patience)


class SqsQueue:
    """Puts requests on the queue, each with the ``correlation_id`` of the moment, if that is not empty.

    Conversation and identity serve as they are: SQS allows 128 letters, digits and marks, slash and
    full stop among them, and the door lets no id in that would exceed this.
    """

    def __init__(self, queue_url: str, client: "SQSClient", *, correlation_id: Callable[[], str | None]) -> None:
        self._queue_url = queue_url
        self._client = client
        self._correlation_id = correlation_id

    def put(self, question: Request, conversation: str) -> bool:
        """Always true: SQS takes a repeated identity without a word, and without delivering it again."""
        with _translated():
            self._client.send_message(
                QueueUrl=self._queue_url,
                MessageGroupId=conversation,
                MessageDeduplicationId=question.identity,
                MessageBody=_allowed(request_to_json(question)),
                MessageAttributes=_with(self._correlation_id()),
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


class SqsRetries:
    """What becomes of a message whose delivery has failed. Raises ``StoreUnavailable``."""

    def __init__(self, queue_url: str, dead_letter_queue_url: str, client: "SQSClient") -> None:
        self._queue_url = queue_url
        self._dead_letter_queue_url = dead_letter_queue_url
        self._client = client

    def schedule(self, record: Mapping[str, Any], delay: float) -> None:
        """Have it delivered again after ``delay`` seconds. Its message group waits meanwhile, so that order holds.

        Where SQS refuses, the visibility timeout has to do. That is what a message waits for whose worker was killed.
        """
        try:
            self._client.change_message_visibility(
                QueueUrl=self._queue_url, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=math.ceil(delay)
            )
        except (ClientError, BotoCoreError) as error:
            logger.warning("a question comes back late: %s", type(error).__name__)

    def bury(self, record: Mapping[str, Any], reason: str, apology: Apology | None = None) -> None:
        """Send it to the dead letters. The caller returns without an error, so that Lambda deletes the message.

        Where the person is still to be told, the ``apology`` is queued, in a message group of its own.

        Killed in between, the message is delivered and buried again; SQS takes it once within five minutes.
        """
        attributes: dict[str, MessageAttributeValueTypeDef] = {
            REASON: {"DataType": "String", "StringValue": _allowed(reason)[:REASON_LIMIT] or "-"},
            DELIVERIES: {"DataType": "Number", "StringValue": record["attributes"]["ApproximateReceiveCount"]},
        }
        correlation_id = record.get("messageAttributes", {}).get(CORRELATION_ID, {}).get("stringValue")
        with _translated():
            self._client.send_message(
                QueueUrl=self._dead_letter_queue_url,
                MessageGroupId=record["attributes"]["MessageGroupId"],
                MessageDeduplicationId=f"{BURIED}{record['messageId']}",
                MessageBody=record["body"],
                MessageAttributes=attributes | _with(correlation_id),
            )
        if apology:
            queue = SqsQueue(self._queue_url, self._client, correlation_id=lambda: correlation_id)
            queue.put(apology, f"apologies/{apology.reference}")


class SqsDeadLetters:
    """The dead-letter queue as an operator uses it. Raises ``StoreUnavailable``.

    A letter that was received is hidden from everybody else until ``close``. Meanwhile SQS holds back the
    rest of its conversation, so that of many letters in one conversation only the first are seen.
    """

    def __init__(self, queue_url: str, dead_letter_queue_url: str, client: "SQSClient") -> None:
        self._queue_url = queue_url
        self._dead_letter_queue_url = dead_letter_queue_url
        self._client = client
        self._received: dict[str, MessageTypeDef] = {}

    def count(self) -> int:
        """About how many there are, the hidden ones among them."""
        counted = self._attributes(
            self._dead_letter_queue_url, "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"
        )
        return sum(map(int, counted.values()))

    def letters(self) -> Iterator[DeadLetter]:
        """Those of one conversation come in the order in which they were asked."""
        self._require_one_to_be_the_others()
        while messages := self._receive():
            for message in messages:
                key = message["MessageId"]
                seen = key in self._received  # and its visibility timeout ran out
                self._received[key] = message
                if not seen:
                    yield _dead_letter(message)

    def replay(self, letter: DeadLetter) -> bool:
        """Put a received letter back into the queue as it was, then delete it. Always true.

        Killed in between, the letter remains and can be replayed again: its question is the same, and so
        is the id by which SQS keeps a second copy out for five minutes. It is not the question's own id,
        which the queue may have had within these five minutes.
        """
        message = self._received[letter.key]
        with _translated():
            self._client.send_message(
                QueueUrl=self._queue_url,
                MessageGroupId=letter.conversation,
                MessageDeduplicationId=f"{REPLAYED}{letter.key}",
                MessageBody=message["Body"],
                MessageAttributes=_with(_attribute(message, CORRELATION_ID)),
            )
        try:
            with _translated():
                self._client.delete_message(
                    QueueUrl=self._dead_letter_queue_url, ReceiptHandle=message["ReceiptHandle"]
                )
        except StoreUnavailable as error:
            raise StoreUnavailable(
                f"{letter.reference} is back in the queue, but its dead letter stays: {error}"
            ) from error
        del self._received[letter.key]
        return True

    def close(self) -> None:
        """Show the letters that remain to everybody again; those for which SQS fails show up by themselves."""
        entries: list[ChangeMessageVisibilityBatchRequestEntryTypeDef] = [
            {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0}
            for number, message in enumerate(self._received.values())
        ]
        with suppress(ClientError, BotoCoreError):
            for start in range(0, len(entries), 10):
                self._client.change_message_visibility_batch(
                    QueueUrl=self._dead_letter_queue_url, Entries=entries[start : start + 10]
                )

    def _receive(self) -> "list[MessageTypeDef]":
        with _translated():
            return self._client.receive_message(
                QueueUrl=self._dead_letter_queue_url,
                MaxNumberOfMessages=10,
                WaitTimeSeconds=POLL_SECONDS,
                VisibilityTimeout=VISIBILITY_SECONDS,
                MessageSystemAttributeNames=["MessageGroupId"],
                MessageAttributeNames=["All"],
            ).get("Messages", [])

    def _require_one_to_be_the_others(self) -> None:
        # With the two interchanged, questions that wait would be taken for dead letters.
        policy = json.loads(self._attributes(self._queue_url, "RedrivePolicy").get("RedrivePolicy", "{}"))
        own = self._attributes(self._dead_letter_queue_url, "QueueArn")["QueueArn"]
        if policy.get("deadLetterTargetArn") != own:
            raise StoreUnavailable(f"{self._dead_letter_queue_url} is not the dead-letter queue of {self._queue_url}")

    def _attributes(self, queue_url: str, *names: "QueueAttributeNameType") -> dict[str, str]:
        with _translated():
            found = self._client.get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)
        return {str(name): value for name, value in found.get("Attributes", {}).items()}


def _dead_letter(message: "MessageTypeDef") -> DeadLetter:
    key = message["MessageId"]
    return dead_letter(
        message["Body"],
        f"message {key}",
        key=key,
        conversation=message["Attributes"]["MessageGroupId"],
        # SQS also counts how often an operator looked. What it has moved here by itself was received so often.
        deliveries=int(_attribute(message, DELIVERIES) or RECEIVES),
        reason=_attribute(message, REASON),
    )


def _attribute(message: "MessageTypeDef", name: str) -> str:
    attributes = message.get("MessageAttributes", {})
    return attributes[name].get("StringValue", "") if name in attributes else ""


def _with(correlation_id: str | None) -> "dict[str, MessageAttributeValueTypeDef]":
    return {CORRELATION_ID: {"DataType": "String", "StringValue": correlation_id}} if correlation_id else {}


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        raise StoreUnavailable(f"SQS answered {error.response['Error']['Code']}") from error
    except BotoCoreError as error:
        raise StoreUnavailable(f"SQS could not be reached: {type(error).__name__}") from error


def _allowed(body: str) -> str:
    # The only two characters that JSON leaves unescaped and SQS does not take; in JSON each has an escape.
    return body.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
