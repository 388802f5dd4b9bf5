"""As much of Lambda's runtime as the tests need: one process for each execution environment, one event at a time.

    python -m tests.reliability.lambda_runtime worker 5

has ``entrypoints.lambda_worker`` handle the events that come as JSON lines over the socket with this number.
"""

import importlib
import json
import socket
import subprocess
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path

from tests.lambda_context import lambda_context

ROOT = Path(__file__).parents[2]


class Failed(Exception):
    """The function has raised; the message is what Lambda shows of it."""


class Environment:
    """One execution environment of a function. What it prints is in the file ``output``, as in CloudWatch."""

    def __init__(self, function: str, env: dict[str, str], output: Path) -> None:
        self.output = output
        ours, its = socket.socketpair()
        # It is killed in the end and leaves no measured coverage behind.
        unmeasured = {name: value for name, value in env.items() if not name.startswith("COVERAGE_PROCESS")}
        with its, output.open("wb") as printed:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, function, str(its.fileno())],
                cwd=ROOT,
                env=unmeasured | {"PYTHONUNBUFFERED": "1"},
                pass_fds=[its.fileno()],
                stdout=printed,
                stderr=subprocess.STDOUT,
            )
        with ours:
            self._lines = ours.makefile("rw")

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
        self._process.kill()
        self._process.wait()
        self._lines.close()


def _serve(function: str, number: int) -> None:
    handler = importlib.import_module(f"entrypoints.lambda_{function}").handler
    with socket.socket(fileno=number) as ours, ours.makefile("rw") as lines:
        for line in lines:
            try:
                answer = {"returned": handler(json.loads(line), lambda_context(function))}
            except Exception as error:  # noqa: BLE001 - as Lambda does, which logs it with its traceback
                traceback.print_exc()
                answer = {"error": f"{type(error).__name__}: {error}"}
            lines.write(f"{json.dumps(answer)}\n")
            lines.flush()


if __name__ == "__main__":
    _serve(sys.argv[1], int(sys.argv[2]))
