"""The rolling summary-buffer memory as a value.

A conversation has notes that stand for everything older, a buffer of recent messages kept word for word, and a
record of the recent questions.
"""

import enum
from dataclasses import dataclass, replace

from domain.conversations.names import distinct_name
from domain.conversations.notes import Note, Notes
from domain.correction.waiting_changes import PostChange, Redaction
from domain.spending.usage import NO_USAGE, Receipt, Usage
from domain.timestamp import Timestamp

QUESTIONS_RECORDED = 64
"""How many recent questions a conversation can recognise: a day of Slack's delayed deliveries in a busy thread."""

ANSWERS_RECORDED = 4
"""For how many of them the answer is kept at most, to finish a reply that a crash left open."""

ANSWERS_BYTES = 60_000
"""Older answers than the newest are kept only while all together have no more than this, so that a conversation stays
small enough for every store; the newest stands in the buffer too."""


PEOPLE_RECORDED = 64
"""How many people of a conversation are told apart by name."""


class Speaker(enum.StrEnum):
    """Who speaks a message: the person of a turn, the bot in its answer, or somebody in the thread outside any turn."""

    PERSON = "person"
    BOT = "bot"
    THREAD = "thread"


@dataclass(frozen=True, slots=True)
class Message:
    """One remembered utterance, and the name of the person whose it is where that is known.

    ``tokens`` was counted once, when the message was made. ``ts`` is the post's; a message of the bot has that of the
    question it answers. An earlier release has stored messages without one.
    """

    speaker: Speaker
    text: str
    tokens: int
    name: str = ""
    ts: Timestamp | None = None


