"""Both functions on AWS, between two workspaces that have installed the app by themselves."""

import json
import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from adapters.dynamodb import DynamoInstallations
from adapters.installations.store import Installations
from adapters.kms import KmsCipher, kms_client
from entrypoints import lambda_events, lambda_worker
from entrypoints.playground.emulator.workspace.model import APP, TEAM
from tests.aws_on_loopback import PREFIX, TABLE, Aws
from tests.entrypoints.conftest import SECRET, Deployment, Model
from tests.repository import ROOT
from tests.slacks import CLIENT_ID, CLIENT_SECRET, POCHI, TARO, Slacks

COUNTS = ("sent", "received", "cached", "turns", "money")

TOKENS = {POCHI: "xoxb-of-pochi", TARO: "xoxb-of-taro"}


class Deployed:
    """What Terraform would make for several workspaces, and two of them."""

    def __init__(self, aws: Aws, slacks: Slacks, key: str, model: Model, log) -> None:
        self.aws = aws
        self.slacks = slacks
        self.installations = Installations(DynamoInstallations(TABLE), KmsCipher(key, kms_client()))
        self.of = {team: Deployment(aws, each, model, log) for team, each in slacks.workspaces.items()}

    def install(self, team: str, token: str, **rotating: object) -> None:
        self.installations.save(self.slacks.install(team, token, **rotating))

    def ask(self, team: str, text: str = "私の犬は元気?") -> None:
        event = json.dumps(self.of[team].says(text)).replace(TEAM, team)
        self.of[team].post(json.loads(event))
        self.of[team].work()

    def uninstall(self, team: str) -> None:
        self.slacks.refuse(TOKENS[team], "account_inactive")
        event = {"type": "event_callback", "event": {"type": "app_uninstalled"}, "event_time": 1_790_000_000}
        self.of[team].post(event | {"team_id": team, "api_app_id": APP})
        self.of[team].work()

    def items(self, team: str) -> list[dict]:
        """What both tables have that names the team."""
        tables = (os.environ[name] for name in ("TABLE_NAME", "USAGE_TABLE_NAME"))
        items = (item for table in tables for item in self.aws.dynamodb.scan(TableName=table)["Items"])
        return [item for item in items if team in str(item)]

    def said(self) -> str:
        return self.of[POCHI].said()


@pytest.fixture
def deployed(aws: Aws, aws_environment, serve, clock, log) -> Iterator[Deployed]:
    slacks, model, key = Slacks(), Model(), aws.create_key()
    address = serve(slacks)
    slacks.open(address, "http://nobody.invalid", POCHI, TARO)
    for name, value in {
        "TABLE_NAME": aws.create_table(),
        "USAGE_TABLE_NAME": aws.create_usage_table(),
        "QUEUE_URL": aws.create_queue(),
        "DEAD_LETTER_QUEUE_URL": aws.dead_letters,
        "PARAMETERS_PREFIX": PREFIX,
        "TOKEN_KMS_KEY": key,
        "SLACK_API_URL": f"{address}/api/",
        "OPENAI_BASE_URL": f"{serve(model.app)}/v1",
    }.items():
        aws_environment.setenv(name, value)
    aws.set_parameters(
        SlackClientId=CLIENT_ID,
        SlackClientSecret=CLIENT_SECRET,
        SlackSigningSecret=SECRET,
        OpenAiApiKey="sk-made-up",
        SlackChannel="-",
    )
    for function in (lambda_events, lambda_worker):
        aws_environment.setattr(function, "current", replace(function.current, clock=clock))
    yield Deployed(aws, slacks, key, model, log)
    slacks.close()


def only_counted(items: list[dict]) -> None:
    """Nothing that anybody wrote, and no sum of a person or a channel: the team's own sums stay, as bot forget says."""
    assert {name for item in items for name in item} <= {"id", "expires_at", "period", "owner", *COUNTS}
    assert not [item for item in items if item.get("owner", {"S": ""})["S"].startswith(("person/", "channel/"))]


