"""The dead-letter queue as an operator uses it."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from adapters.dead_letters import DeadLetter, dead_letter
from adapters.listable_stores import StoredRequest
from adapters.serialization.request_records import request_from_json
from adapters.sqs.client import translated
from adapters.sqs.failed_messages import DELIVERIES, REASON
from adapters.sqs.queue import CORRELATION_ID, REPLAYED, correlation_attributes
from domain.errors import StoreUnavailable

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.literals import QueueAttributeNameType
    from types_boto3_sqs.type_defs import ChangeMessageVisibilityBatchRequestEntryTypeDef, MessageTypeDef

RECEIVES = 200
"""How often SQS hands out a message before it moves it to the dead letters by itself: ``maxReceiveCount`` in
terraform/modules/queue. The worker counts failed deliveries by their cause and sends dead letters itself; SQS counts
every receive, also those that Lambda throttled. This is the bound for what never reaches the worker's code."""

POLL_SECONDS = 1
"""WaitTimeSeconds: short polling can miss messages."""

VISIBILITY_SECONDS = 120
"""Seconds after which a dead letter shows up again if the operator's process was killed while it had it."""


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
        return map(_dead_letter, self._messages())

    def everything(self) -> Iterator[StoredRequest]:
        """The dead letters as requests. What waits in the queue can be seen by nobody but a worker."""
        return map(_stored_request, self._messages())

    def delete(self, request: StoredRequest) -> None:
        """Delete a dead letter for good."""
        message = self._received.pop(request.key, None)
        if message:
            with translated():
                self._client.delete_message(
                    QueueUrl=self._dead_letter_queue_url, ReceiptHandle=message["ReceiptHandle"]
                )

    def _messages(self) -> "Iterator[MessageTypeDef]":
        self._require_one_to_be_the_others()
        while messages := self._receive():
            for message in messages:
                key = message["MessageId"]
                seen = key in self._received  # and its visibility timeout ran out
                self._received[key] = message
                if not seen:
                    yield message

    def replay(self, letter: DeadLetter) -> bool:
        """Put a received letter back into the queue as it was, then delete it. Always true.

        Killed in between, the letter remains and can be replayed again: its question is the same, and so
        is the id by which SQS keeps a second copy out for five minutes. It is not the question's own id,
        which the queue may have had within these five minutes.
        """
        message = self._received[letter.key]
        with translated():
            self._client.send_message(
                QueueUrl=self._queue_url,
                MessageGroupId=letter.conversation,
                MessageDeduplicationId=f"{REPLAYED}{letter.key}",
                MessageBody=message["Body"],
                MessageAttributes=correlation_attributes(_attribute(message, CORRELATION_ID)),
            )
        try:
            with translated():
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
        with translated():
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
        with translated():
            response = self._client.get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)
        return {str(name): value for name, value in response.get("Attributes", {}).items()}


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


def _stored_request(message: "MessageTypeDef") -> StoredRequest:
    letter, body = _dead_letter(message), message["Body"]
    identity = request_from_json(body, letter.key).identity if letter.reference else ""
    return StoredRequest(letter.key, identity, letter.conversation, "dead", letter.deliveries, body, letter.reason)


def _attribute(message: "MessageTypeDef", name: str) -> str:
    attributes = message.get("MessageAttributes", {})
    return attributes[name].get("StringValue", "") if name in attributes else ""
