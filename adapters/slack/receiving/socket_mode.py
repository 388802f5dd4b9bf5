"""Socket Mode: Slack's payloads over a WebSocket that the bot opens, so that no public address is needed."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from slack_sdk import WebClient
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from domain.errors import AnsweringError

logger = logging.getLogger(__name__)


class PayloadHandler(Protocol):
    """Queues payloads that are known to be Slack's, as ``EventsEndpoint`` does."""

    def accept(self, payload: Mapping[str, Any]) -> None: ...

    def accept_command(self, form: Mapping[str, Any]) -> None: ...

    def accept_interaction(self, payload: Mapping[str, Any]) -> None: ...


def socket_mode(app_token: str, client: WebClient, handler: PayloadHandler) -> SocketModeClient:
    """A client that passes payloads to the ``handler`` and acknowledges them once they are queued.

    What could not be queued is not acknowledged, so that Slack sends an event again, and tells the
    person of a command that it failed.
    """
    handlers: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
        "events_api": handler.accept,
        "slash_commands": handler.accept_command,
        "interactive": handler.accept_interaction,
    }

    def receive(socket: BaseSocketModeClient, request: SocketModeRequest) -> None:
        if request.type in handlers:
            try:
                handlers[request.type](request.payload)
            except AnsweringError as error:
                logger.error("not acknowledged, so that Slack sends it again: %s", error)
                return
        socket.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))

    socket = SocketModeClient(app_token=app_token, web_client=client)
    socket.socket_mode_request_listeners.append(receive)
    return socket
