"""Everything that one machine runs, begun and ended in order."""

import logging
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack

from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode import SocketModeClient

from adapters.slack.receiving.socket_mode import socket_mode
from domain.errors import ChannelUnavailable
from entrypoints.local.application import application
from entrypoints.local.container import Container
from entrypoints.local.http_server import HOST, BoundedServer
from entrypoints.settings import Settings

PATIENCE = 10.0
"""Seconds that the answers under way have at a stop; what is not finished by then goes on at the next start."""

logger = logging.getLogger(__name__)


def serve(container: Container, listener: socket.socket, wait: Callable[[], object]) -> None:
    """Serve HTTP and work on the queue until ``wait`` returns, then let the answers under way be finished.

    Raises what making or connecting a part raises; whatever had begun by then is ended.
    """
    settings = container.settings()
    container.count_tokens()("")  # takes 0.3 s, which no answer needs to wait for, and finds a table that is damaged
    worker_pool = container.worker_pool()
    playground = container.playground() if settings.uses_playground else None
    app = application(container.endpoint(), playground)
    server = BoundedServer(app)
    # In a thread of its own, so that the stand-in goes on serving while the last answers are finished.
    web = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="web")
    with ExitStack() as running:
        web.start()
        running.callback(web.join)
        running.callback(setattr, server, "should_exit", True)
        if playground:
            playground.start()
            running.callback(playground.stop)
        running.callback(worker_pool.stop, PATIENCE)
        worker_pool.start()
        if settings.slack_app_token:
            running.callback(_connected(settings, container).close)
            logger.info("connected to Slack by Socket Mode")
        logger.info("ready on http://%s:%d", HOST, settings.port)
        wait()
        if busy := worker_pool.busy:
            logger.info(
                "finishing answers: %d under way; what takes over %g s goes on at the next start", busy, PATIENCE
            )


def _connected(settings: Settings, container: Container) -> SocketModeClient:
    client = socket_mode(settings.slack_app_token, container.slack_client(), container.endpoint())
    try:
        client.connect()
    except (SlackClientError, OSError) as error:
        client.close()
        raise ChannelUnavailable(f"Socket Mode could not be connected: {type(error).__name__}") from error
    return client
