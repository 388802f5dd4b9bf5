"""Connections that end when the work that they are used for must end.

Every byte begins a read timeout anew, also one of a comment or of half a header. So the deadline of the thread that
reads is looked at before each read, and once a second while the server is silent.
"""

import ssl
import threading
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any, TypeVar

import httpcore2

from domain.deliveries.deadline import NO_DEADLINE, Deadline

T = TypeVar("T")

LOOK_SECONDS = 1.0
"""The longest that a read goes on without looking at the deadline: a person may stop the work at any time."""

WRITE_BYTES = 65_536
"""Bytes that are written between two looks at the deadline."""


class DeadlineOver(Exception):
    """The work must end now. The connection that was being read is closed."""


class _Current(threading.local):
    deadline: Deadline = NO_DEADLINE


_current = _Current()


def until(deadline: Deadline, items: Generator[T, None, None]) -> Iterator[T]:
    """The items of a generator that reads from connections.

    Raises ``DeadlineOver`` once the deadline is over; the generator is closed then, and whenever this one is.
    """
    with closing(items):
        while True:
            with bounded_by(deadline):  # not while the consumer works
                try:
                    item = next(items)
                except StopIteration:
                    return
            yield item


@contextmanager
def bounded_by(deadline: Deadline) -> Iterator[None]:
    """What this thread does with connections inside ends with the deadline, by ``DeadlineOver``."""
    before, _current.deadline = _current.deadline, deadline
    try:
        yield
    finally:
        _current.deadline = before


def seconds_left() -> float:
    """Until the deadline of this thread. Raises ``DeadlineOver`` when it is over."""
    left = _current.deadline.seconds_left
    if left <= 0:
        raise DeadlineOver
    return left


def sleep(seconds: float) -> None:
    """Wait. Raises ``DeadlineOver`` within a second of the end of this thread's deadline."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, LOOK_SECONDS, seconds_left()))
    seconds_left()


def _bounded(timeout: float | None) -> float | None:
    left = seconds_left()
    return left if timeout is None else min(timeout, left)


class BackendWithDeadlines(httpcore2.NetworkBackend):
    """TCP connections whose operations end with the deadline of the thread that asks for them."""

    def __init__(self) -> None:
        self._backend = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        return _Stream(self._backend.connect_tcp(host, port, _bounded(timeout), local_address, socket_options))


class _Stream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        silence = float("inf") if timeout is None else timeout
        while True:
            left = seconds_left()
            wait = min(LOOK_SECONDS, silence, left)
            try:
                return self._stream.read(max_bytes, wait)
            except httpcore2.ReadTimeout as error:
                if wait == left:
                    raise DeadlineOver from error
                silence -= wait
                if silence <= 0:
                    raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), WRITE_BYTES):
            self._stream.write(buffer[start : start + WRITE_BYTES], _bounded(timeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        try:
            return _Stream(self._stream.start_tls(ssl_context, server_hostname, _bounded(timeout)))
        except DeadlineOver:
            self.close()  # nobody else knows of the connection yet
            raise

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
