"""A stand-in for Slack that speaks Slack's own protocols, so that the real slack_sdk works against it unchanged.

``/api/{method}`` is the Web API, ``/socket-mode`` the other end of Socket Mode. It refuses what Slack
refuses, by the same names; it has the methods that this bot needs and answers ``unknown_method`` to
any other.
"""

import asyncio
import json
import secrets
import threading
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from domain.ports import Clock
from entrypoints.playground.deliveries import (
    RETRY_WAITS,
    SECONDS_TO_ANSWER,
    Deliveries,
    Json,
    events_of,
    over_http,
)
from entrypoints.playground.web_api import WebApi
from entrypoints.playground.workspace import APP, Change, Refused, Workspace

BODY_LIMIT = 1_000_000
"""Bytes of a Web API call."""

RATES: Mapping[str, int] = {
    "auth.test": 200,
    "chat.appendStream": 100,
    "chat.postMessage": 60,
    "chat.startStream": 20,
    "chat.stopStream": 20,
    "chat.update": 50,
    "conversations.replies": 50,
    "users.info": 100,
}
"""Calls a minute that Slack promises to allow (its tiers); ``chat.postMessage`` is counted channel by channel."""


class SlackStandIn:
    """Slack, as far as the bot can tell: ``routes`` to serve, and events that go out between start and stop.

    An empty ``app_token`` allows no Socket Mode. ``rates`` are calls a minute and method, none for no
    limit; ``waits`` the seconds before each repeated delivery of an event.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        bot_token: str,
        signing_secret: str,
        events_url: str,
        app_token: str = "",
        clock: Clock = time.time,
        rates: Mapping[str, int] | None = None,
        waits: Sequence[float] = RETRY_WAITS,
    ) -> None:
        self._workspace = workspace
        self._methods = WebApi(workspace).methods
        self._bot_token = bot_token
        self._app_token = app_token
        self._limits = _RateLimits(rates or {}, clock)
        self._sockets = _Sockets()
        self._http = over_http(events_url, signing_secret, clock)
        self._deliveries = Deliveries(self._send, clock, waits)
        workspace.observe(self._announce)
        self.routes: list[BaseRoute] = [
            Route("/api/{method}", self._call, methods=["GET", "POST"]),
            WebSocketRoute("/socket-mode", self._sockets.serve),
        ]

    def start(self) -> None:
        self._deliveries.start()

    def stop(self) -> None:
        """Send no more events. Returns at once and may be called from anywhere, more than once."""
        self._deliveries.stop()

    def _announce(self, change: Change) -> None:
        for event in events_of(change, self._workspace):
            self._deliveries.put(event)

    def _send(self, payload: Json, retry: int, reason: str) -> str:
        send = self._sockets.send if self._sockets.connected else self._http
        return send(payload, retry, reason)

    async def _call(self, request: Request) -> Response:
        try:
            arguments = await _arguments(request)
            return await run_in_threadpool(self._answer, request, arguments)
        except Refused as refusal:
            return JSONResponse({"ok": False, "error": refusal.code})

    def _answer(self, request: Request, arguments: Json) -> Response:
        method = request.path_params["method"]
        header = request.headers.get("Authorization", "")
        token = header.removeprefix("Bearer ").strip() or str(arguments.pop("token", ""))
        if not token:
            raise Refused("not_authed")
        if method == "apps.connections.open":
            return JSONResponse({"ok": True, "url": self._open_connection(token, request.url.netloc)})
        if not secrets.compare_digest(token.encode(), self._bot_token.encode()):
            raise Refused("not_allowed_token_type" if token == self._app_token else "invalid_auth")
        if method not in self._methods:
            raise Refused("unknown_method")
        wait = self._limits.wait(method, str(arguments.get("channel", "")))
        if wait:
            return JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(wait)})
        return JSONResponse({"ok": True, **self._methods[method](arguments)})

    def _open_connection(self, token: str, netloc: str) -> str:
        if secrets.compare_digest(token.encode(), self._bot_token.encode()):
            raise Refused("not_allowed_token_type")
        if not self._app_token or not secrets.compare_digest(token.encode(), self._app_token.encode()):
            raise Refused("invalid_auth")
        return f"ws://{netloc}/socket-mode?ticket={self._sockets.ticket()}&app_id={APP}"


async def _arguments(request: Request) -> Json:
    """What a call says, from its query and its body, which may be a form or JSON."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > BODY_LIMIT:
            raise Refused("request_too_large")
    arguments: Json = dict(request.query_params)
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        try:
            parsed = json.loads(body or b"{}")
        except (ValueError, RecursionError):
            raise Refused("invalid_json") from None
        if not isinstance(parsed, dict):
            raise Refused("json_not_object")
        return arguments | parsed
    if kind == "application/x-www-form-urlencoded":
        return arguments | dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    if body:
        raise Refused("invalid_post_type")
    return arguments


