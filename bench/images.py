"""The project's image and its functions, each in a container under AWS's runtime interface emulator."""

import http.client
import json
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from bench.ports import free_port

ROOT = Path(__file__).parent.parent
BARE = Path(__file__).parent / "bare"
HOST = "host.docker.internal"
"""What a container calls this machine."""

SOON = 60
"""Seconds that a container has for its first response."""


def missing() -> str:
    """Why no container can be run here; empty where one can."""
    if not shutil.which("docker"):
        return "Docker is not installed"
    return "" if _run("version").returncode == 0 else "no Docker engine answers"


@contextmanager
def built() -> Iterator[tuple[str, str]]:
    """The project's image, and the one with the bare handlers on top of it, for as long as they are needed."""
    name = f"bench-{secrets.token_hex(4)}"
    own, bare = f"{name}:own", f"{name}:bare"
    base = os.environ.get("LAMBDA_BASE_IMAGE")
    try:
        argument = ["--build-arg", f"BASE_IMAGE={base}"] if base else []
        docker("build", "--quiet", "--target", "functions", "--tag", own, *argument, str(ROOT))
        docker("build", "--quiet", "--tag", bare, "--build-arg", f"OWN_IMAGE={own}", str(BARE))
        yield own, bare
    finally:
        _run("rmi", "--force", own, bare)


class Container:
    """One function, not started before its first event."""

    def __init__(self, image: str, handler: str, env: Mapping[str, str]) -> None:
        self._name = f"bench-{secrets.token_hex(6)}"
        self._port = free_port()
        settings = [f"--env={name}={value}" for name, value in env.items()]
        published = f"--publish=127.0.0.1:{self._port}:8080"
        docker("create", "--name", self._name, f"--add-host={HOST}:host-gateway", published, *settings, image, handler)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        _run("rm", "--force", "--volumes", self._name)

    def start(self, event: object) -> Any:
        """Start, and answer this event as soon as anything listens."""
        # Whoever knocks earlier is let in by Docker's proxy and then waits a second: a container without a network
        # loses the first packet, and the kernel repeats it only then.
        docker("start", self._name)
        until = time.monotonic() + SOON
        while time.monotonic() < until:
            if self._listens():
                return self.invoke(event)
            time.sleep(0.005)
        raise TimeoutError(f"no response: {self.log()[-4000:]}")

    def _listens(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=0.1)
        try:
            connection.request("GET", "/")
            connection.getresponse()
        except (OSError, http.client.HTTPException):  # Docker's proxy hangs up while nobody listens behind it
            return False
        else:
            return True
        finally:
            connection.close()

    def invoke(self, event: object) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=SOON)
        connection.request("POST", "/2015-03-31/functions/function/invocations", json.dumps(event))
        returned = json.load(connection.getresponse())
        connection.close()
        assert "errorType" not in (returned or {}), f"{returned} {self.log()[-4000:]}"
        return returned

    def started(self) -> float:
        """The time at which the container's first process began, by the clock of ``time.time``."""
        return datetime.fromisoformat(docker("inspect", "--format", "{{.State.StartedAt}}", self._name)).timestamp()

    def run(self, program: str) -> Any:
        """What a Python program prints as JSON from inside."""
        return json.loads(docker("exec", self._name, "python3", "-c", program))

    def log(self) -> str:
        done = _run("logs", self._name)
        return done.stdout + done.stderr


def docker(*arguments: str) -> str:
    done = _run(*arguments)
    assert done.returncode == 0, f"docker {arguments[0]}: {done.stdout[-4000:]}{done.stderr[-4000:]}"
    return done.stdout.strip()


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
