"""The bot of one machine in its container: killed, upgraded and restored, as the document says it."""

import json
import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
import yaml

from bench.images import docker
from bench.ports import free_port
from tests.repository import ROOT
from tests.stand_ins import SOON

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]["bot"]
DOCUMENT = (ROOT / "docs/one-machine.md").read_text(encoding="utf-8")
BOUNDS = ["--init", "--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges:true"]
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


class Machine:
    """A volume, and containers on it one after the other; each is a start of Docker Compose's."""

    def __init__(self, image: str, folder: Path) -> None:
        self.name = f"bot-{secrets.token_hex(4)}"
        self.folder = folder
        self.port = free_port()
        self._image = image
        self._volume = f"--volume={self.name}:/data"
        self._process: subprocess.Popen[str] | None = None
        docker("volume", "create", self.name)

    def start(self) -> None:
        published = f"--publish=127.0.0.1:{self.port}:8000"
        command = ["docker", "run", "--rm", "--name", self.name, *BOUNDS, self._volume, published, self._image]
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
        return re.sub(r"docker compose run --rm -T (--entrypoint sh) bot", rf"{again} \1 {self._image}", inside)

    def asks(self, text: str, thread: str = "") -> tuple[str, str]:
        """Says this in the playground; returns the ts and the bot's answer."""
        address = f"http://127.0.0.1:{self.port}/playground"
        state = json.load(urlopen(f"{address}/state", timeout=SOON))
        person, channel = state["people"][0]["id"], state["channels"][0]["id"]
        said = json.dumps({"person": person, "channel": channel, "text": text, "thread": thread}).encode()
        with urlopen(f"{address}/stream", timeout=SOON) as stream:
            post = json.load(urlopen(Request(f"{address}/posts", said, {"Content-Type": "application/json"})))
            for line in stream:
                news = json.loads(line[6:]).get("post") if line.startswith(b"data: ") else None
                if news and news["user"] != person and not news["live"] and news["text"]:
                    return post["ts"], news["text"]
        pytest.fail("the stream ended")

    def remove(self) -> None:
        if self._process:
            self.end("KILL")
        docker("volume", "rm", self.name)


@pytest.fixture
def machine(image, tmp_path) -> Iterator[Machine]:
    made = Machine(image, tmp_path)
    yield made
    made.remove()


def test_a_bot_that_is_killed_upgraded_and_restored_still_knows_the_dog(machine):
    machine.start()
    thread, _ = machine.asks("@bot 私の犬の名前はポチです")
    machine.follow("Backup, also while the bot is running; the copy")
    machine.end("KILL")
    machine.start()  # a container of its own, as after an upgrade
    assert "ポチ" in machine.asks("犬の名前は?", thread)[1]
    machine.asks("@bot リセット", thread)
    assert machine.end("TERM") == 0
    machine.follow("Restore")
    machine.start()
    assert "ポチ" in machine.asks("犬の名前は?", thread)[1]


def test_in_the_container_the_bot_is_not_root_and_can_write_to_its_volume_alone(machine):
    machine.start()
    assert docker("exec", machine.name, "id", "-u") != "0"
    for path, code in (("/data/pochi", 0), ("/tmp/pochi", 0), ("/app/pochi", 1), ("/pochi", 1)):
        done = subprocess.run(["docker", "exec", machine.name, "touch", path], capture_output=True, check=False)
        assert done.returncode == code, path
    assert docker("exec", machine.name, "bot", "dead-letters") == "dead letters in /data/bot.sqlite3: 0"