@dataclass(frozen=True, slots=True)
class ReplyRecord:
    """The record of one question: the ts of its reply and, once known, the answer.

    ``answered`` without an ``answer`` is an answer that has left the record with age. ``reply`` is empty where
    only one person sees it.
    """

    question: Timestamp
    reply: str
    answered: bool = False
    answer: str = ""
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is remembered. Every method returns a changed copy.

    ``quiet`` where people asked the bot to wait for mentions. ``reset`` is the ts of the last request to
    forget everything: what was asked before that is not remembered, however late it is delivered. ``people``
    are the ids of those who spoke lately, with the names by which the model knows them. The thread was not read after
    ``unread_since``, because the bot was told to be quiet. ``changes`` are of posts that wait for their answer,
    ``redactions`` of posts that notes were made of.
    """

    notes: Notes = ()
    buffer: tuple[Message, ...] = ()
    replies: tuple[ReplyRecord, ...] = ()
    quiet: bool = False
    reset: Timestamp | None = None
    usage: Usage = NO_USAGE
    people: tuple[tuple[str, str], ...] = ()
    unread_since: Timestamp | None = None
    changes: tuple[PostChange, ...] = ()
    redactions: tuple[Redaction, ...] = ()

    @property
    def notes_tokens(self) -> int:
        return sum(note.tokens for note in self.notes)

    @property
    def buffer_tokens(self) -> int:
        return sum(message.tokens for message in self.buffer)

    @property
    def last_asked(self) -> Timestamp | None:
        """The ts of the newest question, by Slack's clock; none where no question is on record."""
        return max((Timestamp(record.question) for record in self.replies), default=None)

    @property
    def is_joined(self) -> bool:
        """Does the bot take part here, for all to see? What it told one person alone does not count."""
        return not self.is_empty or any(record.reply for record in self.replies)

    @property
    def is_empty(self) -> bool:
        """Is nothing remembered of what was said?"""
        return not (self.buffer or self.notes)

    def note(self, number: int) -> Note | None:
        """The note of this number, which is its place from 1."""
        return self.notes[number - 1] if 0 < number <= len(self.notes) else None

    def name_for(self, person: str, name: str) -> str:
        """The name by which the model knows this person, who is called like this in Slack."""
        return distinct_name(person, name, [known for other, known in self.people if other != person])

    def heard(self, person: str, name: str) -> "Conversation":
        """With this person among those who spoke lately."""
        others = tuple(each for each in self.people if each[0] != person)
        return replace(self, people=(*others, (person, name))[-PEOPLE_RECORDED:])

    @property
    def is_new(self) -> bool:
        """Has nothing been remembered, or forgotten on request, yet?"""
        return self.is_empty and not self.reset

    def reply_to(self, question: Timestamp) -> ReplyRecord | None:
        """The record of the question with this ts, if it is being answered or was answered lately."""
        return next((record for record in self.replies if record.question == question), None)

    def change_of(self, post: Timestamp) -> PostChange | None:
        """What has become of a post whose question is not answered yet, where somebody has changed it."""
        return next((change for change in self.changes if change.post == post), None)

    def opened(self, question: Timestamp, reply: str) -> "Conversation":
        """With a reply begun for this question; unchanged where one was begun before."""
        return self if self.reply_to(question) else self._recorded(ReplyRecord(question, reply))

    def settled(self, question: Timestamp, answer: str, receipt: Receipt | None = None) -> "Conversation":
        """With this question answered by text that is not remembered, such as an apology."""
        opened = self.reply_to(question)
        reply = opened.reply if opened else ""
        settled = replace(self, changes=tuple(each for each in self.changes if each.post != question))
        return settled._recorded(ReplyRecord(question, reply, answered=True, answer=answer, receipt=receipt))

    def remember(
        self,
        question: Timestamp,
        shown: str,
        asked: Message,
        answered: Message,
        receipt: Receipt | None = None,
        *,
        above: tuple[Message, ...] = (),
    ) -> "Conversation":
        """With one more turn at the end of the buffer and its question settled by what was ``shown``.

        What was said ``above`` the question in its thread comes before it.

        Unchanged where the question was settled before, so that a turn is remembered once however
        often it is saved. A question from before a reset is settled, but not remembered.
        """
        record = self.reply_to(question)
        if record and record.answered:
            return self
        settled = self.settled(question, shown, receipt)
        if receipt:
            settled = settled.charged(receipt.usage)
        if self.reset and question < self.reset:
            return settled
        unread_since = question if self.quiet else None
        return replace(settled, buffer=(*self.buffer, *above, asked, answered), unread_since=unread_since)

    def condensed(self, folded: int, notes: Notes) -> "Conversation":
        """With the oldest ``folded`` messages gone from the buffer and the notes that took them in."""
        return replace(self, notes=notes, buffer=self.buffer[folded:])

    def without_note(self, number: int) -> "Conversation":
        """Without the note of this number, which must be there."""
        return replace(self, notes=(*self.notes[: number - 1], *self.notes[number:]))

    def charged(self, usage: Usage) -> "Conversation":
        """With this added to its usage."""
        return replace(self, usage=self.usage + usage)

    def forgotten(self, question: Timestamp) -> "Conversation":
        """With nothing left of what was said before the request of this ts. What it cost is not undone."""
        records = tuple(replace(each, answer="", receipt=None) for each in self.replies)
        reset = max(self.reset or Timestamp(question), Timestamp(question))
        unread_since = reset if self.unread_since else None
        changes = tuple(each for each in self.changes if each.post > reset)
        emptied = replace(self, notes=(), buffer=(), people=(), redactions=(), changes=changes)
        emptied = replace(emptied, unread_since=unread_since)
        return replace(emptied, replies=records, reset=reset)

    def told_to_be_quiet(self, question: Timestamp, quiet: bool) -> "Conversation":
        """With this the last word on whether to wait for mentions. What is said meanwhile is read at the next one."""
        unread_since = (self.unread_since or Timestamp(question)) if quiet else self.unread_since
        return replace(self, quiet=quiet, unread_since=unread_since)

    def has_gone_on(self, question: Timestamp) -> bool:
        """Was a later question answered than the one of this ts?"""
        return any(record.answered and record.question > question for record in self.replies)

    def _recorded(self, record: ReplyRecord) -> "Conversation":
        others = [each for each in self.replies if each.question != record.question][-QUESTIONS_RECORDED + 1 :]
        size, kept = len(record.answer.encode(errors="replace")), [record]
        for age, each in enumerate(reversed(others), 1):
            size += len(each.answer.encode(errors="replace"))
            is_kept = age < ANSWERS_RECORDED and size <= ANSWERS_BYTES
            kept.append(each if is_kept else replace(each, answer="", receipt=None))
        return replace(self, replies=tuple(reversed(kept)))
