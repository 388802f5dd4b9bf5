"""Socket Mode, the end that Slack has of it."""

import asyncio
import json
import secrets
import uuid
from collections import deque
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from entrypoints.playground.emulator.signed_requests import SECONDS_TO_ANSWER, Reply
from entrypoints.playground.emulator.workspace.model import APP, Json


class SocketModeServer:
    """The connections of Socket Mode. What is sent goes to one of them, and counts as taken when acknowledged."""

    def __init__(self) -> None:
        self._tickets: deque[str] = deque(maxlen=100)
        self._connections: list[tuple[WebSocket, asyncio.AbstractEventLoop]] = []
        self._unacknowledged: dict[str, Future[Reply]] = {}

    @property
    def connected(self) -> bool:
        return bool(self._connections)

    def ticket(self) -> str:
        """A new admission for one connection."""
        self._tickets.append(secrets.token_urlsafe())
        return self._tickets[-1]

    async def serve(self, socket: WebSocket) -> None:
        try:
            self._tickets.remove(socket.query_params.get("ticket", ""))
        except ValueError:
            await socket.close(1008)
            return
        await socket.accept()
        connection = (socket, asyncio.get_running_loop())
        self._connections.append(connection)  # before its client hears of it: what happens from then on is for this one
        try:
            await socket.send_json(_hello(len(self._connections)))
            while True:
                self._acknowledge(await socket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            self._connections.remove(connection)
            for waiting in list(self._unacknowledged.values()):
                _settle(waiting, Reply("connection_failed"))

    def send(self, payload: Json, retry: int = 0, reason: str = "", kind: str = "events_api") -> Reply:
        """Send an envelope from any thread but the server's own, and wait for its acknowledgement.

        ``kind`` is ``events_api``, ``slash_commands`` or ``interactive``; the last two may be answered with a message.
        """
        envelope = str(uuid.uuid4())
        waiting = self._unacknowledged[envelope] = Future[Reply]()
        message: dict[str, Any] = {
            "envelope_id": envelope,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            message |= {"retry_attempt": retry, "retry_reason": reason}
        try:
            socket, loop = self._connections[-1]
            asyncio.run_coroutine_threadsafe(socket.send_json(message), loop).result(SECONDS_TO_ANSWER)
            return waiting.result(SECONDS_TO_ANSWER)
        except TimeoutError:
            return Reply("http_timeout")
        except (IndexError, RuntimeError, OSError, WebSocketDisconnect):
            return Reply("connection_failed")  # it went away in between
        finally:
            del self._unacknowledged[envelope]

    def _acknowledge(self, text: str) -> None:
        try:
            answer = json.loads(text)
        except ValueError:
            return
        envelope = answer.get("envelope_id") if isinstance(answer, dict) else None
        if isinstance(envelope, str) and (waiting := self._unacknowledged.get(envelope)):
            said = answer.get("payload")
            body = json.dumps(said).encode() if said else b""
            _settle(waiting, Reply("", "application/json", body))


def _hello(connections: int) -> Json:
    return {
        "type": "hello",
        "num_connections": connections,
        "debug_info": {"host": "playground", "approximate_connection_time": 18_060},
        "connection_info": {"app_id": APP},
    }


def _settle(waiting: "Future[Reply]", reply: Reply) -> None:
    with suppress(InvalidStateError):  # a second acknowledgement changes nothing
        waiting.set_result(reply)
