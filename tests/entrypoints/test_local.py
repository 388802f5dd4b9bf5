"""The whole bot in one process, over HTTP: with the playground, and with a Slack and a model of one's own."""

import json
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import Request as HttpRequest
from urllib.request import urlopen

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from adapters.sqlite import Database
from domain.question import Question
from entrypoints import local
from entrypoints.playground.slack import SlackStandIn
from entrypoints.playground.workspace import BOT_USER, Workspace
from entrypoints.settings import Settings

ROOT = Path(__file__).parents[2]
SOON = 20


class Model:
    """An OpenAI-compatible server that says what it was told to, and can be made to hesitate after two words."""

    def __init__(self) -> None:
        self.requests: queue.Queue[dict] = queue.Queue()
        self.answer = "ポチは元気ですよ"
        self.status = 200
        self.go_on = threading.Event()
        self.go_on.set()
        self.app = Starlette(routes=[Route("/v1/chat/completions", self.complete, methods=["POST"])])

    async def complete(self, request: Request) -> Response:
        asked = await request.json()
        self.requests.put(asked)
        if self.status != 200:
            return JSONResponse({"error": {"message": "no", "type": "x", "code": None, "param": None}}, self.status)
        head = {"id": "chatcmpl-1", "created": 0, "model": asked["model"]}
        usage = {"prompt_tokens": 20, "completion_tokens": 8, "total_tokens": 28}
        if not asked.get("stream"):
            message = {"role": "assistant", "content": "私の犬はポチ。"}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            return JSONResponse(head | {"object": "chat.completion", "choices": [choice], "usage": usage})

        def chunk(content: str, finish: str | None = None) -> str:
            choice = {"index": 0, "delta": {"content": content}, "finish_reason": finish}
            return f"data: {json.dumps(head | {'object': 'chat.completion.chunk', 'choices': [choice]})}\n\n"

        def chunks() -> Iterator[str]:
            yield chunk(self.answer[:2])
            self.go_on.wait(SOON)
            yield chunk(self.answer[2:], "stop")
            yield f"data: {json.dumps(head | {'object': 'chat.completion.chunk', 'choices': [], 'usage': usage})}\n\n"
            yield "data: [DONE]\n\n"

        return StreamingResponse(chunks(), media_type="text/event-stream")


class OwnSlack:
    """A Slack stand-in on a port of its own, the people in it, and what they see."""

    def __init__(self, events_url: str, app_token: str = "") -> None:
        self.workspace = Workspace("ja")
        self.changes: queue.Queue = queue.Queue()
        self.workspace.observe(self.changes.put)
        self.stand_in = SlackStandIn(
            self.workspace,
            bot_token="xoxb-own",
            signing_secret="own secret",
            events_url=events_url,
            app_token=app_token,
            waits=(0, 0, 0),
        )
        self.app = Starlette(routes=self.stand_in.routes)
        self.person = self.workspace.people[0]
        self.channel = self.workspace.channels[0]

    def say(self, text: str, thread: str = "") -> str:
        return self.workspace.say(self.person.id, self.channel.id, text, thread).ts

    def wait_until(self, condition: Callable[[list[str]], bool]) -> list[str]:
        """The bot's posts, once they are as awaited."""
        while True:
            said = [each.text for each in self.workspace.posts() if each.user == BOT_USER]
            if condition(said):
                return said
            self.changes.get(timeout=SOON)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


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
    own = OwnSlack(f"http://127.0.0.1:{own_env['PORT']}/events", app_token="xapp-own")
    own_env |= {
        "SLACK_API_URL": f"{serve(own.app)}/api/",
        "SLACK_BOT_TOKEN": "xoxb-own",
        "SLACK_SIGNING_SECRET": "own secret",
    }
    own.stand_in.start()
    yield own
    own.stand_in.stop()


