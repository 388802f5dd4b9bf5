"""What there is to forget of a person, a channel, a team or one conversation, and how that is done."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from adapters.listable_stores import (
    StoredConversations,
    StoredLimits,
    StoredRequest,
    StoredRequests,
    StoredSettings,
    StoredVotes,
)
from domain.channels.channel_settings import NO_SETTINGS
from domain.conversations.conversation import Conversation
from domain.conversations.saving import save_change
from domain.forgetting import is_theirs_alone, without_person
from domain.limits.owner_limits import NO_LIMIT
from domain.ports.stores import Ledger
from domain.requests import Vote
from domain.spending.ledger import Owner, OwnerKind
from entrypoints.forgetting.selection import Selection


@dataclass(frozen=True, slots=True)
class Shared:
    """How many messages and answers, and how many notes, are taken out of a conversation with others."""

    messages: int
    notes: int
    notes_left: int


@dataclass(slots=True)
class Plan:
    """What will be forgotten. ``names`` are further ones by which the conversations know the person."""

    of: Selection
    names: Collection[str] = ()
    whole: list[str] = field(default_factory=list)
    shared: dict[str, Shared] = field(default_factory=dict)
    votes: list[Vote] = field(default_factory=list)
    requests: list[StoredRequest] = field(default_factory=list)
    owners: set[Owner] = field(default_factory=set)
    """Whose sums the ledger keeps, with the entries that name them."""

    sums: int = 0
    limits: list[Owner] = field(default_factory=list)
    channels: list[tuple[str, str]] = field(default_factory=list)
    """The teams and channels whose settings go."""

    installations: list[str] = field(default_factory=list)
    """The teams and Enterprise Grids whose tokens go. There are some only where several workspaces install the app."""

    claimed: int = 0
    """Requests that are being worked on now: they will leave something behind."""

    @property
    def is_empty(self) -> bool:
        found = (self.whole, self.shared, self.votes, self.requests, self.owners, self.limits, self.channels)
        return not (any(found) or self.installations or self.claimed)

    def add_conversation(self, key: str, conversation: Conversation) -> None:
        if not self.of.has_conversation(key, conversation):
            return
        if self._is_forgotten_whole(conversation):
            self.whole.append(key)
        else:
            after = without_person(conversation, self.of.id, self.names)
            notes = len(after.notes)
            gone = len(conversation.buffer) - len(after.buffer)
            self.shared[key] = Shared(gone, len(conversation.notes) - notes, notes)

    def add_votes(self, votes: Iterable[Vote]) -> None:
        self.votes += filter(self.of.has_vote, votes)

    def add_requests(self, requests: Iterable[StoredRequest]) -> None:
        found = list(filter(self.of.has_request, requests))
        self.requests += [each for each in found if each.state != "claimed"]
        self.claimed += sum(each.state == "claimed" for each in found)

    def add_ledger(self, ledger: Ledger) -> None:
        """A team's own sums name nobody, and stay."""
        for team, month in ledger.months():
            for kind in (OwnerKind.PERSON, OwnerKind.CHANNEL):
                owners = [Owner(team, kind, each) for each in ledger.sums(team, month, kind)]
                found = list(filter(self.of.has_owner, owners))
                self.owners.update(found)
                self.sums += len(found)

    def add_limits(self, limits: StoredLimits) -> None:
        """Those that were set for a person or a team."""
        self.limits += filter(self.of.has_owner, limits.all())

    def add_settings(self, settings: StoredSettings) -> None:
        self.channels += (
            each for each in settings.all() if self.of.has_owner(Owner(each[0], OwnerKind.CHANNEL, each[1]))
        )

    def forget_in(self, conversations: StoredConversations, key: str) -> None:
        """As the conversation is now: somebody may have spoken there since it was looked at."""
        stored = conversations.load(key)
        if self._is_forgotten_whole(stored.conversation):
            conversations.delete(key)
        else:
            save_change(conversations, key, stored, lambda fresh: without_person(fresh, self.of.id, self.names))

    def forget_votes(self, votes: StoredVotes) -> None:
        for vote in self.votes:
            votes.remove(vote)

    def forget_ledger(self, ledger: Ledger) -> None:
        for owner in self.owners:
            ledger.forget(owner)

    def forget_limits(self, limits: StoredLimits) -> None:
        for owner in self.limits:
            limits.set_limit(owner, NO_LIMIT)

    def forget_settings(self, settings: StoredSettings) -> None:
        for team, channel in self.channels:
            settings.change(team, channel, lambda _: NO_SETTINGS)

    def forget_requests(self, stored: StoredRequests) -> None:
        """As they are now: SQS deletes what was received lately alone."""
        for request in list(stored.everything()):
            if self.of.has_request(request) and request.state != "claimed":
                stored.delete(request)

    def as_data(self) -> dict[str, Any]:
        return {
            "kind": self.of.kind,
            "id": self.of.id,
            "conversations": sorted(self.whole),
            "shared_conversations": {
                key: {"messages": each.messages, "notes": each.notes, "notes_left": each.notes_left}
                for key, each in sorted(self.shared.items())
            },
            "votes": len(self.votes),
            "requests": len(self.requests),
            "ledger_sums": self.sums,
            "limits": len(self.limits),
            "channel_settings": len(self.channels),
            "installations": len(self.installations),
            "being_worked_on": self.claimed,
        }

    def _is_forgotten_whole(self, conversation: Conversation) -> bool:
        return self.of.kind != "person" or is_theirs_alone(conversation, self.of.id, self.names)
