"""What models cost, and amounts of money as the ledger counts them: in millionths of the unit of the price list."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from domain.spending.usage import Usage

MILLIONTHS = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """The price of a million tokens: sent, sent and found in the provider's cache, and received.

    In whatever unit the price list has, such as dollars. ``written`` is the price of those that are sent and written to
    the cache, where that is another one than ``sent``.
    """

    sent: float
    cached: float
    received: float
    written: float | None = None

    def of(self, usage: Usage) -> int:
        """What a usage costs, in millionths of the unit."""
        written = self.sent if self.written is None else self.written
        plain = usage.sent - usage.cached - usage.written
        prompt = plain * self.sent + usage.cached * self.cached + usage.written * written
        return round(prompt + usage.received * self.received)


class Prices:
    """Prices by the names of models."""

    def __init__(self, table: Mapping[str, Price]) -> None:
        self._table = table

    def of(self, model: str) -> Price | None:
        """The price of a model; none where it is not known.

        A release by its date costs what its model does: ``gpt-5.4-mini-2026-03-17`` is found as ``gpt-5.4-mini``. A
        name that a proxy puts before a model, as in ``openai/gpt-5.4-mini``, does not matter either.
        """
        names = (model, _DATE.sub("", model), model.rpartition("/")[2], _DATE.sub("", model.rpartition("/")[2]))
        return next((self._table[name] for name in names if name in self._table), None)


NO_PRICES = Prices({})


def money(amount: int) -> str:
    """An amount as people read it: with two decimals, or with four where it is below 1."""
    return f"{amount / MILLIONTHS:,.{2 if amount >= MILLIONTHS else 4}f}"


_DATE = re.compile(r"-\d{4}-\d{2}-\d{2}$|-\d{8}$")
