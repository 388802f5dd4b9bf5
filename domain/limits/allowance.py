"""How much may be spent in a month, and asked in a minute."""

from dataclasses import dataclass, replace

from domain.channels.channel_settings import ChannelSettings
from domain.limits.owner_limits import Limits

QUESTIONS_LIMIT = 1_000
"""The most questions a minute that can be set: the times of as many are stored for a person."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """The budgets of a person, a channel and a team in billed-equivalent tokens a month, and one person's questions a
    minute. 0 is no limit.
    """

    person: int = 0
    channel: int = 0
    team: int = 0
    questions: int = 0

    def where(self, settings: ChannelSettings, limits: Limits) -> "Allowance":
        """With what the operator has set for this channel, person and team in place of what holds elsewhere."""
        changes = {
            "person": limits.person.budget,
            "channel": settings.budget,
            "team": limits.team.budget,
            "questions": limits.person.questions,
        }
        return replace(self, **{name: value for name, value in changes.items() if value is not None})


NO_LIMITS = Allowance()