def test_each_workspace_is_answered_with_its_own_token(deployed):
    for team, token in TOKENS.items():
        deployed.install(team, token)
    for team in TOKENS:
        deployed.ask(team)
        assert deployed.of[team].replies() == ["ポチは元気ですよ"]
    assert deployed.slacks.tokens_of("chat.stopStream") == list(TOKENS.values())


def test_a_turn_whose_token_is_known_is_one_read_and_two_writes_and_asks_no_key(deployed):
    deployed.install(POCHI, TOKENS[POCHI])
    deployed.ask(POCHI)
    before = Counter(deployed.aws.calls)
    deployed.ask(POCHI)
    calls = Counter(deployed.aws.calls) - before
    assert {name: calls[name] for name in calls if name.endswith(("Item", "Items", "crypt"))} == {
        "BatchGetItem": 1,
        "TransactWriteItems": 2,
    }


def test_a_workspace_that_removes_the_app_is_forgotten_and_no_other(deployed):
    for team, token in TOKENS.items():
        deployed.install(team, token)
        deployed.ask(team)
    deployed.uninstall(POCHI)
    only_counted(deployed.items(POCHI))
    with pytest.raises(AssertionError):
        only_counted(deployed.items(TARO))
    assert [each.team_id for each in deployed.installations.all()] == [TARO]
    deployed.ask(POCHI, "まだいる?")
    assert f"{POCHI} has not installed the app" in deployed.said()
    assert deployed.of[POCHI].replies() == ["ポチは元気ですよ"]
    only_counted(deployed.items(POCHI))


def test_a_late_event_does_not_undo_the_next_installation(deployed):
    deployed.install(POCHI, TOKENS[POCHI])
    deployed.ask(POCHI)
    deployed.install(POCHI, "xoxb-of-pochi-again")
    before = deployed.items(POCHI)
    deployed.uninstall(POCHI)
    assert deployed.items(POCHI) == before
    deployed.ask(POCHI)
    assert deployed.slacks.tokens_of("chat.stopStream") == [TOKENS[POCHI], "xoxb-of-pochi-again"]


def test_a_dead_letter_of_a_workspace_goes_with_it(deployed):
    deployed.install(POCHI, TOKENS[POCHI])
    deployed.slacks.refuse(TOKENS[POCHI], "account_inactive")
    deployed.ask(POCHI)
    assert len(deployed.aws.receive(deployed.aws.dead_letters)) == 1
    deployed.uninstall(POCHI)
    assert deployed.aws.receive(deployed.aws.dead_letters) == []


ROTATING = {"refresh": "xoxe-1-of-pochi", "expires_at": int(time.time()) + 3_600}


def test_a_token_that_expires_soon_is_rotated_and_kept_encrypted(deployed):
    deployed.install(POCHI, TOKENS[POCHI], **ROTATING)
    deployed.ask(POCHI)
    token = deployed.installations.find_bot(enterprise_id=None, team_id=POCHI).bot_token
    assert deployed.slacks.tokens_of("chat.stopStream") == [token]
    assert token != TOKENS[POCHI]
    assert token not in str(deployed.items(POCHI))


def test_the_worker_asks_for_what_terraform_allows_it_and_for_nothing_else(deployed):
    deployed.install(POCHI, TOKENS[POCHI], **ROTATING)
    deployed.ask(POCHI)
    deployed.slacks.refresh_tokens.clear()
    for token in deployed.slacks.tokens:
        deployed.slacks.refuse(token, "account_inactive")
    deployed.uninstall(POCHI)
    assert list(deployed.installations.all()) == []
    terraform = (ROOT / "terraform/main.tf").read_text(encoding="utf-8")
    worker = re.search(r'^module "worker" {\n(.*?)^}', terraform, re.MULTILINE | re.DOTALL)[1]
    allowed = {*re.findall(r'"((?:dynamodb|kms|sqs):\w+)"', worker), "ssm:GetParameters"}
    assert deployed.aws.asked - {"dynamodb:TransactWriteItems"} - allowed == set()  # IAM looks at a transaction's parts
