"""What is decided when a function is imported, each time in a fresh process.

The door must open within three seconds from cold: nothing of the worker's may be imported behind it.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

OWN = """
adapters adapters.observability adapters.observability.evidence adapters.observability.log_lines
adapters.observability.powertools adapters.parameter_store
adapters.serialization adapters.serialization.records adapters.serialization.request_records
adapters.slack adapters.slack.payloads adapters.slack.payloads.blocks adapters.slack.payloads.files
adapters.slack.payloads.mrkdwn adapters.slack.payloads.quotes adapters.slack.payloads.settings_view
adapters.slack.payloads.validation adapters.slack.payloads.votes
adapters.slack.receiving adapters.slack.receiving.changes adapters.slack.receiving.endpoint
adapters.slack.receiving.events adapters.slack.receiving.external_people adapters.slack.receiving.interactions
adapters.slack.receiving.signature adapters.slack.receiving.teams
adapters.sqs adapters.sqs.client adapters.sqs.failed_messages adapters.sqs.queue
domain domain.channels domain.channels.channel_settings domain.channels.settings_requests domain.commands
domain.commands.command_words domain.conversations domain.conversations.place domain.correction
domain.correction.edits_and_deletions domain.deliveries domain.deliveries.deadline domain.deliveries.delivery
domain.deliveries.retries domain.errors domain.requests domain.spending domain.spending.usage domain.texts
domain.texts.invisible domain.timestamp
entrypoints entrypoints.configuration entrypoints.configuration.environment
entrypoints.configuration.events_settings entrypoints.configuration.lambda_settings entrypoints.lambda_events
entrypoints.wiring entrypoints.wiring.events_endpoint
"""
"""Of our modules those that the events function may load: each one costs a millisecond or more of a cold start. What
stands here receives, logs, reads the function's own settings or puts a request on the queue."""

OF_OTHERS = """
aws_lambda_powertools boto3 botocore certifi dateutil jmespath s3transfer six typing_extensions urllib3
"""
"""The SDK of SQS and SSM and the one of logs and metrics, with what they need themselves."""

ONLY_THE_WORKERS = {"asyncio", "sqlite3"}
"""Of the standard library: 60 ms for nothing, and one machine's."""

IMPORTING = """
import json, sys
from entrypoints import lambda_events
from entrypoints.configuration.events_settings import EventsSettings
from adapters.parameter_store import ssm_client
ssm_client()
lambda_events.endpoint_of(EventsSettings(queue_url="http://127.0.0.1/1/q.fifo", slack_signing_secret="s"))
print(json.dumps(sorted(sys.modules)))
"""

LOGGING = """
import sys
from contextlib import suppress
from importlib import import_module
from types import SimpleNamespace
context = SimpleNamespace(function_name="f", memory_limit_in_mb=1, invoked_function_arn="arn", aws_request_id="id")
record = {"messageId": "7c1e", "body": "a secret", "attributes": {"ApproximateReceiveCount": "1"}}
event = {"body": "a secret", "headers": {}, "requestContext": {"requestId": "r1"}, "Records": [record]}
with suppress(Exception):
    import_module(sys.argv[1]).handler(event, context)
"""


def run(program: str, *arguments: str, **env: str) -> str:
    clean = {"PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": "ap-northeast-1"}
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, cwd=ROOT, env=clean | env, capture_output=True, text=True, check=True).stdout


COMMANDS = """
import json, sys
import entrypoints.operator.command_line
print(json.dumps(sorted(sys.modules)))
"""


def test_the_operators_commands_begin_without_what_only_some_of_them_need():
    """Each takes longer to import than most commands take."""
    modules = set(json.loads(run(COMMANDS)))
    heavy = {"slack_sdk", "pynamodb", "botocore", "openai", "tiktoken", "httpx2", "starlette", "asyncio", "ssl"}
    assert modules & heavy == set()


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """The modules that the events function has loaded once it can put a request on the queue."""
    return set(json.loads(run(IMPORTING)))


def test_the_events_function_loads_none_of_our_modules_that_only_the_worker_needs(loaded):
    ours = {name for name in loaded if name.partition(".")[0] in {"domain", "adapters", "entrypoints"}}
    assert ours <= set(OWN.split())
    assert {"adapters.sqs.queue", "adapters.slack.receiving.endpoint"} <= ours


def test_the_events_function_loads_no_library_that_only_the_worker_needs(loaded):
    others = {name.partition(".")[0] for name in loaded} - set(sys.stdlib_module_names) - set(OWN.split())
    assert {name for name in others if not name.startswith("_")} <= set(OF_OTHERS.split())
    assert not ONLY_THE_WORKERS & loaded


@pytest.mark.parametrize("function", [f"entrypoints.lambda_{name}" for name in ("events", "worker", "install")])
def test_powertools_own_switch_does_not_make_a_function_log_its_events(function):
    logged = run(LOGGING, function, POWERTOOLS_LOGGER_LOG_EVENT="true")
    assert '"level":"ERROR"' in logged
    assert "a secret" not in logged


ONE_WORKSPACE = """
import json, sys, tempfile
from contextlib import closing
from pathlib import Path
from entrypoints.configuration.settings import Settings
slack = dict(slack_bot_token="xoxb-1", slack_signing_secret="s", slack_api_url="http://127.0.0.1:9/api/")
if sys.argv[1] == "aws":
    from entrypoints.lambda_worker import Container
    urls = {"queue_url": "http://127.0.0.1/1/q.fifo", "dead_letter_queue_url": "http://127.0.0.1/1/dead.fifo"}
    Container(settings=Settings(**slack, **urls, table_name="t", usage_table_name="u")).dispatch()
else:
    from adapters.sqlite import Database
    from entrypoints.local.container import Container
    with tempfile.TemporaryDirectory() as folder, closing(Database(Path(folder) / "bot.sqlite3")) as database:
        container = Container(settings=Settings(**slack), database=database)
        parts = [container.worker_pool(), container.missed(), container.endpoint()]
        assert container.install_routes() == []
print(json.dumps(sorted(sys.modules)))
"""

OF_SEVERAL_WORKSPACES = (
    *("adapters.installations", "adapters.kms", "adapters.slack.installing", "adapters.slack.workspace_client"),
    *("cryptography", "entrypoints.forgetting", "entrypoints.wiring.workspace_clients"),
    *("entrypoints.wiring.workspaces", "slack_sdk.oauth"),
)


@pytest.mark.parametrize(("where", "store"), [("aws", "dynamodb"), ("one machine", "sqlite")])
def test_one_workspace_with_one_token_imports_nothing_of_several(where, store):
    imported = json.loads(run(ONE_WORKSPACE, where))
    assert {"entrypoints.wiring.containers", f"adapters.{store}.installations"} <= set(imported)
    assert not [each for each in imported if each.startswith(OF_SEVERAL_WORKSPACES)]


PLAYGROUND = """
import json, sys, tempfile
from contextlib import closing
from pathlib import Path
from adapters.sqlite import Database
from entrypoints.configuration.settings import Settings
from entrypoints.local import program
settings = Settings()
with tempfile.TemporaryDirectory() as folder, closing(Database(Path(folder) / "bot.sqlite3")) as database:
    container = program.Container(settings=settings, database=database)
    parts = [container.worker_pool(), container.playground(), *program.start_lines(settings, None)]
print(json.dumps(sorted(sys.modules)))
"""


def test_the_playground_starts_without_the_sdk_of_a_model():
    """It takes half of all that a start imports."""
    imported = set(json.loads(run(PLAYGROUND)))
    assert "entrypoints.playground.page.server" in imported
    assert not {"openai", "httpx2"} & imported
