"""Conversations and requests as plain records, for stores and queues that keep JSON.

Absent fields mean their defaults, so that a record grows without a migration.
"""

from adapters.serialization.channel_records import channel_settings_from_json, channel_settings_to_json
from adapters.serialization.conversation_records import (
    conversation_from_json,
    conversation_from_record,
    conversation_to_json,
    conversation_to_record,
    rare_to_record,
)
from adapters.serialization.ledger_records import (
    COUNTS,
    charge_from_json,
    charge_to_json,
    counts_of,
    limit_from_json,
    limit_to_json,
    sum_of_counts,
)
from adapters.serialization.records import compact_json
from adapters.serialization.request_records import (
    attempts_from_json,
    attempts_to_json,
    request_from_json,
    request_to_json,
    vote_from_json,
)

__all__ = [
    "COUNTS",
    "attempts_from_json",
    "attempts_to_json",
    "channel_settings_from_json",
    "channel_settings_to_json",
    "charge_from_json",
    "charge_to_json",
    "compact_json",
    "conversation_from_json",
    "conversation_from_record",
    "conversation_to_json",
    "conversation_to_record",
    "counts_of",
    "limit_from_json",
    "limit_to_json",
    "rare_to_record",
    "request_from_json",
    "request_to_json",
    "sum_of_counts",
    "vote_from_json",
]
