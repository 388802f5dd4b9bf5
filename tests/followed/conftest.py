"""A clone of this repository, made and started as the README says it, and people who go on from there."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.ports import free_port
from tests.followed.pages import commands_of
from tests.followed.person import Person
from tests.repository import ROOT

PYTHON = getattr(sys, "_base_executable", sys.executable)


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Pochi", "-c", "user.email=pochi@example.com", "-c", "safe.directory=*")
    return subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="session")
def repository(tmp_path_factory) -> Path:
    """A repository with the files of this one as they are now, committed or not."""
    if not (ROOT / ".git").exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            "this is no clone, whose files could be told from others"
        )
    folder = tmp_path_factory.mktemp("repository")
    for name in git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--message", "Remember the dog")
    return folder


@dataclass(frozen=True, slots=True)
class Start:
    """What the first commands have made, and what was seen."""

    clone: Path
    installed: str
    answer: str
    ended: str


@pytest.fixture(scope="session")
def start(repository, tmp_path_factory) -> Start:
    """The first two commands of the README, typed in an empty home."""
    person = Person(tmp_path_factory.mktemp("machine"), PYTHON, free_port())
    clone, run, *_ = commands_of("README.md")
    cloned = person.types(clone.line.replace("…", str(repository), 1))
    assert cloned.returncode == 0, cloned.stdout
    with person.serves(run.line) as bot:
        thread, _ = bot.asks("@bot My dog is called Pochi.")
        _, answer = bot.asks("What is my dog called?", thread)
        installed = "".join(bot.shown)
        ended = bot.ctrl_c()
    return Start(person.home / "slack-gpt-backend", installed, answer, ended)


@pytest.fixture
def person(start, tmp_path) -> Person:
    """Somebody who has made and started a clone, and stands in it."""
    someone = Person(tmp_path, PYTHON, free_port())
    someone.takes(start.clone)
    return someone
