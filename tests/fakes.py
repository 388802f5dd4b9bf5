"""The domain's ports played by stand-ins that keep their promises: a second set of adapters."""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from domain.answering import Answering
from domain.apologising import Apologising
from domain.attachments import ResolvedQuestion
from domain.channels.channel_settings import NO_SETTINGS, ChannelSettings
from domain.condensation.condensation import Condensation
from domain.condensing import Condensing
from domain.conversations.conversation import Conversation
from domain.conversations.place import Place, Scope
from domain.conversations.saving import Stored
from domain.conversations.thread_posts import ThreadPosts
from domain.deliveries.deadline import NO_DEADLINE, Deadline
from domain.errors import AlreadyWarned, Conflict, SlackUnavailable, TooManyQuestions, TooManyUnderWay
from domain.limits.limiting import UNLIMITED
from domain.limits.owner_limits import Limit, Limits
from domain.limits.question_rate import Admission, rate_refusal
from domain.limits.under_way import UnderWay, others_under_way
from domain.memory import Memory
from domain.ports.model import Completed
from domain.prompts import Prompt, Prompts, Role
from domain.requests import Question, Request
from domain.spending.charging import Charging
from domain.spending.ledger import NO_SUM, Accounts, Charge, Kind, Owner, OwnerKind, Sum, month_of
from domain.spending.prices import NO_PRICES
from domain.spending.usage import Receipt, Usage
from domain.texts.japanese import JAPANESE
from domain.timestamp import Timestamp


