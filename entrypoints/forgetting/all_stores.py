"""The stores in which a running bot keeps what it is told."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from adapters.listable_stores import StoredConversations, StoredLimits, StoredRequests, StoredSettings, StoredVotes
from domain.ports.stores import Ledger


@dataclass(frozen=True, slots=True)
class Stores:
    """All of them. What ``requests`` gives is held until it is closed: SQS hides dead letters meanwhile.

    ``scrub`` leaves nothing of what was deleted in a file; DynamoDB does so by itself.
    """

    conversations: StoredConversations
    votes: StoredVotes
    requests: Callable[[], AbstractContextManager[StoredRequests]]
    limits: StoredLimits
    settings: StoredSettings
    ledger: Ledger
    scrub: Callable[[], None] = lambda: None
