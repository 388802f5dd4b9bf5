"""A model and a Slack of one's own: servers that speak the vendors' protocols, as a bot on loopback meets them."""

import json
import queue
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from entrypoints.configuration.settings import Settings
from entrypoints.playground.emulator.server import SlackEmulator
from entrypoints.playground.emulator.workspace.model import BOT_USER
from entrypoints.playground.emulator.workspace.workspace import Workspace

NOTES_SHOWN = re.compile(r"<(記録|record|現在の要約|current-summary)>.*?</\1>", re.DOTALL)
"""The notes in a request."""

SENT, RECEIVED = 20, 8
"""Tokens that each call of the model's stand-in takes."""

SOON = 60
"""Seconds to wait for what should happen at once, on a machine that is busy."""


def condenses(asked: Mapping[str, Any]) -> bool:
    """Is this request for a summary? It has a limit of tokens of its own."""
    limit = asked.get("max_tokens") or asked.get("max_completion_tokens")
    return limit not in (None, Settings.reply_token_limit)


def _summary(messages: Sequence[Mapping[str, str]]) -> str:
    """A note of every message that was shown, without the notes that there are."""
    *said, request = [each["content"] for each in messages if each["role"] != "system"]
    shown = "|".join(said) or request  # a summariser of its own has one message alone
    return "ADD " + " ".join(NOTES_SHOWN.sub("", shown).split())


class Model:
    """An OpenAI-compatible server that says what it was told to, and can be made to hesitate after two words.

    Its summary is every message that it was shown, so that whatever is folded twice stands there twice, unless it was
    told another ``summary``.
    """

    def __init__(self) -> None:
        self.requests: queue.Queue[dict] = queue.Queue()
        self.answer = "ポチは元気ですよ"
        self.summary = ""
        self.status = 200
        self.go_on = threading.Event()
        self.go_on.set()
        self.enough = threading.Event()
        self.enough.set()
        """Until then it says the last word of its answer again and again."""
        self.app = Starlette(
            routes=[Route("/v1/chat/completions", self.complete, methods=["POST"])],
            exception_handlers={ClientDisconnect: lambda *_: Response(status_code=400)},  # of a bot that was killed
        )

    async def complete(self, request: Request) -> Response:
        asked = await request.json()
        self.requests.put(asked)
        if self.status != 200:
            return JSONResponse({"error": {"message": "no", "type": "x", "code": None, "param": None}}, self.status)
        head = {"id": "chatcmpl-1", "created": 0, "model": asked["model"]}
        usage = {"prompt_tokens": SENT, "completion_tokens": RECEIVED, "total_tokens": SENT + RECEIVED}

        def chunk(content: str, finish: str | None = None) -> str:
            choice = {"index": 0, "delta": {"content": content}, "finish_reason": finish}
            return f"data: {json.dumps(head | {'object': 'chat.completion.chunk', 'choices': [choice]})}\n\n"

        def words() -> Iterator[str]:
            yield chunk(self.answer[:2])
            self.go_on.wait(SOON)
            while not self.enough.wait(0.02):
                yield chunk(self.answer[-1])
            yield chunk(self.answer[2:], "stop")

        def chunks() -> Iterator[str]:
            if condenses(asked):
                yield chunk(self.summary or _summary(asked["messages"]), "stop")
            else:
                yield from words()
            yield f"data: {json.dumps(head | {'object': 'chat.completion.chunk', 'choices': [], 'usage': usage})}\n\n"
            yield "data: [DONE]\n\n"

        return StreamingResponse(chunks(), media_type="text/event-stream")


class SlackServer:
    """A Slack stand-in on a port of its own, the people in it, and what they see. ``clock`` dates their posts.

    ``options`` are the emulator's.
    """

    def __init__(self, events_url: str, app_token: str = "", **options: Any) -> None:
        self.clock: Callable[[], float] = time.time
        self.workspace = Workspace("ja", self.now)
        self.changes: queue.Queue = queue.Queue()
        self.workspace.messages.observe(self.changes.put)
        self.stand_in = SlackEmulator(
            self.workspace,
            bot_token="xoxb-own",
            signing_secret="own-secret",
            events_url=events_url,
            app_token=app_token,
            waits=(0, 0, 0),
            **options,
        )
        self.app = Starlette(routes=self.stand_in.routes)
        self.person = self.workspace.directory.people[0]
        self.channel = self.workspace.directory.channels[0]

    def now(self) -> float:
        return self.clock()

    def say(self, text: str, thread: str = "") -> str:
        return self.workspace.say(self.person.id, self.channel.id, text, thread).ts

    def said(self) -> list[str]:
        return [each.text for each in self.workspace.messages.posts() if each.user == BOT_USER]

    def wait_until(self, condition: Callable[[list[str]], bool], patience: float = SOON) -> list[str]:
        """The bot's posts, once they are as awaited; ``patience`` is in seconds, from one change to the next."""
        while True:
            said = self.said()
            if condition(said):
                return said
            self.changes.get(timeout=patience)
