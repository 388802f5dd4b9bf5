"""The queue on AWS: an SQS FIFO queue with one message group for each conversation.

SQS hands out one message of a group at a time, in order, and recognises an identity it has had
within five minutes. Later repetitions are recognised by the conversation itself.
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from adapters.dead_letters import DeadLetter, dead_letter
from adapters.serialization import request_from_json, request_to_json
from domain.errors import StoreUnavailable
from domain.requests import Delivery, Request

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.literals import QueueAttributeNameType
    from types_boto3_sqs.type_defs import (
        ChangeMessageVisibilityBatchRequestEntryTypeDef,
        MessageAttributeValueTypeDef,
        MessageTypeDef,
    )

DELIVERIES = 3
"""How often SQS delivers a question before it is a dead letter: ``maxReceiveCount`` in terraform/modules/queue."""

REPLAYED = "replayed/"
"""How the deduplication id of a replayed dead letter begins."""

RETRY_SECONDS = (5, 30, 0)
"""Seconds before the second and the third delivery of a question that failed, and before it is a dead letter. One whose
worker was killed waits for the queue's visibility timeout instead, since nobody is left to shorten it."""

PATIENCE = Config(connect_timeout=1, read_timeout=1, retries={"mode": "standard", "total_max_attempts": 2})
"""Seconds. SQS takes a message within some 20 ms, and Slack waits three seconds for all of it. Where the second
attempt repeats one that did arrive, the identity is recognised."""

OPERATORS_PATIENCE = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard"})
"""Seconds. An operator sits behind slow lines and can wait."""

LOOK = 1
"""Seconds that SQS looks for dead letters: asked to look for none, it may overlook some."""

IN_HAND = 120
"""Seconds after which a dead letter shows up again if the operator's process was killed over it."""

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
        correlation_id = self._correlation_id()
        attributes: dict[str, MessageAttributeValueTypeDef] = {}
        if correlation_id:
            attributes[CORRELATION_ID] = {"DataType": "String", "StringValue": correlation_id}
        with _translated():
            self._client.send_message(
                QueueUrl=self._queue_url,
                MessageGroupId=conversation,
                MessageDeduplicationId=question.identity,
                MessageBody=_allowed(request_to_json(question)),
                MessageAttributes=attributes,
            )
        return True


def received(record: Mapping[str, Any]) -> tuple[Request, Delivery]:
    """The request in one record of a Lambda event, and which delivery of it this is.

    Raises ``StoreCorrupt`` for a body that is no request.
    """
    number = int(record["attributes"]["ApproximateReceiveCount"])
    request = request_from_json(record["body"], f"message {record['messageId']}")
    replayed = record["attributes"].get("MessageDeduplicationId", "").startswith(REPLAYED)
    return request, Delivery(number, last=number >= DELIVERIES, replayed=replayed)


class SqsRetries:
    """Has a question that failed delivered again soon, rather than when its visibility timeout ends."""

    def __init__(self, queue_url: str, client: "SQSClient") -> None:
        self._queue_url = queue_url
        self._client = client

    def schedule(self, record: Mapping[str, Any], delivery: Delivery) -> None:
        """Make it visible after this delivery's wait. Where SQS refuses, the visibility timeout has to do."""
        wait = RETRY_SECONDS[min(delivery.number, len(RETRY_SECONDS)) - 1]
        try:
            self._client.change_message_visibility(
                QueueUrl=self._queue_url, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=wait
            )
        except (ClientError, BotoCoreError) as error:
            logger.warning("a question comes back late: %s", type(error).__name__)


class SqsDeadLetters:
    """The dead-letter queue in an operator's hands. Raises ``StoreUnavailable``.

    A letter that was looked at is hidden from everybody else until ``close``. Meanwhile SQS holds back the
    rest of its conversation, so that of many letters in one conversation only the first are seen.
    """

    def __init__(self, queue_url: str, dead_letter_queue_url: str, client: "SQSClient") -> None:
        self._queue_url = queue_url
        self._dead_letter_queue_url = dead_letter_queue_url
        self._client = client
        self._in_hand: dict[str, MessageTypeDef] = {}

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
                seen = key in self._in_hand  # and its time in hand ran out
                self._in_hand[key] = message
                if not seen:
                    # SQS also counts how often an operator looked; only the redrive policy leads here.
                    yield dead_letter(
                        message["Body"],
                        f"message {key}",
                        key=key,
                        conversation=message["Attributes"]["MessageGroupId"],
                        deliveries=DELIVERIES,
                    )

    def replay(self, letter: DeadLetter) -> bool:
        """Put a letter that was looked at back into the queue as it was, then delete it. Always true.

        Killed in between, the letter remains and can be replayed again: its question is the same, and so
        is the id by which SQS keeps a second copy out for five minutes. It is not the question's own id,
        which the queue may have had within these five minutes.
        """
        message = self._in_hand[letter.key]
        with _translated():
            self._client.send_message(
                QueueUrl=self._queue_url,
                MessageGroupId=letter.conversation,
                MessageDeduplicationId=f"{REPLAYED}{letter.key}",
                MessageBody=message["Body"],
                MessageAttributes=message.get("MessageAttributes", {}),
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
        del self._in_hand[letter.key]
        return True

    def close(self) -> None:
        """Show the letters that remain to everybody again; those for which SQS fails show up by themselves."""
        entries: list[ChangeMessageVisibilityBatchRequestEntryTypeDef] = [
            {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0}
            for number, message in enumerate(self._in_hand.values())
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
                WaitTimeSeconds=LOOK,
                VisibilityTimeout=IN_HAND,
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
