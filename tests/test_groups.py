"""Tests of one group run in one process, whatever pytest and xdist make of a mark."""

import os
import subprocess
import sys

from tests.groups import GROUPS, group_of, rank_of
from tests.repository import ROOT

TESTS = """
import os
from pathlib import Path
import pytest

@pytest.mark.parametrize("dog", ["ポチ", "a/b@c::d"])
def test_walk(dog):
    with Path("processes").open("a") as file:
        print("{group}", os.environ["PYTEST_XDIST_WORKER"], file=file)
"""


def test_a_group_runs_in_one_process(tmp_path):
    for group in ("followed", "terraform"):
        folder = tmp_path / "tests" / group
        folder.mkdir(parents=True)
        for each in "abcd":
            (folder / f"test_{each}.py").write_text(TESTS.replace("{group}", group), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "xdist", "-p", "tests.groups", "-p", "no:cacheprovider"]
    env = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
    options = ["--numprocesses=2", "--import-mode=importlib", "--rootdir=.", "tests"]
    done = subprocess.run([*command, *options], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert "16 passed" in done.stdout, done.stdout + done.stderr
    processes: dict[str, set[str]] = {}
    for line in (tmp_path / "processes").read_text(encoding="utf-8").splitlines():
        processes.setdefault(line.split()[0], set()).add(line.split()[1])
    assert {group: len(ran_in) for group, ran_in in processes.items()} == {"followed": 1, "terraform": 1}


def test_a_group_is_of_a_file_or_a_folder_that_is_there():
    assert [place for place in GROUPS if not (ROOT / "tests" / place).exists()] == []


def test_a_name_that_begins_alike_is_in_no_other_group_than_its_file():
    assert group_of("tests/stacks/test_a.py::test_b[tests/stack/::c]") == "tests/stacks/test_a.py"


def test_what_takes_longest_begins_first():
    names = ["tests/domain/test_a.py::test_b", "tests/followed/test_a.py::test_b", "tests/stack/test_stack.py::test_b"]
    assert sorted(names, key=rank_of) == names[::-1]
