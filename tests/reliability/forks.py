"""Programs that start many times: forks of one process that has imported everything and runs nothing else.

A fork has its own number, environment, log and end; only the second that its imports take is spared.
"""

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from multiprocessing import connection, forkserver
from typing import Any, TextIO

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.reliability.preloaded"])

_lock = threading.Lock()
"""multiprocessing polls every process of ours when it starts another, and an exit code can be read only once."""


class Fork:
    """A process that calls ``main(*args)``; ``env`` is all of its environment, ``log`` what it prints."""

    def __init__(self, main: Callable[..., object], args: Sequence[Any], env: Mapping[str, str]) -> None:
        reader, writer = _context.Pipe(duplex=False)
        self._process = _context.Process(target=_run, args=(main, args, dict(env), writer))
        with _lock, writer:
            _unmeasured(self._process.start)
        with reader:
            self.log: TextIO = os.fdopen(os.dup(reader.fileno()), encoding="utf-8")

    def poll(self) -> int | None:
        """Return its exit code, ``-9`` where it was killed, none while it runs."""
        with _lock:
            return self._process.exitcode

    def wait(self, seconds: float) -> int | None:
        """As ``poll``, but it may take so many seconds to end."""
        connection.wait([self._process.sentinel], seconds)
        return self.poll()

    def terminate(self) -> None:
        self._process.terminate()

    def send_signal(self, number: int) -> None:
        os.kill(self._process.pid, number)

    def end(self) -> None:
        """Kill it if it still runs."""
        with _lock:
            self._process.kill()
            self._process.join()
            self._process.close()
        self.log.close()


def _unmeasured(start: Callable[[], None]) -> None:
    """A killed process leaves no measured coverage behind, so that measuring would only take time."""
    measuring = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("COVERAGE_PROCESS")}
    try:
        forkserver.ensure_running()
    finally:
        os.environ |= measuring
    start()


def _run(
    main: Callable[..., object], args: Sequence[Any], env: dict[str, str], writer: connection.Connection
) -> object:
    for number in (1, 2):
        os.dup2(writer.fileno(), number)
    writer.close()
    os.environ.clear()
    os.environ |= env
    sys.exit(main(*args))
