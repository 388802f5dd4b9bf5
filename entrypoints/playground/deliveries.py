"""Events as Slack sends them: what a post looks like to an app, and how it is delivered until it is taken.

An event goes by Socket Mode while a client is connected, otherwise it is posted to the events URL,
signed. What is not taken within three seconds is delivered again: at once, after a minute, after five.
"""

import hashlib
import heapq
import hmac
import http.client
import itertools
import json
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.ports import Clock
from entrypoints.playground.workspace import APP, BOT, BOT_USER, TEAM, Change, Post, Workspace

SECONDS_TO_ANSWER = 3.0
RETRY_WAITS = (0.0, 60.0, 300.0)
"""Seconds before each further delivery of an event that was not taken."""

WAITING_KEPT = 1_000
"""Deliveries that may wait at once; beyond, the oldest is dropped, as Slack drops what an app cannot keep up with."""

Json = dict[str, Any]
Send = Callable[[Json, int, str], str]
"""Deliver an event: the payload, the number of the retry (0 for the first time) and the reason for it.

Returns why it failed, in Slack's words for ``x-slack-retry-reason``; empty when it was taken.
"""


def events_of(change: Change, workspace: Workspace) -> list[Json]:
    """The events that an app with ``app_mention`` and every ``message.*`` subscribed gets for one change."""
    post = change.post
    direct = workspace.channel(post.channel).direct
    where: Json = {"channel": post.channel, "channel_type": "im" if direct else "channel"}
    if post.deleted and change.before:
        gone = {"type": "message", "subtype": "message_deleted", "hidden": True, "ts": post.ts, "deleted_ts": post.ts}
        return [{**gone, "event_ts": post.ts, **where, "previous_message": message_of(change.before)}]
    if change.before:
        if not post.edited and post.streamed is not None:
            return []  # words appended to a stream are no event
        now = post.edited or post.ts
        edit = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": now, "event_ts": now, **where}
        return [{**edit, "message": message_of(post), "previous_message": message_of(change.before)}]
    message = {**message_of(post), **where, "event_ts": post.ts}
    if f"<@{BOT_USER}>" in post.text and post.user != BOT_USER and not direct:
        # One post, two events with the same ts; an app that listens to both gets both.
        mention = {key: value for key, value in message.items() if key != "channel_type"}
        return [{**mention, "type": "app_mention"}, message]
    return [message]


def message_of(post: Post) -> Json:
    """A post as Slack's events and ``conversations.replies`` show it."""
    message: Json = {"type": "message", "user": post.user, "ts": post.ts, "text": post.text, "team": TEAM}
    if post.thread:
        message["thread_ts"] = post.thread
    if post.user == BOT_USER:
        message |= {"bot_id": BOT, "app_id": APP}
        if post.username:
            message |= {"subtype": "bot_message", "username": post.username}
    else:
        message["client_msg_id"] = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{post.channel}/{post.ts}"))
    if post.edited:
        message["edited"] = {"user": post.user, "ts": post.edited}
    return message


def payload_of(event: Json, event_time: int) -> Json:
    """The ``event_callback`` around an event."""
    return {
        "token": "a-verification-token-nobody-uses",
        "team_id": TEAM,
        "context_team_id": TEAM,
        "context_enterprise_id": None,
        "api_app_id": APP,
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev{uuid.uuid4().hex[:10].upper()}",
        "event_time": event_time,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-{uuid.uuid4().hex}",
    }


def over_http(events_url: str, signing_secret: str, clock: Clock) -> Send:
    """Post events to a URL, signed as Slack signs them."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy leads to loopback

    def send(payload: Json, retry: int, reason: str) -> str:
        body = json.dumps(payload).encode()
        timestamp = str(int(clock()))
        signed = b":".join((b"v0", timestamp.encode(), body))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": "v0=" + hmac.new(signing_secret.encode(), signed, hashlib.sha256).hexdigest(),
        }
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": reason}
        request = urllib.request.Request(events_url, body, headers)  # noqa: S310 - the operator's own URL
        try:
            with direct.open(request, timeout=SECONDS_TO_ANSWER) as response:
                return "" if response.status == 200 else "http_error"
        except urllib.error.HTTPError as error:
            error.close()
            return "http_error"
        except TimeoutError:
            return "http_timeout"
        except urllib.error.URLError as error:
            return "http_timeout" if isinstance(error.reason, TimeoutError) else "connection_failed"
        except (OSError, http.client.HTTPException):
            return "connection_failed"

    return send


@dataclass(order=True)
class _Waiting:
    due: float
    number: int
    payload: Json = field(compare=False)
    retry: int = field(compare=False, default=0)
    reason: str = field(compare=False, default="")


class Deliveries:
    """Delivers events one after the other on a thread of its own, and again while they are not taken.

    ``waits`` are the seconds before each retry.
    """

    def __init__(self, send: Send, clock: Clock, waits: Sequence[float] = RETRY_WAITS) -> None:
        self._send = send
        self._clock = clock
        self._waits = waits
        self._changed = threading.Condition()
        self._waiting: list[_Waiting] = []
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None

    def put(self, event: Json) -> None:
        self._put(_Waiting(time.monotonic(), next(self._numbers), payload_of(event, int(self._clock()))))

    def start(self) -> None:
        """Begin to deliver. Once is enough, more does no harm."""
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="playground-events", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Deliver no more. Returns at once, though a delivery under way may still end."""
        with self._changed:
            self._thread = None
            self._changed.notify_all()

    def _put(self, waiting: _Waiting) -> None:
        with self._changed:
            heapq.heappush(self._waiting, waiting)
            if len(self._waiting) > WAITING_KEPT:
                heapq.heappop(self._waiting)
            self._changed.notify_all()

    def _run(self) -> None:
        while waiting := self._next():
            reason = self._send(waiting.payload, waiting.retry, waiting.reason)
            if reason and waiting.retry < len(self._waits):
                due = time.monotonic() + self._waits[waiting.retry]
                self._put(_Waiting(due, waiting.number, waiting.payload, waiting.retry + 1, reason))

    def _next(self) -> _Waiting | None:
        with self._changed:
            while self._thread is threading.current_thread():
                if not self._waiting:
                    self._changed.wait()
                elif (wait := self._waiting[0].due - time.monotonic()) > 0:
                    self._changed.wait(wait)
                else:
                    return heapq.heappop(self._waiting)
            return None
