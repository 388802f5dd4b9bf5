"""What people do that the bot must act on: a question, a vote on an answer, a visit to one of its pages.

The identity of each is (team, channel, ts), which Slack repeats in every delivery of the same post.
"""

import enum
import hashlib
import math
from dataclasses import dataclass, fields
from typing import Self

from domain.deadline import NO_DEADLINE, Deadline
from domain.errors import PersonNotNotified
from domain.retries import NO_ATTEMPTS, Attempts, cause_of
from domain.usage import Receipt


class Timestamp(str):
    """Slack's ts: an id of a post that is also a time. Timestamps have the order of time.

    Raises ``ValueError`` for what is no number of seconds.
    """

    __slots__ = ("seconds",)

    seconds: float
    """Since the epoch."""

    def __new__(cls, text: str) -> "Timestamp":
        made = super().__new__(cls, text)
        made.seconds = float(text)
        if not math.isfinite(made.seconds):
            raise ValueError(f"{text!r} is no time")
        return made

    def __lt__(self, other: str) -> bool:
        return self.seconds < Timestamp(other).seconds

    def __gt__(self, other: str) -> bool:
        return self.seconds > Timestamp(other).seconds

    def __le__(self, other: str) -> bool:
        return not self > other

    def __ge__(self, other: str) -> bool:
        return not self < other


class Scope(enum.StrEnum):
    """What shares one memory: each thread by itself, or a whole channel."""

    THREAD = "thread"
    CHANNEL = "channel"


def conversation_key(team: str, channel: str, thread: str = "") -> str:
    """The key under which a conversation is stored, and the queue's group of its questions."""
    return f"{team}/{channel}/{thread}" if thread else f"{team}/{channel}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question is answered: the key of the conversation it belongs to and the thread of the reply.

    ``thread`` is empty where the reply stands in the channel itself.
    """

    conversation: str
    thread: str

    @property
    def is_thread_with_own_memory(self) -> bool:
        return bool(self.thread) and self.conversation.endswith(f"/{self.thread}")


@dataclass(frozen=True, slots=True)
class Request:
    """Something that a person did and that the bot must act on, once."""

    team: str
    channel: str
    ts: Timestamp
    person: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "ts", Timestamp(self.ts))

    @staticmethod
    def from_identity(identity: str) -> "Request":
        """The request of this identity, without its person. Raises ``ValueError`` for any other text."""
        team, channel, ts = identity.split("/")
        return Request(team, channel, Timestamp(ts), "")

    @property
    def identity(self) -> str:
        return f"{self.team}/{self.channel}/{self.ts}"

    @property
    def reference(self) -> str:
        """Eight characters that name this request to a person and in the logs alike."""
        return hashlib.sha256(f"{self.team}/{self.channel}/{self.ts}".encode()).hexdigest()[:8]

    def group(self, scope: Scope) -> str:  # noqa: ARG002 - questions alone have one
        """The requests among which this one keeps its order. Each kind has groups of its own: answers may take long."""
        return f"{type(self).__name__.lower()}s/{self.team}/{self.channel}"


@dataclass(frozen=True, slots=True)
class File:
    """A file beside a question: its name, media type, size in bytes, and where the bot can fetch it.

    ``id`` is set where nothing else is known of the file before Slack is asked about it.
    """

    name: str
    media_type: str
    size: int
    url: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """What stands beside a question's own text: a forwarded post, a table, another app's alert.

    ``author`` is empty where nobody is named; ``cut`` where there was more of it than is passed on.
    """

    text: str
    author: str = ""
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Question(Request):
    """What a person asked.

    ``thread`` is the ts of the thread's first post, empty for a post outside any thread. ``direct``
    is a direct message to the bot; ``addressed`` is false for a post in a thread that does not
    mention the bot: it is answered only where the bot already takes part. ``private`` is what no post
    shows, such as a slash command: its reply is for the person alone, and goes to ``respond_to``
    where that is known. ``person_team`` is the person's team where it is not the installation's, as in
    a channel that is shared with another company; ``external`` is a person of another company who is
    not to be answered.
    """

    text: str
    thread: str = ""
    direct: bool = False
    addressed: bool = True
    private: bool = False
    respond_to: str = ""
    files: tuple[File, ...] = ()
    quotes: tuple[Quote, ...] = ()
    person_team: str = ""
    external: bool = False

    def place(self, scope: Scope) -> Place:
        """Where this question is answered, and from which memory."""
        if (self.direct or self.private) and not self.thread:
            return Place(conversation_key(self.team, self.channel), "")
        if scope is Scope.CHANNEL:
            return Place(conversation_key(self.team, self.channel), self.thread)
        thread = self.thread or str(self.ts)
        return Place(conversation_key(self.team, self.channel, thread), thread)

    def group(self, scope: Scope) -> str:
        return self.place(scope).conversation


@dataclass(frozen=True, slots=True)
class Apology(Question):
    """A question that nobody could answer, and whose person is still to be told so."""

    @property
    def identity(self) -> str:
        return f"{self.question.identity}/apology"

    @property
    def question(self) -> Question:
        return Question(**{each.name: getattr(self, each.name) for each in fields(self)})

    @classmethod
    def to(cls, question: Question) -> Self:
        return cls(**{each.name: getattr(question, each.name) for each in fields(question)})


@dataclass(frozen=True, slots=True)
class Vote(Request):
    """A person's vote, for or against, on the answer to the question of this identity. The last one counts."""

    question: str
    good: bool
    receipt: Receipt | None = None


