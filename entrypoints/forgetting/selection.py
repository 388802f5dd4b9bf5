"""What an operator names: one conversation by its key, or a person, a channel or a team by its id."""

import re
from argparse import ArgumentTypeError
from dataclasses import dataclass

from adapters.listable_stores import StoredRequest
from domain.conversations.conversation import Conversation
from domain.conversations.place import parts_of_key
from domain.forgetting import takes_part
from domain.requests import Request, Vote
from domain.spending.ledger import Owner

KINDS = {"team": r"[TE][A-Z0-9]+", "channel": r"[CDG][A-Z0-9]+", "person": r"[UW][A-Z0-9]+"}
"""How the ids of each begin; a channel may be a direct message or a group."""


@dataclass(frozen=True, slots=True)
class Selection:
    """``kind`` is ``conversation``, ``person``, ``channel`` or ``team``; ``id`` is the key, or Slack's id."""

    kind: str
    id: str

    @classmethod
    def read(cls, text: str) -> "Selection":
        """Raises ``ArgumentTypeError`` for what is neither a key nor an id."""
        if re.fullmatch(r"[TE][A-Z0-9]+/[A-Z0-9]+(/[0-9.]+)?", text):
            return cls("conversation", text)
        for kind, form in KINDS.items():
            if re.fullmatch(form, text):
                return cls(kind, text)
        raise ArgumentTypeError(
            f"{text!r} is neither a conversation such as T0123/C0123/1700000000.000001"
            " nor the id of a person (U…), a channel (C…, D…, G…) or a team (T…)"
        )

    def has_conversation(self, key: str, conversation: Conversation) -> bool:
        """One in which the person takes part, or of the channel or the team."""
        team, channel, _ = parts_of_key(key)
        named = {"conversation": key, "team": team, "channel": channel}
        return takes_part(conversation, self.id) if self.kind == "person" else named[self.kind] == self.id

    def has_vote(self, vote: Vote) -> bool:
        """One that the person gave, or on an answer in the channel or the team. It does not say of which thread."""
        question = Request.from_identity(vote.question)
        named = {"conversation": "", "person": vote.person, "channel": question.channel, "team": question.team}
        return named[self.kind] == self.id

    def has_owner(self, owner: Owner) -> bool:
        """The person or the channel, or any of the team."""
        return self.id == owner.id if self.kind == owner.kind else (self.kind, self.id) == ("team", owner.team)

    def has_request(self, stored: StoredRequest) -> bool:
        """One that the person made, or in the conversation, the channel or the team."""
        request = stored.request
        if not request:
            return False
        named = {"conversation": stored.group, "person": request.person, "channel": request.channel}
        return (named | {"team": request.team})[self.kind] == self.id
