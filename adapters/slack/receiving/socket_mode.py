"""Socket Mode: Slack's payloads over a WebSocket that the bot opens, so that no public address is needed."""

import logging
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.client import HTTPException
from typing import Any, Protocol

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from adapters.observability.evidence import evidence
from adapters.slack.client import NO_LOG
from domain.errors import SlackUnavailable

logger = logging.getLogger(__name__)


class PayloadHandler(Protocol):
    """Queues payloads that are known to be Slack's, as ``EventsEndpoint`` does."""

    def accept(self, payload: Mapping[str, Any]) -> object: ...

    def accept_command(self, form: Mapping[str, Any]) -> None: ...

    def accept_interaction(self, payload: Mapping[str, Any]) -> None: ...


class SocketMode:
    """Passes payloads to the ``handler`` and acknowledges them once they are queued.

    What could not be queued is not acknowledged, so that Slack sends an event again, and tells the person of a command
    that it failed.
    """

    def __init__(self, app_token: str, client: WebClient, handler: PayloadHandler, ping_seconds: float = 5.0) -> None:
        self._app_token = app_token
        self._web_client = client
        self._ping_seconds = ping_seconds
        self._handlers: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
            "events_api": handler.accept,
            "slash_commands": handler.accept_command,
            "interactive": handler.accept_interaction,
        }
        self._last_pong: float | None = None
        self._last_envelope = ""
        self._client: SocketModeClient | None = None

    def connect(self) -> None:
        """Raises ``SlackUnavailable`` where Slack gives no address to connect to.

        Where nothing answers at the address, slack_sdk goes on trying.
        """
        self._client = self._connected()

    def close(self) -> None:
        if self._client:
            _hang_up(self._client)
            self._client.closed = True
            self._client.message_queue.put(None)  # a thread waits there for up to a second, and is waited for
            self._client.close()

    @property
    def session(self) -> str:
        """The name that slack_sdk gives a connection; empty while there is none."""
        client = self._client
        return (client.session_id() or "") if client and client.is_connected() else ""

    @property
    def signs(self) -> tuple[object, object]:
        """When the last ping that Slack has answered was sent, and the last envelope that it delivered."""
        session = self._client.current_session if self._client else None
        self._last_pong = (session.last_ping_pong_time if session else None) or self._last_pong
        return self._last_pong, self._last_envelope

    def renew(self) -> None:
        """Connect with another client. Where that fails, the present one goes on trying.

        A client of slack_sdk that has reconnected by itself may stay silent until its process ends (its issue 1701).
        """
        old = self._client
        if old:
            _hang_up(old)
        try:
            self._client = self._connected()
        except SlackUnavailable:
            return
        if old:
            threading.Thread(target=old.close, name="socket-mode-close", daemon=True).start()  # it waits for handlers

    def _connected(self) -> SocketModeClient:
        client = SocketModeClient(
            app_token=self._app_token, web_client=self._web_client, logger=NO_LOG, ping_interval=self._ping_seconds
        )
        client.socket_mode_request_listeners.append(self._receive)
        try:
            client.connect()
        except (SlackClientError, OSError, HTTPException) as error:
            client.close()
            raise SlackUnavailable(f"Socket Mode could not be connected: {type(error).__name__}") from error
        return client

    def _receive(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        self._last_envelope = request.envelope_id
        if request.type in self._handlers:
            try:
                self._handlers[request.type](request.payload)
            except Exception as error:  # noqa: BLE001 - slack_sdk would drop it without a word
                logger.error("not acknowledged, so that Slack sends it again: %s", evidence(error))
                return
        client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))


def _hang_up(client: SocketModeClient) -> None:
    """End the connection at once: slack_sdk itself waits until nothing has been received for three seconds.

    That wakes its reader, which closes the socket too: slack_sdk looks whether there is one before it waits for its
    locks, not after.
    """
    session = client.current_session
    with suppress(OSError, AttributeError):
        if session and session.sock:
            session.sock.shutdown(socket.SHUT_RDWR)
    with suppress(AttributeError):
        client.disconnect()
