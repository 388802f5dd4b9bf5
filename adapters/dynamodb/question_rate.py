"""When people asked lately what was not refused: an item for each minute of a person."""

from collections.abc import Mapping

from pynamodb.expressions.condition import size
from pynamodb.transactions import TransactWrite

from adapters.dynamodb.items import Item
from domain.limits.question_rate import Admission
from domain.requests import Request

KEPT = 3_600
"""Seconds after its minute that an item is kept."""

MINUTE = 60


def admit(transaction: TransactWrite, item: type[Item], admission: Admission) -> None:
    """Have the transaction count a question among those of its person. A set has each ts once.

    On the condition that this minute of the clock has room for it: of questions that come at once, each of which has
    seen none of the others, no more than twice the limit pass, where one minute becomes the next.
    """
    question, known = admission.question, item.admitted
    minute = int(question.ts.seconds // MINUTE)
    has_room = known.does_not_exist() | known.contains(str(question.ts)) | (size(known) < admission.limit)  # type: ignore[no-untyped-call]
    transaction.update(
        item(_id(question, minute)),
        actions=[known.add({str(question.ts)}), item.expires_at.set((minute + 1) * MINUTE + KEPT)],
        condition=has_room,
    )


def admitted_ids(of: Request) -> tuple[str, str, str]:
    """The ids of the person's items of the request's minute, the one before and the one after it."""
    minute = int(of.ts.seconds // MINUTE)
    return _id(of, minute - 1), _id(of, minute), _id(of, minute + 1)


def admitted_in(items: Mapping[str, Item], of: Request) -> tuple[float, ...]:
    """The ts, in order, that are within a minute of the request, among these items, which are given by their ids."""
    found = (items[each].admitted or () for each in admitted_ids(of) if each in items)
    seconds = sorted(float(ts) for some in found for ts in some)
    return tuple(each for each in seconds if abs(each - of.ts.seconds) <= MINUTE)


def _id(of: Request, minute: int) -> str:
    return f"admitted/{of.team}/{of.person}/{minute}"
