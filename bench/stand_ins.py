"""Stand-ins for OpenAI and Slack on loopback that answer at once, or as slowly as a model really does.

They run in a process of their own, so that their work is not counted as the bot's.

    python -m bench.stand_ins HOST FIRST_TOKEN_SECONDS SECONDS_PER_TOKEN
"""

import asyncio
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl
from urllib.request import urlopen

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bench.conversation import answer, summary

REPLY_TOKENS = 2000
"""The limit that an answer is asked with; a summary is asked with another one."""


def application(first_token: float, per_token: float) -> Starlette:
    """The two APIs, and ``/seen``: the requests for completions and their times, and when each reply showed words."""
    requests: list[object] = []
    first_words: dict[str, float] = {}
    numbers = itertools.count(1)

    async def completions(request: Request) -> Response:
        at = time.time()
        asked = await request.json()
        requests.append({"model": asked["model"], "messages": asked["messages"], "at": at})
        limit = asked.get("max_tokens") or asked.get("max_completion_tokens")
        # A summary has a limit of its own.
        condenses = limit not in (None, REPLY_TOKENS)
        text = summary(len(requests)) if condenses else answer(len(requests))
        usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
        whole = {"id": "chatcmpl-1", "created": 0, "model": asked["model"], "usage": usage}

        async def chunks() -> AsyncIterator[str]:
            await asyncio.sleep(first_token)
            part = whole | {"object": "chat.completion.chunk", "usage": None}
            for start in range(0, len(text), 2):
                delta = {"index": 0, "delta": {"content": text[start : start + 2]}, "finish_reason": None}
                yield f"data: {json.dumps(part | {'choices': [delta]})}\n\n"
                if per_token:
                    await asyncio.sleep(per_token)
            stop = {"index": 0, "delta": {}, "finish_reason": "stop"}
            yield f"data: {json.dumps(part | {'choices': [stop]})}\n\n"
            yield f"data: {json.dumps(part | {'choices': [], 'usage': usage})}\n\ndata: [DONE]\n\n"

        return StreamingResponse(chunks(), media_type="text/event-stream")

    async def slack(request: Request) -> Response:
        body = await request.body()
        # slack_sdk sends the methods of chat.* as JSON, others as a form.
        is_json = request.headers.get("Content-Type", "").startswith("application/json")
        called = json.loads(body) if is_json else dict(request.query_params) | dict(parse_qsl(body.decode()))
        ts = called.get("ts") or f"2000.{next(numbers):06}"
        said = called.get("markdown_text") or called.get("text") or "…"
        if request.path_params["method"] != "chat.startStream" and said != "…":
            first_words.setdefault(ts, time.monotonic())
        user = {"id": "U1", "name": "sakura", "profile": {"display_name": "さくら"}}
        return JSONResponse({"ok": True, "ts": ts, "channel": "C1", "user": user})

    async def seen(_: Request) -> Response:
        return JSONResponse({"requests": requests, "first_words": first_words})

    return Starlette(
        routes=[
            Route("/v1/chat/completions", completions, methods=["POST"]),
            Route("/api/{method}", slack, methods=["GET", "POST"]),
            Route("/seen", seen),
        ]
    )


@contextmanager
def running(first_token: float = 0.0, per_token: float = 0.0, host: str = "127.0.0.1") -> Iterator[str]:
    """The stand-ins' address on loopback, for as long as they are needed; containers need ``host`` to be 0.0.0.0."""
    command = [sys.executable, "-m", "bench.stand_ins", host, str(first_token), str(per_token)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent, env=os.environ
    ) as process:
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"  # type: ignore[union-attr]
        finally:
            process.terminate()


def seen(address: str) -> dict:
    """What the stand-ins have seen so far."""
    with urlopen(f"{address}/seen") as response:
        return json.load(response)


def main() -> None:
    config = uvicorn.Config(application(float(sys.argv[2]), float(sys.argv[3])), log_level="error", access_log=False)
    config.host, config.port = sys.argv[1], 0
    listener = config.bind_socket()
    listener.listen()  # so that nobody is refused who reads the line below
    print(listener.getsockname()[1], flush=True)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
