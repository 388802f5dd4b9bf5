"""Where what must last is kept: conversations, the queue, the ledger, limits, settings, votes and presses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # the door, which needs a queue alone, loads none of what is kept
    from domain.channels.channel_settings import ChannelSettings
    from domain.conversations.saving import Stored
    from domain.limits.owner_limits import Limit
    from domain.limits.question_rate import Admission
    from domain.requests import Request, Stop, Vote
    from domain.spending.ledger import Charge, Owner, OwnerKind, Sum
    from domain.timestamp import Timestamp


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
        ``TooManyQuestions`` and ``TooManyUnderWay`` where others of them were faster and it is one too many; nothing is
        saved then.
        """
        ...


class RequestQueue(Protocol):
    """The queue of questions and of the other requests. What is put is durable when ``put`` returns."""

    def put(self, request: Request, group: str) -> bool:
        """Queue a request behind the others of its group; false where this identity was queued before.

        Raises ``StoreUnavailable``.
        """
        ...


class Ledger(Protocol):
    """The entries and sums of thirteen months. Raises ``StoreUnavailable`` and ``StoreCorrupt``."""

    def months(self, month: str = "") -> Sequence[tuple[str, str]]:
        """The teams and months of which there is anything, such as ``("T1", "2026-11")``, the latest month first.

        Of one ``month`` alone where it is given.
        """
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


class Feedback(Protocol):
    """Where votes are kept. Raises ``StoreUnavailable``."""

    def keep(self, vote: Vote) -> None:
        """Keep a vote in place of what this person voted on this answer before."""
        ...


class Stops(Protocol):
    """Which threads' stop buttons people have pressed. Raises ``StoreUnavailable``."""

    def keep(self, stop: Stop) -> None:
        """Keep a press for as long as an answer may take."""
        ...

    def last(self, thread: str) -> str:
        """The ts of the last press in the thread with this ``conversation_key``; empty where there was none lately."""
        ...
