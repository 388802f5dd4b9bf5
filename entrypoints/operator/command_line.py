"""Reads the command and carries it out."""

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from domain.errors import AnsweringError
from entrypoints import VERSION, env_file
from entrypoints.operator import app_manifest, backup, dead_letters, doctor, feedback, secret
from entrypoints.operator.subcommands import print_error
from entrypoints.settings import SettingError


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when all was done, 1 where a letter or the store was missing, 2 for a wrong command or setting."""
    asked = _parser().parse_args(arguments)
    try:
        if asked.env_file:
            env_file.load(asked.env_file)
        code: int = asked.run(asked)
    except SettingError as error:
        print_error(str(error))
        return 2
    except AnsweringError as error:
        print_error(str(error))
    except KeyboardInterrupt:
        print_error("interrupted")
    else:
        return code
    return 1


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="bot", description="Operate the bot: dead letters, votes and the Slack app.")
    parser.add_argument("--version", action="version", version=f"bot {VERSION}")
    parser.add_argument("--env-file", type=Path, metavar="FILE", help="settings; the environment has the last word")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in (doctor, dead_letters, feedback, backup, app_manifest, secret):
        command.add_to(commands)
    return parser
