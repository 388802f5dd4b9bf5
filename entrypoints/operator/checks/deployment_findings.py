"""All that can be looked at of a bot on AWS, in the order in which it is to be mended."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from adapters.deployment import Deployment
from adapters.parameter_store import PARAMETERS, UNSET
from domain.deliveries.deadline import Clock
from domain.errors import StoreUnavailable
from entrypoints.configuration.settings import SettingError, Settings, parameters_prefix
from entrypoints.operator.checks.finding import Finding
from entrypoints.operator.checks.model_findings import model_findings
from entrypoints.operator.checks.on_aws import (
    account_findings,
    attempt,
    function_findings,
    parameter_findings,
    queue_findings,
    table_findings,
)
from entrypoints.operator.checks.permission_findings import permission_findings
from entrypoints.operator.checks.settings_findings import settings_findings
from entrypoints.operator.checks.slack_findings import slack_findings

ONLY_ON_AWS = frozenset(
    {"TABLE_NAME", "USAGE_TABLE_NAME", "QUEUE_URL", "DEAD_LETTER_QUEUE_URL", "PARAMETERS_PREFIX", "DATABASE_PATH"}
    | {"TOKEN_KMS_KEY"}
)


def deployment_findings(env: Mapping[str, str], function_name: str, clock: Clock) -> Iterator[Finding]:
    """``function_name`` is the worker's, else the one that is fed from ``QUEUE_URL``: its environment has the last word
    over ``env``.
    """
    deployment = Deployment()
    yield from account_findings(deployment)
    function: dict[str, Any] = {}
    if function_name := function_name or _worker(deployment, env):
        yield from _configuration(deployment, function_name, function)
    # The functions read no secrets and switches of whoever gives the command, and have the last word on all else.
    env = {name: value for name, value in env.items() if value and name not in PARAMETERS}
    env |= function.get("Environment", {}).get("Variables", {})
    parameters: dict[str, dict[str, str]] = {}
    yield from _parameters(deployment, env, parameters)
    yield from _stores(deployment, env)
    if function:
        yield from function_findings(deployment, function, env.get("QUEUE_URL", ""))
        if parameters:
            yield from permission_findings(deployment, function, parameters_prefix(env).rstrip("/"), parameters)
    values = {name: each["Value"].strip() for name, each in parameters.items() if each["Value"].strip() not in UNSET}
    yield from _outside(env | values, clock)


def _worker(deployment: Deployment, env: Mapping[str, str]) -> str:
    """The name of the function that the queue feeds; empty where AWS does not say it: the queue's check says why."""
    with suppress(StoreUnavailable):
        return deployment.worker(env["QUEUE_URL"]) if env.get("QUEUE_URL") else ""
    return ""


def _configuration(deployment: Deployment, name: str, function: dict[str, Any]) -> Iterator[Finding]:
    """Fills ``function``. Nothing is found where that goes well."""

    def look() -> Iterator[Finding]:
        function.update(deployment.function(name))
        yield from ()

    return attempt("function", "lambda:GetFunction", "--function", look)


def _parameters(
    deployment: Deployment, env: Mapping[str, str], parameters: dict[str, dict[str, str]]
) -> Iterator[Finding]:
    try:
        prefix = parameters_prefix(env).rstrip("/")
    except SettingError as error:
        yield Finding("parameters", False, str(error), "terraform output parameter_names tells it, or give --function")
        return

    def look() -> Iterator[Finding]:
        parameters.update(deployment.parameters(prefix))
        yield from parameter_findings(parameters, prefix)

    yield from attempt("parameters", "ssm:GetParameters and kms:Decrypt", "PARAMETERS_PREFIX", look)


def _stores(deployment: Deployment, env: Mapping[str, str]) -> Iterator[Finding]:
    if table := env.get("TABLE_NAME"):
        yield from table_findings(deployment, table, "id", "TABLE_NAME", written=True)
    else:
        yield Finding("table", False, "TABLE_NAME is not set", "terraform output -raw table_name tells it")
    if usage := env.get("USAGE_TABLE_NAME"):
        yield from table_findings(deployment, usage, "period", "USAGE_TABLE_NAME", written=False)
    if env.get("QUEUE_URL") and env.get("DEAD_LETTER_QUEUE_URL"):
        yield from queue_findings(deployment, env["QUEUE_URL"], env["DEAD_LETTER_QUEUE_URL"])
    else:
        what = "QUEUE_URL and DEAD_LETTER_QUEUE_URL are not both set"
        yield Finding("queue", False, what, "terraform output -raw queue_url and dead_letter_queue_url tell them")


def _outside(env: Mapping[str, str], clock: Clock) -> Iterator[Finding]:
    """Slack and the model, with the settings that the functions have."""
    ours = {name: value for name, value in env.items() if name not in ONLY_ON_AWS}
    try:
        settings = Settings.from_env(ours)
    except SettingError as error:
        yield Finding("settings", False, str(error), "correct it in terraform.tfvars, or by bot secret")
        return
    yield from settings_findings(settings, ours)
    if settings.uses_playground:
        unknown = "SLACK_CLIENT_ID" if "TOKEN_KMS_KEY" in env else "SLACK_BOT_TOKEN"
        what = f"{unknown} is not known, so that Slack was not asked"
        yield Finding("Slack", False, what, f"bot secret {PARAMETERS[unknown]}")
    else:
        yield from slack_findings(Settings.from_env(env), clock)  # the tokens of several workspaces are in the table
    if settings.is_offline:
        yield Finding(
            "model", False, "OPENAI_API_KEY is not known, so that no model was asked", "bot secret OpenAiApiKey"
        )
    else:
        yield from model_findings(settings)
