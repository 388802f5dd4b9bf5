"""``bot doctor`` for a bot on AWS: each broken thing is named with how to mend it."""

import json
import os
import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from adapters.deployment import Deployment
from adapters.parameter_store import PARAMETERS, variables_of
from bench.ports import free_port
from entrypoints.operator.checks.permission_findings import FORGET, KEEP, LOGS, SEND, TAKE, TRACES
from entrypoints.playground.emulator.workspace.model import BOT_NAME, BOT_USER, TEAM
from tests.aws_on_loopback import PREFIX, TABLE, USAGE_TABLE, Aws
from tests.entrypoints.operator.bots import DOG
from tests.entrypoints.operator.worker_on_aws import (
    EVENTS,
    IMAGE,
    WORKER,
    allow,
    create_function,
    create_role,
    create_worker,
)
from tests.repository import ROOT
from tests.stand_ins import Model, SlackServer

TERRAFORM = ROOT / "terraform"
OF_EVENTS = {*LOGS, *TRACES, *SEND, "ssm:GetParameters"}
OF_THE_WORKER = {*OF_EVENTS, *TAKE, *KEEP}


@pytest.fixture
def slack() -> SlackServer:
    return SlackServer("http://127.0.0.1:9/")


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def deployed(sqs_bot, aws: Aws, slack, model, serve, monkeypatch) -> Aws:
    """A deployment as Terraform makes it, with all its secrets, and an operator who names it."""
    for table in (aws.create_table(), aws.create_usage_table()):
        expiry = {"Enabled": True, "AttributeName": "expires_at"}
        aws.dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=expiry)
        recovery = {"PointInTimeRecoveryEnabled": True}
        aws.dynamodb.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=recovery)
    secrets = {"SlackToken": "xoxb-own", "SlackSigningSecret": "8f742231b10e", "OpenAiApiKey": "sk-pochi"}
    aws.set_parameters(**secrets)
    for name in {PARAMETERS[each] for each in variables_of(several_workspaces=False)} - secrets.keys():
        aws.ssm.put_parameter(Name=f"{PREFIX}/{name}", Value="-", Type="String")
    variables = {"TABLE_NAME": TABLE, "USAGE_TABLE_NAME": USAGE_TABLE, "PARAMETERS_PREFIX": PREFIX}
    outside = {"SLACK_API_URL": f"{serve(slack.app)}/api/", "OPENAI_BASE_URL": f"{serve(model.app)}/v1"}
    for name, value in (variables | outside).items():
        monkeypatch.setenv(name, value)
    return aws


@pytest.fixture
def examined(deployed, run) -> Callable[..., dict]:
    """What the doctor finds, by part; the first that is wrong of each part, and the exit code under ``code``."""

    def examine(*arguments: str) -> dict:
        code, said, _ = run("doctor", "--json", *arguments)
        found = sorted(json.loads(said), key=lambda each: not each["ok"])
        return {"code": code} | {each["part"]: SimpleNamespace(**each) for each in found}

    return examine


def test_a_deployment_that_is_well_is_said_to_be_so(examined):
    found = examined()
    assert found.pop("code") == 0, found
    assert all(each.ok and not each.mend for each in found.values())
    assert found["account"].what.startswith("arn:aws:")
    assert found["parameters"].what == f"all 11 are under {PREFIX}"
    assert found["table"].what == f"{TABLE} can be read; about 0 items"
    assert found["ledger's table"].ok
    assert found["queue"].what == "0 waiting, 0 being worked on"
    assert found["Slack"].what == f"Playground ({TEAM}) as @{BOT_NAME} ({BOT_USER})"
    assert found["model"].what == "gpt-5.4-mini answers as a stream; 20 tokens sent, 8 received"


def test_nothing_is_changed(examined, deployed):
    examined()
    assert deployed.dynamodb.scan(TableName=TABLE)["Items"] == []
    assert deployed.receive() == []


def test_a_table_that_is_not_there_is_named(examined, monkeypatch):
    monkeypatch.setenv("TABLE_NAME", "nowhere")
    found = examined()
    assert (found["code"], found["table"].what) == (1, "dynamodb answered ResourceNotFoundException")
    assert "look at TABLE_NAME and at AWS_REGION" in found["table"].mend
    assert found["Slack"].ok


