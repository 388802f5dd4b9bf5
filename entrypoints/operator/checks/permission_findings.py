"""What the roles of the functions may do, as IAM says.

An operator's own rights are others: what a role lacks shows only where a function needs it, such as at a first dead
letter.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from adapters.deployment import Deployment
from adapters.parameter_store import PARAMETERS, SWITCHES
from entrypoints.operator.checks.finding import Finding
from entrypoints.operator.checks.on_aws import attempt

TRACES = ("xray:PutTelemetryRecords", "xray:PutTraceSegments")
LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")
TAKE = ("sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
SEND = ("sqs:SendMessage",)
KEEP = ("dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
FORGET = ("dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:Query", "dynamodb:Scan")
INSTALL = ("dynamodb:PutItem",)

Needs = Iterable[tuple[str, tuple[str, ...]]]
"""ARNs of resources, each with the actions on it."""


def permission_findings(
    deployment: Deployment, worker: Mapping[str, Any], prefix: str, variables: Iterable[str]
) -> Iterator[Finding]:
    """Of the worker and of the functions beside it. ``variables`` are those whose parameters there are."""
    name, known = worker["FunctionName"], set(variables)
    base = name.removesuffix("-worker")
    yield from _of(deployment, worker, prefix, known)
    if base != name:
        yield from _of_another(deployment, f"{base}-events", prefix, known & {"SLACK_SIGNING_SECRET", *SWITCHES})
        if _environment(worker).get("TOKEN_KMS_KEY"):
            own = {"SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_TEAM_IDS"}
            yield from _of_another(deployment, f"{base}-install", prefix, known & own)


def _of_another(deployment: Deployment, name: str, prefix: str, variables: set[str]) -> Iterator[Finding]:
    def look() -> Iterator[Finding]:
        yield from _of(deployment, deployment.function(name), prefix, variables)

    return attempt("function", "lambda:GetFunction", f"the function {name}", look)


def _of(deployment: Deployment, function: Mapping[str, Any], prefix: str, variables: set[str]) -> Iterator[Finding]:
    name = function["FunctionName"]

    def look() -> Iterator[Finding]:
        well = True
        for resource, actions in _needs(function, prefix, variables, deployment.parameter_keys(prefix)):
            if denied := deployment.denied(function["Role"], actions, resource):
                well = False
                what = f"{name} may not {', '.join(denied)} on {resource}"
                yield Finding("permissions", False, what, f"make deploy again, or allow it to {function['Role']}")
        if well:
            yield Finding("permissions", True, f"{name} may do all that it needs")

    return attempt("permissions", "iam:SimulatePrincipalPolicy and ssm:DescribeParameters", "the function's role", look)


def _needs(function: Mapping[str, Any], prefix: str, variables: set[str], keys: set[str]) -> Needs:
    """What Terraform allows to a function with this environment."""
    env, (_, partition, _, region, account, *_) = _environment(function), function["FunctionArn"].split(":")

    def arn(service: str, resource: str) -> str:
        return f"arn:{partition}:{service}:{region}:{account}:{resource}"

    group = function.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{function['FunctionName']}"
    yield arn("logs", f"log-group:{group}:log-stream:doctor"), LOGS
    yield "*", TRACES
    for variable in sorted(variables):
        yield arn("ssm", f"parameter{prefix}/{PARAMETERS[variable]}"), ("ssm:GetParameters",)
    for key in sorted(keys):
        yield key, ("kms:Decrypt",)
    yield from ((arn("sqs", queue), actions) for queue, actions in _of_queues(env))
    yield from ((arn("dynamodb", f"table/{table}"), actions) for table, actions in _of_tables(env))
    if token_key := env.get("TOKEN_KMS_KEY"):
        yield token_key, ("kms:Decrypt", "kms:Encrypt") if "QUEUE_URL" in env else ("kms:Encrypt",)


def _of_queues(env: Mapping[str, str]) -> Needs:
    queue, dead_letters = (env.get(name, "").rpartition("/")[2] for name in ("QUEUE_URL", "DEAD_LETTER_QUEUE_URL"))
    if queue:
        yield queue, (*TAKE, *SEND) if dead_letters else SEND
    if dead_letters:
        yield dead_letters, (*TAKE, *SEND) if "TOKEN_KMS_KEY" in env else SEND


def _of_tables(env: Mapping[str, str]) -> Needs:
    answers, several = "QUEUE_URL" in env, "TOKEN_KMS_KEY" in env
    for table in filter(None, (env.get("TABLE_NAME"), env.get("USAGE_TABLE_NAME"))):
        yield table, ((*KEEP, *FORGET) if several else KEEP) if answers else INSTALL


def _environment(function: Mapping[str, Any]) -> Mapping[str, str]:
    return dict(function.get("Environment", {}).get("Variables", {}))
