"""What the bot's own pages show of the person who opens them."""

from domain.channels.channel_settings import NO_SETTINGS
from domain.deliveries.deadline import Clock
from domain.limits.allowance import Allowance
from domain.limits.owner_limits import Limits
from domain.ports.stores import Ledger, LimitsStore
from domain.requests import Visit
from domain.spending.ledger import Accounts, Owner, OwnerKind, month_of
from domain.spending.monthly_usage import MonthlyUsage


class VisitorUsage:
    """Looks up what a visitor has used this month. ``clock`` tells the seconds since the epoch."""

    def __init__(self, *, ledger: Ledger, limits: LimitsStore, allowance: Allowance, clock: Clock) -> None:
        self._ledger = ledger
        self._limits = limits
        self._allowance = allowance
        self._clock = clock

    def __call__(self, visit: Visit) -> MonthlyUsage:
        """The person's sum and limit. Raises what the stores raise."""
        owner, now = Owner(visit.team, OwnerKind.PERSON, visit.person), self._clock()
        used = Accounts(person=self._ledger.sum_of(owner, month_of(now)))
        limits = Limits(person=self._limits.limit(owner))
        return MonthlyUsage(now, used, self._allowance.where(NO_SETTINGS, limits))
