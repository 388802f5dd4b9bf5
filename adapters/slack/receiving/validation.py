"""The fields of what Slack sends, none of which is trusted to be what Slack documents."""

import re
from typing import Any

ADDRESS_LIMIT = 500
"""Characters. An address for responses has some 100."""


class Dropped(Exception):
    """What asks the bot nothing; the message is the reason."""


def id_in(value: object) -> str:
    """Raises ``Dropped`` for what is no id."""
    if isinstance(value, str) and re.fullmatch(r"[A-Z0-9]{1,32}", value):
        return value
    raise Dropped("an id is missing or malformed")


def ts_in(value: object) -> str:
    """Raises ``Dropped`` for what is no timestamp."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}\.[0-9]{1,8}", value):
        return value
    raise Dropped("a timestamp is missing or malformed")


def address_in(value: object, limit: int = ADDRESS_LIMIT) -> str:
    """A web address of at most ``limit`` characters; empty for anything else. Its host is for others to judge."""
    if (
        isinstance(value, str)
        and len(value) <= limit
        and re.fullmatch(r"https?://[^\s\x00-\x1f\x7f\ud800-\udfff]+", value)
    ):
        return value
    return ""


def inside(value: object, *way: str) -> Any:
    """What stands at the end of this way through nested objects; nothing where there is no such way."""
    for step in way:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def whole(text: str) -> str:
    """The text without halves of surrogate pairs, which JSON can escape but no store and no model can take."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
