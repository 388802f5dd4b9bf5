"""No secret gets out: both modes run among servers that quote all they were sent, and all they tell is searched."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bench.ports import free_port
from entrypoints.playground.emulator.event_payloads import payload_of
from entrypoints.playground.emulator.workspace.model import BOT_USER
from tests import stand_ins
from tests.aws_on_loopback import XRayDaemon, lambda_record
from tests.entrypoints.conftest import SECRET, TOKEN, Deployment, api_gateway_event
from tests.reliability.lambda_runtime import Environment, Failed
from tests.stand_ins import SOON, SlackServer

ROOT = Path(__file__).parents[2]
KEY = "sk-proj-4711-openai-secret"
AWS_KEY = "4711/aws-secret/4711"
OWN = {"SLACK_BOT_TOKEN": "xoxb-own", "SLACK_SIGNING_SECRET": "own-secret"}
"""What ``SlackServer`` knows its bot by."""

SECRETS = (KEY, "openai-secret", AWS_KEY, *OWN.values(), TOKEN, SECRET)

TEXTS = ("私の犬はポチです", "猫の名前はタマ", "暗証番号は四七一一", "鍵は植木鉢の下", "誰にも言わないで")
ANSWER = "ポチは元気ですよ"
MENTIONLESS = {"type": "event_callback", "event": {"type": "message", "text": TEXTS[4]}}


class Model(stand_ins.Model):
    """In trouble it quotes the whole request, as some servers do."""

    async def complete(self, request: Request) -> Response:
        if self.status == 200:
            return await super().complete(request)
        quoted = f"{request.headers['Authorization']} may not ask {(await request.body()).decode()}"
        error = {"message": quoted, "type": "server_error", "code": None, "param": None, "quoted": quoted}
        return JSONResponse({"error": error}, self.status, {"x-should-retry": "false"})


class Quoting:
    """A Slack in front of another. In trouble it quotes the whole request, by an error of its API or by one of HTTP."""

    def __init__(self, slack: ASGIApp) -> None:
        self._slack = slack
        self.status = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.status:
            await self._slack(scope, receive, send)
            return
        body = (await receive())["body"].decode()
        quoted = f"{Headers(scope=scope)['Authorization']} may not post {body}"
        error = {"ok": False, "error": "internal_error", "detail": quoted, "response_metadata": {"messages": [quoted]}}
        await JSONResponse(error, self.status)(scope, receive, send)


def found(told: str, *searched: str) -> list[str]:
    return [each for each in searched if each in told or json.dumps(each)[1:-1] in told]


def texts_in(told: str) -> list[str]:
    return found(told, *TEXTS, ANSWER, *(text[-4:] for text in TEXTS))


class Bot:
    """``python -m entrypoints.local`` as a person starts it, and all that it prints."""

    def __init__(self, env: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "entrypoints.local"],
            cwd=ROOT,
            env=os.environ | env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.printed = ""

    def wait_for(self, pattern: str) -> None:
        for line in self._process.stdout:
            self.printed += line
            if re.search(pattern, line):
                return
        pytest.fail(f"it ended without {pattern!r}: {self.printed}")

    def end(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self.printed += self._process.communicate(timeout=SOON)[0]

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


class OneMachine:
    """The bot among quoting servers, led through every kind of success and failure."""

    def __init__(self, tmp_path, serve, texts: str) -> None:
        port = free_port()
        self.events_url = f"http://127.0.0.1:{port}/events"
        self.slack = SlackServer(self.events_url)
        self.front = Quoting(self.slack.app)
        self.model = Model()
        self.database = tmp_path / "bot.sqlite3"
        self.bot = Bot(
            OWN
            | {
                "PORT": str(port),
                "DATABASE_PATH": str(self.database),
                "SLACK_API_URL": f"{serve(self.front)}/api/",
                "OPENAI_BASE_URL": f"{serve(self.model.app)}/v1",
                "OPENAI_API_KEY": KEY,
                "LOG_LEVEL": "DEBUG",
                "LOG_TEXTS": texts,
            }
        )
        self.answers: list[str] = []

    def live(self) -> None:
        says = self.slack.say
        self.bot.wait_for("ready")
        self.slack.stand_in.start()
        says(f"@bot {TEXTS[0]}")
        self.slack.wait_until(lambda said: ANSWER in said)
        self.model.status = 401
        says(f"@bot {TEXTS[1]}")
        self.bot.wait_for("failed, the person was told: ModelMisconfigured")
        self.model.status = 500
        says(f"@bot {TEXTS[2]}")
        self.bot.wait_for("delivery 1 .* failed: ModelUnavailable")
        self.model.status = 200
        for self.front.status in (200, 500):
            says(f"@bot {TEXTS[3]}")
            self.bot.wait_for("delivery 1 .* failed: SlackUnavailable")
        for signature, body in (("v0=0", json.dumps(payload_of({"text": TEXTS[4]}, 0))), ("", TEXTS[4]), (SECRET, "{")):
            self.answers.append(self._post(signature, body))
        self.slack.stand_in.stop()
        self.bot.end()

    def _post(self, signature: str, body: str) -> str:
        headers = {"X-Slack-Signature": signature, "X-Slack-Request-Timestamp": "1515449522"}
        with pytest.raises(urllib.error.HTTPError, match="401") as refused:
            urllib.request.urlopen(urllib.request.Request(self.events_url, body.encode(), headers))
        with refused.value as answer:
            return f"{answer.headers}{answer.read().decode()}"

    def said(self) -> list[str]:
        return [post.text for post in self.slack.workspace.messages.posts() if post.user == BOT_USER]


@pytest.fixture(params=["false", "true"])
def one_machine(request, tmp_path, serve) -> Iterator[OneMachine]:
    machine = OneMachine(tmp_path, serve, texts=request.param)
    yield machine
    machine.slack.stand_in.stop()
    machine.bot.kill()


def test_one_machine_tells_no_secret_and_texts_only_where_it_is_told_to(one_machine: OneMachine, request):
    one_machine.live()
    printed = one_machine.bot.printed
    assert found(printed, *SECRETS) == []
    assert found("".join([*one_machine.answers, *one_machine.said()]), *SECRETS) == []
    stored = b"".join(path.read_bytes() for path in one_machine.database.parent.glob("bot.sqlite3*"))
    assert [secret for secret in SECRETS if secret.encode() in stored] == []
    if "true" in request.node.name:
        assert found(printed, *TEXTS[:4]) == list(TEXTS[:4])
    else:
        assert texts_in(printed) == []
    assert texts_in("".join(one_machine.answers)) == []
    assert found("".join(one_machine.said()), *TEXTS) == [], (
        "a person is told what went wrong, not what a server quoted"
    )


def test_the_functions_on_aws_tell_neither_secrets_nor_texts_in_logs_metrics_traces_and_errors(
    deployment: Deployment, serve, start_lambda, xray_daemon: XRayDaemon
):
    variables = {
        "OPENAI_BASE_URL": f"{serve((model := Model()).app)}/v1",
        "AWS_SECRET_ACCESS_KEY": AWS_KEY,
        "LOG_LEVEL": "DEBUG",
        "POWERTOOLS_LOGGER_LOG_EVENT": "true",  # which would log each request and each question as it came
        "_X_AMZN_TRACE_ID": "Root=1-5e1b4151-5ac6c58b5ac6c58b5ac6c58b;Parent=53995c3f42cd8ad8;Sampled=1",
        "AWS_XRAY_DAEMON_ADDRESS": xray_daemon.address,
    }
    front = Quoting(Response())
    deployment.aws.set_parameters(OpenAiApiKey=KEY)
    door, worker = (start_lambda(function, **variables) for function in ("events", "worker"))
    without_slack = start_lambda("worker", **variables, SLACK_API_URL=f"{serve(front)}/api/")
    returned: list[str] = []

    def ask(text: str, worker: Environment) -> None:
        returned.append(json.dumps(door.invoke(api_gateway_event(deployment.says(text), "r1"))))
        (message,) = deployment.aws.receive()
        try:
            worker.invoke({"Records": [lambda_record(message)]})
        except Failed as error:
            returned.append(str(error))
        deployment.aws.delete(message)

    ask(TEXTS[0], worker)
    for model.status, text in ((401, TEXTS[1]), (500, TEXTS[2])):
        ask(text, worker)
    for front.status in (200, 500):
        ask(TEXTS[3], without_slack)
    unsigned = api_gateway_event(deployment.says(TEXTS[4]), "r2")
    unsigned["headers"]["x-slack-signature"] = f"v0={SECRET}"
    returned += [
        json.dumps(door.invoke(each))
        for each in (unsigned, api_gateway_event(TEXTS[4], "r3"), api_gateway_event(MENTIONLESS, "r4"))
    ]

    printed = "".join(environment.output.read_text() for environment in (door, worker, without_slack))
    traced = xray_daemon.received()
    for told in (printed, traced, "".join(returned), "".join(deployment.replies())):
        assert found(told, *SECRETS) == []
    for told in (printed, traced, "".join(returned)):
        assert texts_in(told) == []
    assert found("".join(deployment.replies()), *TEXTS) == []
    # All of it was there to be searched.
    assert deployment.replies()[0] == ANSWER
    for each in ("ModelMisconfigured", "ModelUnavailable", "SlackUnavailable", "CloudWatchMetrics", "Traceback"):
        assert each in printed
    assert all(f'"name": "{each}"' in traced for each in ("load", "model", "Slack open", "save"))
    assert [each for each in returned if "HandedBack" in each] == [
        f"HandedBack: {error}" for error in ("ModelUnavailable", "SlackUnavailable", "SlackUnavailable")
    ]
    assert [json.loads(each)["statusCode"] for each in returned if each.startswith("{")] == [200] * 5 + [401, 400, 200]
