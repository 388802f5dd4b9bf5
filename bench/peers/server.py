"""The stand-in for the model behind OpenAI's protocol, beside Slack's, and what it has billed.

python -m bench.peers.server HOST CONVERSATION
"""

import json
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bench.peers.billing import Billing
from bench.peers.conversations import CONVERSATIONS, Conversation
from bench.peers.facts import count_tokens
from bench.peers.model import Message, Unreadable, Written, answer, condensation
from bench.peers.verbatim import Verbatim
from bench.stand_ins import REPLY_TOKENS, StandIns, serve, started
from bench.tokens import encode

BARE = "bare"
"""The model that the bare loop names. What it asks is not billed."""


UNREADABLE = "unreadable"
"""The kind of a call that the stand-in could not read. A run that has one is worth nothing."""


@dataclass(frozen=True)
class Call:
    """One call of the model. ``verbatim`` and ``share`` are of an answer's prompt, ``facts`` of a new summary.

    ``seconds`` are the stand-in's own.
    """

    kind: str
    sent: int
    cached: int
    received: int
    seconds: float = 0.0
    verbatim: int = 0
    share: float = 0.0
    facts: int = 0


class PeersStandIns(StandIns):
    """Answers one conversation."""

    def __init__(self, conversation: Conversation) -> None:
        super().__init__(0.0, 0.0)
        self._conversation = conversation
        self._verbatim = Verbatim(conversation, count_tokens)
        self._billing = Billing(encode)
        self._calls: list[Call] = []

    @property
    def application(self) -> Starlette:
        application = super().application
        application.routes.append(Route("/begin", self._begin, methods=["POST"]))
        return application

    async def _begin(self, _: Request) -> Response:
        """Nothing of what was asked so far is cached, or counted."""
        self._billing = Billing(encode)
        self._calls.clear()
        return Response()

    def name(self, user: str) -> str:
        return self._conversation.people[int(user.removeprefix("U")) - 1]

    async def _completions(self, request: Request) -> Response:
        body = await request.body()
        start = time.perf_counter()
        asked = json.loads(body)
        messages = [(each["role"], each["content"]) for each in asked["messages"]]
        limit = asked.get("max_tokens") or asked.get("max_completion_tokens") or REPLY_TOKENS
        try:
            call, written = self._call(messages, limit, asked["model"])
        except Unreadable as error:
            self._calls.append(Call(UNREADABLE, 0, 0, 0))
            return JSONResponse({"error": {"message": str(error), "code": None, "param": None}}, 400)
        response = _response(asked, written.text, call)
        self._calls.append(Call(**asdict(call) | {"seconds": time.perf_counter() - start}))
        return response

    def _call(self, messages: list[Message], limit: int, model: str) -> tuple[Call, Written]:
        if model == BARE:
            written = answer(self._conversation, messages)
            return Call(BARE, 0, 0, 0), written
        if limit == REPLY_TOKENS:
            written = answer(self._conversation, messages)
            verbatim, share = self._verbatim.measure(messages)
            figures = {"kind": "answer", "verbatim": verbatim, "share": share}
        else:
            written = condensation(self._conversation, messages, limit)
            figures = {"kind": "summary", "facts": written.facts}
        sent, cached = self._billing.measure(messages)
        return Call(sent=sent, cached=cached, received=count_tokens(written.text), **figures), written

    async def _seen(self, _: Request) -> Response:
        return JSONResponse([asdict(each) for each in self._calls])


def _response(asked: dict[str, Any], text: str, call: Call) -> Response:
    usage = {
        "prompt_tokens": call.sent,
        "completion_tokens": call.received,
        "total_tokens": call.sent + call.received,
        "prompt_tokens_details": {"cached_tokens": call.cached},
    }
    head = {"id": "chatcmpl-1", "created": 0, "model": asked["model"]}
    if asked.get("stream"):
        return Response("".join(_chunks(head, text, usage)), media_type="text/event-stream")
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return JSONResponse(head | {"object": "chat.completion", "choices": [choice], "usage": usage})


def _chunks(head: dict[str, Any], text: str, usage: dict[str, Any]) -> Iterator[str]:
    for start in range(0, len(text), 4):
        yield _chunk(head, [{"index": 0, "delta": {"content": text[start : start + 4]}, "finish_reason": None}])
    yield _chunk(head, [{"index": 0, "delta": {}, "finish_reason": "stop"}])
    yield _chunk(head, [], usage) + "data: [DONE]\n\n"


def _chunk(head: dict[str, Any], choices: list[dict[str, Any]], usage: dict[str, Any] | None = None) -> str:
    return f"data: {json.dumps(head | {'object': 'chat.completion.chunk', 'usage': usage, 'choices': choices})}\n\n"


@contextmanager
def serving(conversation: Conversation) -> Iterator[str]:
    """The address of the stand-ins for one conversation."""
    with started("bench.peers.server", "127.0.0.1", conversation.name) as address:
        yield address


def begin(address: str) -> None:
    """Begin another run."""
    with urllib.request.urlopen(urllib.request.Request(f"{address}/begin", method="POST")):
        pass


if __name__ == "__main__":
    serve(PeersStandIns(CONVERSATIONS[sys.argv[2]]).application, sys.argv[1])
