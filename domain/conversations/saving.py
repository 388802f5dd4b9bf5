"""A conversation as it is stored, and saving a change of it, so that a stale writer never wins."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from domain.channels.channel_settings import NO_SETTINGS, ChannelSettings
from domain.conversations.conversation import Conversation
from domain.errors import AlreadyWarned, Conflict
from domain.limits.owner_limits import NO_OWNER_LIMITS, Limits
from domain.limits.question_rate import Admission
from domain.limits.under_way import UnderWay
from domain.ports.stores import Conversations
from domain.spending.ledger import NO_ACCOUNTS, Accounts, Charge

ATTEMPTS_TO_SAVE = 3
"""How often a change is made anew on the fresh conversation after a conflict, before the queue delivers again."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A conversation as loaded, with the version a save must still find. Version 0 was never saved.

    Beside it stands what a turn must know of those whom it concerns: the sums of this month, the channel's settings,
    the limits that the operator has set, when the person asked, by Slack's ts in seconds, what was ``admitted``
    within a minute before and after the request, and which of their answers are ``under_way`` where that is kept.
    ``noted`` is what of those the next save ends.
    """

    conversation: Conversation
    version: int
    accounts: Accounts = NO_ACCOUNTS
    settings: ChannelSettings = NO_SETTINGS
    limits: Limits = NO_OWNER_LIMITS
    admitted: tuple[float, ...] = ()
    under_way: tuple[UnderWay, ...] = ()
    noted: UnderWay | None = None


def save_change(
    conversations: Conversations,
    key: str,
    stored: Stored,
    change: Callable[[Conversation], Conversation],
    charge: Charge | None = None,
    *,
    admitted: Admission | None = None,
) -> Stored:
    """The changed conversation, saved with its charge. After a conflict the change is made anew on the fresh one.

    What changes nothing any more then, because another delivery has done it, is neither saved nor charged again.

    Raises ``AlreadyWarned``, ``TooManyQuestions``, ``TooManyUnderWay``, ``Conflict`` where others were faster
    ``ATTEMPTS_TO_SAVE`` times, and whatever ``change`` raises.
    """
    for attempt in range(ATTEMPTS_TO_SAVE):
        changed = replace(stored, conversation=change(stored.conversation))
        if attempt and charge and changed.conversation == stored.conversation:
            return stored
        try:
            return conversations.save(key, changed, charge, admitted)
        except AlreadyWarned:
            raise
        except Conflict:
            fresh = conversations.load(key, changed.conversation.last_asked)
            stored = replace(stored, conversation=fresh.conversation, version=fresh.version)
    raise Conflict(f"{key} was changed by others {ATTEMPTS_TO_SAVE} times in a row")


def save_charge(conversations: Conversations, key: str, stored: Stored, charge: Charge) -> Stored:
    """The conversation, saved with the charge for a call that has changed nothing else of it.

    Raises what ``save_change`` raises.
    """
    return save_change(conversations, key, stored, lambda fresh: fresh.charged(charge.usage), charge)
