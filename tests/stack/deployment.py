"""A deployment as a person in Slack meets it, with a model and a Slack of its own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from entrypoints.playground.emulator.event_payloads import events_of
from entrypoints.playground.emulator.workspace.model import BOT_USER, TEAM
from tests.conftest import Server
from tests.stack.emulated_aws import Emulated, emulated
from tests.stand_ins import Model, SlackServer

PATIENCE = 90
"""Seconds for what includes a cold start of both functions on a busy machine."""


class World:
    """A deployment as a person in Slack meets it."""

    def __init__(self, deployment: Emulated, model: Model, slack: SlackServer) -> None:
        self.deployment = deployment
        self.model = model
        self.slack = slack

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
        key = {"id": {"S": f"{TEAM}/{self.slack.channel.id}/{thread}"}}
        table = self.deployment.output("table_name")
        return self.deployment.client("dynamodb").get_item(TableName=table, Key=key).get("Item", {})


def callback(event: dict) -> dict:
    authorizations = [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}]
    return {"type": "event_callback", "team_id": TEAM, "event": event, "authorizations": authorizations}


@contextmanager
def applied() -> Iterator[World]:
    """The deployment, applied to an emulator for as long as it is needed."""
    model, slack = Model(), SlackServer("http://127.0.0.1:9/")
    servers = Server("0.0.0.0"), Server("0.0.0.0")  # containers reach the host by its bridge, not by loopback
    servers[0].app, servers[1].app = model.app, slack.app
    try:
        with emulated(servers[0].port, servers[1].port) as deployment:
            yield World(deployment, model, slack)
    finally:
        for server in servers:
            server.end()
