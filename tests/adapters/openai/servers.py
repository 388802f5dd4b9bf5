"""Servers that speak chat completions, for the real OpenAI client over a mock transport: they answer with bytes that
OpenAI and others are known to send."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx2

from adapters.openai.client import openai_client
from adapters.openai.language_model import OpenAILanguageModel
from domain.condensation.condensation import Condensation
from domain.conversations.conversation import Message, Speaker
from domain.ports.model import Completed
from domain.prompts import Part, Role

KEY = "sk-proj-abcdefghijklmnop0123456789"
SECRET = "my bicycle lock opens with 4711"
PROMPT = (
    Part(Role.INSTRUCTION, "Be kind."),
    Part(Role.RECORD, "They met in Kobe."),
    Part(Role.PERSON, "Hello"),
    Part(Role.BOT, "Hi!"),
    Part(Role.PERSON, SECRET),
)
CONDENSATION = Condensation((), (Message(Speaker.PERSON, SECRET, 9),), 77, PROMPT)

Handler = Callable[[httpx2.Request], httpx2.Response]


def chunk(**fields: Any) -> bytes:
    known = {
        "id": "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG",
        "object": "chat.completion.chunk",
        "created": 1741570283,
        "model": "gpt-4o-mini-2024-07-18",
        "service_tier": "default",
        "system_fingerprint": "fp_fc9f1d7035",
        "choices": [],
        "usage": None,
    }
    return b"data: " + json.dumps(known | fields).encode() + b"\n\n"


def delta(finish: str | None = None, **fields: Any) -> bytes:
    return chunk(choices=[{"index": 0, "delta": fields, "logprobs": None, "finish_reason": finish}])


USAGE = {
    "prompt_tokens": 1211,
    "completion_tokens": 9,
    "total_tokens": 1220,
    "prompt_tokens_details": {"cached_tokens": 1152, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
}
BEGINNING = delta(role="assistant", content="", refusal=None)
DONE = b"data: [DONE]\n\n"
HELLO = (
    BEGINNING,
    delta(content="こんに"),
    delta(content="ちは"),
    delta(content="!"),
    delta("stop"),
    chunk(usage=USAGE),
    DONE,
)


def streamed(*events: bytes) -> httpx2.Response:
    return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=b"".join(events))


def completed(content: str | None, finish: str | None = "stop", **fields: Any) -> httpx2.Response:
    message = {"role": "assistant", "content": content, "refusal": None, "annotations": []} | fields.pop("message", {})
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
    known = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-4o-mini", "usage": USAGE}
    return httpx2.Response(200, json=known | {"choices": [choice]} | fields)


def refused(status: int, **error: Any) -> httpx2.Response:
    known = {
        "message": f"Incorrect API key {KEY}: {SECRET}",
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }
    return httpx2.Response(status, headers={"x-request-id": "req_7f3a"}, json={"error": known | error})


class Server:
    """Plays back responses in turn, the last one for ever, and keeps what it was sent."""

    def __init__(self, *responses: httpx2.Response | Handler | Exception) -> None:
        self.responses = list(responses)
        self.requests: list[httpx2.Request] = []
        self.bodies: list[dict[str, Any]] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        self.bodies.append(json.loads(request.content))
        response = self.responses.pop(0) if len(self.responses) > 1 else self.responses[0]
        if isinstance(response, Exception):
            raise response
        return response(request) if callable(response) else response


def model_of(
    server: Handler, *, base_url: str = "", temperature: float | None = None, retries: int = 0
) -> OpenAILanguageModel:
    return OpenAILanguageModel(
        client=openai_client(api_key=KEY, base_url=base_url, transport=httpx2.MockTransport(server)).copy(
            max_retries=retries
        ),
        chat_model="gpt-4o-mini",
        summary_model="gpt-4.1-nano",
        temperature=temperature,
        reply_token_limit=2000,
    )


def reply(server: Handler, **settings: Any) -> list[str | Completed]:
    return list(model_of(server, **settings).reply(PROMPT))


class Bytes(httpx2.SyncByteStream):
    """A body that comes piece by piece, may break, and knows whether it was closed."""

    def __init__(self, *pieces: bytes | Exception) -> None:
        self.pieces = pieces
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    def close(self) -> None:
        self.closed = True


def streaming(*pieces: bytes | Exception) -> tuple[Server, Bytes]:
    body = Bytes(*pieces)
    return Server(httpx2.Response(200, headers={"content-type": "text/event-stream"}, stream=body)), body


def error_event(**error: Any) -> bytes:
    known = {"message": f"The server had an error: {SECRET}", "type": None, "param": None, "code": None}
    return b"data: " + json.dumps({"error": known | error}).encode() + b"\n\n"
