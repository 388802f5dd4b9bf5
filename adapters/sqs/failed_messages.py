"""What becomes of a message whose delivery has failed."""

import logging
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from adapters.sqs.client import translated
from adapters.sqs.queue import CORRELATION_ID, SqsQueue, allowed, correlation_attributes
from domain.requests import Apology

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient
    from types_boto3_sqs.type_defs import MessageAttributeValueTypeDef

DEAD_LETTER = "buried/"
"""How the deduplication id of a dead letter begins that the worker has sent."""

APOLOGY = "apology/"
"""How the deduplication id of an apology begins, which goes on with the message that has failed."""

REASON, DELIVERIES = "reason", "deliveries"
"""The message attributes of such a dead letter: why its last delivery failed, and how many there were."""

REASON_LIMIT = 1_000
"""Characters."""

logger = logging.getLogger(__name__)


class SqsFailedMessages:
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

    def move_to_dead_letters(self, record: Mapping[str, Any], reason: str, apology: Apology | None = None) -> None:
        """Send it to the dead letters. The caller returns without an error, so that Lambda deletes the message.

        Where the person is still to be told, the ``apology`` is queued, in a message group of its own.

        Killed in between, the message is delivered and sent there again; SQS takes it once within five minutes.
        """
        attributes: dict[str, MessageAttributeValueTypeDef] = {
            REASON: {"DataType": "String", "StringValue": allowed(reason)[:REASON_LIMIT] or "-"},
            DELIVERIES: {"DataType": "Number", "StringValue": record["attributes"]["ApproximateReceiveCount"]},
        }
        correlation_id = record.get("messageAttributes", {}).get(CORRELATION_ID, {}).get("stringValue")
        with translated():
            self._client.send_message(
                QueueUrl=self._dead_letter_queue_url,
                MessageGroupId=record["attributes"]["MessageGroupId"],
                MessageDeduplicationId=f"{DEAD_LETTER}{record['messageId']}",
                MessageBody=record["body"],
                MessageAttributes=attributes | correlation_attributes(correlation_id),
            )
        if apology:
            queue = SqsQueue(self._queue_url, self._client, correlation_id=lambda: correlation_id)
            # Not by its own identity: a question that is replayed and fails again is apologised for again.
            queue.put(apology, f"apologies/{apology.reference}", f"{APOLOGY}{record['messageId']}")
