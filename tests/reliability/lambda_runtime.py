"""As much of Lambda's runtime as the tests need: one process for each execution environment, one event at a time.

    python -m tests.reliability.lambda_runtime worker 5

has ``entrypoints.lambda_worker`` handle the events that come as JSON lines over the socket with this number.
"""

import importlib
import json
import os
import socket
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

from tests.lambda_context import lambda_context
from tests.reliability.forks import Fork

ROOT = Path(__file__).parents[2]


class Failed(Exception):
    """The function has raised; the message is what Lambda shows of it."""


class Environment:
    """One execution environment of a function. What it prints is in the file ``output``, as in CloudWatch.

    A ``forked`` one has imported its function before it saw ``env``. Powertools reads some variables when it is
    imported; for all else there is no difference but the seconds that imports take.
    """

    def __init__(self, function: str, env: dict[str, str], output: Path, *, forked: bool = False) -> None:
        self.output = output
        # It is killed in the end and leaves no measured coverage behind.
        unmeasured = {name: value for name, value in env.items() if not name.startswith("COVERAGE_PROCESS")}
        ours, its = socket.socketpair()
        with its:
            if forked:
                fork = Fork(_serve_as_fork, [function, its, output], unmeasured)
                self._end = fork.end
            else:
                self._end = _started(function, its, output, unmeasured)
        with ours:
            self._lines: TextIO = ours.makefile("rw")

    def invoke(self, event: Mapping[str, object]) -> object:
        """What the function returns. Raises ``Failed`` for what it raises, ``EOFError`` where its process ended."""
        self._lines.write(f"{json.dumps(event)}\n")
        self._lines.flush()
        line = self._lines.readline()
        if not line:
            raise EOFError(self.output.read_text())
        answer = json.loads(line)
        if "error" in answer:
            raise Failed(answer["error"])
        return answer["returned"]

    def end(self) -> None:
        self._end()
        self._lines.close()


def _started(function: str, its: socket.socket, output: Path, env: dict[str, str]) -> Callable[[], None]:
    """Start a process that imports its function; returns what ends it."""
    with output.open("wb") as printed:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, function, str(its.fileno())],
            cwd=ROOT,
            env=env | {"PYTHONUNBUFFERED": "1"},
            pass_fds=[its.fileno()],
            stdout=printed,
            stderr=subprocess.STDOUT,
        )

    def end() -> None:
        process.kill()
        process.wait()

    return end


def _serve_as_fork(function: str, ours: socket.socket, output: Path) -> None:
    with output.open("wb") as printed:
        for number in (1, 2):
            os.dup2(printed.fileno(), number)
    sys.stdout.reconfigure(line_buffering=True)
    _serve(function, ours)


def _serve(function: str, ours: socket.socket) -> None:
    handler = importlib.import_module(f"entrypoints.lambda_{function}").handler
    with ours, ours.makefile("rw") as lines:
        for line in lines:
            try:
                answer = {"returned": handler(json.loads(line), lambda_context(function))}
            except Exception as error:  # noqa: BLE001 - as Lambda does, which logs it with its traceback
                traceback.print_exc()
                answer = {"error": f"{type(error).__name__}: {error}"}
            lines.write(f"{json.dumps(answer)}\n")
            lines.flush()


if __name__ == "__main__":
    _serve(sys.argv[1], socket.socket(fileno=int(sys.argv[2])))
