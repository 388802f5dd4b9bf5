"""Interfaces that the domain depends on. Adapters implement them; tests use fakes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from domain.channels.settings import NO_SETTINGS, ChannelSettings
from domain.conversation import Conversation, Message
from domain.deadline import NO_DEADLINE, Deadline
from domain.ledger import NO_ACCOUNTS, Accounts, Charge, Owner, OwnerKind, Sum
from domain.limits.owner_limits import NO_OWNER_LIMITS, Limit, Limits
from domain.notes import Notes
from domain.place import Place
from domain.requests import Question, Request, Stop, Visit, Vote
from domain.timestamp import Timestamp
from domain.usage import Receipt, Usage

if TYPE_CHECKING:  # the door, which needs a queue and a clock alone, loads no prompts in any language
    from domain.attachments import ResolvedQuestion
    from domain.channels.requests import OpenSettings
    from domain.language import Language
    from domain.prompts import Prompt
    from domain.thread_posts import ThreadPosts

CountTokens = Callable[[str], int]
"""How many tokens a text has. Never negative, and never more than its UTF-8 bytes."""


Clock = Callable[[], float]
"""Seconds since the epoch, or of a monotonic clock."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A conversation as loaded, with the version a save must still find. Version 0 was never saved.

    Beside it stands what a turn must know of those whom it concerns: the sums of this month, the channel's settings,
    the limits that the operator has set, and when the person asked, by Slack's ts in seconds, what was ``admitted``
    within a minute before and after the request.
    """

    conversation: Conversation
    version: int
    accounts: Accounts = NO_ACCOUNTS
    settings: ChannelSettings = NO_SETTINGS
    limits: Limits = NO_OWNER_LIMITS
    admitted: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Admission:
    """A question that is to be counted among those of its person: of these at most ``limit`` are within a minute."""

    question: Request
    limit: int


class Conversations(Protocol):
    """Where conversations are kept. Raises ``StoreUnavailable`` and ``StoreCorrupt``."""

    def load(self, conversation: str, asked: Timestamp | None = None, of: Request | None = None) -> Stored:
        """The conversation with this id; an empty one at version 0 where there is none.

        It is forgotten once it has expired both by this machine's clock and at the moment ``asked``, the ts of the
        question that needs it: a clock that is set wrong forgets nothing.

        Beside it comes, in the same request to the store, what is kept of the person, channel and team ``of`` a
        request. Without one the accounts, settings and limits are empty.
        """
        ...

    def save(
        self, conversation: str, stored: Stored, charge: Charge | None = None, admitted: Admission | None = None
    ) -> Stored:
        """Replace what was loaded. Returns it at its new version; raises ``Conflict`` if the store has moved on.

        The charge is entered into the ledger and added to the sums of its owners in the same transaction: both happen,
        or neither. The accounts that are returned are those that were loaded. Raises ``AlreadyWarned`` where another
        charge of the month has warned one of the owners that this one warns.

        In the same transaction too, ``admitted`` is counted among its person's questions, once. Raises
        ``TooManyQuestions`` where others of them were faster and it is one too many; nothing is saved then.
        """
        ...


class Ledger(Protocol):
    """The entries and sums of thirteen months. Raises ``StoreUnavailable`` and ``StoreCorrupt``."""

    def months(self) -> Sequence[tuple[str, str]]:
        """The teams and months of which there is anything, such as ``("T1", "2026-11")``, the latest month first."""
        ...

    def sums(self, team: str, month: str, kind: OwnerKind) -> Mapping[str, Sum]:
        """The sums of a team's month by their owners' ids."""
        ...

    def sum_of(self, owner: Owner, month: str) -> Sum:
        """What the owner's charges of this month add up to."""
        ...

    def entries(self, team: str, month: str) -> Iterator[Charge]:
        """The entries of a team's month, the earliest first."""
        ...

    def forget(self, owner: Owner) -> None:
        """Remove the sums of a person or channel, and the entries that name it. Other owners' sums stay as they are."""
        ...


