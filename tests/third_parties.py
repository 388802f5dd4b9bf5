"""Servers that others wrote, as processes on loopback. ``make third-parties`` installs them.

Tests that ask one are skipped where it is not installed.
"""

import collections
import itertools
import os
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.repository import ROOT

LITELLM = ROOT / ".venv-litellm"
NPM = ROOT / ".npm"
MINISTACK = ROOT / ".venv-emulator"


def require(name: str, folder: Path, command: str = "make third-parties") -> None:
    """Skip the test where what ``name`` is part of was not installed into this folder to the end by the command."""
    if not (folder / ".installed").exists():
        pytest.skip(f"{name} is not installed ({command})")


@contextmanager
def running(command: Sequence[str], ready: str, cwd: Path = ROOT, **env: str) -> Iterator[None]:
    """The server, from the line on that says it is ready."""
    with subprocess.Popen(
        command, cwd=cwd, env=os.environ | env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        lines = iter(process.stdout.readline, "")  # type: ignore[union-attr]
        draining = threading.Thread(target=collections.deque, args=[lines, 0])  # nobody reads what comes later
        try:
            before = list(itertools.takewhile(lambda line: ready not in line, lines))
            assert process.poll() is None, "".join(before)
            draining.start()
            yield
        finally:
            process.terminate()
            if draining.ident:
                draining.join()
