"""The HTTP server of one machine, within bounds that a stranger at its port cannot exceed.

A connection that is silent, or whose request does not arrive in time, is closed. Of those whose request has not arrived
only so many are open at once; the oldest makes room for the newest. So a signed event is answered however many others
hold connections open.
"""

import asyncio
import logging
import math
import resource
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import uvicorn
from h11 import Request as HeadOfRequest
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_SECONDS = 10.0
"""Within which a whole request must arrive, from the connection or the last response on. Slack's take some 10 ms."""

WAITING = 128
"""Connections at most whose request has not arrived."""

BACKLOG = 64
"""Connections that the system accepts for us meanwhile. asyncio takes so many in one round, and reports each of them
where files run out."""

FILES_A_CONNECTION = 4
"""Of the files that the process may open, one in so many may be a connection whose request has not arrived."""

LINES, LINES_SECONDS = 20, 60.0
"""Lines of one text at most in so many seconds."""

logger = logging.getLogger(__name__)


class BoundedProtocol(H11Protocol):
    """HTTP/1.1 whose requests must arrive in time. Each server has a subclass of its own, with its own connections."""

    waiting: dict["BoundedProtocol", asyncio.TimerHandle]
    most = WAITING

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.waiting) >= self.most:
            next(iter(self.waiting)).transport.abort()
        self._await_request()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None and not self.cycle.more_body:
            self._stop_waiting()

    def on_response_complete(self) -> None:
        self._await_request()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, event: HeadOfRequest) -> None:
        self._stop_waiting()  # from here on the connection is another protocol's
        super().handle_websocket_upgrade(event)

    def _await_request(self) -> None:
        self._stop_waiting()
        self.waiting[self] = self.loop.call_later(REQUEST_SECONDS, self.transport.abort)

    def _stop_waiting(self) -> None:
        if timer := self.waiting.pop(self, None):
            timer.cancel()


class BoundedServer(uvicorn.Server):
    """Serves ``app`` on sockets that listen already, until ``should_exit``."""

    def __init__(self, app: ASGIApp) -> None:
        files, _ = raise_file_limit()
        bounds: dict[str, Any] = {"waiting": {}, "most": max(1, min(WAITING, files // FILES_A_CONNECTION))}
        super().__init__(
            uvicorn.Config(
                app,
                http=type("Protocol", (BoundedProtocol,), bounds),
                backlog=BACKLOG,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=2,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().set_exception_handler(_report)
        await super().startup(sockets)


class RepeatedLines(logging.Filter):
    """Lets so many lines with one text through in a minute, and says how many it left out: strangers write no log."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._began: dict[object, float] = {}
        self._seen: dict[object, int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        now, text = self._clock(), record.msg
        if now - self._began.get(text, -math.inf) >= LINES_SECONDS:
            left_out = self._seen.get(text, 0) - LINES
            self._began[text], self._seen[text] = now, 0
            if left_out > 0:
                record.msg, record.args = f"{record.getMessage()} (and {left_out} lines like it before)", ()
        self._seen[text] = self._seen.get(text, 0) + 1
        return self._seen[text] <= LINES


def limit_repeated_lines(*loggers: str) -> None:
    """Bounds what strangers can have logged, by the names of the loggers that write of them."""
    for name in loggers:
        logging.getLogger(name).addFilter(RepeatedLines())


def raise_file_limit() -> tuple[int, int]:
    """Let this process open as many files as it may. Returns the limits, the one in force first."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # where the system has a bound of its own
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)


def _report(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """One line in place of asyncio's traceback: a connection that ended early is nobody's mistake."""
    error = context.get("exception")
    logger.warning("a connection failed: %s", error.strerror if isinstance(error, OSError) else type(error).__name__)