class LimitsStore(Protocol):
    """Where the limits of single people and teams are kept. Raises ``StoreUnavailable`` and ``StoreCorrupt``."""

    def limit(self, owner: Owner) -> Limit:
        """A person's or team's limit."""
        ...

    def set_limit(self, owner: Owner, limit: Limit) -> None:
        """Replace a person's or team's limit. An empty one is removed."""
        ...


class RequestQueue(Protocol):
    """The queue of questions and of the other requests. What is put is durable when ``put`` returns."""

    def put(self, request: Request, group: str) -> bool:
        """Queue a request behind the others of its group; false where this identity was queued before.

        Raises ``StoreUnavailable``.
        """
        ...


@dataclass(frozen=True, slots=True)
class Completed:
    """The end of what a model says. ``cut`` when it stopped at its token limit rather than by itself."""

    usage: Usage
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Retraction:
    """What the model has said so far proves to be its thoughts. Its answer begins behind this."""


Piece = str | Retraction | Completed
"""A part of what a model says."""


@dataclass(frozen=True, slots=True)
class Condensation:
    """What one condensation must do: take ``folded`` (oldest first) into ``notes``, in at most ``token_limit`` tokens.

    Or to go through the withheld notes for what rests on the ``removed`` texts. ``prompt`` says the same to a language
    model. ``conversation`` is the id of the conversation: see ``LanguageModel.reply``.
    """

    notes: Notes
    folded: tuple[Message, ...]
    token_limit: int
    prompt: Prompt
    removed: tuple[str, ...] = ()
    conversation: str = ""


class LanguageModel(Protocol):
    """The model that answers, and the one that condenses.

    Raises:
        ModelUnavailable, ModelBusy: Another delivery may succeed.
        ModelRefused: The model will not answer this prompt.
        ModelMisconfigured: Only the operator can help.
        TokenLimitTooLow: The model's thoughts used up its limit of tokens before the first word.
        ContextTooSmall: The prompt has more tokens than the model takes.
    """

    @property
    def name(self) -> str:
        """What the model that answers is called."""
        ...

    def name_of(self, model: str) -> str:
        """What the model that answers is called where a channel has chosen this one."""
        ...

    @property
    def summary_name(self) -> str:
        """What the model that condenses is called."""
        ...

    def reply(
        self, prompt: Prompt, deadline: Deadline = NO_DEADLINE, conversation: str = "", model: str = ""
    ) -> Generator[Piece, None, None]:
        """The answer in pieces as they arrive, and last, exactly once, how it ended.

        ``model`` is a channel's own; empty for the bot's.

        ``conversation`` is the id of the conversation: prompts of one conversation begin alike, and the provider may be
        helped to find what it has cached of them.

        A ``Retraction`` among them takes back what came before it.

        Once the deadline is over the pieces end without ``Completed``, at most a second late, whatever the server
        sends or does not send. That, and closing the generator early, closes the connection to the model.

        Raises ``ModelCannotSee`` for pictures that the model does not take.
        """
        ...

    def summarise(self, condensation: Condensation, deadline: Deadline = NO_DEADLINE) -> tuple[str, Completed]:
        """What to do with the notes, as ``domain.condensation.edit_lines`` reads it, and how it ended.

        Raises ``SummaryTooSlow`` where it has not ended when the deadline is over, at most a second late.
        """
        ...


class Reply(Protocol):
    """The message in which an answer appears. Raises ``ChannelUnavailable`` and ``ChannelRefused``."""

    @property
    def ts(self) -> str:
        """Empty for a reply that only one person sees: nobody can find it again."""
        ...

    @property
    def stopped(self) -> bool:
        """Has the person pressed the stop button? Words may still be added, to say so.

        Asked after each piece, and once a second while files are read and while the model is silent.
        """
        ...

    def write(self, words: str) -> None:
        """Add to the reply. What is written appears soon, not at once: a channel bounds the rate."""
        ...

    def close(self, receipt: Receipt | None = None) -> None:
        """Show whatever is still held back; the reply is complete. With a receipt it can be voted on."""
        ...

    def replace(self, text: str, receipt: Receipt | None = None) -> None:
        """Make this the whole reply, whatever was written, and close it."""
        ...


