"""The stores as an operator uses them: all that they keep can be listed and deleted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from adapters.serialization.request_records import request_from_json
from domain.channels.channel_settings import ChannelSettings
from domain.conversations.saving import Stored
from domain.errors import StoreCorrupt
from domain.limits.owner_limits import Limit
from domain.ports.stores import Conversations, LimitsStore, SettingsStore
from domain.requests import Request, Vote
from domain.spending.ledger import Owner


class StoredConversations(Conversations, Protocol):
    """All conversations of one bot. Raises ``StoreUnavailable`` and ``StoreCorrupt``."""

    def everything(self) -> Iterator[tuple[str, Stored]]:
        """Each conversation that has not expired, with its key."""
        ...

    def delete(self, conversation: str) -> None:
        """Delete it with all that it has on record. One that is not there is no error."""
        ...


class StoredVotes(Protocol):
    """All votes of one bot. Raises ``StoreUnavailable`` and ``StoreCorrupt``."""

    def votes(self) -> Iterator[Vote]:
        """Those that have not expired; ``ts`` says when each was given."""
        ...

    def remove(self, vote: Vote) -> None:
        """Delete it. One that is not there is no error."""
        ...


class StoredSettings(SettingsStore, Protocol):
    """The settings of all channels of one bot. Raises ``StoreUnavailable`` and ``StoreCorrupt``."""

    def all(self) -> Mapping[tuple[str, str], ChannelSettings]:
        """Those of all channels that have some, by team and channel."""
        ...


class StoredLimits(LimitsStore, Protocol):
    """The limits of all people and teams of one bot. Raises ``StoreUnavailable`` and ``StoreCorrupt``."""

    def all(self) -> Mapping[Owner, Limit]:
        """Those of all who have some."""
        ...


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """A request that the queue holds or has held lately.

    ``key`` is the store's own name for it. ``state`` is ``waiting``, ``claimed``, ``done`` or ``dead``. ``attempts`` is
    how its deliveries have failed so far, as JSON, and ``reason`` why the last one did. ``content`` is the request's
    JSON, with what the person wrote; empty once it is done.
    """

    key: str
    identity: str
    group: str
    state: str
    deliveries: int
    content: str
    reason: str = ""
    attempts: str = ""

    @property
    def reference(self) -> str:
        """That of the question that it is, or is about; empty where it cannot be read."""
        try:
            return Request.from_identity("/".join(self.identity.split("/")[:3])).reference
        except ValueError:
            return ""

    @property
    def request(self) -> Request | None:
        """None where it is done, or cannot be read."""
        try:
            return request_from_json(self.content, self.key)
        except StoreCorrupt:
            return None


class StoredRequests(Protocol):
    """The requests of one queue, as far as they can be seen. Raises ``StoreUnavailable``."""

    def everything(self) -> Iterator[StoredRequest]: ...

    def delete(self, request: StoredRequest) -> None:
        """Delete one that ``everything`` gave. One that is not there any more is no error."""
        ...