class Tab(enum.StrEnum):
    """The tabs of the bot's App Home."""

    HOME = "home"
    MESSAGES = "messages"


@dataclass(frozen=True, slots=True)
class Visit(Request):
    """A person opened one of the App Home's tabs; ``channel`` is their direct messages with the bot."""

    tab: Tab

    def group(self, scope: Scope) -> str:  # noqa: ARG002 - visits wait for visits alone
        return f"visits/{self.team}/{self.person}"


@dataclass(frozen=True, slots=True)
class Condense(Request):
    """A conversation has outgrown its limit. Team, channel, ts and person are those of the question that did it."""

    conversation: str

    @property
    def identity(self) -> str:
        return f"{self.team}/{self.channel}/{self.ts}/condense"

    def group(self, scope: Scope) -> str:  # noqa: ARG002 - beside the conversation's next question, not before it
        return f"condense/{self.conversation}"


@dataclass(frozen=True, slots=True)
class Stop(Request):
    """A person pressed the stop button of a thread: the replies that are open there end with what they say."""

    thread: str

    @property
    def where(self) -> str:
        """The thread in one string, as ``conversation_key`` makes it."""
        return conversation_key(self.team, self.channel, self.thread)

    def group(self, scope: Scope) -> str:  # noqa: ARG002 - stops wait for stops alone
        return f"stops/{self.where}"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One arrival of a request at a worker: ``number`` counts from 1; after the ``last`` nobody tries again.

    ``attempts`` are the failed deliveries before this one, by which the error decides whether this one is the last.
    ``replayed`` where an operator took the question from the dead letters, so that the count began anew.
    ``deadline`` is when the worker must let go: what is said by then is the answer.
    """

    number: int = 1
    last: bool = False
    replayed: bool = False
    deadline: Deadline = NO_DEADLINE
    attempts: Attempts = NO_ATTEMPTS

    def is_last(self, error: Exception) -> bool:
        """Does nobody try again if this delivery fails with this error?"""
        return self.delay_after(error) is None

    def delay_after(self, error: Exception, *, persistent: bool = False) -> float | None:
        """Seconds until the next delivery if this one fails with this error; none where nobody tries again."""
        if self.last or isinstance(error, PersonNotNotified):
            return None
        return self.attempts.delay(cause_of(error), persistent=persistent)

    @property
    def repeated(self) -> bool:
        """May an earlier delivery of this request have left traces?"""
        return self.number > 1 or self.replayed


FIRST_DELIVERY = Delivery()
