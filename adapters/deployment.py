"""A deployment on AWS as an operator looks at it. Nothing here changes anything.

What fails raises ``StoreUnavailable``; ``aws_code`` says with which of AWS's codes.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from adapters.parameter_store import NAMES_AT_ONCE, PARAMETERS
from domain.errors import StoreUnavailable

OPERATORS_PATIENCE = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard"})
"""Seconds. An operator sits behind slow lines and can wait."""

MISSING_KEY = {"id": {"S": "doctor/nothing-has-this-id"}}

T = TypeVar("T")


def aws_code(error: BaseException) -> str:
    """AWS's code of what went wrong, or the name of botocore's error, as for a missing region."""
    cause = error.__cause__
    return str(cause.response["Error"]["Code"]) if isinstance(cause, ClientError) else type(cause).__name__


class Deployment:
    """Each client is made when it is first needed."""

    def __init__(self) -> None:
        self._clients: dict[str, Any] = {}

    def caller(self) -> str:
        """The ARN of whoever gives the command."""
        return str(self._ask("sts", lambda client: client.get_caller_identity())["Arn"])

    def parameters(self, prefix: str) -> dict[str, dict[str, str]]:
        """The parameters under this path that there are, each with ``Type`` and ``Value``, by their variables."""
        paths = {f"{prefix.rstrip('/')}/{name}": variable for variable, name in PARAMETERS.items()}
        found: dict[str, dict[str, str]] = {}
        for names in (list(paths)[first : first + NAMES_AT_ONCE] for first in range(0, len(paths), NAMES_AT_ONCE)):
            asked = {"Names": names, "WithDecryption": True}
            answer = self._ask("ssm", lambda client, asked=asked: client.get_parameters(**asked))  # type: ignore[misc]
            found |= {paths[each["Name"]]: each for each in answer["Parameters"]}
        return found

    def table(self, name: str) -> dict[str, Any]:
        """Its description, with ``Ttl`` and ``PointInTimeRecovery`` as their states."""
        described = self._ask("dynamodb", lambda client: client.describe_table(TableName=name))["Table"]
        ttl = self._ask("dynamodb", lambda client: client.describe_time_to_live(TableName=name))
        backups = self._ask("dynamodb", lambda client: client.describe_continuous_backups(TableName=name))
        recovery = backups["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
        return dict(described) | {
            "Ttl": ttl["TimeToLiveDescription"],
            "PointInTimeRecovery": recovery.get("PointInTimeRecoveryStatus", "DISABLED"),
        }

    def read_nothing(self, table: str) -> None:
        """Read an item that is not there."""
        self._ask("dynamodb", lambda client: client.get_item(TableName=table, Key=MISSING_KEY))

    def write_nothing(self, table: str) -> None:
        """Have DynamoDB refuse a write, because its condition does not hold, and not because it is not allowed."""
        try:
            self._ask(
                "dynamodb",
                lambda client: client.put_item(
                    TableName=table, Item=MISSING_KEY, ConditionExpression="attribute_exists(id)"
                ),
            )
        except StoreUnavailable as error:
            if aws_code(error) != "ConditionalCheckFailedException":
                raise

    def queue(self, url: str) -> dict[str, str]:
        """All its attributes."""
        asked = {"QueueUrl": url, "AttributeNames": ["All"]}
        return dict(self._ask("sqs", lambda client: client.get_queue_attributes(**asked))["Attributes"])

    def dead_letter_arn(self, queue: Mapping[str, str]) -> str:
        """Where a queue with these attributes sends what was received too often; empty where nowhere."""
        return str(json.loads(queue.get("RedrivePolicy", "{}")).get("deadLetterTargetArn", ""))

    def function(self, name: str) -> dict[str, Any]:
        """Its configuration, with ``ImageUri`` where it runs an image."""
        found = self._ask("lambda", lambda client: client.get_function(FunctionName=name))
        return dict(found["Configuration"]) | {"ImageUri": found.get("Code", {}).get("ImageUri", "")}

    def sources(self, function: str) -> dict[str, str]:
        """The states of what the function is fed by, by their ARNs."""
        found = self._ask("lambda", lambda client: client.list_event_source_mappings(FunctionName=function))
        return {each["EventSourceArn"]: each["State"] for each in found["EventSourceMappings"]}

    def parameter_keys(self, prefix: str) -> set[str]:
        """The ARNs of the keys of one's own that encrypt parameters under this path."""
        filters = [{"Key": "Path", "Values": [prefix]}]
        pages = self._ask(
            "ssm", lambda client: list(client.get_paginator("describe_parameters").paginate(ParameterFilters=filters))
        )
        keys = {each.get("KeyId", "") for page in pages for each in page["Parameters"]}
        return {key for key in keys if key.startswith("arn:")}

    def denied(self, role: str, actions: Sequence[str], resource: str) -> list[str]:
        """Which of these actions on this resource IAM denies to a role, by its policies and its boundaries."""
        asked = {"PolicySourceArn": role, "ActionNames": list(actions), "ResourceArns": [resource]}
        results = self._ask("iam", lambda client: client.simulate_principal_policy(**asked))["EvaluationResults"]
        return [each["EvalActionName"] for each in results if each["EvalDecision"] != "allowed"]

    def worker(self, queue_url: str) -> str:
        """The name of the function that is fed from this queue; empty where none is."""
        arn = self.queue(queue_url)["QueueArn"]
        found = self._ask("lambda", lambda client: client.list_event_source_mappings(EventSourceArn=arn))
        return next((each["FunctionArn"].split(":")[6] for each in found["EventSourceMappings"]), "")

    def log_group(self, function: str) -> str:
        """Where the function with this name logs."""
        return str(self.function(function).get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{function}")

    def _ask(self, service: str, ask: Callable[[Any], T]) -> T:
        try:
            if service not in self._clients:
                self._clients[service] = boto3.client(service, config=OPERATORS_PATIENCE)  # type: ignore[call-overload]
            return ask(self._clients[service])
        except ClientError as error:
            code = error.response["Error"]["Code"]
            raise StoreUnavailable(f"{service} answered {code}") from error
        except BotoCoreError as error:
            raise StoreUnavailable(f"{service} could not be reached: {type(error).__name__}") from error
