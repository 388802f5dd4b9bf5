"""What was used, as the memory panel shows it: of the last answer, of the conversation, and of the month."""

from collections.abc import Iterator
from typing import Any

from domain.spending.ledger import Sum
from domain.spending.prices import MILLIONTHS
from domain.spending.usage import Usage

Json = dict[str, Any]


def used(last: Json | None, conversation: Usage, month: Sum) -> Iterator[Json]:
    """Tokens, and of the month the money too, in the unit of the price list; none where no price is known.

    ``last`` is the history's entry of the last answer. The month is everybody's. ``estimated`` counts the calls whose
    tokens the model's server has not counted.
    """
    if last:
        yield {"of": "turn", **{name: last[name] for name in ("sent", "cached", "received")}}
    yield {"of": "conversation", **_summed(conversation)}
    money = month.money / MILLIONTHS if month.money else None
    yield {"of": "month", **_summed(month.usage), "money": money}


def tokens(usage: Usage) -> Json:
    return {"sent": usage.sent, "received": usage.received, "cached": usage.cached}


def _summed(usage: Usage) -> Json:
    return {"answers": usage.turns, **tokens(usage), "estimated": usage.estimated}