def test_a_table_of_another_kind_is_named(examined, monkeypatch):
    monkeypatch.setenv("TABLE_NAME", USAGE_TABLE)
    assert "has the key period, not id" in examined()["table"].what


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (
            lambda dynamodb: dynamodb.update_time_to_live(
                TableName=TABLE, TimeToLiveSpecification={"Enabled": False, "AttributeName": "expires_at"}
            ),
            f"nothing in {TABLE} expires",
        ),
        (
            lambda dynamodb: dynamodb.update_continuous_backups(
                TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
            ),
            f"{TABLE} has no point-in-time recovery",
        ),
    ],
)
def test_a_table_that_was_changed_by_hand_is_named(examined, deployed, spoil, what):
    spoil(deployed.dynamodb)
    found = examined()
    assert (found["code"], found["table"].what) == (1, what)
    assert "make deploy switches" in found["table"].mend


def test_queues_that_are_interchanged_or_missing_are_named(examined, deployed, monkeypatch):
    monkeypatch.setenv("QUEUE_URL", deployed.dead_letters)
    monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", deployed.queue)
    assert "are they interchanged?" in examined()["queue"].mend
    monkeypatch.setenv("QUEUE_URL", f"{deployed.queue}-nowhere")
    assert "look at QUEUE_URL and DEAD_LETTER_QUEUE_URL" in examined()["queue"].mend
    monkeypatch.delenv("QUEUE_URL")
    assert "terraform output -raw queue_url" in examined()["queue"].mend


def test_dead_letters_are_named_with_the_command_that_puts_them_back(examined, sqs_bot):
    sqs_bot.bury(DOG)
    found = examined()
    assert (found["code"], found["dead letters"].what) == (1, "about 1")
    assert "bot replay --all" in found["dead letters"].mend


@pytest.mark.parametrize("value", ["placeholder", "-"])
@pytest.mark.parametrize("name", ["SlackToken", "SlackSigningSecret", "OpenAiApiKey"])
def test_a_secret_without_a_value_is_named_with_the_command_that_sets_it(examined, deployed, name, value):
    deployed.set_parameters(**{name: value})
    found = examined()
    assert found["code"] == 1
    assert (found["parameters"].what, found["parameters"].mend) == (
        f"{PREFIX}/{name} has no value yet",
        f"bot secret {name}",
    )


@pytest.mark.parametrize("name", ["SlackClientId", "SlackClientSecret"])
def test_with_several_workspaces_the_apps_credentials_are_looked_at_in_place_of_the_one_token(examined, deployed, name):
    deployed.ssm.delete_parameter(Name=f"{PREFIX}/SlackToken")
    deployed.set_parameters(SlackClientId="1.2", SlackClientSecret="hush")
    deployed.set_parameters(**{name: "placeholder"})
    assert examined()["parameters"].what == f"{PREFIX}/{name} has no value yet"
    deployed.set_parameters(SlackClientId="1.2", SlackClientSecret="hush")
    assert examined()["parameters"].what == f"all 12 are under {PREFIX}"


def test_several_workspaces_have_no_odd_setting_and_an_unknown_app_is_named_in_place_of_a_token(
    examined, deployed, monkeypatch
):
    deployed.ssm.delete_parameter(Name=f"{PREFIX}/SlackToken")
    deployed.set_parameters(SlackClientId="1.2", SlackClientSecret="hush")
    monkeypatch.setenv("TOKEN_KMS_KEY", deployed.create_key())
    found = examined()
    assert found["settings"].ok, found["settings"]
    assert found["workspaces"].what == "none has installed the app yet, at /slack/install"
    monkeypatch.delenv("SLACK_API_URL")
    deployed.set_parameters(SlackClientId="-", SlackClientSecret="-")
    assert examined()["Slack"].what == "SLACK_CLIENT_ID is not known, so that Slack was not asked"


