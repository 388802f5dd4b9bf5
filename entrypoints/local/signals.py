"""Waiting for a signal of the operating system."""

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def awaiting(*numbers: signal.Signals) -> Iterator[Callable[[], object]]:
    """What returns once one of these signals has come, since then or before.

    A handler written in Python runs between two steps of the main thread: one that comes just before the main thread
    begins to wait would never run. What is written into a socket is there whenever it is read.
    """
    reader, writer = socket.socketpair()
    with reader, writer:
        writer.setblocking(False)
        signal.set_wakeup_fd(writer.fileno())
        for number in numbers:
            signal.signal(number, lambda *_: None)
        try:
            yield lambda: reader.recv(1)
        finally:
            signal.set_wakeup_fd(-1)
