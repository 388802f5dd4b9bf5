"""Where the conversation of a post is kept: a channel may have a scope of its own."""

from domain.conversations.place import Place, Scope
from domain.conversations.saving import Stored
from domain.ports.stores import Conversations
from domain.requests import Question, Request

CHANNELS_KNOWN = 10_000
"""Channels whose scope is not the bot's, of which that is known in this process."""


class Placing:
    """Finds conversations. ``scope`` is the bot's own. Safe to use from any thread.

    The key of a conversation follows from the scope, which is loaded together with the conversation. What a channel's
    scope was is expected to hold still; where it does not, or is not known yet, the right conversation is loaded after
    the first one.
    """

    def __init__(self, conversations: Conversations, scope: Scope) -> None:
        self._conversations = conversations
        self._scope = scope
        self._others: dict[tuple[str, str], Scope] = {}

    def expected(self, post: Question) -> Place:
        """Where its conversation is, as far as is known."""
        return post.place(self._others.get((post.team, post.channel), self._scope))

    def load(self, post: Question, of: Request) -> tuple[Place, Stored]:
        """Where the post's conversation is, and the conversation. ``of`` is what a person did at its own time."""
        place = self.expected(post)
        stored = self._conversations.load(place.conversation, of.ts, of=of)
        scope = stored.settings.scope or self._scope
        self._keep(post, scope)
        right = post.place(scope)
        if right.conversation != place.conversation:
            stored = self._conversations.load(right.conversation, of.ts, of=of)
        return right, stored

    def _keep(self, post: Question, scope: Scope) -> None:
        channel = post.team, post.channel
        if scope is self._scope:
            self._others.pop(channel, None)
        else:
            if len(self._others) >= CHANNELS_KNOWN:
                self._others.clear()
            self._others[channel] = scope
