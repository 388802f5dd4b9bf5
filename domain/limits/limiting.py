"""Limits as a turn meets them: what it may not ask, and what is counted of it."""

import math
from dataclasses import replace

from domain.conversations.saving import Stored
from domain.deliveries.deadline import Clock
from domain.deliveries.delivery import Delivery
from domain.deliveries.retries import Cause
from domain.errors import BudgetUsedUp, NotAnswerable, TooManyUnderWay
from domain.limits.allowance import NO_LIMITS, Allowance
from domain.limits.budgets import budget_refusal, next_month, to_be_told
from domain.limits.question_rate import Admission, rate_refusal
from domain.limits.under_way import others_under_way
from domain.requests import Question
from domain.spending.ledger import Charge
from domain.spending.monthly_usage import MonthlyUsage
from domain.texts.language import Language

WORKER_SECONDS = 900.0
"""How long a worker may take at the most: Lambda's own limit."""

PAST_DEADLINE = 30.0
"""Seconds after its deadline at which a worker has ended: on AWS its reserve is half of that."""


class Limiting:
    """Applies limits. What the operator has set for a channel, person or team goes before the ``allowance``.

    ``clock`` tells the seconds since the epoch. ``most_of_one`` are as many answers as one person may have under way
    at a time, 0 where the queue itself bounds them.
    """

    def __init__(self, allowance: Allowance, clock: Clock, most_of_one: int = 0) -> None:
        self._allowance = allowance
        self._clock = clock
        self._most_of_one = most_of_one

    def refusal(self, question: Question, stored: Stored) -> NotAnswerable | None:
        """Why this question is not answered. ``stored`` is what was loaded for it."""
        limit = self._of(stored).questions
        return rate_refusal(limit, question.ts, stored.admitted) or self.budget_refusal(stored)

    def budget_refusal(self, stored: Stored) -> BudgetUsedUp | None:
        """Why no model may be asked on behalf of those for whom this was loaded."""
        return budget_refusal(self._of(stored), stored.accounts, self._clock())

    def notice(self, stored: Stored, charge: Charge, language: Language) -> tuple[str, Charge]:
        """What to tell the person below the answer of budgets that are nearly used up, and the charge that records it.

        Each is told of once a month. A turn that is charged in another month than that of the accounts that were loaded
        for it tells of none; the next one does.
        """
        if stored.accounts.month != charge.month:
            return "", charge
        told = to_be_told(self._of(stored), stored.accounts, charge)
        begins = next_month(charge.at).isoformat()
        lines = (
            language.budget_nearly_used_up[budget.whose].fill(percent=budget.percent, date=begins) for budget in told
        )
        return "".join(f"\n\n{line}" for line in lines), replace(charge, warned=tuple(each.whose for each in told))

    def require_turn(self, question: Question, stored: Stored, delivery: Delivery) -> None:
        """Raises ``TooManyUnderWay`` where the person has as many other answers under way as one person may have."""
        most = self._most(delivery)
        if most and others_under_way(stored.under_way, question.identity, self._clock()) >= most:
            raise TooManyUnderWay(f"its person has {most} answers under way")

    def admission(self, question: Question, stored: Stored, delivery: Delivery, *, counted: bool) -> Admission | None:
        """As what the question is counted among its person's; none where there is no limit.

        What asks no model is not ``counted`` among those of a minute, but is under way like all others.
        """
        limit, most = self._of(stored).questions if counted else 0, self._most(delivery)
        seconds = min(delivery.deadline.seconds_left, WORKER_SECONDS) + PAST_DEADLINE
        return Admission(question, limit, most, math.ceil(self._clock() + seconds)) if limit or most else None

    def _most(self, delivery: Delivery) -> int:
        """How many answers its person may have under way: no limit for a question that has waited long enough."""
        return self._most_of_one if delivery.attempts.delay(Cause.WAITING) else 0

    def monthly_usage(self, stored: Stored) -> MonthlyUsage:
        """What those for whom this was loaded have used this month, beside their limits."""
        return MonthlyUsage(self._clock(), stored.accounts, self._of(stored))

    def _of(self, stored: Stored) -> Allowance:
        return self._allowance.where(stored.settings, stored.limits)


UNLIMITED = Limiting(NO_LIMITS, lambda: 0.0)
"""For what is neither asked nor paid for by anybody."""
