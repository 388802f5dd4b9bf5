"""The whole bot in one process, over HTTP: with the playground, and with a Slack and a model of one's own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO, cast
from urllib.request import Request as HttpRequest
from urllib.request import urlopen

import pytest
from slack_sdk.oauth.installation_store import Installation

from adapters.slack.receiving.endpoint import EventsEndpoint
from bench.ports import free_port
from domain.errors import StoreCorrupt, StoreUnavailable
from domain.requests import Question
from entrypoints.configuration.settings import Settings
from entrypoints.local import start_and_stop
from entrypoints.local.container import Container
from entrypoints.local.program import main
from entrypoints.local.signals import awaiting
from entrypoints.playground.emulator.workspace.model import BOT_NAME, BOT_USER
from tests.reliability.forks import Fork
from tests.stand_ins import SOON, Model, SlackServer

ROOT = Path(__file__).parents[3]


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def own_env(tmp_path, serve, model) -> dict[str, str]:
    """Settings of a bot with a model and a store of its own; its port is free."""
    return {
        "PORT": str(free_port()),
        "DATABASE_PATH": str(tmp_path / "bot.sqlite3"),
        "OPENAI_BASE_URL": f"{serve(model.app)}/v1",
    }


@pytest.fixture
def slack(own_env, serve):
    """A Slack of one's own, known to the bot's settings."""
    own = SlackServer(f"http://127.0.0.1:{own_env['PORT']}/events", app_token="xapp-own")
    own_env |= {
        "SLACK_API_URL": f"{serve(own.app)}/api/",
        "SLACK_BOT_TOKEN": "xoxb-own",
        "SLACK_SIGNING_SECRET": "own-secret",
    }
    own.stand_in.start()
    yield own
    own.stand_in.stop()


@pytest.fixture
def run(open_database):
    """Runs the bot in this process until the test ends; returns its address."""
    stops: list[tuple[threading.Event, threading.Thread]] = []

    def begin(env: dict[str, str]) -> str:
        settings = Settings.from_env(env)
        listener = socket.create_server(("127.0.0.1", settings.port))
        container = Container(settings=settings, database=open_database(settings.database_path))
        stop = threading.Event()
        thread = threading.Thread(target=start_and_stop.serve, args=(container, listener, stop.wait))
        thread.start()
        stops.append((stop, thread))
        return f"http://127.0.0.1:{settings.port}"

    yield begin
    for stop, thread in stops:
        stop.set()
        thread.join(SOON)
        assert not thread.is_alive()


class Typed:
    """``python -m entrypoints.local``, with what a test asks of a fork."""

    def __init__(self, env: dict[str, str], *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "entrypoints.local", *arguments],
            cwd=ROOT,
            env=os.environ | env,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.log = cast(TextIO, self._process.stderr)

    def send_signal(self, number: int) -> None:
        self._process.send_signal(number)

    def wait(self, seconds: float) -> int:
        return self._process.wait(seconds)

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self.log.close()


class Program:
    """The bot as a program of its own: a fork, or ``python -m entrypoints.local`` as a person starts it."""

    def __init__(self, process: Fork | Typed) -> None:
        self.process = process
        self.log: list[str] = []

    def wait_for_log(self, pattern: str) -> str:
        for line in self.process.log:
            self.log.append(line)
            if re.search(pattern, line):
                return line
        pytest.fail(f"ended without {pattern!r}: {''.join(self.log)}")

    def end(self, number: int) -> int | None:
        self.process.send_signal(number)
        return self.result()[0]

    def result(self) -> tuple[int | None, str]:
        self.log += self.process.log.readlines()
        return self.process.wait(SOON), "".join(self.log)


@pytest.fixture
def programs() -> Iterator[list[Program]]:
    running: list[Program] = []
    yield running
    for program in running:
        program.process.end()


@pytest.fixture
def start(programs):
    def begin(env: dict[str, str], *arguments: str) -> Program:
        programs.append(Program(Fork(main, [arguments], os.environ | env)))
        return programs[-1]

    return begin


@pytest.fixture
def type_command(programs):
    def begin(env: dict[str, str], *arguments: str) -> Program:
        programs.append(Program(Typed(env, *arguments)))
        return programs[-1]

    return begin


def test_every_provider_of_the_container_provides(tmp_path, open_database):
    settings = Settings(token_encryption_key="cG9jaGktaXMtYS1nb29kLWRvZy1wb2NoaS1pcy1hLWc=")
    container = Container(settings=settings, database=open_database(tmp_path / "bot.sqlite3"))
    for name, provider in container.providers.items():
        assert provider() is not None, name


def test_a_start_with_two_keys_encrypts_all_tokens_with_the_first(tmp_path, open_database):
    old, new = "cG9jaGktaXMtYS1nb29kLWRvZy1wb2NoaS1pcy1hLWc=", "dGFtYS1pcy1hLWdvb2QtY2F0LXRhbWEtaXMtYS1nb28="
    database, where = open_database(tmp_path / "bot.sqlite3"), {"enterprise_id": None, "team_id": "T1"}

    def installations(keys):
        return Container(settings=Settings(token_encryption_key=keys), database=database).installations()

    installations(old).save(Installation(team_id="T1", user_id="U1", bot_token="xoxb-1"))
    with pytest.raises(StoreCorrupt):
        installations(new).find_bot(**where)
    installations(f"{new},{old}")
    assert installations(new).find_installation(**where).bot_token == "xoxb-1"


def test_with_a_key_the_model_is_openais(tmp_path, open_database):
    settings = Settings.from_env({"OPENAI_API_KEY": "sk-1"})
    container = Container(settings=settings, database=open_database(tmp_path / "bot.sqlite3"))
    assert type(container.model()).__name__ == "OpenAILanguageModel"


def test_a_mention_in_the_playground_is_answered_in_its_thread_from_memory(tmp_path, run):
    address = run({"PORT": str(free_port()), "DATABASE_PATH": str(tmp_path / "bot.sqlite3")})
    stream = urlopen(f"{address}/playground/stream", timeout=SOON)
    first = say(address, "@bot 私の犬の名前はポチです")
    assert "APIキーがない" in reply_in(stream)
    say(address, "犬の名前は?", thread=first["ts"])
    assert "ポチ" in reply_in(stream)
    memory = json.load(urlopen(f"{address}/playground/memory?channel={first['channel']}&thread={first['ts']}"))
    assert memory["history"][0]["kind"] == "answered"
    assert memory["history"][0]["sent"] > 0
    assert memory["buffer"][0]["text"] == "私の犬の名前はポチです"


def say(address: str, text: str, thread: str = "") -> dict:
    state = json.load(urlopen(f"{address}/playground/state"))
    said = {
        "person": state["people"][0]["id"],
        "channel": state["channels"][0]["id"],
        "text": text,
        "thread": thread,
    }
    return json.load(
        urlopen(
            HttpRequest(f"{address}/playground/posts", json.dumps(said).encode(), {"Content-Type": "application/json"})
        )
    )


def reply_in(stream) -> str:
    """The next reply of the bot that is complete."""
    for line in stream:
        if line.startswith(b"data: "):
            post = json.loads(line[6:]).get("post")
            if post and post["user"] == BOT_USER and not post["live"] and post["text"]:
                return post["text"]
    pytest.fail("the stream ended")


def test_a_slack_and_a_model_of_ones_own_are_all_it_takes(own_env, slack, model, run):
    run(own_env)
    thread = slack.say("@bot 元気?")
    assert slack.wait_until(lambda said: "ポチは元気ですよ" in said) == ["ポチは元気ですよ"]
    slack.say("散歩は?", thread)
    slack.wait_until(lambda said: said == ["ポチは元気ですよ"] * 2)
    model.requests.get(timeout=SOON)
    asked = model.requests.get(timeout=SOON)["messages"]
    assert [each["content"] for each in asked[-3:]] == ["私: 元気?", "ポチは元気ですよ", "私: 散歩は?"]


def test_with_a_slack_of_ones_own_there_is_no_playground(own_env, slack, run):
    address = run(own_env)
    assert "talks in Slack" in urlopen(address).read().decode()


def test_socket_mode_needs_no_public_address(own_env, slack, start):
    env = {name: value for name, value in own_env.items() if name != "SLACK_SIGNING_SECRET"}
    start(env | {"SLACK_APP_TOKEN": "xapp-own"}).wait_for_log("connected to Slack by Socket Mode")
    slack.say("@bot 元気?")
    assert slack.wait_until(lambda said: "ポチは元気ですよ" in said) == ["ポチは元気ですよ"]


def test_a_model_that_is_down_is_said_once_with_a_reference_that_the_log_has_too(own_env, slack, model, start):
    model.status = 401
    bot = start(own_env)
    bot.wait_for_log("ready")
    thread = slack.say("@bot 元気?")
    (said,) = slack.wait_until(lambda said: any("受付番号" in each for each in said))
    reference = re.search("[0-9a-f]{8}", said)[0]
    assert reference == Question("T0PLAYGRND", slack.channel.id, thread, "", "").reference
    line = bot.wait_for_log(f"{reference} failed, the person was told")
    assert "ModelMisconfigured" in line
    assert line.endswith(f"; once that is mended: bot replay {reference}\n")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [("GET", "/events", None, 405), ("POST", "/events", b"{}", 401), ("POST", "/events", b" " * 1_100_000, 413)],
)
def test_the_events_endpoint_refuses_what_is_not_slacks(own_env, slack, run, method, path, body, status):
    address = run(own_env)
    with pytest.raises(OSError, match=str(status)):
        urlopen(HttpRequest(f"{address}{path}", body, method=method))


def test_slack_is_asked_to_come_again_when_the_queue_is_locked(own_env, slack, run, monkeypatch):
    address = run(own_env)
    locked = StoreUnavailable("locked")
    monkeypatch.setattr(EventsEndpoint, "receive", lambda *_: (_ for _ in ()).throw(locked))
    monkeypatch.setattr(EventsEndpoint, "refusal", lambda *_: None)
    with pytest.raises(OSError, match="503"):
        urlopen(HttpRequest(f"{address}/events", b"{}", method="POST"))


def test_killed_in_mid_answer_it_goes_on_in_the_same_reply_at_the_next_start(own_env, slack, model, start):
    model.go_on.clear()
    first = start(own_env)
    first.wait_for_log("ready")
    slack.say("@bot 元気?")
    slack.wait_until(lambda said: said == ["ポチ"])
    first.end(signal.SIGKILL)
    model.go_on.set()
    start(own_env).wait_for_log("going on with 1 question")
    assert slack.wait_until(lambda said: "ポチは元気ですよ" in said) == ["ポチは元気ですよ"]


@pytest.mark.parametrize(("number", "how"), [(signal.SIGINT, "type_command"), (signal.SIGTERM, "start")])
def test_ctrl_c_lets_the_answer_under_way_be_finished(own_env, slack, model, request, number, how):
    model.go_on.clear()
    program = request.getfixturevalue(how)(own_env)
    program.wait_for_log("ready")
    slack.say("@bot 元気?")
    slack.wait_until(lambda said: said == ["ポチ"])
    program.process.send_signal(number)
    program.wait_for_log("finishing answers: 1 under way")
    model.go_on.set()
    code, log = program.result()
    assert code == 0, log
    assert slack.wait_until(lambda said: True) == ["ポチは元気ですよ"]
    assert "Traceback" not in log


def test_the_start_tells_what_runs_and_warns_of_each_odd_setting_before_it_is_ready(
    own_env, slack, type_command, tmp_path
):
    settings = tmp_path / "settings"
    settings.write_text("CHAT_MODEL=pochi-1\nSLACK_BOT_USER_ID=B0DOG\nSLACK_TOKEN=xoxb-other\n", encoding="utf-8")
    bot = type_command(own_env, "--env-file", str(settings))
    bot.wait_for_log("ready on")
    log = [line.split(" ", 2)[2] for line in bot.log]
    assert [line.partition(" ")[0] for line in log[:7]] == ["INFO"] * 7
    assert f"INFO model: pochi-1 at {own_env['OPENAI_BASE_URL'][7:-3]}\n" in log
    assert f"INFO Slack: Playground (T0PLAYGRND) as @{BOT_NAME} ({BOT_USER}), by POST /events\n" in log
    assert f"INFO data: {own_env['DATABASE_PATH']}, conversations for 90 days\n" in log
    assert "INFO answers: at most 2000 tokens in 240 s\n" in log
    assert log[7:] == [
        "WARNING SLACK_TOKEN is no setting; SLACK_BOT_TOKEN may be meant\n",
        "WARNING SLACK_BOT_USER_ID has 'B0DOG', which is no id such as U0123ABCD\n",
        f"WARNING SLACK_BOT_USER_ID is B0DOG, but SLACK_BOT_TOKEN is that of {BOT_USER}\n",
        f"INFO ready on http://127.0.0.1:{own_env['PORT']}\n",
    ]


def test_a_turn_is_one_line_and_a_json_object_where_that_is_wanted(own_env, slack, start):
    bot = start(own_env | {"LOG_FORMAT": "json"})
    bot.wait_for_log("ready on")
    thread = slack.say("@bot 元気?")
    line = json.loads(bot.wait_for_log('"event":"Answered"'))
    assert line["reference"] == Question("T0PLAYGRND", slack.channel.id, thread, "", "").reference
    assert (line["model"], line["sent"], line["received"]) == ("gpt-5.4-mini", 20, 8)
    assert 0 < line["first_word_seconds"] <= line["seconds"]
    assert all(json.loads(each)["level"] == "INFO" for each in bot.log)


def test_a_token_that_slack_refuses_is_said_at_the_start(own_env, slack, start):
    line = start(own_env | {"SLACK_BOT_TOKEN": "xoxb-other"}).wait_for_log("could not be verified")
    assert "WARNING SLACK_BOT_TOKEN could not be verified: Slack answered invalid_auth" in line


def test_a_wrong_setting_is_one_sentence_and_exit_code_2(own_env, start):
    code, log = start(own_env | {"MEMORY_KEEP_TOKENS": "many"}).result()
    assert code == 2
    assert log == "MEMORY_KEEP_TOKENS must be a whole number from 1 to 1000000, not 'many'\n"


def test_a_port_in_use_is_named(own_env, start):
    with socket.create_server(("127.0.0.1", int(own_env["PORT"]))):
        code, log = start(own_env).result()
    assert code == 1
    assert f"PORT {own_env['PORT']} cannot be used at HOST 127.0.0.1" in log
    assert "Traceback" not in log


def test_at_another_host_it_serves_there_and_its_playground_still_speaks_to_itself(tmp_path, start):
    port = free_port()
    bot = start({"HOST": "0.0.0.0", "PORT": str(port), "DATABASE_PATH": str(tmp_path / "bot.sqlite3")})
    bot.wait_for_log(f"ready on http://0.0.0.0:{port}")
    stream = urlopen(f"http://127.0.0.1:{port}/playground/stream", timeout=SOON)
    say(f"http://127.0.0.1:{port}", "@bot 私の犬の名前はポチです")
    assert "APIキーがない" in reply_in(stream)


def test_a_signal_that_comes_before_anybody_waits_for_it_is_not_lost():
    before = signal.getsignal(signal.SIGUSR1)
    try:
        with awaiting(signal.SIGUSR1) as wait:
            os.kill(os.getpid(), signal.SIGUSR1)
            assert wait() == bytes([signal.SIGUSR1])
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_a_damaged_database_ends_the_start_with_a_sentence(own_env, start, open_database):
    path = Path(own_env["DATABASE_PATH"])
    open_database(path).close()
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * (path.stat().st_size - 4096))
    code, log = start(own_env).result()
    assert code == 1
    assert str(path) in log
    assert "Traceback" not in log


def test_a_place_that_holds_no_database_is_not_blamed_on_the_port(own_env, start, tmp_path):
    (tmp_path / "file").write_text("a file, not a folder")
    code, log = start(own_env | {"DATABASE_PATH": str(tmp_path / "file" / "bot.sqlite3")}).result()
    assert code == 1
    assert "file/bot.sqlite3" in log
    assert "PORT" not in log


def test_a_slack_that_cannot_be_reached_by_socket_mode_is_said(own_env, start):
    nowhere = f"http://127.0.0.1:{free_port()}/api/"
    slack = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "SLACK_API_URL": nowhere}
    code, log = start(own_env | slack).result()
    assert code == 1
    assert "Socket Mode could not be connected" in log
    assert "Traceback" not in log


def test_a_second_bot_on_the_same_database_is_refused(own_env, start):
    start(own_env).wait_for_log("ready")
    code, log = start(own_env | {"PORT": str(free_port())}).result()
    assert code == 1
    assert "in use by another process" in log


def test_a_file_that_is_no_database_is_named_and_left_alone(own_env, start):
    path = Path(own_env["DATABASE_PATH"])
    path.write_bytes(b"my diary" * 1000)
    code, log = start(own_env).result()
    assert code == 1
    assert str(path) in log
    assert "Traceback" not in log
    assert path.read_bytes() == b"my diary" * 1000
