"""The command line as a program."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from adapters.sqlite import OnlyProcess
from entrypoints.operator import open_stores
from tests.entrypoints.operator.bots import DOG

ROOT = Path(__file__).parents[3]


def test_ctrl_c_is_one_line(sqlite_bot, run, monkeypatch):
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(open_stores, "SqliteDeadLetters", interrupted)
    assert run("dead-letters") == (1, "", "bot: interrupted\n")


def test_one_machine_needs_no_boto3(sqlite_bot):
    sqlite_bot.bury(DOG)
    program = (
        "import sys; sys.modules['boto3'] = None\nfrom entrypoints.operator.command_line import main; sys.exit(main())"
    )
    command = [sys.executable, "-c", program, "replay", "--all"]
    assert subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, check=False).returncode == 0
    assert sqlite_bot.waiting() == [DOG]


def test_the_module_is_a_program_and_works_beside_a_running_bot(sqlite_bot):
    sqlite_bot.bury(DOG)
    command = [sys.executable, "-m", "entrypoints.operator", "replay", DOG.reference]
    with OnlyProcess(Path(sqlite_bot.place)):
        ended = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, f"{DOG.reference} is back in the queue\n", "")
    assert sqlite_bot.waiting() == [DOG]


def ended_with(output: int) -> subprocess.CompletedProcess[str]:
    """A command whose standard output is this file."""
    command = [sys.executable, "-m", "entrypoints.operator", "dead-letters"]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ, stdout=output, stderr=subprocess.PIPE, text=True, check=False
    )


def test_a_reader_who_has_seen_enough_is_no_error_to_speak_of(sqlite_bot):
    reading, writing = os.pipe()
    os.close(reading)
    ended = ended_with(writing)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (1, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="macOS has no device that is full")
def test_an_output_on_a_full_disk_is_one_line(sqlite_bot):
    with Path("/dev/full").open("w") as full:
        ended = ended_with(full.fileno())
    assert (ended.returncode, ended.stderr) == (1, "bot: No space left on device\n")


def test_the_version_is_the_projects(run):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert run("--version") == (0, f"bot {project['version']}\n", "")


def test_make_writes_a_command_that_needs_no_build_and_works_from_any_folder(tmp_path):
    environment = tmp_path / "environment"
    (environment / "bin").mkdir(parents=True)
    python, command = environment / "bin/python", environment / "bin/bot"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    settings = tmp_path / ".env"
    settings.write_text("SLACK_REPLY_USERNAME=ポチ\n", encoding="utf-8")
    subprocess.run(
        ["make", f"VENV={environment}", f"ENV_FILE={settings}", command], cwd=ROOT, check=True, capture_output=True
    )
    shown = subprocess.run([command, "manifest"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert "chat:write.customize" in json.loads(shown)["oauth_config"]["scopes"]["bot"]


def test_the_help_names_every_command_and_what_the_exit_codes_mean(run):
    code, said, _ = run("--help")
    assert code == 0
    for command in ("doctor", "dead-letters", "replay", "feedback", "backup", "manifest", "secret"):
        assert f"\n    {command} " in said
    assert [line.split()[0] for line in said.partition("exit codes:\n")[2].splitlines()] == ["0", "1", "2"]


def test_no_command_waits_for_what_another_one_needs():
    program = (
        "import sys, entrypoints.operator.command_line;"
        "print(*{'boto3', 'openai', 'pynamodb', 'starlette', 'tiktoken'}.intersection(sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout == "\n"
