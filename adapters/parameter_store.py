"""Secrets and switches from SSM Parameter Store, by the names of the 2023 article and one more.

They are read together, decrypted, and kept for some minutes, so that a changed value takes effect
without a redeploy, and an outage of SSM is not one of the bot once it has read them.
"""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

import boto3
from aws_lambda_powertools.utilities.parameters import SSMProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.config import Config
from botocore.exceptions import ClientError

from domain.errors import StoreUnavailable
from domain.ports import Clock

if TYPE_CHECKING:
    from types_boto3_ssm import SSMClient

VARIABLES: Mapping[str, str] = {
    "OPENAI_API_KEY": "OpenAiApiKey",
    "SLACK_BOT_TOKEN": "SlackToken",
    "SLACK_SIGNING_SECRET": "SlackSigningSecret",
    "SLACK_CHANNEL_IDS": "SlackChannel",
    "SLACK_TEAM_IDS": "SlackContextTeamId",
    "SLACK_BOT_USER_ID": "SlackUserId",
    "SLACK_REPLY_USERNAME": "SlackReplyUsername",
}
"""Each setting's variable, and the parameter that stands for it."""

UNSET = frozenset({"", "-", "placeholder"})
"""SSM refuses an empty value, so a switch that is off says ``-``; Terraform creates secrets as ``placeholder``."""

MAX_AGE = 180.0
"""Seconds after which values are read anew."""

RETRY_AFTER = 30.0
"""Seconds that old values go on serving where SSM failed to tell the new ones; asking costs each event its timeouts."""

PATIENCE = Config(connect_timeout=1, read_timeout=1, retries={"mode": "standard", "total_max_attempts": 2})
"""Seconds. SSM answers within some 50 ms, and Slack waits three seconds for all that an event needs."""

logger = logging.getLogger(__name__)


def ssm_client() -> "SSMClient":
    """A client for the region and the credentials that the environment names."""
    return boto3.client("ssm", config=PATIENCE)


class Parameters:
    """What stands under ``prefix``, such as ``/slack-gpt``."""

    def __init__(self, prefix: str, client: "SSMClient", *, clock: Clock) -> None:
        self._prefix = prefix.rstrip("/")
        self._provider = SSMProvider(boto3_client=client)
        self._clock = clock
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

    def _fetched(self) -> Mapping[str, str]:
        try:
            # Powertools' own cache forgets what it had when SSM fails, so the age is watched here.
            found = self._provider.get_multiple(self._prefix, decrypt=True, max_age=0)
        except GetParameterError as error:
            raise StoreUnavailable(f"{self._prefix} in SSM could not be read: {_cause(error)}") from error
        values = {variable: str(found.get(name, "")).strip() for variable, name in VARIABLES.items()}
        return {variable: value for variable, value in values.items() if value not in UNSET}


def _cause(error: GetParameterError) -> str:
    # Powertools raises without "from", and its message is the cause's, which is not ours to log.
    cause = error.__context__
    return str(cause.response["Error"]["Code"]) if isinstance(cause, ClientError) else type(cause).__name__
