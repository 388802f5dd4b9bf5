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
HEAVY = {"openai", "tiktoken", "pynamodb", "aws_xray_sdk", "httpx2", "sqlite3"}

IMPORTING = """
import json, sys
from entrypoints import lambda_events
imported = set(sys.modules)
from entrypoints.settings import Settings
container = lambda_events.Container(settings=Settings(queue_url="http://127.0.0.1/1/q.fifo", slack_signing_secret="s"))
providers = [each() for each in container.providers.values()]
print(json.dumps([sorted(imported), sorted(sys.modules)]))
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


ONE_WORKSPACE = """
import json, sys
from pathlib import Path
from adapters.sqlite import Database
from entrypoints.local.container import Container
from entrypoints.settings import Settings
database = Database(Path(sys.argv[1]))
container = Container(settings=Settings(slack_bot_token="xoxb-1", slack_signing_secret="s"), database=database)
assert container.install_routes() == []
container.worker_pool()
database.close()
print(json.dumps(sorted(sys.modules)))
"""


def test_one_workspace_takes_nothing_of_what_several_need(tmp_path):
    modules = json.loads(run(ONE_WORKSPACE, str(tmp_path / "bot.sqlite3")))
    assert "adapters.sqlite.installations" in modules
    assert not {"cryptography", "slack_sdk.oauth", "adapters.installations", "adapters.slack.installing"} & set(modules)


def test_the_events_function_never_imports_what_only_the_worker_needs():
    for modules in json.loads(run(IMPORTING)):
        assert "adapters.sqs" in modules
        assert not HEAVY & {name.partition(".")[0] for name in modules}
        assert not {"adapters.dynamodb", "adapters.openai", "entrypoints.containers"} & set(modules)


@pytest.mark.parametrize("function", ["entrypoints.lambda_events", "entrypoints.lambda_worker"])
def test_powertools_own_switch_does_not_make_a_function_log_its_events(function):
    logged = run(LOGGING, function, POWERTOOLS_LOGGER_LOG_EVENT="true")
    assert '"level":"ERROR"' in logged
    assert "a secret" not in logged
