"""What Slack sends to an app: what a post looks like in an event, and how an event is delivered until it is taken.

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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from domain.ports import Clock
from entrypoints.playground.emulator.workspace.block_kit import with_ids
from entrypoints.playground.emulator.workspace.files import file_object
from entrypoints.playground.emulator.workspace.model import APP, BOT, BOT_USER, TEAM, Change, Json, Post
from entrypoints.playground.emulator.workspace.workspace import Workspace

__all__ = [
    "EventDelivery",
    "Json",
    "Reply",
    "Send",
    "events_of",
    "message_of",
    "over_http",
    "payload_of",
    "signed_posts",
]

SECONDS_TO_ANSWER = 3.0
RETRY_WAITS = (0.0, 60.0, 300.0)
"""Seconds before each further delivery of an event that was not taken."""

REPLY_LIMIT = 100_000
"""Bytes of an app's answer that are read."""

WAITING_KEPT = 1_000
"""Deliveries that may wait at once; beyond, the oldest is dropped, as Slack drops what an app cannot keep up with."""

TOKEN = "a-verification-token-nobody-uses"  # noqa: S105 - and it opens nothing

Send = Callable[[Json, int, str], str]
"""Deliver an event: the payload, the number of the retry (0 for the first time) and the reason for it.

Returns why it failed, in Slack's words for ``x-slack-retry-reason``; empty when it was taken.
"""


def events_of(change: Change, workspace: Workspace) -> list[Json]:
    """The events that an app with ``app_mention`` and every ``message.*`` subscribed gets for one change.

    What only one person sees is no event.
    """
    post = change.post
    if post.only_for:
        return []
    channel, address = workspace.directory.channel(post.channel), workspace.address
    where: Json = {"channel": post.channel, "channel_type": channel.kind}
    if change.before:
        return [{**event, **where} for event in _events_of_change(change, change.before, workspace)]
    message = {**message_of(post, address), **where, "event_ts": post.ts}
    if f"<@{BOT_USER}>" in post.text and post.user != BOT_USER and not channel.direct:
        # One post, two events with the same ts; an app that listens to both gets both.
        mention = {key: value for key, value in message.items() if key not in ("channel_type", "subtype")}
        return [{**mention, "type": "app_mention"}, message]
    return [message]


def _events_of_change(change: Change, before: Post, workspace: Workspace) -> list[Json]:
    """Of a post that became another one: hidden events with a ts of their own, as docs.slack.dev has them."""
    post, now = change.post, workspace.messages.next_ts()
    if not (post.deleted or post.edited or post.tombstone) and post.streamed is not None:
        return []  # words appended to a stream are no event
    in_thread = {"thread_ts": post.ts} if workspace.messages.has_replies(post) else {}
    previous = message_of(before, workspace.address) | in_thread
    event: Json = {"type": "message", "hidden": True, "ts": now, "event_ts": now, "previous_message": previous}
    if post.deleted:
        return [event | {"subtype": "message_deleted", "deleted_ts": post.ts}]
    return [event | {"subtype": "message_changed", "message": message_of(post, workspace.address) | in_thread}]


def message_of(post: Post, address: str = "") -> Json:
    """A post as Slack's events and ``conversations.replies`` show it. ``address`` is where its files are served."""
    message: Json = {"type": "message", "user": post.user, "ts": post.ts, "text": post.text, "team": TEAM}
    if post.thread:
        message["thread_ts"] = post.thread
    if post.user == BOT_USER:
        message |= {"bot_id": BOT, "app_id": APP}
        if post.username:
            message |= {"subtype": "bot_message", "username": post.username}
    else:
        message["client_msg_id"] = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{post.channel}/{post.ts}"))
    if post.files:
        files = [file_object(file, address) for file in post.files]
        message |= {"subtype": "file_share", "files": files, "upload": False, "display_as_bot": False}
    if post.blocks:
        message["blocks"] = with_ids(post.blocks)
    if post.tombstone:
        message |= {"subtype": "tombstone", "hidden": True}
    if post.edited:
        message["edited"] = {"user": post.user, "ts": post.edited}
    return message


def payload_of(event: Json, event_time: int) -> Json:
    """The ``event_callback`` around an event."""
    return {
        "token": TOKEN,
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


@dataclass(order=True)
class _Waiting:
    due: float
    number: int
    payload: Json = field(compare=False)
    retry: int = field(compare=False, default=0)
    reason: str = field(compare=False, default="")


class EventDelivery:
    """Delivers events one after the other on a thread of its own, and again while they are not taken.

    ``waits`` are the seconds before each retry; ``name`` is the thread's.
    """

    def __init__(
        self, send: Send, clock: Clock, waits: Sequence[float] = RETRY_WAITS, name: str = "playground-events"
    ) -> None:
        self._name = name
        self._send = send
        self._clock = clock
        self._waits = waits
        self._changed = threading.Condition()
        self._waiting: list[_Waiting] = []
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None

    def put(self, event: Json) -> None:
        """Deliver an event, in its ``event_callback``."""
        self.put_as_it_is(payload_of(event, int(self._clock())))

    def put_as_it_is(self, payload: Json) -> None:
        """Deliver what is no event."""
        self._put(_Waiting(time.monotonic(), next(self._numbers), payload))

    def start(self) -> None:
        """Begin to deliver. Once is enough, more does no harm."""
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
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
