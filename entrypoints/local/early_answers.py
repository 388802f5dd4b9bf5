"""Lets a client read an answer that came before its whole request."""

from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from entrypoints.playground.page.request_bodies import POST_LIMIT

REST_LIMIT = 4 * POST_LIMIT
"""Bytes of a body that are read, and thrown away, after its request has been answered."""


class EarlyAnswers:
    """ASGI middleware: an answer that comes before the end of its request's body is sent at once and ended later.

    Most clients read nothing before they have written everything. A server that closes the connection meanwhile resets
    it, and the client reports a broken pipe in place of the answer (RFC 9112, section 9.6). So the end of an answer
    waits until the rest of the body has come, at most ``REST_LIMIT`` bytes of it. How long that may take, the server
    bounds as for every request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        body = _Body(receive)

        async def send_in_time(message: Message) -> None:
            if _is_last(message) and not body.is_over:
                await send({**message, "more_body": True})
                await body.throw_away()
                message = {"type": "http.response.body", "body": b""}
            await send(message)

        return await self._app(scope, body.receive, send_in_time)


class _Body:
    """The body of a request, whoever reads it."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.is_over = False

    async def receive(self) -> Message:
        message = await self._receive()
        self.is_over = not message.get("more_body", False)  # of a client that hung up too
        return message

    async def throw_away(self) -> None:
        rest = 0
        while not self.is_over and rest <= REST_LIMIT:
            rest += len((await self.receive()).get("body", b""))


def _is_last(message: MutableMapping[str, Any]) -> bool:
    return message["type"] == "http.response.body" and not message.get("more_body", False)
