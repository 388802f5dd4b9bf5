"""Making charges: what a model call took, whom it concerns, and what it costs by today's prices."""

from domain.deliveries.deadline import Clock
from domain.requests import Request
from domain.spending.ledger import Charge, Kind
from domain.spending.prices import Prices
from domain.spending.usage import Usage


class Charging:
    """Makes charges. ``clock`` is the wall clock: a charge counts in the month in which it is made."""

    def __init__(self, prices: Prices, clock: Clock) -> None:
        self._prices = prices
        self._clock = clock

    def charge(
        self, request: Request, kind: Kind, model: str, usage: Usage, *, seconds: float, first_word: float = 0.0
    ) -> Charge:
        """What ``request`` is charged for one call, or for several of one kind. A later price does not change it."""
        price = self._prices.of(model)
        return Charge(
            request=request.identity,
            kind=kind,
            team=request.team,
            channel=request.channel,
            person=request.person,
            model=model,
            usage=usage,
            at=self._clock(),
            seconds=round(max(0.0, seconds), 3),
            first_word=round(max(0.0, first_word), 3),
            money=price.of(usage) if price else None,
        )
