"""What the process says of itself: whether it lives, and whether it can answer. Slack is never asked for it."""

import threading
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.slack.receiving.heartbeat import Heartbeat
from adapters.sqlite import Database, SqliteQueue
from domain.deliveries.deadline import Clock
from domain.errors import AnsweringError
from entrypoints.local.worker_pool import WorkerPool

CHECK_SECONDS = 1.0
"""The database is asked once in this time at most, however often strangers ask."""

Part = dict[str, Any]
"""What is said of one part: ``ok``, and figures. No texts, no paths and no secrets, as everybody may read it."""


class Health:
    """Looks at the parts of one machine. ``heartbeat`` is none where there is no Slack but the playground's."""

    def __init__(
        self,
        database: Database,
        queue: SqliteQueue,
        worker_pool: WorkerPool,
        heartbeat: Heartbeat | None,
        stopwatch: Clock,
    ) -> None:
        self._database = database
        self._queue = queue
        self._worker_pool = worker_pool
        self._heartbeat = heartbeat
        self._stopwatch = stopwatch
        self._checking = threading.Lock()
        self._checked: float | None = None
        self._stored: dict[str, Part] = {"store": {"ok": False}, "queue": {"ok": False}}

    @property
    def routes(self) -> list[Route]:
        """200 where all is well and 503 where it is not, with every part in the body."""
        return [Route("/healthz", _answering(self.alive)), Route("/readyz", _answering(self.ready))]

    def alive(self) -> dict[str, Part]:
        """Do workers take requests, and can the database be written? If not, only another process will help."""
        return {"workers": self._workers(), "store": self._database_parts()["store"]}

    def ready(self) -> dict[str, Part]:
        """Is Slack heard too, and can the queue be read? If not, it may be better soon."""
        parts = {"workers": self._workers(), **self._database_parts()}
        return parts | ({"slack": _slack(self._heartbeat)} if self._heartbeat else {})

    def _workers(self) -> Part:
        return {"ok": self._worker_pool.is_alive, "busy": self._worker_pool.busy}

    def _database_parts(self) -> dict[str, Part]:
        if self._checking.acquire(blocking=False):  # a database that is locked holds up one who asks, not all of them
            try:
                if self._checked is None or self._stopwatch() - self._checked >= CHECK_SECONDS:
                    self._stored = {"store": _tried(self._database.check_writable), "queue": _tried(self._queue.sizes)}
                    self._checked = self._stopwatch()
            finally:
                self._checking.release()
        return self._stored


def _tried(look: Callable[[], dict[str, int] | None]) -> Part:
    try:
        return {"ok": True, **(look() or {})}
    except AnsweringError:  # a worker has logged why, with the path
        return {"ok": False}


def _slack(heartbeat: Heartbeat) -> Part:
    return {"ok": heartbeat.is_heard, "heard_seconds_ago": round(heartbeat.deaf_seconds)}


def _answering(look: Callable[[], dict[str, Part]]) -> Callable[[Request], Any]:
    async def answer(_: Request) -> Response:
        parts = await run_in_threadpool(look)
        ok = all(part["ok"] for part in parts.values())
        return JSONResponse({"ok": ok} | parts, 200 if ok else 503, {"Cache-Control": "no-store"})

    return answer
