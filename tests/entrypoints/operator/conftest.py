"""A bot of each kind, and the commands."""

import json
import time

import pytest

from adapters.dynamodb import DynamoConversations, DynamoFeedback
from adapters.sqlite import SqliteConversations, SqliteFeedback
from entrypoints.operator.command_line import main
from tests.entrypoints.operator.bots import SqliteBot, SqsBot
from tests.repository import ROOT

POLICY = ROOT / "terraform/policies/operator.json"
ALSO_CALLED = {
    "dynamodb:TransactWriteItems": "dynamodb:PutItem",
    "dynamodb:TransactGetItems": "dynamodb:GetItem",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}
"""Operations that have no action of their own in IAM (the service authorization reference of each service)."""


@pytest.fixture
def aws(aws):
    """The account, of which the commands ask nothing but what the operator's policy allows."""
    yield aws
    allowed = {action for each in json.loads(POLICY.read_text())["Statement"] for action in each["Action"]}
    allowed |= {"kms:Decrypt", "kms:Encrypt"}  # of the key that terraform/policies.tf adds for several workspaces
    assert {ALSO_CALLED.get(action, action) for action in aws.asked} <= allowed


@pytest.fixture
def _sqs(aws, aws_environment):
    aws_environment.setenv("QUEUE_URL", aws.create_queue())
    aws_environment.setenv("DEAD_LETTER_QUEUE_URL", aws.dead_letters)


@pytest.fixture(autouse=True)
def _environment(monkeypatch, tmp_path):
    monkeypatch.setattr("adapters.sqs.dead_letters.POLL_SECONDS", 0)  # moto misses nothing, and waits in earnest
    monkeypatch.chdir(tmp_path)  # where there is no .data
    for name in (
        "DATABASE_PATH",
        "QUEUE_URL",
        "DEAD_LETTER_QUEUE_URL",
        "TABLE_NAME",
        "USAGE_TABLE_NAME",
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
        "SLACK_API_URL",
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def sqlite_bot(tmp_path, monkeypatch, open_database, clock) -> SqliteBot:
    path = tmp_path / "bot.sqlite3"
    monkeypatch.setenv("DATABASE_PATH", str(path))
    return SqliteBot(open_database(path), clock)


@pytest.fixture
def sqs_bot(_environment, _sqs, aws) -> SqsBot:
    return SqsBot(aws)


@pytest.fixture(params=["sqlite_bot", "sqs_bot"])
def bot(request) -> SqliteBot | SqsBot:
    return request.getfixturevalue(request.param)


@pytest.fixture
def on_one_machine(sqlite_bot):
    database = sqlite_bot._database
    return (
        sqlite_bot,
        SqliteConversations(database, ttl_days=90, clock=time.time),
        SqliteFeedback(database, ttl_days=90, clock=time.time),
    )


@pytest.fixture
def on_aws(sqs_bot, aws, monkeypatch):
    table, usage = aws.create_table(), aws.create_usage_table()
    monkeypatch.setenv("TABLE_NAME", table)
    monkeypatch.setenv("USAGE_TABLE_NAME", usage)
    return (
        sqs_bot,
        DynamoConversations(table, ttl_days=90, clock=time.time, count_tokens=len, usage_table=usage),
        DynamoFeedback(table, ttl_days=90, clock=time.time),
    )


@pytest.fixture(params=["on_one_machine", "on_aws"])
def whole_bot(request):
    """A bot with its conversations and votes."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def run(capsys):
    """Runs a command; returns its exit code and what it said, and complained of."""

    def begin(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = main(arguments)
        except SystemExit as ended:
            code = ended.code
        return code, *capsys.readouterr()

    return begin
