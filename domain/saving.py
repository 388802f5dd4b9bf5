"""Saving a change of a conversation, so that a stale writer never wins."""

from collections.abc import Callable
from dataclasses import replace

from domain.conversation import Conversation
from domain.errors import Conflict
from domain.ports import Conversations, Stored

ATTEMPTS_TO_SAVE = 3
"""How often a change is made anew on the fresh conversation after a conflict, before the queue delivers again."""


def save_change(
    conversations: Conversations, key: str, stored: Stored, change: Callable[[Conversation], Conversation]
) -> Stored:
    """The changed conversation, saved. After a conflict the change is made anew on the fresh conversation.

    Raises ``Conflict`` where others were faster ``ATTEMPTS_TO_SAVE`` times, and whatever ``change`` raises.
    """
    for _ in range(ATTEMPTS_TO_SAVE):
        changed = replace(stored, conversation=change(stored.conversation))
        try:
            return conversations.save(key, changed)
        except Conflict:
            stored = conversations.load(key, changed.conversation.last_asked)
    raise Conflict(f"{key} was changed by others {ATTEMPTS_TO_SAVE} times in a row")
