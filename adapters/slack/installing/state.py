"""The ``state`` parameter of OAuth: it ties Slack's redirect to the browser in which the installation began.

Nothing is stored on our side. The cookie has a random number, and the state has when it expires and a code over both
that only this app can make. Neither can be made from the other: an address that others have seen is of no use to them.
"""

import hmac
import re
import secrets

from domain.deliveries.deadline import Clock

COOKIE = "slack-install"
LIFETIME = 600
"""Seconds. Slack's code is valid for ten minutes too (docs.slack.dev/authentication/installing-with-oauth)."""

_STATE = re.compile(r"([0-9]{1,12})\.([0-9a-f]{64})")
_NUMBER = re.compile(r"[0-9a-f]{64}")


class States:
    """Issues and verifies states. ``secret`` is the app's client secret; ``clock`` is in seconds since the epoch."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self._secret = secret.encode()
        self._clock = clock

    def issue(self) -> tuple[str, str]:
        """A new state, and the number for the browser's cookie."""
        number = secrets.token_hex(32)
        expiry = str(int(self._clock()) + LIFETIME)
        return f"{expiry}.{self._code(expiry, number)}", number

    def is_valid(self, state: str, number: str) -> bool:
        """Was the state issued with this number, in the last ten minutes?"""
        parts = _STATE.fullmatch(state)
        if not (parts and _NUMBER.fullmatch(number)):
            return False
        expiry, code = parts.groups()
        return hmac.compare_digest(code, self._code(expiry, number)) and self._clock() < int(expiry)

    def _code(self, expiry: str, number: str) -> str:
        return hmac.digest(self._secret, f"install/{expiry}/{number}".encode(), "sha256").hex()


def cookie_with(number: str, *, secure: bool, lifetime: int = LIFETIME) -> str:
    """The header ``Set-Cookie``. Lax, because Slack's redirect comes from another site and must bring it."""
    attributes = f"Path=/slack; Max-Age={lifetime}; HttpOnly; SameSite=Lax"
    return f"{COOKIE}={number}; {attributes}" + ("; Secure" if secure else "")


def number_in(cookies: str) -> str:
    """The number in a header ``Cookie``; empty where there is none."""
    pairs = (each.strip().partition("=") for each in cookies.split(";"))
    return next((value for name, _, value in pairs if name == COOKIE), "")
