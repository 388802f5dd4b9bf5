"""Which answers a person has under way: an item for each person, read and written with the conversation."""

from collections.abc import Collection, Mapping

from pynamodb.expressions.condition import size
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from adapters.dynamodb.items import Item
from domain.limits.question_rate import Admission
from domain.limits.under_way import UnderWay
from domain.requests import Request

KEPT = 3_600
"""Seconds after its last answer that an item is kept."""


UNDER_WAY = "under_way/"
"""How the id of such an item begins; a conversation's begins with a team, which Slack writes in capitals."""


def under_way_id(of: Request) -> str:
    """The id of the person's item."""
    return f"{UNDER_WAY}{_person(of)}"


def under_way_in(items: Mapping[str, Item], of: Request) -> tuple[UnderWay, ...]:
    """The person's answers under way, among these items, which are given by their ids."""
    item = items.get(under_way_id(of))
    return tuple(_read(_person(of), text) for text in sorted((item and item.under_way) or ()))


def begin(
    transaction: TransactWrite, item: type[Item], admission: Admission, known: Collection[UnderWay], now: float
) -> UnderWay:
    """Have the transaction note a question among its person's, on the condition that there is room for it.

    ``known`` are those that were read. Where some of them are over, because their workers were killed, they are taken
    out, on the condition that nothing has changed since.
    """
    question, noted = admission.question, item.under_way
    mine = UnderWay(_person(question), question.identity, admission.until)
    others = [each for each in known if each.until > now and each.request != question.identity]
    action: Action
    if len(others) < len(known):
        action, has_room = noted.set({*map(_text, others), _text(mine)}), noted == set(map(_text, known))
    else:
        action = noted.add({_text(mine)})
        has_room = noted.does_not_exist() | (size(noted) < admission.most)  # type: ignore[no-untyped-call]
    transaction.update(
        item(under_way_id(question)),
        actions=[action, item.expires_at.set(int(admission.until) + KEPT)],
        condition=has_room,
    )
    return mine


def end(transaction: TransactWrite, item: type[Item], ended: UnderWay) -> None:
    """Have the transaction take a question out of its person's."""
    actions: list[Action] = [item.under_way.delete({_text(ended)}), item.expires_at.set(int(ended.until) + KEPT)]
    transaction.update(item(f"{UNDER_WAY}{ended.person}"), actions=actions)


def _person(of: Request) -> str:
    return f"{of.team}/{of.person}"


def _text(under_way: UnderWay) -> str:
    return f"{under_way.until:.0f}/{under_way.request}"


def _read(person: str, text: str) -> UnderWay:
    until, _, request = text.partition("/")
    return UnderWay(person, request, float(until))
