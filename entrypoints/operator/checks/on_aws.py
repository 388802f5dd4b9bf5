"""What a deployment on AWS consists of: functions, parameters, tables and queues."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from adapters.deployment import Deployment, aws_code
from adapters.parameter_store import CREDENTIALS, PARAMETERS, UNSET, variables_of
from domain.errors import StoreUnavailable
from entrypoints.counted import counted
from entrypoints.operator.checks.finding import Finding

SECRETS = ("OPENAI_API_KEY", "SLACK_BOT_TOKEN", *CREDENTIALS, "SLACK_SIGNING_SECRET")

REGION = "look at the credentials and at AWS_REGION"
DENIED = ("AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation")
MISSING = (
    "NoSuchEntity",
    "ResourceNotFoundException",
    "AWS.SimpleQueueService.NonExistentQueue",
    "QueueDoesNotExist",
    "ParameterNotFound",
)


def attempt(part: str, allow: str, where: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """What a look finds, or why it could not be taken.

    ``allow`` are the actions that it needs, ``where`` is what names the thing that it is about.
    """
    try:
        yield from look()
    except StoreUnavailable as error:
        code = aws_code(error)
        mend = REGION
        if code in DENIED:
            mend = f"allow {allow} to whoever gives this command, or give it as somebody who may"
        elif code in MISSING:
            mend = f"look at {where} and at AWS_REGION: terraform output tells the names"
        yield Finding(part, False, str(error), mend)


def account_findings(deployment: Deployment) -> Iterator[Finding]:
    def look() -> Iterator[Finding]:
        yield Finding("account", True, deployment.caller())

    return attempt("account", "sts:GetCallerIdentity", "AWS_PROFILE", look)


def parameter_findings(values: Mapping[str, Mapping[str, str]], prefix: str) -> Iterator[Finding]:
    """Which of the secrets and switches that were read are missing, unset or not encrypted."""
    needed = variables_of(several_workspaces="SLACK_CLIENT_SECRET" in values)
    for variable in needed:
        name, found = PARAMETERS[variable], values.get(variable)
        path = f"{prefix}/{name}"
        if found is None:
            yield Finding("parameters", False, f"there is no {path}", "make deploy makes it")
        elif variable in SECRETS and found["Value"].strip() in UNSET:
            yield Finding("parameters", False, f"{path} has no value yet", f"bot secret {name}")
        elif variable in SECRETS and found["Type"] != "SecureString":
            yield Finding("parameters", False, f"{path} is not encrypted", "delete it; make deploy makes it anew")
    if all(found for found in map(values.get, needed)):
        yield Finding("parameters", True, f"all {len(needed)} are under {prefix}")


def table_findings(deployment: Deployment, name: str, key: str, variable: str, *, written: bool) -> Iterator[Finding]:
    """``written`` where the command also tries to read and to write, which changes nothing."""
    part = "table" if written else "ledger's table"

    def look() -> Iterator[Finding]:
        table = deployment.table(name)
        keys = [each["AttributeName"] for each in table["KeySchema"]]
        if keys[0] != key:
            yield Finding(part, False, f"{name} has the key {keys[0]}, not {key}", f"{variable} names another table")
            return
        if written:
            deployment.read_nothing(name)
            deployment.write_nothing(name)
        yield from _table_state(part, name, table)

    allow = "dynamodb:DescribeTable, DescribeTimeToLive, DescribeContinuousBackups, GetItem and PutItem"
    return attempt(part, allow, variable, look)


def _table_state(part: str, name: str, table: Mapping[str, Any]) -> Iterator[Finding]:
    if table["TableStatus"] != "ACTIVE":
        yield Finding(part, False, f"{name} is {table['TableStatus']}", "wait, or look at it in the console")
    if table["Ttl"].get("TimeToLiveStatus") != "ENABLED" or table["Ttl"].get("AttributeName") != "expires_at":
        yield Finding(part, False, f"nothing in {name} expires", "make deploy switches its time to live on")
    if table["PointInTimeRecovery"] != "ENABLED":
        yield Finding(part, False, f"{name} has no point-in-time recovery", "make deploy switches it on")
    yield Finding(part, True, f"{name} can be read; about {counted(table.get('ItemCount', 0), 'item')}")


def queue_findings(deployment: Deployment, url: str, dead_letters_url: str) -> Iterator[Finding]:
    def look() -> Iterator[Finding]:
        queue, dead = deployment.queue(url), deployment.queue(dead_letters_url)
        if queue.get("FifoQueue") != "true":
            yield Finding("queue", False, f"{url} keeps no order", "QUEUE_URL names another queue, which is no FIFO")
        if deployment.dead_letter_arn(queue) != dead["QueueArn"]:
            what = f"{dead_letters_url} is not the dead-letter queue of {url}"
            yield Finding("queue", False, what, "look at QUEUE_URL and DEAD_LETTER_QUEUE_URL: are they interchanged?")
            return
        waiting, claimed = _count(queue, ""), _count(queue, "NotVisible")
        yield Finding("queue", True, f"{waiting} waiting, {claimed} being worked on")
        number = _count(dead, "") + _count(dead, "NotVisible")
        mend = "bot dead-letters says why; once that is mended: bot replay --all" if number else ""
        yield Finding("dead letters", not number, f"about {number}", mend)

    return attempt("queue", "sqs:GetQueueAttributes", "QUEUE_URL and DEAD_LETTER_QUEUE_URL", look)


def _count(queue: Mapping[str, str], which: str) -> int:
    return int(queue.get(f"ApproximateNumberOfMessages{which}", 0))


def function_findings(deployment: Deployment, function: Mapping[str, Any], queue_url: str) -> Iterator[Finding]:
    name = function["FunctionName"]

    def look() -> Iterator[Finding]:
        state, update = function.get("State", "Active"), function.get("LastUpdateStatus", "Successful")
        if state not in ("Active", "Inactive") or update == "Failed":
            what = f"{name} is {state}, its last update {update}: {function.get('StateReason', '-')}"
            yield Finding("function", False, what, "make deploy again")
        else:
            yield Finding(
                "function", True, f"{name} of {function['LastModified']}: {function['ImageUri'] or 'a package'}"
            )
        if queue_url:
            yield from _source(deployment, function, queue_url)

    return attempt("function", "lambda:GetFunction and lambda:ListEventSourceMappings", "--function", look)


def _source(deployment: Deployment, function: Mapping[str, Any], queue_url: str) -> Iterator[Finding]:
    queue, name = deployment.queue(queue_url), function["FunctionName"]
    state = deployment.sources(name).get(queue["QueueArn"])
    if state not in ("Enabled", "Enabling", "Updating"):
        what = f"{name} is not fed from {queue_url}: {state or 'there is no trigger'}"
        yield Finding("trigger", False, what, "make deploy makes it; enable it in the console if somebody disabled it")
    elif int(queue["VisibilityTimeout"]) < 6 * function["Timeout"]:
        what = (
            f"the queue's visibility timeout of {queue['VisibilityTimeout']} s is less than 6 × {function['Timeout']} s"
        )
        yield Finding("trigger", False, what, "make deploy sets it")
    else:
        yield Finding("trigger", True, f"{name} is fed from the queue")
