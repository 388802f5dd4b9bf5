"""Limits as a turn meets them: what it may not ask, and what is counted of it."""

from dataclasses import replace

from domain.deadline import Clock
from domain.errors import BudgetUsedUp, NotAnswerable
from domain.language import Language
from domain.ledger import Charge, month_of
from domain.limits.allowance import NO_LIMITS, Allowance
from domain.limits.budgets import budget_refusal, next_month, to_be_told
from domain.limits.question_rate import Admission, rate_refusal
from domain.monthly_usage import MonthlyUsage
from domain.requests import Question
from domain.saving import Stored


class Limiting:
    """Applies limits. What the operator has set for a channel, person or team goes before the ``allowance``.

    ``clock`` tells the seconds since the epoch.
    """

    def __init__(self, allowance: Allowance, clock: Clock) -> None:
        self._allowance = allowance
        self._clock = clock

    def refusal(self, question: Question, stored: Stored) -> NotAnswerable | None:
        """Why this question is not answered. ``stored`` is what was loaded for it."""
        limit = self._of(stored).questions
        return rate_refusal(limit, question.ts, stored.admitted) or self.budget_refusal(stored)

    def budget_refusal(self, stored: Stored) -> BudgetUsedUp | None:
        """Why no model may be asked on behalf of those for whom this was loaded."""
        return budget_refusal(self._of(stored), stored.accounts, self._clock())

    def notice(self, question: Question, stored: Stored, charge: Charge, language: Language) -> tuple[str, Charge]:
        """What to tell the person below the answer of budgets that are nearly used up, and the charge that records it.

        Each is told of once a month. The turn of another month than its question's tells of none, since the accounts
        that were loaded for it may be the old month's; the next one does.
        """
        if month_of(question.ts.seconds) != charge.month:
            return "", charge
        told = to_be_told(self._of(stored), stored.accounts, charge)
        begins = next_month(charge.at).isoformat()
        lines = (
            language.budget_nearly_used_up[budget.whose].fill(percent=budget.percent, date=begins) for budget in told
        )
        return "".join(f"\n\n{line}" for line in lines), replace(charge, warned=tuple(each.whose for each in told))

    def admission(self, question: Question, stored: Stored) -> Admission | None:
        """As what the question is counted among those of its person's minute; none where there is no limit."""
        limit = self._of(stored).questions
        return Admission(question, limit) if limit else None

    def monthly_usage(self, stored: Stored) -> MonthlyUsage:
        """What those for whom this was loaded have used this month, beside their limits."""
        return MonthlyUsage(self._clock(), stored.accounts, self._of(stored))

    def _of(self, stored: Stored) -> Allowance:
        return self._allowance.where(stored.settings, stored.limits)


UNLIMITED = Limiting(NO_LIMITS, lambda: 0.0)
"""For what is neither asked nor paid for by anybody."""
