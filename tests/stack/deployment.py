"""A deployment as a person in Slack meets it, with a model and a Slack of its own."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from entrypoints.playground.emulator.event_payloads import events_of
from entrypoints.playground.emulator.oauth import OAuth
from entrypoints.playground.emulator.workspace.model import BOT_USER, TEAM
from tests.conftest import Server
from tests.stack.emulated_aws import CLIENT_ID, CLIENT_SECRET, Emulated, emulated
from tests.stand_ins import Model, SlackServer

PATIENCE = 90
"""Seconds for what includes a cold start of both functions on a busy machine."""


class World:
    """A deployment as a person in Slack meets it."""

    def __init__(self, deployment: Emulated, model: Model, slack: SlackServer, oauth: OAuth) -> None:
        self.deployment = deployment
        self.model = model
        self.slack = slack
        self.oauth = oauth

    def install(self) -> int:
        """Install the app in the workspace as a person does in a browser. Returns the last page's status."""
        manifest = json.loads(self.deployment.output("slack_manifest_json"))
        (self.oauth.redirect_url,) = manifest["oauth_config"]["redirect_urls"]
        begun = self.deployment.ask("GET", self.deployment.output("install_url"))
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        allowed = self.deployment.ask("POST", begun.headers["Location"], b"decision=allow", **form)
        cookie = begun.headers["Set-Cookie"].partition(";")[0]
        return self.deployment.ask("GET", allowed.headers["Location"], Cookie=cookie).status

    def say(self, text: str, thread: str = "", copies: int = 1) -> str:
        """Post in Slack; Slack delivers the events, each ``copies`` times. Returns the post's ts."""
        while not self.slack.changes.empty():
            self.slack.changes.get()
        ts = self.slack.say(text, thread)
        change = self.slack.changes.get(timeout=PATIENCE)
        for _ in range(copies):
            for event in events_of(change, self.slack.workspace):
                assert self.deployment.post(callback(event)) == 200
        return ts

    def replies(self, thread: str) -> list[str]:
        return [
            each.text
            for each in self.slack.workspace.messages.posts()
            if each.user == BOT_USER and each.thread == thread
        ]

    def wait_for_replies(self, thread: str, condition: Callable[[list[str]], bool]) -> list[str]:
        self.slack.wait_until(lambda _: condition(self.replies(thread)), PATIENCE)
        return self.replies(thread)

    def stored(self, thread: str) -> dict:
        return self.item(f"{TEAM}/{self.slack.channel.id}/{thread}")

    def item(self, key: str) -> dict:
        table = self.deployment.output("table_name")
        answer = self.deployment.client("dynamodb").get_item(TableName=table, Key={"id": {"S": key}})
        return answer.get("Item", {})


def callback(event: dict) -> dict:
    authorizations = [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}]
    return {"type": "event_callback", "team_id": TEAM, "event": event, "authorizations": authorizations}


@contextmanager
def applied() -> Iterator[World]:
    """The deployment, applied to an emulator for as long as it is needed."""
    oauth = OAuth(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, redirect_url="", clock=time.time)
    model, slack = Model(), SlackServer("http://127.0.0.1:9/", oauth=oauth)
    servers = Server("0.0.0.0"), Server("0.0.0.0")  # containers reach the host by its bridge, not by loopback
    servers[0].app, servers[1].app = model.app, slack.app
    try:
        with emulated(servers[0].port, servers[1].port) as deployment:
            yield World(deployment, model, slack, oauth)
    finally:
        for server in servers:
            server.end()
