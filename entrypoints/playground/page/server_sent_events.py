"""The open pages: each is sent what changes, as server-sent events."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from contextlib import suppress

from entrypoints.playground.emulator.workspace.model import Json

HEARTBEAT_SECONDS = 15.0
"""After so much silence a page is sent a sign of life, which also finds the pages that have gone."""

UNSENT_LIMIT = 1_000
"""Changes that may wait for a slow page; beyond, it is cut off and reads everything anew when it reconnects."""


class Streams:
    """The open pages. Changes come from any thread; each page waits in the server's loop and holds no thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pages: list[tuple[asyncio.AbstractEventLoop, asyncio.Queue[str]]] = []
        self._open = True

    @property
    def are_followed(self) -> bool:
        """Is any page open?"""
        return bool(self._pages)

    def begin(self) -> None:
        with self._lock:
            self._open = True

    def end(self) -> None:
        """Let every page's stream end, and those that are opened later end at once."""
        with self._lock:
            self._open = False
            self._offer(_END)

    def send(self, change: Json) -> None:
        with self._lock:
            self._offer(f"data: {json.dumps(change)}\n\n")

    async def follow(self) -> AsyncIterator[str]:
        """What one page is sent, from now on."""
        page = (asyncio.get_running_loop(), asyncio.Queue[str](UNSENT_LIMIT))
        with self._lock:
            if not self._open:
                return
            self._pages.append(page)
        try:
            yield "retry: 1000\n\n"
            while True:
                try:
                    sent = await asyncio.wait_for(page[1].get(), HEARTBEAT_SECONDS)
                except TimeoutError:
                    sent = ": still here\n\n"
                if sent == _END:
                    return
                yield sent
        finally:
            with self._lock:
                self._pages.remove(page)

    def _offer(self, sent: str) -> None:
        for loop, queue in self._pages:
            # A loop that has ended takes its pages with it.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(_put, queue, sent)


_END = ""


def _put(queue: asyncio.Queue[str], sent: str) -> None:
    if queue.full():
        while not queue.empty():
            queue.get_nowait()
        sent = _END
    queue.put_nowait(sent)
