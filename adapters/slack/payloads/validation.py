"""Validates fields of Slack's payloads. None is trusted to be what Slack documents."""

import re
from typing import Any

from domain.timestamp import Timestamp

URL_LIMIT = 500
"""Characters. A ``response_url`` has about 100."""


class Dropped(Exception):
    """The payload asks nothing of the bot; the message is the reason."""


def slack_id(value: object) -> str:
    """The value, if it is an id of Slack's. Raises ``Dropped``."""
    if isinstance(value, str) and re.fullmatch(r"[A-Z0-9]{1,32}", value):
        return value
    raise Dropped("an id is missing or malformed")


def timestamp(value: object) -> Timestamp:
    """The value, if it is a ts. Raises ``Dropped``."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}\.[0-9]{1,8}", value):
        return Timestamp(value)
    raise Dropped("a timestamp is missing or malformed")


def web_url(value: object, limit: int = URL_LIMIT) -> str:
    """The value, if it is an http(s) URL of at most ``limit`` characters, else empty. The host is not checked here."""
    if (
        isinstance(value, str)
        and len(value) <= limit
        and re.fullmatch(r"https?://[^\s\x00-\x1f\x7f\ud800-\udfff]+", value)
    ):
        return value
    return ""


def nested(value: object, *keys: str) -> Any:
    """The value under these keys of nested objects; ``None`` where one is missing."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def valid_unicode(text: str) -> str:
    """The text with lone surrogates replaced: JSON can escape them, but no store and no model takes them."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