def test_a_parameter_that_is_missing_or_not_encrypted_is_named(examined, deployed):
    deployed.ssm.delete_parameter(Name=f"{PREFIX}/SlackUserId")
    assert examined()["parameters"].what == f"there is no {PREFIX}/SlackUserId"
    deployed.ssm.delete_parameter(Name=f"{PREFIX}/SlackToken")
    deployed.ssm.put_parameter(Name=f"{PREFIX}/SlackToken", Value="xoxb-own", Type="String")
    deployed.ssm.put_parameter(Name=f"{PREFIX}/SlackUserId", Value="-", Type="String")
    found = examined()
    assert found["parameters"].what == f"{PREFIX}/SlackToken is not encrypted"
    assert "xoxb-own" not in str(found)


@pytest.mark.parametrize("prefix", ["", "pochi"])
def test_a_prefix_that_is_missing_or_none_is_named(examined, monkeypatch, prefix):
    monkeypatch.setenv("PARAMETERS_PREFIX", prefix)
    found = examined()
    assert "PARAMETERS_PREFIX must be a path in SSM" in found["parameters"].what
    assert found["table"].ok  # the rest is looked at all the same


def test_secrets_that_are_interchanged_and_ids_of_a_wrong_form_are_named(examined, deployed):
    deployed.set_parameters(OpenAiApiKey="xoxb-other")
    assert "belongs into SLACK_BOT_TOKEN" in examined()["settings"].what
    deployed.set_parameters(OpenAiApiKey="sk-pochi", SlackUserId="pochi")
    assert "which is no id such as U0123ABCD" in examined()["settings"].what


def test_a_secret_that_no_header_can_carry_is_named_and_not_repeated(examined, deployed):
    deployed.set_parameters(SlackToken="xoxb-ポ チ")
    found = examined()
    assert found["settings"].what.startswith("SLACK_BOT_TOKEN must be of visible ASCII characters")
    assert "ポ" not in str(found)


def test_a_token_that_slack_refuses_and_scopes_that_it_lacks_are_named(examined, deployed, slack):
    slack.stand_in.scopes -= {"files:read"}
    assert examined()["scopes"].what == "the token lacks files:read"
    deployed.set_parameters(SlackToken="xoxb-other")
    assert "invalid_auth" in examined()["Slack"].what


def test_a_model_that_refuses_the_key_is_named_without_the_key(examined, model):
    model.status = 401
    found = examined()
    assert "ModelMisconfigured" in found["model"].what
    assert "sk-pochi" not in str(found)


def test_what_only_the_operators_machine_has_is_not_taken_for_the_functions(examined, deployed, monkeypatch):
    deployed.set_parameters(SlackToken="placeholder")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-own")
    assert examined()["Slack"].ok is False


def denied(monkeypatch, *operations: str, code: str = "AccessDeniedException") -> None:
    """Have AWS deny these, as IAM does where no policy allows them, or answer with another ``code``."""
    call = BaseClient._make_api_call

    def deny(client: BaseClient, operation: str, asked: dict) -> dict:
        if operation in operations:
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, operation)
        return call(client, operation, asked)

    monkeypatch.setattr(BaseClient, "_make_api_call", deny)


@pytest.mark.parametrize(
    ("operation", "part", "allow"),
    [
        ("GetCallerIdentity", "account", "sts:GetCallerIdentity"),
        ("GetParameters", "parameters", "ssm:GetParameters and kms:Decrypt"),
        ("DescribeTable", "table", "dynamodb:DescribeTable"),
        ("PutItem", "table", "PutItem"),
        ("GetQueueAttributes", "queue", "sqs:GetQueueAttributes"),
    ],
)
def test_what_the_operator_may_not_do_is_named_with_what_to_allow(examined, monkeypatch, operation, part, allow):
    denied(monkeypatch, operation)
    found = examined()
    assert (found["code"], found[part].ok) == (1, False)
    assert "answered AccessDeniedException" in found[part].what
    assert allow in found[part].mend


def test_aws_that_cannot_be_reached_is_named_in_each_part(examined, monkeypatch):
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    found = examined()
    assert found["code"] == 1
    for part in ("account", "parameters", "table", "queue"):
        assert "could not be reached: EndpointConnectionError" in found[part].what
        assert "AWS_REGION" in found[part].mend


