"""The hooks of Slack's own command line, run as its source runs them: by a shell, with options at the end.

https://docs.slack.dev/tools/slack-cli/reference/hooks has the contract.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bench.ports import free_port
from entrypoints.manifest import manifest_for

ROOT = Path(__file__).parents[1]
HOOKS = json.loads((ROOT / ".slack/hooks.json").read_text(encoding="utf-8"))
SOON = 30
OURS = re.compile("BOT_|SLACK_|OPENAI_|VENV$|CHAT_|DATABASE_|LOG_|PORT$")


class Environment:
    """A virtual environment whose Python is either the one that runs the tests, or a program that tells its own."""

    def __init__(self, folder: Path) -> None:
        self.python = folder / "bin/python"
        self.python.parent.mkdir(parents=True)
        self.variables = {name: value for name, value in os.environ.items() if not OURS.match(name)}
        self.variables |= {"VENV": str(folder), "ENV_FILE": os.devnull}
        self.becomes('exec {python} "$@"')

    def becomes(self, program: str) -> None:
        self.python.write_text(f"#!/bin/sh\n{program.format(python=shlex.quote(sys.executable))}\n", encoding="utf-8")
        self.python.chmod(0o755)

    def run(self, hook: str, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-c", " ".join([HOOKS["hooks"].get(hook, hook), *options])],
            cwd=ROOT,
            env=self.variables | variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=SOON,
        )


@pytest.fixture
def environment(tmp_path) -> Environment:
    return Environment(tmp_path / "venv")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_manifest_is_all_that_its_hook_prints(environment, language):
    done = environment.run("get-manifest", f"--source={ROOT}", BOT_LANGUAGE=language)

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == manifest_for(language=language, agent_view=True, reply_username=False)


def test_the_app_of_that_manifest_connects_by_socket_mode_as_the_command_line_is_promised(environment):
    manifest = json.loads(environment.run("get-manifest").stdout)

    assert manifest["settings"]["socket_mode_enabled"] is True
    assert HOOKS["config"]["sdk-managed-connection-enabled"] is True


def test_the_bot_starts_with_the_tokens_of_the_command_lines_app_and_not_with_others(environment):
    environment.becomes('echo "$SLACK_BOT_TOKEN $SLACK_APP_TOKEN $*"')

    done = environment.run(
        "start",
        SLACK_CLI_XOXB="xoxb-pochi",
        SLACK_CLI_XAPP="xapp-pochi",
        SLACK_BOT_TOKEN="xoxb-other",
        SLACK_APP_TOKEN="xapp-other",
    )

    assert done.stdout == f"xoxb-pochi xapp-pochi -m entrypoints.local --env-file {os.devnull}\n"


def test_the_bot_starts_with_its_own_tokens_where_the_command_line_gives_none(environment):
    environment.becomes('echo "$SLACK_BOT_TOKEN $SLACK_APP_TOKEN"')

    assert environment.run("start", SLACK_BOT_TOKEN="xoxb-1", SLACK_APP_TOKEN="xapp-1").stdout == "xoxb-1 xapp-1\n"


def test_the_process_that_the_command_line_interrupts_is_the_bot_itself(environment):
    environment.becomes("echo $$")
    command = ["sh", "-c", HOOKS["hooks"]["start"]]

    with subprocess.Popen(command, cwd=ROOT, env=environment.variables, stdout=subprocess.PIPE, text=True) as process:
        assert process.communicate(timeout=SOON)[0] == f"{process.pid}\n"


def test_the_bot_itself_opens_its_connection_with_the_app_level_token(environment, tmp_path, serve):
    asked: list[tuple[str, str]] = []

    async def slack(request: Request) -> JSONResponse:
        asked.append((request.path_params["method"], request.headers["authorization"]))
        return JSONResponse({"ok": False, "error": "invalid_auth"})

    url = serve(Starlette(routes=[Route("/api/{method}", slack, methods=["POST"])]))
    done = environment.run(
        "start",
        SLACK_CLI_XOXB="xoxb-pochi",
        SLACK_CLI_XAPP="xapp-pochi",
        SLACK_API_URL=f"{url}/api/",
        DATABASE_PATH=str(tmp_path / "bot.sqlite3"),
        PORT=str(free_port()),
    )

    assert ("apps.connections.open", "Bearer xapp-pochi") in asked
    assert done.returncode == 1, done.stderr


def test_an_unknown_hook_is_refused(environment):
    done = environment.run(HOOKS["hooks"]["start"].replace("start", "bark"))

    assert (done.returncode, done.stderr) == (2, "no hook of that name: bark\n")


@pytest.mark.parametrize("watched", ["manifest", "app"])
def test_what_is_watched_for_changes_exists(watched):
    paths = HOOKS["config"]["watch"][watched]["paths"]

    assert paths
    assert all((ROOT / path).exists() for path in paths)
