"""What people do that the bot must act on: a question, a vote on an answer, a visit to one of its pages.

The identity of each is (team, channel, ts), which Slack repeats in every delivery of the same post.
"""

import enum
import hashlib
from dataclasses import dataclass, field, fields
from typing import Self

from domain.conversations.place import Place, Scope, conversation_key
from domain.spending.usage import Receipt
from domain.timestamp import Timestamp


@dataclass(frozen=True, slots=True)
class Request:
    """Something that a person did and that the bot must act on, once.

    ``enterprise`` is the id of the Enterprise Grid that has installed the app for all of its teams; empty where the
    team has installed it.
    """

    team: str
    channel: str
    ts: Timestamp
    person: str
    enterprise: str = field(default="", kw_only=True)

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
class Uninstall(Request):
    """A team has removed the app, or revoked the bot's token: what the bot keeps of the team is to be forgotten.

    ``event`` is Slack's name for it, ``app_uninstalled`` or ``tokens_revoked``. It happens in no channel: ``channel``
    is the app's id. The team is an Enterprise Grid where that had installed the app for all of its teams.
    """

    event: str

    @property
    def identity(self) -> str:
        return f"{self.team}/{self.channel}/{self.ts}/{self.event}"

    def group(self, scope: Scope) -> str:  # noqa: ARG002 - it waits for no question
        return f"uninstalls/{self.team}"