class Channel(Protocol):
    """Where replies appear. Raises ``ChannelUnavailable`` and ``ChannelRefused``."""

    def open(self, question: Question, place: Place) -> Reply:
        """Post a reply that is still empty."""
        ...

    def resume(self, question: Question, place: Place, ts: str) -> Reply:
        """The reply that an earlier delivery opened; what is written replaces what it says."""
        ...

    def find(self, question: Question, place: Place) -> Reply | None:
        """The reply that an earlier delivery opened before it was killed, as ``resume`` gives it; else none."""
        ...

    def links(self, question: Question, place: Place, posts: Sequence[Timestamp]) -> Mapping[Timestamp, str]:
        """Addresses at which people can read posts of this place; one that is not known is left out. Raises nothing."""
        ...

    def send(self, question: Question, name: str, content: str) -> None:
        """Send a text file of this name to the person who asked, and to nobody else."""
        ...


class Resolver(Protocol):
    """Reads questions and threads: fetches names, files and posts.

    What cannot be read is no error; a name that cannot be found stays empty. A deadline is the whole answer's: reading
    leaves the model its share of the time, whatever stays unread.
    """

    def read(self, question: Question, deadline: Deadline = NO_DEADLINE) -> ResolvedQuestion:
        """The question with names and files. Files that cannot be read are among the ``unread``."""
        ...

    def thread(self, question: Question, since: Timestamp | None, deadline: Deadline = NO_DEADLINE) -> ThreadPosts:
        """The posts above the question in its thread: those after ``since``, or the first one and the newest."""
        ...

    def between(
        self,
        question: Question,
        place: Place,
        first: Timestamp,
        last: Timestamp,
        deadline: Deadline = NO_DEADLINE,
    ) -> ThreadPosts:
        """The posts of this place from ``first`` to ``last``, both included; ``partial`` where there are more."""
        ...


class Feedback(Protocol):
    """Where votes are kept. Raises ``StoreUnavailable``."""

    def keep(self, vote: Vote) -> None:
        """Keep a vote in place of what this person voted on this answer before."""
        ...


class SettingsStore(Protocol):
    """Where the settings of channels are kept. Raises ``StoreUnavailable`` and ``StoreCorrupt``."""

    def load(self, team: str, channel: str) -> ChannelSettings:
        """Those of one channel; ``NO_SETTINGS`` where there are none."""
        ...

    def among(self, team: str, channels: Collection[str]) -> Mapping[str, ChannelSettings]:
        """Those of these channels of a team that have some, by channel."""
        ...

    def change(self, team: str, channel: str, change: Callable[[ChannelSettings], ChannelSettings]) -> ChannelSettings:
        """Save what ``change`` makes of the present settings, so that of two changes at once neither is lost.

        Returns what is saved. Raises ``Conflict`` where others were faster each time, and what ``change`` raises.
        """
        ...


class SettingsModal(Protocol):
    """The form in which a person changes a channel's settings. Raises ``ChannelUnavailable`` and ``ChannelRefused``."""

    def open(self, request: OpenSettings, settings: ChannelSettings, language: Language) -> None:
        """Show these settings to the person, to be changed. Where it is too late for that, they can ask anew."""
        ...


class Stops(Protocol):
    """Which threads' stop buttons people have pressed. Raises ``StoreUnavailable``."""

    def keep(self, stop: Stop) -> None:
        """Keep a press for as long as an answer may take."""
        ...

    def last(self, thread: str) -> str:
        """The ts of the last press in the thread with this ``conversation_key``; empty where there was none lately."""
        ...


class AppHome(Protocol):
    """The bot's own pages in Slack. Raises ``ChannelUnavailable`` and ``ChannelRefused``."""

    def show(self, visit: Visit) -> None:
        """Fill the page that was opened."""
        ...
