"""Conversations and votes in a DynamoDB table, one item each, and the ledger in a second one, through PynamoDB.

A turn reads once and writes twice; its second write is a transaction over both tables. Every write is conditional on
what was read or is there, so that a stale writer never wins. An item is forgotten by its ``expires_at``; DynamoDB
deletes it up to some days later, and until then it counts as gone.
"""

from adapters.dynamodb.attempts import DynamoAttempts
from adapters.dynamodb.channel_settings import DynamoSettings
from adapters.dynamodb.conversations import DynamoConversations
from adapters.dynamodb.feedback import DynamoFeedback
from adapters.dynamodb.installations import DynamoInstallations
from adapters.dynamodb.items import DAY
from adapters.dynamodb.ledger import DynamoLedger
from adapters.dynamodb.limits import DynamoLimits
from adapters.dynamodb.stops import DynamoStops

__all__ = [
    "DAY",
    "DynamoAttempts",
    "DynamoConversations",
    "DynamoFeedback",
    "DynamoInstallations",
    "DynamoLedger",
    "DynamoLimits",
    "DynamoSettings",
    "DynamoStops",
]
