"""Stand-ins for OpenAI and Slack on loopback that answer at once, or as slowly as a model really does.

They run in a process of their own, so that their work is not counted as the bot's.

    python -m bench.stand_ins HOST FIRST_TOKEN_SECONDS SECONDS_PER_TOKEN
"""

import asyncio
import itertools
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from urllib.request import urlopen

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bench.conversation import answer, edits

NOTE_SHOWN = re.compile(r"^\d+\. \d{4}-\d\d-\d\d ", re.MULTILINE)
"""The beginning of a note in a prompt."""

REPLY_TOKENS = 2000
"""The limit that an answer is asked with; a summary is asked with another one."""


class StandIns:
    """The two APIs, and what they have seen: the requests for completions, and when each reply showed words."""

    def __init__(self, first_token: float, per_token: float) -> None:
        self._first_token = first_token
        self._per_token = per_token
        self._requests: list[object] = []
        self._first_words: dict[str, float] = {}
        self._numbers = itertools.count(1)

    @property
    def application(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v1/chat/completions", self._completions, methods=["POST"]),
                Route("/api/{method}", self._slack, methods=["GET", "POST"]),
                Route("/seen", self._seen),
            ]
        )

    def name(self, user: str) -> str:  # noqa: ARG002 - here one person speaks
        """What a person is called."""
        return "さくら"

    async def _completions(self, request: Request) -> Response:
        at = time.time()
        asked = await request.json()
        self._requests.append({"model": asked["model"], "messages": asked["messages"], "at": at})
        limit = asked.get("max_tokens") or asked.get("max_completion_tokens")
        # A summary has a limit of its own.
        condenses = limit not in (None, REPLY_TOKENS)
        number = len(self._requests)
        text = edits(number, _notes_shown(asked["messages"])) if condenses else answer(number)
        return StreamingResponse(self._stream(text, asked["model"]), media_type="text/event-stream")

    async def _stream(self, text: str, model: str) -> AsyncIterator[str]:
        await asyncio.sleep(self._first_token)
        for start in range(0, len(text), 2):
            yield _chunk(model, [{"index": 0, "delta": {"content": text[start : start + 2]}, "finish_reason": None}])
            if self._per_token:
                await asyncio.sleep(self._per_token)
        yield _chunk(model, [{"index": 0, "delta": {}, "finish_reason": "stop"}])
        yield _chunk(model, [], {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}) + "data: [DONE]\n\n"

    async def _slack(self, request: Request) -> Response:
        body = await request.body()
        # slack_sdk sends the methods of chat.* as JSON, others as a form.
        is_json = request.headers.get("Content-Type", "").startswith("application/json")
        called = json.loads(body or b"{}") if is_json else dict(request.query_params) | dict(parse_qsl(body.decode()))
        ts = called.get("ts") or f"2000.{next(self._numbers):06}"
        words = called.get("markdown_text") or called.get("text") or "…"
        if request.path_params["method"] != "chat.startStream" and words != "…":
            self._first_words.setdefault(ts, time.monotonic())
        profile = {"display_name": self.name(called.get("user", "U1"))}
        user = {"id": called.get("user", "U1"), "name": "sakura", "profile": profile}
        return JSONResponse({"ok": True, "ts": ts, "channel": "C1", "user": user, "messages": []})

    async def _seen(self, _: Request) -> Response:
        return JSONResponse({"requests": self._requests, "first_words": self._first_words})


def _notes_shown(messages: list[dict[str, str]]) -> int:
    return sum(len(NOTE_SHOWN.findall(each["content"])) for each in messages)


def _chunk(model: str, choices: list[dict], usage: dict[str, int] | None = None) -> str:
    head = {"id": "chatcmpl-1", "created": 0, "model": model, "object": "chat.completion.chunk"}
    return f"data: {json.dumps(head | {'usage': usage, 'choices': choices})}\n\n"


@contextmanager
def running(first_token: float = 0.0, per_token: float = 0.0, host: str = "127.0.0.1") -> Iterator[str]:
    """The stand-ins' address on loopback, for as long as they are needed; containers need ``host`` to be 0.0.0.0."""
    with started("bench.stand_ins", host, str(first_token), str(per_token)) as address:
        yield address


@contextmanager
def started(module: str, *arguments: str) -> Iterator[str]:
    """The address of a program that prints its port."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent, env=os.environ
    ) as process:
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"  # type: ignore[union-attr]
        finally:
            process.terminate()


def seen(address: str) -> Any:
    """What the stand-ins have seen so far."""
    with urlopen(f"{address}/seen") as response:
        return json.load(response)


def main() -> None:
    serve(StandIns(float(sys.argv[2]), float(sys.argv[3])).application, sys.argv[1])


def serve(application: Starlette, host: str) -> None:
    """Serve on a port that is free, and print it."""
    config = uvicorn.Config(application, log_level="error", access_log=False)
    config.host, config.port = host, 0
    listener = config.bind_socket()
    listener.listen()  # so that nobody is refused who reads the line below
    print(listener.getsockname()[1], flush=True)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
