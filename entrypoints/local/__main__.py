"""Starts the bot on one machine: takes the port and the database, and serves until a signal comes."""

import logging
import os
import signal
import socket
import sys
from contextlib import closing

from adapters.log_lines import OneLineFormatter
from adapters.sqlite import Database, OnlyProcess
from domain.errors import AnsweringError
from entrypoints.local.container import Container
from entrypoints.local.http_server import BACKLOG, HOST, limit_repeated_lines
from entrypoints.local.serving import serve
from entrypoints.local.signals import awaiting
from entrypoints.settings import SettingError, Settings

logger = logging.getLogger("entrypoints.local")  # not "__main__", as it would be under python -m


def main() -> int:
    """Exit code 0 after Ctrl-C, 1 where the store or the port cannot be used, 2 for a wrong setting."""
    try:
        settings = Settings.from_env(os.environ)
    except SettingError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the log is not set up before the settings are read
        return 2
    lines = logging.StreamHandler()
    lines.setFormatter(OneLineFormatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[lines])
    limit_repeated_lines("adapters.slack.receiving.endpoint", "entrypoints.local.http_server", "uvicorn.error")
    for package in ("domain", "adapters", "entrypoints"):
        logging.getLogger(package).setLevel(settings.log_level)
    try:
        with (
            awaiting(signal.SIGINT, signal.SIGTERM) as wait,
            _listener(settings.port) as listener,
            OnlyProcess(settings.database_path),
            closing(Database(settings.database_path)) as database,
        ):
            serve(Container(settings=settings, database=database), listener, wait)
    except (AnsweringError, SettingError, OSError) as error:  # the last where the installation is damaged
        logger.error("%s", error)
        return 1
    return 0


def _listener(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port), backlog=BACKLOG)
    except OSError as error:
        raise SettingError(f"PORT {port} cannot be used: {error.strerror}") from error


if __name__ == "__main__":
    sys.exit(main())
