"""Budgets of a month: from sums, limits and the time, what is left. No clock and no store."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from domain.errors import BudgetUsedUp
from domain.limits.allowance import Allowance
from domain.spending.ledger import Accounts, Charge, OwnerKind, Sum

WARNED_AT = 80
"""Per cent of a budget from which on people are told, once a month."""


@dataclass(frozen=True, slots=True)
class Budget:
    """A month's budget and what is used of it, in billed-equivalent tokens.

    ``is_known`` where somebody has been told this month that it is nearly used up.
    """

    whose: OwnerKind
    limit: int
    used: int
    is_known: bool = False

    @property
    def is_used_up(self) -> bool:
        return self.used >= self.limit

    @property
    def percent(self) -> int:
        """How much of it is used, rounded down."""
        return self.used * 100 // self.limit

    @property
    def must_be_told(self) -> bool:
        return self.percent >= WARNED_AT and not self.is_known


def budgets(allowance: Allowance, accounts: Accounts) -> Iterator[Budget]:
    """The budgets that there are, in the order in which they are looked at."""
    sums: tuple[tuple[OwnerKind, int, Sum], ...] = (
        (OwnerKind.PERSON, allowance.person, accounts.person),
        (OwnerKind.CHANNEL, allowance.channel, accounts.channel),
        (OwnerKind.TEAM, allowance.team, accounts.team),
    )
    for whose, limit, spent in sums:
        if limit:
            yield Budget(whose, limit, spent.usage.billed, is_known=spent.warnings > 0)


def to_be_told(allowance: Allowance, accounts: Accounts, charge: Charge) -> tuple[Budget, ...]:
    """The budgets of whose state the person must be told with this charge, as they are after it.

    ``accounts`` are those before it, of its own month.
    """
    after = Accounts(
        accounts.person + Sum.of(charge), accounts.channel + Sum.of(charge), accounts.team + Sum.of(charge)
    )
    return tuple(budget for budget in budgets(allowance, after) if budget.must_be_told)


def budget_refusal(allowance: Allowance, accounts: Accounts, at: float) -> BudgetUsedUp | None:
    """Why no model may be asked at this moment, in seconds since the epoch.

    The turn that uses a budget up is still answered, and so are those that are under way beside it: what is used can
    be more than the budget by as much as these take.
    """
    empty = (budget for budget in budgets(allowance, accounts) if budget.is_used_up)
    return next((BudgetUsedUp(budget.whose, budget.limit, next_month(at)) for budget in empty), None)


def next_month(at: float) -> date:
    """The first day of the month after this moment, in UTC."""
    first = datetime.fromtimestamp(at, UTC).date().replace(day=1)
    return (first + timedelta(days=31)).replace(day=1)
