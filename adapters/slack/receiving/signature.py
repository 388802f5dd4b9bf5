"""Slack's signature of a request: HMAC-SHA256 over ``v0:{timestamp}:{body}`` with the signing secret (docs.slack.dev).

slack_sdk verifies it too, but its verifier loads the Web API's client, asyncio and every block with it: a quarter of
what the events function would import, while Slack waits three seconds for a cold start.
"""

import hashlib
import hmac

SIGNATURE_SECONDS = 60 * 5
"""How long a signature is valid, as Slack asks for and slack_sdk has it too."""


def is_fresh(timestamp: str, now: float) -> bool:
    """Is this the timestamp, in seconds since the epoch, of a signature that is still valid?"""
    try:
        return abs(now - int(timestamp)) <= SIGNATURE_SECONDS
    except (ValueError, OverflowError):  # it is no number, or too large for one
        return False


def is_signed(secret: str, timestamp: str, body: bytes, signature: str) -> bool:
    """Is this Slack's signature? Compared in constant time; whether it is fresh is a question of its own."""
    signed = b":".join((b"v0", timestamp.encode(errors="replace"), body))
    expected = f"v0={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"
    return hmac.compare_digest(expected.encode(), signature.encode(errors="replace"))
