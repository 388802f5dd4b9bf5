"""The bot of one machine in its container: killed, upgraded and restored, as the document says it."""

import json
import os
import re
import secrets
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
import yaml

from bench.images import docker
from bench.ports import free_port
from entrypoints.playground.emulator.workspace.model import BOT_USER
from tests.conftest import Server
from tests.repository import ROOT
from tests.stand_ins import SOON, Model

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]["bot"]
DOCUMENT = (ROOT / "docs/one-machine.md").read_text(encoding="utf-8")
RELEASE_BEFORE = ROOT / "tests/releases/with-notes.sql"
MODELS_HOST = "host.docker.internal"
BOUNDS = ["--init", "--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges:true"]
BOUNDS += [f"--add-host={MODELS_HOST}:host-gateway"]
"""What compose.yaml asks for, as options of ``docker run``: these machines may have no Compose."""


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    if not shutil.which("docker") or subprocess.run(["docker", "version"], capture_output=True, check=False).returncode:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no Docker engine answers")
    name = f"bot-{secrets.token_hex(4)}"
    base = os.environ.get("LAMBDA_BASE_IMAGE")  # where an engine cannot pull, this is the one base that it has
    bases = [f"--build-arg={argument}={base}" for argument in ("BASE_IMAGE", "MACHINE_BASE_IMAGE") if base]
    docker("build", "--quiet", "--target", COMPOSE["build"]["target"], "--tag", name, *bases, str(ROOT))
    yield name
    docker("rmi", "--force", name)


@pytest.fixture(scope="module")
def next_image(image, tmp_path_factory) -> Iterator[str]:
    """The image of a release after."""
    folder, name = tmp_path_factory.mktemp("next"), f"{image}:next"
    (folder / "Dockerfile").write_text(f"FROM {image}\nLABEL release=next\n")
    docker("build", "--quiet", "--tag", name, str(folder))
    yield name
    docker("rmi", "--force", name)


@pytest.fixture
def model() -> Iterator[Model]:
    """It serves beyond loopback: containers reach the host by its bridge."""
    made, server = Model(), Server("0.0.0.0")
    server.app, made.port = made.app, server.port
    yield made
    made.go_on.set()
    server.end()


