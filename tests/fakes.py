"""The domain's ports played by stand-ins that keep their promises: a second set of adapters."""

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from domain.answering import Answering
from domain.apologising import Apologising
from domain.attachments import ResolvedQuestion
from domain.condensing import Condensing
from domain.conversation import Conversation
from domain.deadline import NO_DEADLINE, Deadline
from domain.errors import ChannelUnavailable, Conflict
from domain.memory import Memory
from domain.place import Place, Scope
from domain.ports import Completed, Condensation, Stored
from domain.prompts import Prompt, Prompts, Role
from domain.requests import Question, Request
from domain.texts.japanese import JAPANESE
from domain.thread_posts import ThreadPosts
from domain.timestamp import Timestamp
from domain.usage import Receipt, Usage


class InMemoryConversations:
    """Conversations in a dictionary. ``interfere`` is called before each save, to play a second worker."""

    def __init__(self) -> None:
        self.kept: dict[str, Stored] = {}
        self.loads = 0
        self.saves = 0
        self.interfere = lambda: None

    def load(self, conversation: str, asked: Timestamp | None = None) -> Stored:
        self.loads += 1
        return self.kept.get(conversation, Stored(Conversation(), 0))

    def save(self, conversation: str, stored: Stored) -> Stored:
        self.interfere()
        if self.kept.get(conversation, Stored(Conversation(), 0)).version != stored.version:
            raise Conflict(conversation)
        self.saves += 1
        self.kept[conversation] = replace(stored, version=stored.version + 1)
        return self.kept[conversation]


class ScriptedModel:
    """Says what it was told to, word by word, and writes down what it was asked.

    An exception in ``answers`` or ``summaries`` is raised instead. Without a script it echoes the
    question, and adds a note of the first characters of all that is folded.
    """

    def __init__(self, *answers: str | Exception, summaries: tuple[str | Exception, ...] = (), cut: bool = False):
        self.name = "scripted"
        self.answers = list(answers)
        self.summaries = list(summaries)
        self.cut = cut
        self.prompts: list[Prompt] = []
        self.conversations: list[str] = []
        self.condensations: list[Condensation] = []

    def reply(
        self, prompt: Prompt, deadline: Deadline = NO_DEADLINE, conversation: str = ""
    ) -> Generator[str | Completed, None, None]:
        self.prompts.append(prompt)
        self.conversations.append(conversation)
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
    """A reply as a person sees it. Raises ``ChannelUnavailable`` once ``fail_after`` writes are through."""

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
            raise ChannelUnavailable("the line is dead")
        self.fail_after -= 1
        self.closed = False
        self.text += words
        self.seen.append(self.text)

    def close(self, receipt: Receipt | None = None) -> None:
        if self.fail_to_close:
            raise ChannelUnavailable("the line is dead")
        self.closed, self.receipt = True, receipt

    def replace(self, text: str, receipt: Receipt | None = None) -> None:
        if self.fail_after <= 0:
            raise ChannelUnavailable("the line is dead")
        self.text, self.closed, self.receipt = text, True, receipt


class Bulletin:
    """A channel that keeps its replies by ts. ``on_open`` is called with each new one, and may raise."""

    def __init__(self, fail_after: int = 1_000_000) -> None:
        self.replies: dict[str, PostedReply] = {}
        self.fail_after = fail_after
        self.of: dict[str, PostedReply] = {}
        self.sent: list[tuple[str, str, str]] = []
        self.on_open = lambda reply: None

    def open(self, question: Question, place: Place) -> PostedReply:
        ts = "" if question.private else f"2000.{len(self.replies) + 1:06}"
        reply = PostedReply(ts, place.thread, private=question.private, fail_after=self.fail_after)
        self.replies[reply.ts] = reply
        self.of[question.identity] = reply
        self.on_open(reply)
        return reply

    def resume(self, question: Question, place: Place, ts: str) -> PostedReply:
        self.replies[ts].text = ""
        return self.replies[ts]

    def find(self, question: Question, place: Place) -> PostedReply | None:
        return self.of.get(question.identity)

    def links(self, question: Question, place: Place, posts: Sequence[Timestamp]) -> dict[Timestamp, str]:
        return {ts: f"https://example.slack.com/archives/{question.channel}/{ts}" for ts in posts}

    def send(self, question: Question, name: str, content: str) -> None:
        self.sent.append((question.person, name, content))

    @property
    def only(self) -> PostedReply:
        (reply,) = self.replies.values()
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
    } | parts
    names = ("conversations", "model", "count_tokens", "memory", "prompts", "report", "clock")
    condensing = Condensing(seconds=settings["reply_seconds"], **{name: settings[name] for name in names})
    queue = queue or ImmediateQueue()
    queue.handle = condensing.condense
    return Answering(queue=queue, condensing=condensing, **settings)


def apologising(**parts: Any) -> Apologising:
    """An ``Apologising`` of these parts."""
    return Apologising(prompts=Prompts(JAPANESE), **parts)


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
