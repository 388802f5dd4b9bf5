"""``bot secret NAME`` sets a parameter of a deployment on AWS: a secret, a limit, or one of the operator's switches.

Without a name it asks for each secret that is still the placeholder that Terraform made it with.

The value comes from the terminal, a secret without an echo, or from standard input. It is on no command line and in no
shell's history. ``PARAMETERS_PREFIX`` names the deployment's path in SSM, as it does for the functions.
"""

import getpass
import os
import sys
from argparse import Namespace
from contextlib import suppress

from entrypoints.configuration.settings import SettingError, Settings, parameters_prefix
from entrypoints.operator.open_stores import aws_installed
from entrypoints.operator.subcommands import FINE, Subcommands, print_error, print_line

SECRETS = {
    "SlackClientId": "SLACK_CLIENT_ID",
    "SlackClientSecret": "SLACK_CLIENT_SECRET",
    "SlackToken": "SLACK_BOT_TOKEN",
    "SlackSigningSecret": "SLACK_SIGNING_SECRET",
    "OpenAiApiKey": "OPENAI_API_KEY",
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
"""The variables that the parameters stand for; tests compare them with ``adapters.parameter_store.PARAMETERS``, which
needs boto3 to be imported."""

NAMES = SECRETS | SWITCHES | LIMITS

CREDENTIALS = ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET")

BOT_TOKENS = ("xoxb-", "xoxe.xoxb-")
"""How Slack's bot tokens begin; the second is one that expires and is refreshed."""

EMPTY = "-"
"""SSM refuses an empty value; the functions read this as empty."""


def add_to(subcommands: Subcommands) -> None:
    """Add the command to the operator's."""
    parser = subcommands.add_parser("secret", help="set a secret, a switch or a limit on AWS; asks for its value")
    says = f"{', '.join(NAMES)}; without one each secret that is unset"
    parser.add_argument("name", nargs="?", choices=list(NAMES), metavar="NAME", help=says)
    parser.add_argument("--kms-key", metavar="ARN", default="", help="encrypt with this key; else with the present one")
    parser.set_defaults(run=_run)


def _run(asked: Namespace) -> int:
    """Ask for the value, or for those that are unset, and set it. Returns the exit code.

    Raises ``SettingError`` for a value that the functions would refuse, and ``StoreUnavailable``.
    """
    prefix = parameters_prefix(os.environ).rstrip("/")
    if asked.name:
        _set(f"{prefix}/{asked.name}", asked.name, asked.kms_key)
    else:
        _set_unset(prefix, asked.kms_key)
    return FINE


def _set_unset(prefix: str, kms_key: str) -> None:
    if not sys.stdin.isatty():
        raise SettingError("bot secret needs a NAME where its input is no terminal")
    unset = _unset(prefix)
    for name in unset:
        while True:
            try:
                _set(f"{prefix}/{name}", name, kms_key)
            except _NoValue as error:
                print_error(str(error))
            except SettingError as error:
                print_error(str(error))
                continue
            break
    if not unset:
        print_line("Every secret is set. bot secret NAME gives one another value.")


class _NoValue(SettingError):
    """Enter was pressed at once."""


def _unset(prefix: str) -> list[str]:
    with aws_installed():
        from adapters.deployment import Deployment  # noqa: PLC0415 - on one machine there is no boto3
        from adapters.parameter_store import UNSET, variables_of  # noqa: PLC0415
    found = Deployment().parameters(prefix)
    needed = variables_of(several_workspaces=SECRETS["SlackClientSecret"] in found)
    values = {variable: each["Value"].strip() for variable, each in found.items()}
    return [name for name, variable in SECRETS.items() if variable in needed and values.get(variable, "") in UNSET]


def _set(path: str, name: str, kms_key: str) -> None:
    value = _checked(name, _read(name, path))
    with aws_installed():
        from adapters.parameter_store import (  # noqa: PLC0415 - on one machine there is no boto3
            MAX_AGE,
            OPERATORS_PATIENCE,
            set_parameter,
            ssm_client,
        )
    set_parameter(ssm_client(OPERATORS_PATIENCE), path, value, kms_key=kms_key)
    print_line(f"{path} is set. It takes effect within {MAX_AGE / 60:.0f} minutes, without an apply.")


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
        raise _NoValue(f"{name} stays as it is: no value was given")
    if name == "SlackToken" and not value.startswith(BOT_TOKENS):
        raise SettingError(f"{name} must be the bot token, which begins with {BOT_TOKENS[0]}")
    # What the functions would say to it. Where replies go to Slack, a signing secret is required, and the app's
    # credentials are required together.
    beside = dict.fromkeys(CREDENTIALS, EMPTY) if NAMES[name] in CREDENTIALS else {}
    Settings.from_env({"SLACK_SIGNING_SECRET": EMPTY, **beside, NAMES[name]: value})
    return value
