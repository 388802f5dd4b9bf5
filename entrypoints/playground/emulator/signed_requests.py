"""What Slack posts to an app's addresses, signed as Slack signs it."""

import hashlib
import hmac
import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from domain.deliveries.deadline import Clock
from entrypoints.playground.emulator.workspace.model import Json

SECONDS_TO_ANSWER = 3.0

REPLY_LIMIT = 100_000
"""Bytes of an app's answer that are read."""

Send = Callable[[Json, int, str], str]
"""Deliver an event: the payload, the number of the retry (0 for the first time) and the reason for it.

Returns why it failed, in Slack's words for ``x-slack-retry-reason``; empty when it was taken.
"""


@dataclass(frozen=True, slots=True)
class Reply:
    """What an app answered. ``reason`` is why it counts as not taken, in Slack's words; empty when it was taken."""

    reason: str = ""
    media_type: str = ""
    body: bytes = b""


def signed_posts(url: str, signing_secret: str, clock: Clock) -> Callable[[bytes, Mapping[str, str]], Reply]:
    """Returns what posts a body to the URL, signed as Slack signs, with further headers."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy leads to loopback

    def post(body: bytes, headers: Mapping[str, str]) -> Reply:
        timestamp = str(int(clock()))
        signed = b":".join((b"v0", timestamp.encode(), body))
        headers = {
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": "v0=" + hmac.new(signing_secret.encode(), signed, hashlib.sha256).hexdigest(),
            **headers,
        }
        request = urllib.request.Request(url, body, headers)  # noqa: S310 - the operator's own URL
        try:
            with direct.open(request, timeout=SECONDS_TO_ANSWER) as response:
                if response.status != 200:
                    return Reply("http_error")
                return Reply("", response.headers.get_content_type(), response.read(REPLY_LIMIT))
        except urllib.error.HTTPError as error:
            error.close()
            return Reply("http_error")
        except TimeoutError:
            return Reply("http_timeout")
        except urllib.error.URLError as error:
            return Reply("http_timeout" if isinstance(error.reason, TimeoutError) else "connection_failed")
        except (OSError, http.client.HTTPException):
            return Reply("connection_failed")

    return post


def over_http(events_url: str, signing_secret: str, clock: Clock) -> Send:
    """Post events to a URL, signed as Slack signs them."""
    post = signed_posts(events_url, signing_secret, clock)

    def send(payload: Json, retry: int, reason: str) -> str:
        headers = {"Content-Type": "application/json"}
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": reason}
        return post(json.dumps(payload).encode(), headers).reason

    return send