class Machine:
    """A volume, and containers on it one after the other; each is a start of Docker Compose's."""

    def __init__(self, image: str, folder: Path, model_port: int) -> None:
        self.name = f"bot-{secrets.token_hex(4)}"
        self.folder = folder
        self.port = free_port()
        self.image = image
        self._model = f"--env=OPENAI_BASE_URL=http://{MODELS_HOST}:{model_port}/v1"
        self._volume = f"--volume={self.name}:/data"
        self._process: subprocess.Popen[str] | None = None
        docker("volume", "create", self.name)

    def start(self) -> None:
        published = f"--publish=127.0.0.1:{self.port}:8000"
        options = ["--rm", "--name", self.name, *BOUNDS, self._volume, published, self._model]
        command = ["docker", "run", *options, self.image]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        log = []
        for line in self._process.stderr:
            log.append(line)
            if "ready on" in line:
                return
        pytest.fail(f"the container ended: {''.join(log)}")

    def end(self, signal: str) -> int:
        docker("kill", "--signal", signal, self.name)
        self._process.stderr.read()
        self._process.stderr.close()
        code = self._process.wait(SOON)
        self._process = None
        return code

    def follow(self, heading: str) -> None:
        """Carry out the commands below these words of the document that concern the container."""
        block = re.search(rf"^{heading}[^\n]*\n+```sh\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)[1]
        for line in block.splitlines():
            if not (command := self._without_compose(line)).startswith("docker compose"):
                subprocess.run(command, shell=True, cwd=self.folder, check=True, capture_output=True, timeout=SOON)

    def _without_compose(self, line: str) -> str:
        inside = re.sub(r"docker compose exec( -T)? bot", f"docker exec -i {self.name}", line)
        again = " ".join(["docker", "run", "--rm", "-i", *BOUNDS, self._volume])
        return re.sub(r"docker compose run --rm -T (--entrypoint sh) bot", rf"{again} \1 {self.image}", inside)

    def holds(self, script: Path) -> None:
        """Put the database that this script makes into the volume, as a bot of that time has left it there."""
        path = self.folder / "bot.sqlite3"
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(script.read_text(encoding="utf-8"))
        command = ["docker", "run", "--rm", "-i", *BOUNDS, self._volume, "--entrypoint", "sh", self.image]
        with path.open("rb") as database:
            subprocess.run([*command, "-c", "cat >/data/bot.sqlite3"], stdin=database, check=True, timeout=SOON)

    def says(self, text: str, thread: str = "") -> str:
        """In the playground; returns the ts."""
        state = self._state()
        person, channel = state["people"][0]["id"], state["channels"][0]["id"]
        said = json.dumps({"person": person, "channel": channel, "text": text, "thread": thread}).encode()
        post = Request(f"{self._page}/posts", said, {"Content-Type": "application/json"})
        with urlopen(post, timeout=SOON) as response:
            return json.load(response)["ts"]

    def wait_for_answers(self, thread: str, condition: Callable[[list[dict]], bool]) -> None:
        """Look at the bot's posts in this thread again and again."""
        pause = threading.Event()
        for _ in range(SOON * 5):
            posts = [each for each in self._state()["posts"] if each["thread"] == thread and each["user"] == BOT_USER]
            if condition(posts):
                return
            pause.wait(0.2)
        pytest.fail(f"not so within {SOON} s: {posts}")

    def remembers(self, thread: str) -> list[str]:
        """What people said there, as far as it is remembered word for word."""
        channel = self._state()["channels"][0]["id"]
        with urlopen(f"{self._page}/memory?channel={channel}&thread={thread}", timeout=SOON) as response:
            return [each["text"] for each in json.load(response)["buffer"] if each["speaker"] == "person"]

    def _state(self) -> dict:
        with urlopen(f"{self._page}/state", timeout=SOON) as response:
            return json.load(response)

    @property
    def _page(self) -> str:
        return f"http://127.0.0.1:{self.port}/playground"

    def remove(self) -> None:
        if self._process:
            self.end("KILL")
        docker("volume", "rm", self.name)


@pytest.fixture
def machine(image, tmp_path, model) -> Iterator[Machine]:
    made = Machine(image, tmp_path, model.port)
    yield made
    made.remove()


def answered(times: int) -> Callable[[list[dict]], bool]:
    return lambda posts: [(each["text"], each["live"]) for each in posts] == [("ポチは元気ですよ", False)] * times


def begun(posts: list[dict]) -> bool:
    return posts[-1:] != [] and posts[-1]["live"] and posts[-1]["text"] == "ポチ"


def test_a_bot_that_is_killed_upgraded_and_restored_still_knows_the_dog(machine, model, next_image):
    machine.holds(RELEASE_BEFORE)
    machine.start()
    assert "犬はポチという。" in docker("exec", machine.name, "bot", "export", "T1/C1/1000.000001")
    thread = machine.says("@bot 私の犬はポチ")
    machine.wait_for_answers(thread, answered(1))
    model.go_on.clear()
    machine.says("散歩は?", thread)
    machine.wait_for_answers(thread, lambda posts: len(posts) == 2 and begun(posts))
    machine.end("KILL")
    model.go_on.set()
    machine.start()
    machine.wait_for_answers(thread, answered(2))

    machine.follow("Backup, also while the bot is running; the copy")
    machine.end("KILL")
    machine.image = next_image
    machine.start()
    machine.says("餌は?", thread)
    machine.wait_for_answers(thread, answered(3))
    assert machine.remembers(thread) == ["私の犬はポチ", "散歩は?", "餌は?"]

    machine.says("@bot リセット", thread)
    machine.wait_for_answers(thread, lambda posts: len(posts) == 4 and not posts[-1]["live"])
    assert machine.remembers(thread) == []
    assert machine.end("TERM") == 0
    machine.follow("Restore")
    machine.start()
    assert machine.remembers(thread) == ["私の犬はポチ", "散歩は?"]


def test_in_the_container_the_bot_is_not_root_and_can_write_to_its_volume_alone(machine):
    machine.start()
    assert docker("exec", machine.name, "id", "-u") != "0"
    for path, code in (("/data/pochi", 0), ("/tmp/pochi", 0), ("/app/pochi", 1), ("/pochi", 1)):
        done = subprocess.run(["docker", "exec", machine.name, "touch", path], capture_output=True, check=False)
        assert done.returncode == code, path
    assert docker("exec", machine.name, "bot", "dead-letters") == "dead letters in /data/bot.sqlite3: 0"
    command = ["docker", "exec", machine.name, "bot", "doctor"]
    examined = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    assert "ok    store: /data/bot.sqlite3 can be read and written" in examined
    assert [line.partition(" lets ")[0] for line in examined if not line.startswith("ok    ")] == [
        "wrong settings: HOST 0.0.0.0"  # without a Slack whoever reaches the port may use the playground
    ]
