"""All that is known of one question: from its conversation, from the queue, and from people's votes."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from adapters.listable_stores import StoredRequest
from domain.conversations.conversation import Conversation, ReplyRecord, Speaker
from domain.conversations.place import parts_of_key
from domain.requests import Question, Request, Vote
from domain.spending.ledger import Charge
from domain.spending.prices import MILLIONTHS
from domain.spending.usage import Receipt
from domain.timestamp import Timestamp

STATES = {"done": "done", "dead": "dead letter", "waiting": "waiting", "claimed": "being worked on"}


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a conversation has on record of one question."""

    key: str
    record: ReplyRecord
    conversation: Conversation

    @property
    def request(self) -> Request:
        team, channel, _ = parts_of_key(self.key)
        return Request(team, channel, self.record.question, "")

    @property
    def texts(self) -> dict[str, str]:
        """The question and the answer, as far as they stand in the buffer, or the answer on record."""
        said = [each for each in self.conversation.buffer if each.ts == self.record.question]
        question = "\n".join(each.text for each in said if each.speaker is not Speaker.BOT)
        answer = self.record.answer or "\n".join(each.text for each in said if each.speaker is Speaker.BOT)
        return {name: text for name, text in (("question", question), ("answer", answer)) if text}


@dataclass(frozen=True, slots=True)
class RequestReport:
    """What is known of the question with this reference. It may be known to none, one or several of the stores."""

    reference: str
    queued: tuple[StoredRequest, ...] = ()
    remembered: tuple[Remembered, ...] = ()
    votes: tuple[Vote, ...] = ()
    charges: tuple[Charge, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.queued or self.remembered or self.votes or self.charges)

    @property
    def person(self) -> str | None:
        """Whose question it is, as the queue or the ledger knows it: a conversation does not."""
        asking = [each.request.person for each in self.queued if each.request]
        return next(iter([*asking, *(each.person for each in self.charges)]), None)

    def as_data(self, *, texts: bool) -> dict[str, Any]:
        """As a record of plain values; with what people wrote only where ``texts`` is asked for."""
        identity = self._identity
        asked = Request.from_identity(identity).ts
        return {
            "reference": self.reference,
            "identity": identity,
            "asked": datetime.fromtimestamp(asked.seconds, UTC).isoformat(timespec="seconds"),
            "person": self.person,
            "queue": [_queued(each, texts=texts) for each in self.queued],
            "conversations": [_remembered(each, texts=texts) for each in self.remembered],
            "charges": [_charge(each) for each in self.charges],
            "votes": [{"person": each.person, "good": each.good} for each in self.votes],
        }

    @property
    def _identity(self) -> str:
        if self.remembered:
            return self.remembered[0].request.identity
        if self.votes:
            return self.votes[0].question
        identities = [*(each.identity for each in self.queued), *(each.request for each in self.charges)]
        return question_in(identities[0])


def question_in(identity: str) -> str:
    """The identity of the question that a request is, or that it is about."""
    return "/".join(identity.split("/")[:3])


def is_about(charge: Charge, reference: str) -> bool:
    return Request.from_identity(question_in(charge.request)).reference == reference


def remembered_in(key: str, conversation: Conversation, reference: str) -> Iterable[Remembered]:
    """The records of this question in one conversation: none or one."""
    every = (Remembered(key, record, conversation) for record in conversation.replies)
    return [each for each in every if each.request.reference == reference]


def _queued(queued: StoredRequest, *, texts: bool) -> dict[str, Any]:
    request = queued.request
    told: dict[str, Any] = {
        "identity": queued.identity,
        "kind": type(request).__name__.lower() if request else None,
        "state": STATES[queued.state],
        "group": queued.group,
        "deliveries": queued.deliveries,
        "failed": queued.attempts or None,
        "reason": queued.reason or None,
    }
    return told | ({"text": request.text} if texts and isinstance(request, Question) else {})


def _remembered(each: Remembered, *, texts: bool) -> dict[str, Any]:
    record, receipt = each.record, each.record.receipt
    told: dict[str, Any] = {
        "key": each.key,
        "reply": record.reply or None,
        "answered": record.answered,
        "in_buffer": any(message.ts == record.question for message in each.conversation.buffer),
        "in_notes": _notes_with(each.conversation, record.question),
        "receipt": _receipt(receipt) if receipt else None,
    }
    return told | (each.texts if texts else {})


def _charge(charge: Charge) -> dict[str, Any]:
    usage = charge.usage
    return {
        "kind": charge.kind.value,
        "model": charge.model,
        "sent": usage.sent,
        "cached": usage.cached,
        "received": usage.received,
        "reasoning": usage.reasoning,
        "estimated": charge.estimated,
        "seconds": charge.seconds,
        "money": None if charge.money is None else charge.money / MILLIONTHS,
    }


def _receipt(receipt: Receipt) -> dict[str, Any]:
    took = asdict(receipt)
    usage: dict[str, Any] = took.pop("usage")
    return took | usage


def _notes_with(conversation: Conversation, ts: Timestamp) -> list[int]:
    """The numbers of the notes whose span of posts has this one in it."""
    return [
        number
        for number, note in enumerate(conversation.notes, 1)
        if note.first and note.last and note.first <= ts <= note.last
    ]