def test_a_queue_that_keeps_no_order_is_named(examined, deployed, monkeypatch):
    dead = deployed.sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = deployed.sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})}
    plain = deployed.sqs.create_queue(QueueName="plain", Attributes=redrive)["QueueUrl"]
    monkeypatch.setenv("QUEUE_URL", plain)
    monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", dead)
    assert examined()["queue"].what == f"{plain} keeps no order"


def test_a_table_that_is_being_changed_is_named(examined, monkeypatch):
    table = Deployment.table

    def updating(deployment: Deployment, name: str) -> dict:
        return table(deployment, name) | {"TableStatus": "UPDATING"}

    monkeypatch.setattr(Deployment, "table", updating)
    assert examined()["table"].what == f"{TABLE} is UPDATING"


@pytest.fixture
def worker(deployed, ministack_url, monkeypatch) -> Iterator[SimpleNamespace]:
    """Both functions, which may do all that they need, and the worker's trigger.

    The worker's environment names all, and the operator's nothing. IAM is MiniStack's: moto simulates no policies.
    """
    names = ("TABLE_NAME", "USAGE_TABLE_NAME", "QUEUE_URL", "DEAD_LETTER_QUEUE_URL", "PARAMETERS_PREFIX")
    variables = {name: os.environ[name] for name in (*names, "SLACK_API_URL", "OPENAI_BASE_URL")}
    trigger = create_worker(deployed, **variables, CHAT_MODEL="pochi-1")
    create_function(EVENTS, {name: variables[name] for name in ("QUEUE_URL", "PARAMETERS_PREFIX")})
    for name in variables:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL_IAM", ministack_url)
    for name, actions in ((WORKER, OF_THE_WORKER), (EVENTS, OF_EVENTS)):
        create_role(name)
        allow(name, *actions)
    yield SimpleNamespace(functions=boto3.client("lambda"), trigger=trigger)
    for name in (WORKER, EVENTS):
        boto3.client("iam").delete_role_policy(RoleName=name, PolicyName=name)
        boto3.client("iam").delete_role(RoleName=name)


def test_a_function_tells_all_that_it_works_with_and_which_image_it_is(worker, examined):
    found = examined("--function", WORKER)
    assert found["code"] == 0, found
    assert IMAGE in found["function"].what
    assert found["trigger"].what == f"{WORKER} is fed from the queue"
    assert found["model"].what.startswith("pochi-1 answers")
    assert found["table"].ok


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("dynamodb:UpdateItem", f":table/{TABLE}"),
        ("sqs:DeleteMessage", ":questions.fifo"),
        ("sqs:SendMessage", ":dead-letters.fifo"),
        ("ssm:GetParameters", f":parameter{PREFIX}/SlackToken"),
        ("logs:PutLogEvents", f":log-group:/aws/lambda/{WORKER}:log-stream:doctor"),
        ("xray:PutTraceSegments", "*"),
    ],
)
def test_what_the_worker_may_not_do_is_named_with_what_it_may_not_do_it_to(worker, run, action, resource):
    allow(WORKER, *(OF_THE_WORKER - {action}))
    code, said, _ = run("doctor", "--json", "--function", WORKER)
    missing = [each for each in json.loads(said) if each["part"] == "permissions" and not each["ok"]]
    assert code == 1
    assert any(each["what"].endswith(resource) for each in missing)
    for each in missing:
        assert each["what"].startswith(f"{WORKER} may not {action} on ")
        assert each["mend"].startswith("make deploy again, or allow it to arn:")


def test_what_the_function_that_receives_events_may_not_do_is_named_too(worker, examined):
    allow(EVENTS, *(OF_EVENTS - {"sqs:SendMessage"}))
    assert examined("--function", WORKER)["permissions"].what.startswith(f"{EVENTS} may not sqs:SendMessage on ")
    worker.functions.delete_function(FunctionName=EVENTS)
    assert f"look at the function {EVENTS}" in examined("--function", WORKER)["function"].mend


