"""Forgetting one person in the conversations that others share with them.

A message has its speaker's name, not their id, and a note has neither. So what is theirs is known by the names that the
conversation has on record for them, and by those that the operator adds.
"""

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import replace

from domain.conversations.conversation import Conversation, Message, Speaker
from domain.conversations.notes import Note
from domain.timestamp import Timestamp


def takes_part(conversation: Conversation, person: str) -> bool:
    """Has this person spoken here, as far as the conversation has it on record?"""
    return any(each == person for each, _ in conversation.people)


def is_theirs_alone(conversation: Conversation, person: str, names: Collection[str] = ()) -> bool:
    """Has nobody else spoken here, as far as that is on record?"""
    own = _names_of(conversation, person, names)
    others = [each for each, _ in conversation.people if each != person]
    return (
        takes_part(conversation, person) and not others and all(_is_said_by(own, each) for each in _said(conversation))
    )


def without_person(conversation: Conversation, person: str, names: Collection[str] = ()) -> Conversation:
    """Without what this person said, the answers to it, and the notes that name them.

    Messages without a name go too, since nobody can say that they are not theirs. What others said stays, also where it
    is about them, and so do notes that do not name them. The record of the questions stays, by which a late delivery is
    recognised; of their answers those to what others said, as far as that is in the buffer.
    """
    own = _names_of(conversation, person, names)
    buffer, theirs = _others_turns(conversation.buffer, own)
    others = {each.ts for each in buffer}
    return replace(
        conversation,
        notes=tuple(each for each in conversation.notes if not _names_one_of(each, {person, *own})),
        buffer=buffer,
        replies=tuple(each if each.question in others else replace(each, answer="") for each in conversation.replies),
        changes=tuple(each for each in conversation.changes if each.post not in theirs),
        people=tuple(each for each in conversation.people if each[0] != person),
    )


def _others_turns(buffer: Iterable[Message], own: Collection[str]) -> tuple[tuple[Message, ...], set[Timestamp]]:
    """The messages of others with their answers, and the ts of the posts that are left out.

    An answer has the ts of its question. An earlier release has stored messages without one: there it comes next.
    """
    kept: list[Message] = []
    theirs: set[Timestamp] = set()
    is_theirs = False
    for message in buffer:
        if message.speaker is not Speaker.BOT:
            is_theirs = _is_said_by(own, message)
            theirs.update([message.ts] if is_theirs and message.ts else [])
        elif message.ts:
            is_theirs = message.ts in theirs
        kept += [] if is_theirs else [message]
    return tuple(kept), theirs


def _names_of(conversation: Conversation, person: str, names: Collection[str]) -> frozenset[str]:
    return frozenset({"", *names, *(name for each, name in conversation.people if each == person)})


def _said(conversation: Conversation) -> Iterable[Message]:
    return (each for each in conversation.buffer if each.speaker is not Speaker.BOT)


def _is_said_by(own: Collection[str], message: Message) -> bool:
    return message.name in own


def _names_one_of(note: Note, names: Iterable[str]) -> bool:
    text = _plain(note.text)
    return any(each and _plain(each) in text for each in names)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
