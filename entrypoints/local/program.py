"""Starts the bot on one machine: takes the port and the database, and serves until a signal comes."""

import logging
import os
import signal
import socket
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from adapters.observability.log_lines import OneLineFormatter, OneLineJsonFormatter
from adapters.slack.identity import identity_of
from adapters.sqlite import Database, OnlyProcess
from domain.errors import AnsweringError
from entrypoints.configuration import env_file
from entrypoints.configuration.odd_settings import odd_settings
from entrypoints.configuration.settings import SettingError, Settings
from entrypoints.local.bounded_server import BACKLOG, limit_repeated_lines
from entrypoints.local.container import Container
from entrypoints.local.signals import awaiting
from entrypoints.local.start_and_stop import serve
from entrypoints.local.start_lines import Who, slack_warnings, start_lines

logger = logging.getLogger("entrypoints.local")  # not "__main__", as it would be under python -m


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 after Ctrl-C, 1 where the store or the port cannot be used, 2 for a wrong command or setting."""
    parser = ArgumentParser(prog="python -m entrypoints.local", description="Start the bot on one machine.")
    parser.add_argument("--env-file", type=Path, metavar="FILE", help="settings; the environment has the last word")
    path: Path | None = parser.parse_args(arguments).env_file
    try:
        from_file = env_file.load(path) if path else None
        settings = Settings.from_env(os.environ)
        settings.require_encryption_key()
    except SettingError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the log is not set up before the settings are read
        return 2
    lines = logging.StreamHandler()
    plain = OneLineFormatter("%(asctime)s %(levelname)s %(message)s")
    lines.setFormatter(OneLineJsonFormatter() if settings.log_format == "json" else plain)
    logging.basicConfig(level=logging.WARNING, handlers=[lines])
    limit_repeated_lines(
        "adapters.slack.installing.installing",
        "adapters.slack.receiving.endpoint",
        "entrypoints.local.bounded_server",
        "uvicorn.error",
    )
    for package in ("domain", "adapters", "entrypoints"):
        logging.getLogger(package).setLevel(settings.log_level)
    try:
        with (
            awaiting(signal.SIGINT, signal.SIGTERM) as wait,
            _listener(settings.host, settings.port) as listener,
            OnlyProcess(settings.database_path),
            closing(Database(settings.database_path)) as database,
        ):
            container = Container(settings=settings, database=database)
            who = _who(container)
            for line in start_lines(settings, who):
                logger.info("%s", line)
            for line in (*odd_settings(settings, os.environ, from_file), *slack_warnings(settings, who)):
                logger.warning("%s", line)
            serve(container, listener, wait)
    except (AnsweringError, SettingError, OSError) as error:  # the last where the installation is damaged
        logger.error("%s", error)
        return 1
    return 0


def _who(container: Container) -> Who:
    settings = container.settings()
    if settings.uses_playground:
        return None
    try:
        if settings.has_several_workspaces:
            return tuple(f"{each.name} {each.team}".strip() for each in container.clients().all())
        return identity_of(container.slack_client())
    except AnsweringError as error:
        return error


def _listener(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise SettingError(f"PORT {port} cannot be used at HOST {host}: {error.strerror}") from error


if __name__ == "__main__":
    sys.exit(main())
