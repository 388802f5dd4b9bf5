"""Conversations as records."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import astuple, replace
from typing import Any

from adapters.serialization.records import (
    RECEIPT_FIELDS,
    UNREADABLE,
    compact_json,
    receipt_from_record,
    receipt_to_record,
    usage_from_record,
    usage_to_record,
)
from domain.conversations.conversation import Conversation, Message, ReplyRecord, Speaker
from domain.conversations.notes import Note, Notes
from domain.correction.waiting_changes import PostChange, Redaction
from domain.errors import StoreCorrupt
from domain.spending.usage import NO_USAGE, Usage
from domain.timestamp import Timestamp


def conversation_to_record(conversation: Conversation) -> dict[str, Any]:
    """Terse: a person's message is ["person", text, tokens], with the name at the end where that is known.

    An earlier release can read it: to that the summary is one text. What it does not know stands by itself, and
    is left out when that release saves.
    """
    record: dict[str, Any] = {
        "summary": _summary(conversation.notes),
        "summary_tokens": conversation.notes_tokens,
        "buffer": [
            [_old_speaker(each), each.text, each.tokens, *([each.name] if each.name else [])]
            for each in conversation.buffer
        ],
        "replies": [
            [each.question, each.reply, each.answered, each.answer]
            + ([list(receipt_to_record(each.receipt).values())] if each.receipt else [])
            for each in conversation.replies
        ],
    }
    return record | rare_to_record(conversation)


def rare_to_record(conversation: Conversation) -> dict[str, Any]:
    """The fields that are as they began in most conversations; those that are, are left out."""
    return {
        name: value
        for name, value, begun in (
            ("quiet", conversation.quiet, False),
            ("reset", conversation.reset, None),
            ("notes", _notes_to_lists(conversation.notes), []),
            ("posts", [each.ts for each in conversation.buffer], [None] * len(conversation.buffer)),
            ("changes", [[each.post, each.at, each.text] for each in conversation.changes], []),
            ("redactions", [[*astuple(each)] for each in conversation.redactions], []),
            ("quoted", [n for n, each in enumerate(conversation.buffer) if each.speaker is Speaker.THREAD], []),
            ("unread_since", conversation.unread_since, None),
            ("people", [list(each) for each in conversation.people], []),
            ("spent", usage_to_record(conversation.usage), usage_to_record(NO_USAGE)),
            # By themselves: to an earlier release "spent" is four numbers.
            ("spent_besides", [conversation.usage.reasoning, conversation.usage.estimated], [0, 0]),
        )
        if value != begun
    }


def conversation_from_record(record: Mapping[str, Any], where: str) -> Conversation:
    """Raises ``StoreCorrupt`` naming ``where`` the record was found."""
    try:
        return Conversation(
            notes=_notes(record["summary"], record["summary_tokens"], record.get("notes")),
            buffer=tuple(_messages(record["buffer"], record.get("posts"), record.get("quoted", ()))),
            replies=tuple(_replied(*each) for each in record["replies"]),
            quiet=bool(record.get("quiet")),
            reset=_timestamp(record.get("reset")),
            changes=tuple(
                PostChange(Timestamp(post), Timestamp(at), text) for post, at, text in record.get("changes", ())
            ),
            redactions=tuple(
                Redaction(Timestamp(post), Timestamp(at), *texts) for post, at, *texts in record.get("redactions", ())
            ),
            unread_since=_timestamp(record.get("unread_since")),
            usage=_usage(record.get("spent", ()), *record.get("spent_besides", ())),
            people=tuple((str(person), str(name)) for person, name in record.get("people", ())),
        )
    except UNREADABLE as error:
        raise StoreCorrupt(f"{where} is not a conversation: {type(error).__name__}") from error


def _usage(spent: Collection[int], reasoning: int = 0, estimated: int = 0) -> Usage:
    return replace(usage_from_record(*spent), reasoning=reasoning, estimated=estimated)


def _old_speaker(message: Message) -> Speaker:
    """To an earlier release, what was said in the thread outside any turn is a person's message."""
    return Speaker.PERSON if message.speaker is Speaker.THREAD else message.speaker


def _summary(notes: Notes) -> str:
    return "\n".join(each.text for each in notes)


def _notes_to_lists(notes: Notes) -> list[list[Any]]:
    """What a summary's text alone does not say of the notes in it."""
    if notes == _notes(_summary(notes), sum(each.tokens for each in notes), None):
        return []
    return [
        [len(each.text), each.tokens, each.first, each.last, each.rewrites, *([True] if each.withheld else [])]
        for each in notes
    ]


def _notes(summary: str, tokens: int, rest: list[list[Any]] | None) -> Notes:
    """The notes in a summary; that of an earlier release is one note."""
    if rest is None:
        return (Note(summary, tokens),) if summary else ()
    notes, start = [], 0
    for length, note_tokens, first, last, rewrites, *withheld in rest:
        text = summary[start : start + length]
        notes.append(Note(text, note_tokens, _timestamp(first), _timestamp(last), rewrites, *withheld))
        start += length + 1
    return tuple(notes)


def _messages(buffer: list[list[Any]], posts: list[str | None] | None, quoted: Collection[int]) -> Iterator[Message]:
    for number, ((speaker, *said), ts) in enumerate(zip(buffer, posts or [None] * len(buffer), strict=True)):
        speaks = Speaker.THREAD if number in quoted else Speaker(speaker)
        yield replace(Message(speaks, *said), ts=_timestamp(ts))


def _timestamp(ts: str | None) -> Timestamp | None:
    return Timestamp(ts) if ts else None


def _replied(
    question: str, reply: str, answered: bool = False, answer: str = "", receipt: list[Any] | None = None
) -> ReplyRecord:
    return ReplyRecord(
        Timestamp(question),
        reply,
        answered,
        answer,
        receipt_from_record(dict(zip(RECEIPT_FIELDS, receipt, strict=True))) if receipt else None,
    )


def conversation_to_json(conversation: Conversation) -> str:
    return compact_json(conversation_to_record(conversation))


def conversation_from_json(text: str, where: str) -> Conversation:
    """Raises ``StoreCorrupt`` naming ``where`` the text was found."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StoreCorrupt(f"{where} is not JSON: {type(error).__name__}") from error
    return conversation_from_record(record, where)
