"""Limits that the operator has set for one person or team, over the settings of the deployment."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """The limits of one owner; none where the deployment's hold, 0 where there is to be no limit.

    ``budget`` is in billed-equivalent tokens a month, ``questions`` in questions a minute.
    """

    budget: int | None = None
    questions: int | None = None


NO_LIMIT = Limit()


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of those whom a turn concerns. A channel's budget is among its settings."""

    person: Limit = NO_LIMIT
    team: Limit = NO_LIMIT


NO_OWNER_LIMITS = Limits()
