"""The stores as an operator uses them: all that they keep can be listed and deleted."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from domain.channels.settings import ChannelSettings
from domain.ports import Conversations, SettingsStore, Stored
from domain.requests import Vote


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
