"""Socket Mode: Slack's events over a WebSocket that the bot opens, so that no public address is needed."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from slack_sdk import WebClient
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from domain.errors import AnsweringError

logger = logging.getLogger(__name__)


def socket_mode(app_token: str, client: WebClient, accept: Callable[[Mapping[str, Any]], None]) -> SocketModeClient:
    """A client that hands each event to ``accept`` and acknowledges it once that has returned.

    An event that ``accept`` could not queue is not acknowledged, so that Slack sends it again.
    """

    def receive(socket: BaseSocketModeClient, request: SocketModeRequest) -> None:
        if request.type == "events_api":
            try:
                accept(request.payload)
            except AnsweringError as error:
                logger.error("an event is left for Slack to send again: %s", error)
                return
        socket.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))

    socket = SocketModeClient(app_token=app_token, web_client=client)
    socket.socket_mode_request_listeners.append(receive)
    return socket
