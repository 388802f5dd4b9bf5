"""Everything that one machine runs, begun and ended in order."""

import logging
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack

from entrypoints.configuration.settings import url_of
from entrypoints.local.application import application
from entrypoints.local.bounded_server import BoundedServer
from entrypoints.local.container import Container

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
    app = application(container.endpoint(), container.health(), playground, container.install_routes())
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
        if not playground:
            _listen(container, running)
        logger.info("ready on %s", url_of(settings.host, settings.port))
        wait()
        if busy := worker_pool.busy:
            logger.info(
                "finishing answers: %d under way; what takes over %g s goes on at the next start", busy, PATIENCE
            )


def _listen(container: Container, running: ExitStack) -> None:
    """Connect to Slack, and watch from then on whether it is heard."""
    connection, watch = container.connection(), container.gap_watch()
    running.callback(connection.close)
    connection.connect()
    if container.settings().slack_app_token and connection.session:
        logger.info("connected to Slack by Socket Mode")
    running.callback(watch.stop, PATIENCE)
    watch.start()
