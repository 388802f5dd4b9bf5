"""What the release before the ledger read: its records of conversations and of requests, reduced to what it checks.

It is kept as it was and follows nothing that changes, so that tests show what a bot of that release makes of what is
written now, where both run for the minutes of a deployment, or after a step back.
"""

import json
from typing import Any

SPEAKERS = {"person", "bot", "thread"}
RECEIPT = ("model", "prompts", "sent", "received", "cached", "seconds")
PARTS = {"files": {"name", "media_type", "size", "url", "id"}, "quotes": {"text", "author", "cut"}}
REQUEST = {"team", "channel", "ts", "person"}
QUESTION = REQUEST | {
    *("text", "thread", "direct", "addressed", "private", "respond_to", "files", "quotes", "person_team", "external"),
}
KINDS = {
    "question": QUESTION,
    "apology": QUESTION,
    "vote": REQUEST | {"question", "good", "receipt"},
    "visit": REQUEST | {"tab"},
    "stop": REQUEST | {"thread"},
    "condense": REQUEST | {"conversation"},
    "edit": REQUEST | {"post", "was", "own"},
    "deletion": REQUEST | {"post", "was", "own"},
    "redact": REQUEST | {"conversation"},
}


class Refused(Exception):
    """Its ``StoreCorrupt``, whose sentence names the place and the error's type."""


def read_conversation(text: str) -> dict[str, Any]:
    """The notes' texts, what was said, the replies and the counts of tokens. Raises ``Refused``."""
    try:
        record = json.loads(text)
        buffer = [(speaker, *_said(*said)) for speaker, *said in record["buffer"]]
        posts = record.get("posts") or [None] * len(buffer)
        assert len(posts) == len(buffer)
        assert {speaker for speaker, *_ in buffer} <= SPEAKERS
        return {
            "notes": _notes(record["summary"], record["summary_tokens"], record.get("notes")),
            "buffer": [said for _, said, *_ in buffer],
            "replies": [_replied(*each) for each in record["replies"]],
            "spent": _spent(*record.get("spent", ())),
        }
    except (ValueError, TypeError, KeyError, AttributeError, AssertionError) as error:
        raise Refused(f"here is not a conversation: {type(error).__name__}") from error


def read_request(text: str) -> dict[str, Any]:
    """Raises ``Refused``."""
    try:
        record: dict[str, Any] = json.loads(text)
        _require_known(record, KINDS[record.pop("kind", "question")])
        if "post" in record:
            _require_known(record["post"], QUESTION)
        if record.get("receipt"):
            assert {*record["receipt"]} >= {*RECEIPT}
    except (ValueError, TypeError, KeyError, AttributeError, AssertionError) as error:
        raise Refused(f"here is not a request: {type(error).__name__}") from error
    return record


def _said(text: str, tokens: int, name: str = "") -> tuple[str, int, str]:
    return text, tokens, name


def _replied(
    question: str, reply: str, answered: bool = False, answer: str = "", receipt: list[Any] | None = None
) -> str:
    assert receipt is None or len(receipt) == len(RECEIPT)
    return answer


def _spent(turns: int = 0, sent: int = 0, received: int = 0, cached: int = 0) -> tuple[int, ...]:
    return turns, sent, received, cached


def _notes(summary: str, tokens: int, rest: list[list[Any]] | None) -> list[str]:
    if rest is None:
        return [summary] if summary else []
    notes, start = [], 0
    for length, _tokens, _first, _last, _rewrites, *withheld in rest:
        assert len(withheld) <= 1
        notes.append(summary[start : start + length])
        start += length + 1
    return notes


def _require_known(record: dict[str, Any], names: set[str]) -> None:
    assert {*record} <= names
    for name in PARTS.keys() & record.keys():
        for part in record[name]:
            assert {*part} <= PARTS[name]