class _RateLimits:
    """How often each method may be called within any sixty seconds."""

    def __init__(self, rates: Mapping[str, int], clock: Clock) -> None:
        self._rates = rates
        self._clock = clock
        self._lock = threading.Lock()
        self._calls: dict[tuple[str, str], deque[float]] = defaultdict(deque)

    def wait(self, method: str, channel: str) -> int:
        """Seconds until this call would be allowed; 0 allows and counts it."""
        if method not in self._rates:
            return 0
        seconds, allowed = 60.0, self._rates[method]
        if method == "chat.postMessage":  # one a second, not sixty at once
            seconds, allowed = seconds / allowed, 1
        else:
            channel = ""
        with self._lock:
            calls, now = self._calls[method, channel], self._clock()
            while calls and now - calls[0] >= seconds:
                calls.popleft()
            if len(calls) >= allowed:
                return max(1, round(calls[0] + seconds - now))
            calls.append(now)
            return 0


class _Sockets:
    """The connections of Socket Mode. Each event goes to one of them, and counts as taken when acknowledged."""

    def __init__(self) -> None:
        self._tickets: deque[str] = deque(maxlen=100)
        self._connections: list[tuple[WebSocket, asyncio.AbstractEventLoop]] = []
        self._unacknowledged: dict[str, Future[str]] = {}

    @property
    def connected(self) -> bool:
        return bool(self._connections)

    def ticket(self) -> str:
        """A new admission for one connection."""
        self._tickets.append(secrets.token_urlsafe())
        return self._tickets[-1]

    async def serve(self, socket: WebSocket) -> None:
        try:
            self._tickets.remove(socket.query_params.get("ticket", ""))
        except ValueError:
            await socket.close(1008)
            return
        await socket.accept()
        connection = (socket, asyncio.get_running_loop())
        await socket.send_json(
            {
                "type": "hello",
                "num_connections": len(self._connections) + 1,
                "debug_info": {"host": "playground", "approximate_connection_time": 18_060},
                "connection_info": {"app_id": APP},
            }
        )
        self._connections.append(connection)
        try:
            while True:
                self._acknowledge(await socket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            self._connections.remove(connection)
            for waiting in list(self._unacknowledged.values()):
                _settle(waiting, "connection_failed")

    def send(self, payload: Json, retry: int, reason: str) -> str:
        """Send an event from any thread but the server's own, and wait for its acknowledgement."""
        envelope = str(uuid.uuid4())
        waiting = self._unacknowledged[envelope] = Future[str]()
        message: dict[str, Any] = {
            "envelope_id": envelope,
            "type": "events_api",
            "payload": payload,
            "accepts_response_payload": False,
            "retry_attempt": retry,
            "retry_reason": reason,
        }
        try:
            socket, loop = self._connections[-1]
            asyncio.run_coroutine_threadsafe(socket.send_json(message), loop).result(SECONDS_TO_ANSWER)
            return waiting.result(SECONDS_TO_ANSWER)
        except TimeoutError:
            return "http_timeout"
        except (IndexError, RuntimeError, OSError, WebSocketDisconnect):
            return "connection_failed"  # it went away in between
        finally:
            del self._unacknowledged[envelope]

    def _acknowledge(self, text: str) -> None:
        try:
            answer = json.loads(text)
        except ValueError:
            return
        envelope = answer.get("envelope_id") if isinstance(answer, dict) else None
        if isinstance(envelope, str) and (waiting := self._unacknowledged.get(envelope)):
            _settle(waiting, "")


def _settle(waiting: "Future[str]", reason: str) -> None:
    with suppress(InvalidStateError):  # a second acknowledgement changes nothing
        waiting.set_result(reason)