def test_a_key_of_ones_own_that_a_function_may_not_use_is_named(worker, deployed, examined):
    key = "arn:aws:kms:ap-northeast-1:123456789012:key/pochi"
    own = {"Value": "xoxb-own", "Type": "SecureString", "KeyId": key, "Overwrite": True}
    deployed.ssm.put_parameter(Name=f"{PREFIX}/SlackToken", **own)
    assert examined("--function", WORKER)["permissions"].what.endswith(f" may not kms:Decrypt on {key}")


def test_of_several_workspaces_the_key_of_their_tokens_and_the_function_that_installs_are_looked_at(
    worker, run, monkeypatch
):
    key, function = "arn:aws:kms:ap-northeast-1:123456789012:key/pochi", Deployment.function

    def with_key(deployment: Deployment, name: str) -> dict:
        told = function(deployment, name)
        told["Environment"]["Variables"]["TOKEN_KMS_KEY"] = key
        return told

    monkeypatch.setattr(Deployment, "function", with_key)
    said = run("doctor", "--json", "--function", WORKER)[1]
    found = {each["what"]: each["mend"] for each in json.loads(said) if each["part"] in ("permissions", "function")}
    assert f"{WORKER} may not kms:Decrypt, kms:Encrypt on {key}" in found
    assert any(what.startswith(f"{WORKER} may not {', '.join(FORGET)} on ") for what in found)
    assert any("look at the function slack-gpt-install" in mend for mend in found.values())


@pytest.mark.parametrize(
    ("code", "mend"),
    [
        ("AccessDenied", "allow iam:SimulatePrincipalPolicy and ssm:DescribeParameters to whoever gives this command"),
        ("NoSuchEntity", "look at the function's role"),
    ],
)
def test_rights_that_cannot_be_asked_for_are_named(worker, examined, monkeypatch, code, mend):
    denied(monkeypatch, "SimulatePrincipalPolicy", code=code)
    found = examined("--function", WORKER)["permissions"]
    assert (found.ok, found.what) == (False, f"iam answered {code}")
    assert mend in found.mend


def test_the_rights_that_are_looked_for_are_those_that_terraform_gives():
    text = "".join((TERRAFORM / each).read_text() for each in ("main.tf", "modules/function/main.tf"))
    given = set(re.findall(r'"((?:dynamodb|kms|logs|sqs|ssm|xray):\w+)"', text))
    assert given == {*OF_THE_WORKER, *FORGET, "kms:Decrypt", "kms:Encrypt"}


def test_the_worker_is_found_by_the_queue_that_feeds_it(worker, deployed, examined, monkeypatch):
    monkeypatch.setenv("QUEUE_URL", deployed.queue)
    found = examined()
    assert (found["code"], found["function"].ok, found["permissions"].ok) == (0, True, True), found


def test_a_function_that_is_not_there_or_may_not_be_looked_at_is_named(worker, examined, monkeypatch):
    assert "look at --function" in examined("--function", "another")["function"].mend
    denied(monkeypatch, "GetFunction")
    assert "allow lambda:GetFunction" in examined("--function", WORKER)["function"].mend


def test_a_trigger_that_is_missing_or_switched_off_is_named(worker, examined):
    worker.functions.update_event_source_mapping(UUID=worker.trigger, Enabled=False)
    assert "is not fed from" in examined("--function", WORKER)["trigger"].what
    worker.functions.delete_event_source_mapping(UUID=worker.trigger)
    assert "there is no trigger" in examined("--function", WORKER)["trigger"].what


def test_a_visibility_timeout_that_is_too_short_is_named(worker, examined, deployed):
    deployed.sqs.set_queue_attributes(QueueUrl=deployed.queue, Attributes={"VisibilityTimeout": "60"})
    assert "less than 6 × 60 s" in examined("--function", WORKER)["trigger"].what


def test_a_function_whose_last_update_failed_is_named(worker, examined, monkeypatch):
    function = Deployment.function

    def failed(deployment: Deployment, name: str) -> dict:
        return function(deployment, name) | {"LastUpdateStatus": "Failed", "StateReason": "no image"}

    monkeypatch.setattr(Deployment, "function", failed)
    assert "its last update Failed: no image" in examined("--function", WORKER)["function"].what
