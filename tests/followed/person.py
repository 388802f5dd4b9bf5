"""A person with a terminal on a machine that has never seen this project."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from urllib.request import Request, urlopen

import pytest

from tests.stand_ins import SOON

LONG = 600
"""Seconds that an installation without a cache may take on a busy machine."""

KEPT = ("PATH", "LANG", "TMPDIR", "SYSTEMROOT")
OF_PACKAGES = ("PIP_", "UV_", "SSL_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
"""How the names of variables begin that say where packages come from."""

OF_OTHERS = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "UV_CACHE_DIR", "PIP_CACHE_DIR")
OF_OTHERS += ("RUSTUP_HOME", "CARGO_HOME")
"""Where programs of others keep what is theirs: elsewhere than in a person's home, in which nothing but ours is looked
for. pip asks ``rustc``, where there is one, for its release, and that of rustup makes a folder at its first start."""


def fresh_environment(home: Path, python: str) -> dict[str, str]:
    """That of a new login. Of this process it has the programs and where packages come from, caches among it."""
    kept = {name: value for name, value in os.environ.items() if name in KEPT or name.upper().startswith(OF_PACKAGES)}
    caches = {"UV_CACHE_DIR": Path.home() / ".cache/uv", "PIP_CACHE_DIR": Path.home() / ".cache/pip"}
    configured = {
        "PIP_CONFIG_FILE": Path.home() / ".config/pip/pip.conf",
        "UV_CONFIG_FILE": Path.home() / ".config/uv/uv.toml",
    }
    there = {name: str(path) for name, path in (caches | configured).items() if path.exists()}
    others = {name: str(home.parent / "others" / name) for name in OF_OTHERS}
    return others | there | kept | {"HOME": str(home), "PYTHON": python, "AWS_EC2_METADATA_DISABLED": "true"}


class Served:
    """A bot that is served in a terminal, and what the terminal shows."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self._process = process
        self._address = f"http://127.0.0.1:{port}"
        self._lines: Queue[str] = Queue()
        self.shown: list[str] = []
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        for line in self._process.stdout:  # type: ignore[union-attr]
            self._lines.put(line)
        self._lines.put("")

    def wait_for(self, text: str) -> None:
        while text not in (self.shown[-1] if self.shown else ""):
            self.shown.append(self._lines.get(timeout=LONG))
            if not self.shown[-1]:
                pytest.fail(f"ended without {text!r}: {''.join(self.shown)}")

    def get(self, path: str) -> str:
        with urlopen(f"{self._address}{path}", timeout=SOON) as response:
            return response.read().decode()

    def asks(self, text: str, thread: str = "") -> tuple[str, str]:
        """Says this in the playground; returns the ts of the post, and the bot's answer."""
        state = json.loads(self.get("/playground/state"))
        person, channel = state["people"][0]["id"], state["channels"][0]["id"]
        said = json.dumps({"person": person, "channel": channel, "text": text, "thread": thread}).encode()
        with urlopen(f"{self._address}/playground/stream", timeout=SOON) as stream:
            posted = Request(f"{self._address}/playground/posts", said, {"Content-Type": "application/json"})
            with urlopen(posted, timeout=SOON) as response:
                post = json.load(response)
            for line in stream:
                news = json.loads(line[6:]).get("post") if line.startswith(b"data: ") else None
                if news and news["user"] != person and not news["live"] and news["text"]:
                    return post["ts"], news["text"]
        pytest.fail("the stream ended")

    def ctrl_c(self) -> str:
        """What a terminal does at Ctrl-C: all programs in its foreground get the signal. Returns all that was shown."""
        os.killpg(self._process.pid, signal.SIGINT)
        self._process.wait(SOON)
        self._reading.join(SOON)
        while not self._lines.empty():
            self.shown.append(self._lines.get())
        return "".join(self.shown)

    def end(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(SOON)
        self._reading.join(SOON)
        self._process.stdout.close()  # type: ignore[union-attr]


class Person:
    """Types commands into one terminal: what one exports, and the folder it changes to, hold for the next."""

    def __init__(self, folder: Path, python: str, port: int) -> None:
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        self.port = port
        self._state = folder / "terminal"
        self._state.write_text(f"cd {shlex.quote(str(self.home))}\n", encoding="utf-8")
        self._env = fresh_environment(self.home, python) | {"PORT": str(port)}

    def takes(self, clone: Path) -> None:
        """Have a copy of a clone, as if it had been made here, and go there. What is installed is not copied."""
        mine = self.home / clone.name
        shutil.copytree(clone, mine, ignore=lambda folder, _: [".venv"] * (Path(folder) == clone), symlinks=True)
        shutil.copytree(clone / ".venv", mine / ".venv", copy_function=os.link, symlinks=True)
        (mine / ".venv/bin/bot").unlink()  # it names the folder of its clone; make writes it again
        self.types(f"cd {mine.name} && make .venv/bin/bot")

    def types(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; nobody answers what it asks."""
        after = f'code=$?; {{ export -p; echo "cd $(printf %q "$PWD")"; }} >{shlex.quote(str(self._state))}; exit $code'
        return subprocess.run(
            ["bash", "-c", f". {shlex.quote(str(self._state))}\n{line}\n{after}"],
            env=self._env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False, timeout=LONG,
        )  # fmt: skip

    @contextmanager
    def serves(self, line: str) -> Iterator[Served]:
        """Run a command that serves until Ctrl-C, and wait until it is ready."""
        process = subprocess.Popen(
            ["bash", "-c", f". {shlex.quote(str(self._state))}\n{line}"],
            env=self._env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True,
        )  # fmt: skip
        served = Served(process, self.port)
        try:
            served.wait_for("ready on")
            yield served
        finally:
            served.end()
