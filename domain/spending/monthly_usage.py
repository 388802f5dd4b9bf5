"""What was used in a month, as a person reads it."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.limits.allowance import Allowance
from domain.limits.budgets import next_month
from domain.spending.ledger import Accounts, OwnerKind, Sum, month_of
from domain.spending.prices import money
from domain.texts.language import Language


@dataclass(frozen=True, slots=True)
class MonthlyUsage:
    """The sums of the month of the moment ``now``, in seconds since the epoch, beside what they may come to.

    People are not shown what others use: the team's sum stands there only where the team has a limit.
    """

    now: float
    accounts: Accounts
    allowance: Allowance

    def of_all(self, language: Language) -> str:
        """The person's, the channel's, and the team's where it has a limit."""
        accounts, allowance = self.accounts, self.allowance
        lines = [
            _line(language, OwnerKind.PERSON, accounts.person, allowance.person),
            _line(language, OwnerKind.CHANNEL, accounts.channel, allowance.channel),
        ]
        if allowance.team:
            lines.append(_line(language, OwnerKind.TEAM, accounts.team, allowance.team))
        return self._text(language, lines)

    def of_person(self, language: Language) -> str:
        """The person's alone."""
        return self._text(language, [_line(language, OwnerKind.PERSON, self.accounts.person, self.allowance.person)])

    def _text(self, language: Language, lines: list[str]) -> str:
        anew = next_month(self.now).isoformat()
        return language.usage_month.fill(month=month_of(self.now), lines="\n".join(lines), anew=anew)


def _line(language: Language, kind: OwnerKind, used: Sum, budget: int) -> str:
    usage = used.usage
    figures = {"turns": usage.turns, "sent": usage.sent, "cached": usage.cached, "received": usage.received}
    estimated = language.usage_estimated.fill(number=f"{used.estimated:,}") if used.estimated else ""
    return language.usage_line.fill(
        whose=language.usage_owners[kind],
        used="".join(_against_limit(language, used, budget)),
        estimated=estimated,
        **{name: f"{figure:,}" for name, figure in figures.items()},
    )


def _against_limit(language: Language, used: Sum, budget: int) -> Iterator[str]:
    billed = used.usage.billed
    if budget:
        percent = f"{100 * billed // budget:,}"
        yield language.usage_of_limit.fill(billed=f"{billed:,}", limit=f"{budget:,}", percent=percent)
    else:
        yield language.usage_without_limit.fill(billed=f"{billed:,}")
    if used.money:
        yield language.usage_money.fill(money=money(used.money))
    if used.money and used.unpriced:
        yield language.usage_unpriced.fill(tokens=f"{used.unpriced:,}")