class InMemoryConversations:
    """Conversations in a dictionary, and the ledger in a list.

    ``interfere`` is called before each save, to play a second worker.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.kept: dict[str, Stored] = {}
        self.charges: list[Charge] = []
        self.admitted: set[Request] = set()
        self.under_way: set[UnderWay] = set()
        self.forgotten: dict[Owner, int] = {}
        self.sums: dict[tuple[Owner, str], tuple[int, Sum]] = {}
        self.settings: dict[tuple[str, str], ChannelSettings] = {}
        self.limits = InMemoryLimits()
        self.loads = 0
        self.saves = 0
        self.interfere = lambda: None
        self._clock = clock

    def load(self, conversation: str, asked: Timestamp | None = None, of: Request | None = None) -> Stored:
        self.loads += 1
        kept = self.kept.get(conversation, Stored(Conversation(), 0))
        stored = Stored(kept.conversation, kept.version)
        return self._beside(stored, of) if of else stored

    def _beside(self, stored: Stored, of: Request) -> Stored:
        ledger, month = InMemoryLedger(self), month_of(self._clock())
        kinds = {OwnerKind.PERSON: of.person, OwnerKind.CHANNEL: of.channel, OwnerKind.TEAM: of.team}
        person, channel, team = (Owner(of.team, kind, name) for kind, name in kinds.items())
        return replace(
            stored,
            accounts=Accounts(*(ledger.sum_of(owner, month) for owner in (person, channel, team)), month=month),
            settings=self.settings.get((of.team, of.channel), NO_SETTINGS),
            limits=Limits(self.limits.limit(person), self.limits.limit(team)),
            admitted=self._admitted_around(of),
            under_way=tuple(self._under_way(of)),
            noted=next((each for each in self._under_way(of) if each.request == of.identity), None),
        )

    def _under_way(self, of: Request) -> Iterator[UnderWay]:
        return (each for each in self.under_way if each.person == f"{of.team}/{of.person}")

    def _admitted_around(self, of: Request) -> tuple[float, ...]:
        mine = (each.ts.seconds for each in self.admitted if (each.team, each.person) == (of.team, of.person))
        return tuple(sorted(each for each in mine if abs(each - of.ts.seconds) <= 60))

    def _refusal(self, admitted: Admission) -> TooManyQuestions | TooManyUnderWay | None:
        question = admitted.question
        others = others_under_way(self._under_way(question), question.identity, self._clock())
        if admitted.most and others >= admitted.most:
            return TooManyUnderWay(question.person)
        return rate_refusal(admitted.limit, question.ts, self._admitted_around(question))

    def save(
        self, conversation: str, stored: Stored, charge: Charge | None = None, admitted: Admission | None = None
    ) -> Stored:
        self.interfere()
        if self.kept.get(conversation, Stored(Conversation(), 0)).version != stored.version:
            raise Conflict(conversation)
        if charge and any(self._is_warned(charge, owner) for owner in charge.owners):
            raise AlreadyWarned(conversation)
        if admitted and (refusal := self._refusal(admitted)):
            raise refusal
        self.saves += 1
        self.kept[conversation] = replace(stored, version=stored.version + 1, noted=self._noted(stored, admitted))
        self.charges += [charge] if charge else []
        self.admitted |= {admitted.question} if admitted and admitted.limit else set()
        return self.kept[conversation]

    def _noted(self, stored: Stored, admitted: Admission | None) -> UnderWay | None:
        """The question that this save begins; another ends what the one before it has begun."""
        if not (admitted and admitted.most):
            self.under_way -= {stored.noted}
            return None
        question = admitted.question
        self.under_way -= {each for each in self._under_way(question) if each.until <= self._clock()}
        noted = UnderWay(f"{question.team}/{question.person}", question.identity, admitted.until)
        self.under_way.add(noted)
        return noted

    def _is_warned(self, charge: Charge, owner: Owner) -> bool:
        return owner.kind in charge.warned and InMemoryLedger(self).sum_of(owner, charge.month).warnings > 0


def spending(billed: int, at: float, **changes: Any) -> Charge:
    """The charge of an answer for さくら in T1/C1 that took so many billed-equivalent tokens."""
    whose = {"request": "T1/C1/1.000001", "team": "T1", "channel": "C1", "person": "USAKURA", "model": "scripted"}
    return Charge(**whose | {"kind": Kind.ANSWER, "usage": Usage(sent=billed), "at": at} | changes)


class InMemoryLedger:
    """The ledger of ``InMemoryConversations``."""

    def __init__(self, store: InMemoryConversations) -> None:
        self._store = store

    def months(self, month: str = "") -> list[tuple[str, str]]:
        months = {(each.month, each.team) for each in self._store.charges if month in ("", each.month)}
        return [(team, month) for month, team in sorted(months, reverse=True)]

    def sums(self, team: str, month: str, kind: OwnerKind) -> dict[str, Sum]:
        charges = [each for each in self._store.charges if (each.team, each.month) == (team, month)]
        owners = {owner for each in charges for owner in each.owners if owner.kind is kind}
        sums = {owner.id: self.sum_of(owner, month) for owner in owners}
        return {name: total for name, total in sums.items() if total != NO_SUM}

    def sum_of(self, owner: Owner, month: str) -> Sum:
        """What has been added up stays so: every question asks for three sums."""
        until, total = self._store.sums.get((owner, month), (self._store.forgotten.get(owner, 0), NO_SUM))
        added = self._store.charges[until:]
        whose = (each for each in added if each.month == month and owner in each.owners)
        total = sum((Sum.of(each, owner.kind) for each in whose), total)
        self._store.sums[owner, month] = until + len(added), total
        return total

    def entries(self, team: str, month: str) -> Iterator[Charge]:
        charges, forgotten = self._store.charges, self._store.forgotten
        kept = [each for n, each in enumerate(charges) if all(n >= forgotten.get(owner, 0) for owner in each.owners)]
        return iter(
            [each for each in sorted(kept, key=lambda each: each.at) if (each.team, each.month) == (team, month)]
        )

    def forget(self, owner: Owner) -> None:
        self._store.forgotten[owner] = len(self._store.charges)
        self._store.sums.clear()


class InMemoryLimits:
    """Limits in a dictionary."""

    def __init__(self) -> None:
        self._limits: dict[Owner, Limit] = {}

    def limit(self, owner: Owner) -> Limit:
        return self._limits.get(owner, Limit())

    def set_limit(self, owner: Owner, limit: Limit) -> None:
        self._limits[owner] = limit


class ScriptedModel:
    """Says what it was told to, word by word, and writes down what it was asked.

    An exception in ``answers`` or ``summaries`` is raised instead. Without a script it echoes the
    question, and adds a note of the first characters of all that is folded.
    """

    def __init__(self, *answers: str | Exception, summaries: tuple[str | Exception, ...] = (), cut: bool = False):
        self.name = self.summary_name = "scripted"
        self.answers = list(answers)
        self.summaries = list(summaries)
        self.cut = cut
        self.prompts: list[Prompt] = []
        self.models: list[str] = []
        self.conversations: list[str] = []
        self.condensations: list[Condensation] = []

    def name_of(self, model: str) -> str:
        return model

    def reply(
        self, prompt: Prompt, deadline: Deadline = NO_DEADLINE, conversation: str = "", model: str = ""
    ) -> Generator[str | Completed, None, None]:
        self.prompts.append(prompt)
        self.conversations.append(conversation)
        self.models.append(model)
        answer = self.answers.pop(0) if self.answers else f"『{prompt[-1].text}』ですね。"
        if isinstance(answer, Exception):
            raise answer
        yield from answer.split("|")
        yield Completed(Usage(sent=sum(len(part.text) for part in prompt), received=len(answer)), self.cut)

    def summarise(self, condensation: Condensation, deadline: Deadline = NO_DEADLINE) -> tuple[str, Completed]:
        self.condensations.append(condensation)
        summary = self.summaries.pop(0) if self.summaries else self._note(condensation)
        if isinstance(summary, Exception):
            raise summary
        return summary, Completed(Usage(sent=10, received=len(summary)))

    @staticmethod
    def _note(condensation: Condensation) -> str:
        return "ADD " + "、".join(each.text[:4] for each in condensation.folded)

    @property
    def records(self) -> list[str]:
        return [part.text for part in self.prompts[-1] if part.role is Role.RECORD]


@dataclass
class PostedReply:
    """A reply as a person sees it. Raises ``SlackUnavailable`` once ``fail_after`` writes are through."""

    ts: str
    thread: str
    text: str = ""
    closed: bool = False
    stopped: bool = False
    receipt: Receipt | None = None
    private: bool = False
    fail_after: int = 1_000_000
    fail_to_close: bool = False
    seen: list[str] = field(default_factory=list)

    def write(self, words: str) -> None:
        if self.fail_after <= 0:
            raise SlackUnavailable("the line is dead")
        self.fail_after -= 1
        self.closed = False
        self.text += words
        self.seen.append(self.text)

    def close(self, receipt: Receipt | None = None) -> None:
        if self.fail_to_close:
            raise SlackUnavailable("the line is dead")
        self.closed, self.receipt = True, receipt

    def replace(self, text: str, receipt: Receipt | None = None) -> None:
        if self.fail_after <= 0:
            raise SlackUnavailable("the line is dead")
        self.text, self.closed, self.receipt = text, True, receipt


class InMemoryReplies:
    """Replies by their ts. ``on_open`` is called with each new one, and may raise."""

    def __init__(self, fail_after: int = 1_000_000) -> None:
        self.by_ts: dict[str, PostedReply] = {}
        self.fail_after = fail_after
        self.of: dict[str, PostedReply] = {}
        self.sent: list[tuple[str, str, str]] = []
        self.on_open = lambda reply: None

    def open(self, question: Question, place: Place) -> PostedReply:
        ts = "" if question.private else f"2000.{len(self.by_ts) + 1:06}"
        reply = PostedReply(ts, place.thread, private=question.private, fail_after=self.fail_after)
        self.by_ts[reply.ts] = reply
        self.of[question.identity] = reply
        self.on_open(reply)
        return reply

    def resume(self, question: Question, place: Place, ts: str) -> PostedReply:
        self.by_ts[ts].text = ""
        return self.by_ts[ts]

    def find(self, question: Question, place: Place) -> PostedReply | None:
        return self.of.get(question.identity)

    def links(self, question: Question, place: Place, posts: Sequence[Timestamp]) -> dict[Timestamp, str]:
        return {ts: f"https://example.slack.com/archives/{question.channel}/{ts}" for ts in posts}

    def send(self, question: Question, name: str, content: str) -> None:
        self.sent.append((question.person, name, content))

    @property
    def only(self) -> PostedReply:
        (reply,) = self.by_ts.values()
        return reply


class ImmediateQueue:
    """Hands each request over to ``handle`` at once, and writes it down. ``on_put`` is called before, and may raise."""

    def __init__(self) -> None:
        self.requests: list[tuple[Request, str]] = []
        self.on_put = lambda: None
        self.handle = lambda request: None

    def put(self, request: Request, group: str) -> bool:
        self.on_put()
        self.requests.append((request, group))
        self.handle(request)
        return True


def answering(*, queue: ImmediateQueue | None = None, **parts: Any) -> Answering:
    """An ``Answering`` of these parts, with a condensing that begins as soon as it is asked for."""
    settings = {
        "resolver": PlainResolver(),
        "count_tokens": len,
        "memory": Memory(),
        "prompts": Prompts(JAPANESE),
        "scope": Scope.THREAD,
        "ttl_days": 90,
        "reply_seconds": 240,
        "reply_token_limit": 2000,
        "thread_history_tokens": 1000,
        "report": lambda event: None,
        "clock": time.monotonic,
        "limiting": UNLIMITED,
        "charging": Charging(NO_PRICES, parts.get("clock", time.time)),
    } | parts
    names = ("conversations", "model", "count_tokens", "memory", "prompts", "charging", "report", "clock", "limiting")
    condensing = Condensing(seconds=settings["reply_seconds"], **{name: settings[name] for name in names})
    queue = queue or ImmediateQueue()
    queue.handle = condensing.condense
    return Answering(queue=queue, condensing=condensing, **settings)


def apologising(**parts: Any) -> Apologising:
    """An ``Apologising`` of these parts."""
    return Apologising(**{"prompts": Prompts(JAPANESE)} | parts)


class PlainResolver:
    """Reads a question as it stands, or as it was told to. Everybody has the same ``name``.

    ``posts`` is what stands in every thread, ``asked`` since when it was asked for.
    """

    def __init__(self, name: str = "", **readings: ResolvedQuestion) -> None:
        self.name = name
        self.readings = readings
        self.posts = ThreadPosts()
        self.asked: list[Timestamp | None] = []

    def read(self, question: Question, deadline: Deadline = NO_DEADLINE) -> ResolvedQuestion:
        return self.readings.get(question.text, ResolvedQuestion(question.text, self.name))

    def thread(self, question: Question, since: Timestamp | None, deadline: Deadline = NO_DEADLINE) -> ThreadPosts:
        self.asked.append(since)
        kept = (each for each in self.posts.posts if (since or Timestamp("0")) < each.ts < question.ts)
        return replace(self.posts, posts=tuple(kept))

    def between(
        self, question: Question, place: Place, first: Timestamp, last: Timestamp, deadline: Deadline = NO_DEADLINE
    ) -> ThreadPosts:
        return replace(self.posts, posts=tuple(each for each in self.posts.posts if first <= each.ts <= last))
