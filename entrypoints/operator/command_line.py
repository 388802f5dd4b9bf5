"""Reads the command and carries it out."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

from domain.errors import AnsweringError
from entrypoints import VERSION
from entrypoints.configuration import env_file
from entrypoints.configuration.settings import SettingError
from entrypoints.operator import app_manifest, dead_letters, workspaces
from entrypoints.operator.checks import doctor
from entrypoints.operator.controls import channel_settings, limits, secret
from entrypoints.operator.data import adopt, backup, export, forget
from entrypoints.operator.reports import feedback, show, usage, watch
from entrypoints.operator.subcommands import FOUND, print_error

COMMANDS = (
    doctor,
    watch,
    show,
    dead_letters,
    feedback,
    usage,
    limits,
    channel_settings,
    workspaces,
    export,
    forget,
    adopt,
    backup,
    app_manifest,
    secret,
)
"""Each has ``add_to``, which adds a command or two, in the order in which the help lists them."""

EXIT_CODES = """exit codes:
  0  all was done, and is well
  1  something is wrong, is missing or could not be done
  2  the command or a setting is wrong"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command. Returns the exit code, as ``EXIT_CODES`` says it."""
    asked = command_parser().parse_args(arguments)
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
    return FOUND


def command_parser() -> ArgumentParser:
    """The parser of all commands, whose help describes them."""
    parser = ArgumentParser(
        prog="bot",
        description="Operate the bot, on one machine and on AWS alike.",
        epilog=EXIT_CODES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"bot {VERSION}")
    parser.add_argument("--env-file", type=Path, metavar="FILE", help="settings; the environment has the last word")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_to(commands)
    return parser
