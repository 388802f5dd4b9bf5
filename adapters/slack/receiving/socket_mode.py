"""Socket Mode: what Slack sends over a WebSocket that the bot opens, so that no public address is needed."""

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


class Acceptance(Protocol):
    """The door from inside: it takes what is known to be Slack's."""

    def accept(self, payload: Mapping[str, Any]) -> None: ...

    def accept_command(self, form: Mapping[str, Any]) -> None: ...

    def accept_interaction(self, payload: Mapping[str, Any]) -> None: ...


def socket_mode(app_token: str, client: WebClient, door: Acceptance) -> SocketModeClient:
    """A client that hands what comes to the ``door`` and acknowledges it once that has taken it.

    What the door could not queue is not acknowledged, so that Slack sends an event again, and tells the
    person of a command that it failed.
    """
    takers: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
        "events_api": door.accept,
        "slash_commands": door.accept_command,
        "interactive": door.accept_interaction,
    }

    def receive(socket: BaseSocketModeClient, request: SocketModeRequest) -> None:
        if request.type in takers:
            try:
                takers[request.type](request.payload)
            except AnsweringError as error:
                logger.error("left without an acknowledgement, for Slack to send again: %s", error)
                return
        socket.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))

    socket = SocketModeClient(app_token=app_token, web_client=client)
    socket.socket_mode_request_listeners.append(receive)
    return socket
