"""The whole bot on one machine, with a Slack and a model of its own."""

import queue
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from bench.ports import free_port
from entrypoints.configuration.settings import Settings
from entrypoints.local import start_and_stop
from entrypoints.local.container import Container
from entrypoints.playground.emulator.oauth import OAuth, Team
from entrypoints.playground.emulator.workspace.model import BOT_USER
from entrypoints.playground.emulator.workspace.workspace import Workspace
from tests.stand_ins import SOON, Model, SlackServer

SEVERAL = {
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "a-client-secret",
    "TOKEN_ENCRYPTION_KEY": "cG9jaGktaXMtYS1nb29kLWRvZy1wb2NoaS1pcy1hLWc=",
}


class Office:
    """A bot with its Slack and its model, all in this process.

    With ``teams`` they install it by OAuth. ``workspaces`` are those of them that are not the emulator's own.
    """

    def __init__(
        self,
        tmp_path,
        serve,
        open_database,
        teams: Sequence[Team] = (),
        workspaces: Mapping[str, Workspace] | None = None,
        rotating: bool = False,
        **env: str,
    ) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.model = Model()
        self.oauth = OAuth(
            client_id="1.2",
            client_secret="a-client-secret",
            redirect_url=f"{self.url}/slack/oauth_redirect",
            clock=time.time,
            teams=teams,
            rotating=rotating,
        )
        self.slack = SlackServer(f"{self.url}/events", oauth=self.oauth, workspaces=workspaces)
        self.workspace, self.stand_in = self.slack.workspace, self.slack.stand_in
        self.person, self.channel = self.slack.person, self.slack.channel
        self.workspace.address = serve(self.slack.app)
        self.settings = Settings.from_env(
            {
                "PORT": str(port),
                "DATABASE_PATH": str(tmp_path / "bot.sqlite3"),
                "OPENAI_BASE_URL": f"{serve(self.model.app)}/v1",
                "SLACK_API_URL": f"{self.workspace.address}/api/",
                "SLACK_SIGNING_SECRET": "own-secret",
            }
            | (SEVERAL if teams else {"SLACK_BOT_TOKEN": "xoxb-own"})
            | env
        )
        self.container = Container(settings=self.settings, database=open_database(self.settings.database_path))
        self._stop = threading.Event()
        listener = socket.create_server(("127.0.0.1", port), backlog=64)
        self._thread = threading.Thread(target=start_and_stop.serve, args=(self.container, listener, self._stop.wait))
        self._thread.start()
        self.stand_in.start()

    def end(self) -> None:
        self.stand_in.stop()
        self._stop.set()
        self._thread.join(SOON)
        assert not self._thread.is_alive()

    @property
    def direct(self):
        return self.workspace.directory.channel(self.person.id)

    def say(self, text: str, channel: str = "", thread: str = "", **more) -> str:
        """The ts of what the person posts."""
        return self.workspace.say(self.person.id, channel or self.channel.id, text, thread, **more).ts

    def posts(self, channel: str = "", thread: str = "") -> list:
        """The bot's finished posts there."""
        return [
            each
            for each in self.workspace.messages.posts()
            if each.user == BOT_USER
            and each.channel == (channel or self.channel.id)
            and each.thread == thread
            and not self.workspace.messages.is_live(each)
            and each.text not in ("", "…")
        ]

    def wait_for(self, condition: Callable[[], object]) -> object:
        """What the condition gives once it is true: asked again after each change, and of what changes unseen."""
        deadline = time.monotonic() + SOON
        while not (found := condition()):
            assert time.monotonic() < deadline, [each.text for each in self.workspace.messages.posts()]
            with suppress(queue.Empty):
                self.slack.changes.get(timeout=0.1)
        return found

    def replies(self, channel: str = "", thread: str = "", number: int = 1) -> list[str]:
        """The texts of the bot's posts there, once there are so many."""
        self.wait_for(lambda: len(self.posts(channel, thread)) >= number)
        return [each.text for each in self.posts(channel, thread)]

    def asked(self) -> dict:
        """The next request that the model gets for an answer."""
        while not (request := self.model.requests.get(timeout=SOON)).get("stream"):
            pass
        return request

    def question(self) -> str | list:
        """The content of the question in it."""
        return self.asked()["messages"][-1]["content"]
