"""The queue on AWS: an SQS FIFO queue with one message group for each conversation.

SQS hands out one message of a group at a time, in order, and recognises an identity it has had
within five minutes. Later repetitions are recognised by the conversation itself.
"""

from adapters.sqs.client import OPERATORS_PATIENCE, sqs_client
from adapters.sqs.failed_messages import SqsFailedMessages
from adapters.sqs.queue import CORRELATION_ID_PATH, SqsQueue, received

__all__ = [
    "CORRELATION_ID_PATH",
    "OPERATORS_PATIENCE",
    "SqsFailedMessages",
    "SqsQueue",
    "received",
    "sqs_client",
]
