"""Votes, as a button under an answer sends them back. Whoever receives one loads neither blocks nor labels."""

import json
import re
from typing import Any

from domain.spending.usage import Receipt, Usage

ACTION = "vote"
"""The ``action_id`` of the buttons."""

VALUE_LIMIT = 2_000
"""Characters that Slack allows a button's value."""

NAME_LIMIT = 200
"""Characters of a model's name, or of the prompts' version: longer ones are cut."""

MOST_SECONDS = 10**9
"""Seconds that no answer takes: a bound for what comes back from a button."""


def parse_vote(value: str) -> tuple[str, bool, Receipt | None]:
    """The question's identity, whether the answer was good, and what it took. Raises ``ValueError`` for anything else.

    A value without any of the receipt's parts is taken for a vote on an answer that has none.
    """
    if len(value) > VALUE_LIMIT:
        raise ValueError("a vote's value is too long")
    try:
        fields = json.loads(value, parse_constant=_refused)
    except RecursionError as error:
        raise ValueError("a vote's value is nested too deeply") from error
    if not isinstance(fields, dict) or set(fields) not in ({"q", "v"}, {"q", "v", *_RECEIPT}):
        raise ValueError("a vote's value has other parts than promised")
    identity, vote = fields["q"], fields["v"]
    if not isinstance(identity, str) or not _IDENTITY.fullmatch(identity):
        raise ValueError("a vote is for no question")
    if _count(vote) > 1:
        raise ValueError("a vote is neither for nor against")
    return identity, vote == 1, _receipt(fields) if "m" in fields else None


def _receipt(fields: dict[str, Any]) -> Receipt:
    usage = Usage(_count(fields["s"]), _count(fields["r"]), _count(fields["c"]), turns=1)
    return Receipt(_name(fields["m"]), _name(fields["p"]), usage, _seconds(fields["t"]))


def _name(value: object) -> str:
    # Half of a surrogate pair, which JSON can spell and no store can take, is not printable either.
    if isinstance(value, str) and len(value) <= NAME_LIMIT and value.isprintable():
        return value
    raise ValueError("a receipt's name is no name")


def _count(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**12:
        return value
    raise ValueError("a receipt's count is no count")


def _seconds(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MOST_SECONDS:
        return float(value)
    raise ValueError("a receipt's seconds are none")


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


_RECEIPT = {"m", "p", "s", "r", "c", "t"}
_IDENTITY = re.compile(r"[A-Z0-9]{1,32}/[A-Z0-9]{1,32}/[0-9]{1,12}\.[0-9]{1,8}")
