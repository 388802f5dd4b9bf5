"""The two Lambda functions in this process, between a person in a Slack stand-in and AWS on loopback."""

import base64
import gc
import io
import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from slack_sdk.signature import SignatureVerifier
from starlette.requests import Request
from starlette.responses import Response

from entrypoints import lambda_events, lambda_worker
from entrypoints.playground.emulator.interactions import Interaction
from entrypoints.playground.emulator.workspace.model import APP, BOT_NAME, BOT_USER, TEAM
from tests import stand_ins
from tests.aws_on_loopback import PREFIX, Aws, lambda_record
from tests.entrypoints.office import Office
from tests.lambda_context import lambda_context

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"  # the made-up one of Slack's own documentation
TOKEN = "xoxb-own"


class Model(stand_ins.Model):
    """Also knows with which keys it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[str] = []

    async def complete(self, request: Request) -> Response:
        self.keys.append(request.headers["Authorization"].removeprefix("Bearer "))
        return await super().complete(request)


class Deployment:
    """What Terraform would make, with its environment and parameters, and Slack, a model and a person around it."""

    def __init__(self, aws: Aws, slack: stand_ins.SlackServer, model: Model, log: io.StringIO) -> None:
        self.aws = aws
        self.slack = slack
        self.workspace = slack.workspace
        self.stand_in = slack.stand_in
        self.model = model
        self.person = slack.person
        self.channel = slack.channel
        self._log = log

    def says(self, text: str, thread: str = "") -> dict:
        """A person posts this; returns Slack's event for the mention in it."""
        post = self.workspace.say(self.person.id, self.channel.id, f"@{BOT_NAME} {text}", thread)
        return mention(post.channel, post.ts, post.user, post.text, thread)

    def replies(self) -> list[str]:
        return [post.text for post in self.workspace.messages.posts() if post.user == BOT_USER]

    def post(self, payload: object, request_id: str = "JKJaXmPLvHcESHA=", **changed: object) -> dict:
        """Slack's request as API Gateway hands it on, and the function's answer."""
        return lambda_events.handler(api_gateway_event(payload, request_id, **changed), lambda_context("events"))

    def submit(self, interaction: Interaction) -> dict:
        """The same of a slash command or a click, which Slack posts as forms and API Gateway hands on in base64."""
        event = api_gateway_event(interaction.form.decode(), "r", encoded=True)
        event["headers"]["content-type"] = "application/x-www-form-urlencoded"
        return lambda_events.handler(event, lambda_context("events"))

    def work(self, message: dict | None = None, seconds_left: float = 120) -> None:
        """Let the worker have a message, by default the only one in the queue, and delete it if it was answered."""
        if message is None:
            (message,) = self.aws.receive()
        try:
            lambda_worker.handler({"Records": [lambda_record(message)]}, lambda_context("worker", seconds_left))
        except lambda_worker.HandedBack:
            self.aws.give_back(message)
            raise
        self.aws.delete(message)

    def log(self) -> list[dict]:
        """What the functions have logged, line by line."""
        return [json.loads(line) for line in self._log.getvalue().splitlines()]

    def said(self) -> str:
        """The messages of the log."""
        return "\n".join(line["message"] for line in self.log())


def mention(channel: str, ts: str, user: str, text: str, thread: str = "") -> dict:
    event = {"type": "app_mention", "user": user, "text": text, "ts": ts, "channel": channel, "event_ts": ts}
    return {
        "token": "ZZZZZZWSxiZZZ2yIvs3peJ",
        "team_id": TEAM,
        "api_app_id": APP,
        "event": event | ({"thread_ts": thread} if thread else {}),
        "type": "event_callback",
        "event_id": f"Ev{ts}",
        "event_time": 1515449522,
        "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}],
    }


def api_gateway_event(payload: object, request_id: str, *, encoded: bool = False, **changed: object) -> dict:
    """An HTTP API's event of payload 2.0, signed by Slack. ``changed`` replaces parts of it."""
    body = payload if isinstance(payload, str) else json.dumps(payload)
    timestamp = str(int(time.time()))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=body)
    return {
        "version": "2.0",
        "routeKey": "POST /events",
        "rawPath": "/events",
        "headers": {
            "content-type": "application/json",
            "x-slack-request-timestamp": timestamp,
            "x-slack-signature": signature,
        },
        "requestContext": {"requestId": request_id, "http": {"method": "POST", "path": "/events"}},
        "body": base64.b64encode(body.encode()).decode() if encoded else body,
        "isBase64Encoded": encoded,
    } | changed


@pytest.fixture
def log(monkeypatch) -> Iterator[io.StringIO]:
    """Where the functions log; other tests' logging is left as it was."""
    written = io.StringIO()
    monkeypatch.setattr(lambda_events.logger.logger_handler, "stream", written)
    monkeypatch.setattr(lambda_worker.logger.logger_handler, "stream", written)
    packages = [logging.getLogger(name) for name in ("domain", "adapters", "entrypoints")]
    before = [(each, each.handlers[:], each.propagate, each.level) for each in packages]
    yield written
    for each, handlers, propagate, level in before:
        each.handlers[:], each.propagate = handlers, propagate
        each.setLevel(level)


@pytest.fixture
def deployment(aws: Aws, aws_environment, serve, clock, log) -> Iterator[Deployment]:
    """Both functions cold, and everything around them ready. Parameters age by the fixture ``clock``."""
    slack, model = stand_ins.SlackServer("http://nobody.invalid"), Model()
    slack.workspace.address = serve(slack.app)
    for name, value in {
        "TABLE_NAME": aws.create_table(),
        "USAGE_TABLE_NAME": aws.create_usage_table(),
        "QUEUE_URL": aws.create_queue(),
        "DEAD_LETTER_QUEUE_URL": aws.dead_letters,
        "PARAMETERS_PREFIX": PREFIX,
        "SLACK_API_URL": f"{slack.workspace.address}/api/",
        "OPENAI_BASE_URL": f"{serve(model.app)}/v1",
    }.items():
        aws_environment.setenv(name, value)
    aws.set_parameters(SlackToken=TOKEN, SlackSigningSecret=SECRET, OpenAiApiKey="sk-made-up", SlackChannel="-")
    for function in (lambda_events, lambda_worker):
        aws_environment.setattr(function, "current", replace(function.current, clock=clock))
    yield Deployment(aws, slack, model, log)
    gc.unfreeze()  # what a function that has started holds for good is not held for the next test


@pytest.fixture
def office(tmp_path, serve, open_database) -> Iterator[Callable[..., Office]]:
    """Opens an office whose bot has these settings, and the office's own options."""
    offices: list[Office] = []

    def begin(**options) -> Office:
        offices.append(Office(tmp_path, serve, open_database, **options))
        return offices[-1]

    yield begin
    for each in offices:
        each.end()
