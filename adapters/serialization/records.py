"""What every record has: JSON in few bytes, and tokens."""

import json
from collections.abc import Mapping
from typing import Any

from domain.spending.usage import Receipt, Usage

RECEIPT_FIELDS = ("model", "prompts", "sent", "received", "cached", "seconds")
"""What a conversation keeps of a receipt, without these names; in a vote they stand beside it."""

UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What reading a record raises that is not of our making."""


def usage_to_record(usage: Usage) -> list[int]:
    return [usage.turns, usage.sent, usage.received, usage.cached]


def usage_from_record(turns: int = 0, sent: int = 0, received: int = 0, cached: int = 0) -> Usage:
    return Usage(sent, received, cached, turns)


def receipt_to_record(receipt: Receipt) -> dict[str, Any]:
    """Without reasoning tokens, and whether they are estimated: an earlier release knows exactly these fields."""
    usage = receipt.usage
    values = (receipt.model, receipt.prompts, usage.sent, usage.received, usage.cached, receipt.seconds)
    return dict(zip(RECEIPT_FIELDS, values, strict=True))


def receipt_from_record(record: Mapping[str, Any]) -> Receipt:
    usage = Usage(record["sent"], record["received"], record["cached"], turns=1)
    return Receipt(record["model"], record["prompts"], usage, record["seconds"])


def compact_json(record: object) -> str:
    """JSON without spaces or needless escapes, in which Japanese takes half the bytes that it would with them."""
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    # A lone surrogate is a legal JSON escape but no text: no store can hold it.
    return text.encode(errors="replace").decode()
