"""``bot secret NAME`` sets a parameter of a deployment on AWS: a secret, a limit, or one of the operator's switches.

The value comes from the terminal, a secret without an echo, or from standard input. It is on no command line and in no
shell's history. ``PARAMETERS_PREFIX`` names the deployment's path in SSM, as it does for the functions.
"""

import getpass
import os
import sys
from argparse import Namespace
from contextlib import suppress

from entrypoints.operator.stores import aws_installed
from entrypoints.operator.subcommands import FINE, Subcommands, print_line
from entrypoints.settings import SettingError, Settings, parameters_prefix

SECRETS = {
    "OpenAiApiKey": "OPENAI_API_KEY",
    "SlackToken": "SLACK_BOT_TOKEN",
    "SlackSigningSecret": "SLACK_SIGNING_SECRET",
}
SWITCHES = {
    "SlackContextTeamId": "SLACK_TEAM_IDS",
    "SlackChannel": "SLACK_CHANNEL_IDS",
    "SlackUserId": "SLACK_BOT_USER_ID",
    "SlackReplyUsername": "SLACK_REPLY_USERNAME",
}
LIMITS = {
    "MonthlyTokenBudgetPerUser": "MONTHLY_TOKEN_BUDGET_PER_USER",
    "MonthlyTokenBudgetPerChannel": "MONTHLY_TOKEN_BUDGET_PER_CHANNEL",
    "MonthlyTokenBudgetPerTeam": "MONTHLY_TOKEN_BUDGET_PER_TEAM",
    "QuestionsPerMinute": "QUESTIONS_PER_MINUTE",
}
"""The variables that the parameters stand for; tests compare them with ``adapters.parameter_store.VARIABLES``, which
needs boto3 to be imported."""

NAMES = SECRETS | SWITCHES | LIMITS

BOT_TOKENS = ("xoxb-", "xoxe.xoxb-")
"""How Slack's bot tokens begin; the second is one that expires and is refreshed."""

EMPTY = "-"
"""SSM refuses an empty value; the functions read this as empty."""


def add_to(subcommands: Subcommands) -> None:
    """Add the command to the operator's."""
    parser = subcommands.add_parser("secret", help="set a secret, a switch or a limit on AWS; asks for its value")
    parser.add_argument("name", choices=list(NAMES), metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--kms-key", metavar="ARN", default="", help="encrypt with this key; else with the present one")
    parser.set_defaults(run=_set)


def _set(asked: Namespace) -> int:
    """Ask for the value and set it. Returns the exit code.

    Raises ``SettingError`` for a value that the functions would refuse, and ``StoreUnavailable``.
    """
    path = f"{parameters_prefix(os.environ).rstrip('/')}/{asked.name}"
    value = _checked(asked.name, _read(asked.name, path))
    with aws_installed():
        from adapters.parameter_store import (  # noqa: PLC0415 - on one machine there is no boto3
            MAX_AGE,
            OPERATORS_PATIENCE,
            set_parameter,
            ssm_client,
        )
    set_parameter(ssm_client(OPERATORS_PATIENCE), path, value, kms_key=asked.kms_key)
    print_line(f"{path} is set. It takes effect within {MAX_AGE / 60:.0f} minutes, without an apply.")
    return FINE


def _read(name: str, path: str) -> str:
    with suppress(EOFError):
        if not sys.stdin.isatty():
            return sys.stdin.read().strip()
        ask = getpass.getpass if name in SECRETS else input
        return ask(f"{path}: ").strip()
    return ""


def _checked(name: str, value: str) -> str:
    if name not in SECRETS and value in ("", EMPTY):
        return EMPTY
    if not value:
        raise SettingError(f"{name} stays as it is: no value was given")
    if name == "SlackToken" and not value.startswith(BOT_TOKENS):
        raise SettingError(f"{name} must be the bot token, which begins with {BOT_TOKENS[0]}")
    # What the functions would say to it. Where replies go to Slack, a signing secret is required.
    Settings.from_env({"SLACK_SIGNING_SECRET": EMPTY, NAMES[name]: value})
    return value