@pytest.fixture
def run():
    """Runs the bot in this process until the test ends; returns its address."""
    stops: list[tuple[threading.Event, threading.Thread]] = []

    def begin(env: dict[str, str]) -> str:
        settings = Settings.from_env(env)
        listener = socket.create_server(("127.0.0.1", settings.port))
        container = local.Container(settings=settings, database=Database(settings.database_path))
        stop = threading.Event()
        thread = threading.Thread(target=local.serve, args=(container, listener, stop))
        thread.start()
        stops.append((stop, thread))
        return f"http://127.0.0.1:{settings.port}"

    yield begin
    for stop, thread in stops:
        stop.set()
        thread.join(SOON)
        assert not thread.is_alive()


class Program:
    """``python -m entrypoints.local`` as a person starts it."""

    def __init__(self, env: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "entrypoints.local"],
            cwd=ROOT,
            env=os.environ | env,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.log: list[str] = []

    def wait_for_log(self, pattern: str) -> str:
        for line in self.process.stderr:
            self.log.append(line)
            if re.search(pattern, line):
                return line
        pytest.fail(f"ended without {pattern!r}: {''.join(self.log)}")

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.result()[0]

    def result(self) -> tuple[int, str]:
        self.log += self.process.stderr.readlines()
        code = self.process.wait(SOON)
        self.process.stderr.close()
        return code, "".join(self.log)


@pytest.fixture
def start():
    programs: list[Program] = []

    def begin(env: dict[str, str]) -> Program:
        programs.append(Program(env))
        return programs[-1]

    yield begin
    for program in programs:
        if program.process.poll() is None:
            program.end(signal.SIGKILL)


def test_every_provider_of_the_container_provides(tmp_path):
    container = local.Container(settings=Settings(), database=Database(tmp_path / "bot.sqlite3"))
    for name, provider in container.providers.items():
        assert provider() is not None, name


def test_with_a_key_the_model_is_openais(tmp_path):
    settings = Settings.from_env({"OPENAI_API_KEY": "sk-1"})
    container = local.Container(settings=settings, database=Database(tmp_path / "bot.sqlite3"))
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
    assert [each["content"] for each in asked[-3:]] == ["元気?", "ポチは元気ですよ", "散歩は?"]


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
    assert "ModelMisconfigured" in bot.wait_for_log(f"{reference} failed, the person was told")


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
    locked = local.StoreUnavailable("locked")
    monkeypatch.setattr(local.Door, "receive", lambda *_: (_ for _ in ()).throw(locked))
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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_lets_the_answer_under_way_be_finished(own_env, slack, model, start, number):
    model.go_on.clear()
    program = start(own_env)
    program.wait_for_log("ready")
    slack.say("@bot 元気?")
    slack.wait_until(lambda said: said == ["ポチ"])
    program.process.send_signal(number)
    model.go_on.set()
    code, log = program.result()
    assert code == 0, log
    assert slack.wait_until(lambda said: True) == ["ポチは元気ですよ"]
    assert "Traceback" not in log


def test_a_wrong_setting_is_one_sentence_and_exit_code_2(own_env, start):
    code, log = start(own_env | {"MEMORY_KEEP_TOKENS": "many"}).result()
    assert code == 2
    assert log == "MEMORY_KEEP_TOKENS must be a whole number from 1 to 1000000, not 'many'\n"


def test_a_port_in_use_is_named(own_env, start):
    with socket.create_server(("127.0.0.1", int(own_env["PORT"]))):
        code, log = start(own_env).result()
    assert code == 1
    assert f"PORT {own_env['PORT']} cannot be used" in log
    assert "Traceback" not in log


def test_a_file_that_is_no_database_is_named_and_left_alone(own_env, start):
    path = Path(own_env["DATABASE_PATH"])
    path.write_bytes(b"my diary" * 1000)
    code, log = start(own_env).result()
    assert code == 1
    assert str(path) in log
    assert "Traceback" not in log
    assert path.read_bytes() == b"my diary" * 1000
