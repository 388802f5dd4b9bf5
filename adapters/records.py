"""Conversations, questions and dead letters as plain records, for stores and queues that keep JSON.

Absent fields mean their defaults, so that a record grows without a migration.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from domain.conversation import Conversation, Message, Replied, Speaker
from domain.errors import StoreCorrupt
from domain.question import Question


def conversation_to_record(conversation: Conversation) -> dict[str, Any]:
    """Terse: a person's message is ["person", text, tokens]."""
    return {
        "summary": conversation.summary,
        "summary_tokens": conversation.summary_tokens,
        "buffer": [[each.speaker, each.text, each.tokens] for each in conversation.buffer],
        "replies": [[each.question, each.reply, each.answered, each.answer] for each in conversation.replies],
    }


def conversation_from_record(record: Mapping[str, Any], where: str) -> Conversation:
    """Raises ``StoreCorrupt`` naming ``where`` the record was found."""
    try:
        return Conversation(
            summary=record["summary"],
            summary_tokens=record["summary_tokens"],
            buffer=tuple(Message(Speaker(speaker), said, tokens) for speaker, said, tokens in record["buffer"]),
            replies=tuple(Replied(*each) for each in record["replies"]),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise StoreCorrupt(f"{where} is not a conversation: {type(error).__name__}") from error


def conversation_to_json(conversation: Conversation) -> str:
    return compact_json(conversation_to_record(conversation))


def conversation_from_json(text: str, where: str) -> Conversation:
    """Raises ``StoreCorrupt`` naming ``where`` the text was found."""
    try:
        record = json.loads(text)
    except ValueError as error:
        raise StoreCorrupt(f"{where} is not JSON: {type(error).__name__}") from error
    return conversation_from_record(record, where)


def question_to_json(question: Question) -> str:
    return compact_json(asdict(question))


def question_from_json(text: str, where: str) -> Question:
    """Raises ``StoreCorrupt`` naming ``where`` the text was found."""
    try:
        record: Mapping[str, Any] = json.loads(text)
        return Question(**record)
    except (ValueError, TypeError, RecursionError) as error:
        raise StoreCorrupt(f"{where} is not a question: {type(error).__name__}") from error


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What an operator may see of a question whose deliveries have all failed: never what the person wrote.

    ``key`` is the store's own name for it. One that cannot be read has no ``reference`` and is never
    replayed; its ``reason`` says what is wrong with it.
    """

    key: str
    conversation: str
    deliveries: int
    reason: str
    reference: str = ""
    asked: datetime | None = None


def dead_letter(
    content: str, where: str, *, key: str, conversation: str, deliveries: int, reason: str = ""
) -> DeadLetter:
    """The dead letter with a question's JSON in it, or one that cannot be read."""
    try:
        question = question_from_json(content, where)
        asked = datetime.fromtimestamp(float(question.ts), UTC)
        return DeadLetter(key, conversation, deliveries, reason, question.reference, asked)
    except StoreCorrupt as error:
        reason = str(error)
    except (ValueError, TypeError, OverflowError, OSError) as error:  # the ts is no time, or the identity no text
        reason = f"{where} is not a question: {type(error).__name__}"
    return DeadLetter(key, conversation, deliveries, reason)


def compact_json(record: object) -> str:
    """JSON without spaces or needless escapes, in which Japanese takes half the bytes that it would with them."""
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    # A lone surrogate is a legal JSON escape but no text: no store can hold it.
    return text.encode(errors="replace").decode()
