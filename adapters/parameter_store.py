"""Secrets, switches and limits from SSM Parameter Store, by the names of the 2023 article and seven more.

They are read together, by their names, decrypted, and kept for some minutes, so that a changed value takes effect
without a redeploy, and an outage of SSM is not one of the bot once it has read them. A reader asks only for what it
needs, so that its role need not allow more: SSM checks ``GetParameters`` name by name.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypedDict

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from domain.deliveries.deadline import Clock
from domain.errors import StoreUnavailable

if TYPE_CHECKING:
    from types_boto3_ssm import SSMClient
    from types_boto3_ssm.type_defs import ParameterStringFilterTypeDef, ParameterTypeDef

PARAMETERS: Mapping[str, str] = {
    "OPENAI_API_KEY": "OpenAiApiKey",
    "SLACK_BOT_TOKEN": "SlackToken",
    "SLACK_CLIENT_ID": "SlackClientId",
    "SLACK_CLIENT_SECRET": "SlackClientSecret",
    "SLACK_SIGNING_SECRET": "SlackSigningSecret",
    "SLACK_CHANNEL_IDS": "SlackChannel",
    "SLACK_TEAM_IDS": "SlackContextTeamId",
    "SLACK_BOT_USER_ID": "SlackUserId",
    "SLACK_REPLY_USERNAME": "SlackReplyUsername",
    "MONTHLY_TOKEN_BUDGET_PER_USER": "MonthlyTokenBudgetPerUser",
    "MONTHLY_TOKEN_BUDGET_PER_CHANNEL": "MonthlyTokenBudgetPerChannel",
    "MONTHLY_TOKEN_BUDGET_PER_TEAM": "MonthlyTokenBudgetPerTeam",
    "QUESTIONS_PER_MINUTE": "QuestionsPerMinute",
}
"""Each setting's variable, and the parameter that stands for it."""

CREDENTIALS = ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET")
"""The app's own, with which workspaces install it. A deployment for several has them in place of the one token."""

SWITCHES = frozenset({"SLACK_CHANNEL_IDS", "SLACK_TEAM_IDS", "SLACK_BOT_USER_ID", "SLACK_REPLY_USERNAME"})
"""Those that are no secrets and no limits, which the worker alone needs."""

NAMES_AT_ONCE = 10
"""``GetParameters`` takes no more."""

UNSET = frozenset({"", "-", "placeholder"})
"""SSM refuses an empty value, so a switch that is off says ``-``; Terraform creates secrets as ``placeholder``."""

MAX_AGE = 180.0
"""Seconds after which values are read anew."""

RETRY_AFTER = 30.0
"""Seconds that old values go on serving where SSM failed to tell the new ones; asking costs each event its timeouts."""

PATIENCE = Config(connect_timeout=1, read_timeout=1, retries={"mode": "standard", "total_max_attempts": 2})
"""Seconds. SSM answers within some 50 ms, and Slack waits three seconds for all that an event needs."""

OPERATORS_PATIENCE = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard"})
"""Seconds. An operator sits behind slow lines and can wait."""

logger = logging.getLogger(__name__)


def variables_of(*, several_workspaces: bool) -> tuple[str, ...]:
    """The variables whose parameters such a deployment has."""
    missing = {"SLACK_BOT_TOKEN"} if several_workspaces else {*CREDENTIALS}
    return tuple(each for each in PARAMETERS if each not in missing)


def ssm_client(patience: Config = PATIENCE) -> "SSMClient":
    """A client for the region and the credentials that the environment names.

    Raises ``StoreUnavailable`` where it names no region.
    """
    try:
        return boto3.client("ssm", config=patience)
    except BotoCoreError as error:
        raise StoreUnavailable(f"SSM could not be reached: {_code(error)}") from error


def set_parameter(client: "SSMClient", path: str, value: str, *, kms_key: str = "") -> None:
    """Give a parameter that exists another value. It keeps its type and, without a ``kms_key``, its key.

    SSM takes the account's default key where a request names none, whatever the key was before. Raises
    ``StoreUnavailable``, also where there is no such parameter: Terraform makes them.
    """
    try:
        by_name: list[ParameterStringFilterTypeDef] = [{"Key": "Name", "Option": "Equals", "Values": [path]}]
        found = client.describe_parameters(ParameterFilters=by_name)["Parameters"]
        if not found:
            raise StoreUnavailable(f"there is no {path} in SSM: PARAMETERS_PREFIX or the region may be another")
        kind, key = found[0]["Type"], kms_key or found[0].get("KeyId", "")
        encrypted: EncryptedWith = {"KeyId": key} if kind == "SecureString" and key else {}
        client.put_parameter(Name=path, Value=value, Type=kind, Overwrite=True, **encrypted)
    except (ClientError, BotoCoreError) as error:
        raise StoreUnavailable(f"{path} in SSM could not be set: {_code(error)}") from error


class EncryptedWith(TypedDict, total=False):
    """The KMS key of a SecureString, where it is named."""

    KeyId: str


class Parameters:
    """What stands under ``prefix``, such as ``/slack-gpt``, for these ``variables``."""

    def __init__(
        self, prefix: str, client: "SSMClient", *, clock: Clock, variables: Iterable[str] = PARAMETERS
    ) -> None:
        self._prefix = prefix.rstrip("/")
        self._client = client
        self._clock = clock
        self._variables = {f"{self._prefix}/{PARAMETERS[variable]}": variable for variable in variables}
        self._due = 0.0
        self._values: Mapping[str, str] | None = None

    def read(self) -> Mapping[str, str]:
        """The parameters that are set, by their variables' names.

        Raises ``StoreUnavailable`` where SSM cannot be read and never could; later the values it had go on.
        """
        now = self._clock()
        if now >= self._due:
            try:
                self._values = self._fetched()
                self._due = now + MAX_AGE
            except StoreUnavailable as error:
                if self._values is None:
                    raise
                logger.warning("the parameters stay as they were: %s", error)
                self._due = now + RETRY_AFTER
        return self._values or {}

    def _ask(self, names: list[str]) -> list["ParameterTypeDef"]:
        return self._client.get_parameters(Names=names, WithDecryption=True)["Parameters"]

    def _fetched(self) -> Mapping[str, str]:
        try:
            found = [each for names in _tens(list(self._variables)) for each in self._ask(names)]
        except (ClientError, BotoCoreError) as error:
            raise StoreUnavailable(f"{self._prefix} in SSM could not be read: {_code(error)}") from error
        values = {self._variables[each["Name"]]: each["Value"].strip() for each in found}
        return {variable: value for variable, value in values.items() if value not in UNSET}


def _tens(names: list[str]) -> Iterator[list[str]]:
    return (names[first : first + NAMES_AT_ONCE] for first in range(0, len(names), NAMES_AT_ONCE))


def _code(error: ClientError | BotoCoreError) -> str:
    # Not the message, which may quote a value.
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else type(error).__name__
