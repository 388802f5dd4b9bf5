"""The whole way of a mention on AWS, by the very Terraform and the very image that a user applies."""

import json
import os
import threading
from collections.abc import Callable

import pytest

from domain.requests import Request
from entrypoints.operator.controls.secret import LIMITS
from entrypoints.playground.emulator.oauth import Team
from entrypoints.playground.emulator.workspace.model import TEAM
from tests.stack import emulated_aws
from tests.stack.deployment import PATIENCE, applied, callback

ON_THIS_MACHINE = {"Slack", "model", "dead letters"}
"""What is reached from the containers by another name, and what other tests leave."""


@pytest.fixture(scope="module")
def applied_world():
    """The deployment, the model and Slack. Destroyed at the end, which must leave nothing."""
    if lacking := emulated_aws.missing():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"the stack needs more: {lacking}")
    with applied() as world:
        yield world
        deployment = world.deployment
        assert "a backup of each table for 35 days" in deployment.terraform("destroy", "-auto-approve")
        left = deployment.state()
        assert (left["resources"], left["outputs"]) == ([], {})
        assert deployment.client("dynamodb").list_tables()["TableNames"] == []
        assert deployment.client("sqs").list_queues().get("QueueUrls", []) == []
        assert deployment.client("lambda").list_functions()["Functions"] == []


@pytest.fixture
def world(applied_world):
    """The same, as most people have it: with one workspace."""
    applied_world.deployment.have_applied()
    return applied_world


@pytest.fixture
def open_world(applied_world):
    """The same where several workspaces may install the app."""
    app = {"slack_client_id": emulated_aws.CLIENT_ID, "slack_client_secret": emulated_aws.CLIENT_SECRET}
    applied_world.deployment.have_applied(several_workspaces="true", **app)
    yield applied_world
    applied_world.deployment.forbid_reading_parameters("install")


def has_answer(said: list[str]) -> bool:
    return said == ["ポチは元気ですよ"]


def test_a_mention_goes_through_api_queue_and_both_containers_and_ends_as_a_reply_and_a_memory(world):
    thread = world.say("@bot 元気?")
    world.wait_for_replies(thread, has_answer)
    until(lambda: "ポチは元気ですよ" in json.dumps(world.stored(thread), ensure_ascii=False))
    world.say("散歩は?", thread)
    assert world.wait_for_replies(thread, lambda said: len(said) == 2 and said[1] == said[0])


def test_duplicates_and_twins_are_one_reply(world):
    thread = world.say("@bot 元気?", copies=3)
    world.wait_for_replies(thread, has_answer)
    # A later question of the same thread is answered only after whatever the duplicates led to.
    world.say("散歩は?", thread)
    world.wait_for_replies(thread, lambda said: len(said) > 1 and said[-1] == "ポチは元気ですよ")
    assert world.replies(thread) == ["ポチは元気ですよ"] * 2


def test_two_threads_remember_by_themselves(world):
    first, second = world.say("@bot 犬の話"), world.say("@bot 猫の話")
    for thread, pet, other in ((first, "犬", "猫"), (second, "猫", "犬")):
        assert has_answer(world.wait_for_replies(thread, has_answer))
        until(lambda thread=thread, pet=pet: f"{pet}の話" in json.dumps(world.stored(thread), ensure_ascii=False))
        assert f"{other}の話" not in json.dumps(world.stored(thread), ensure_ascii=False)


def test_two_conversations_are_answered_at_the_same_time(world):
    while not world.model.requests.empty():
        world.model.requests.get()
    world.model.enough.clear()
    try:
        threads = world.say("@bot 犬の散歩"), world.say("@bot 猫の昼寝")
        asked = ""
        while "犬の散歩" not in asked or "猫の昼寝" not in asked:
            asked += json.dumps(world.model.requests.get(timeout=PATIENCE)["messages"], ensure_ascii=False)
        assert [said for thread in threads for said in world.replies(thread) if said.endswith("ですよ")] == []
    finally:
        world.model.enough.set()
    for thread in threads:
        (reply,) = world.wait_for_replies(thread, lambda said: len(said) == 1 and said[0].endswith("ですよ"))
        assert reply.startswith("ポチ")


def test_a_stranger_gets_401_and_nothing_happens(world):
    assert world.deployment.post(callback({"type": "app_mention"}), "another secret") == 401


def test_a_record_that_cannot_be_read_becomes_a_dead_letter_and_holds_nobody_up(world):
    sqs, queue = world.deployment.client("sqs"), world.deployment.output("queue_url")
    visibility = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["VisibilityTimeout"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "1"})  # instead of twelve minutes
    group = f"{TEAM}/{world.slack.channel.id}/poisoned"
    sqs.send_message(QueueUrl=queue, MessageBody="{", MessageGroupId=group, MessageDeduplicationId="poison")
    dead = world.deployment.output("dead_letter_queue_url")
    until(lambda: _waiting(sqs, dead) == 1)
    sqs.purge_queue(QueueUrl=dead)
    sqs.set_queue_attributes(QueueUrl=queue, Attributes=visibility)
    assert has_answer(world.wait_for_replies(world.say("@bot 元気?"), has_answer))


def _waiting(sqs, queue: str) -> int:
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"])
    return int(attributes["Attributes"]["ApproximateNumberOfMessages"])


def test_a_changed_parameter_takes_effect_without_an_apply(world):
    ssm = world.deployment.client("ssm")
    name = next(each for each in world.deployment.output("parameter_names").values() if "ReplyUsername" in each)
    ssm.put_parameter(Name=name, Value="ポチ係", Type="String", Overwrite=True)
    world.deployment.cool_down()  # or the next question after some minutes; the unit tests move that clock
    thread = world.say("@bot 元気?")
    world.wait_for_replies(thread, has_answer)
    assert {each.username for each in world.slack.workspace.messages.posts() if each.thread == thread} == {"ポチ係"}
    ssm.put_parameter(Name=name, Value="-", Type="String", Overwrite=True)
    world.deployment.cool_down()
    assert "No changes" in world.deployment.terraform("plan")


def test_changed_code_replaces_the_functions_images_and_nothing_else(world):
    module = world.deployment.folder / "domain/requests.py"
    module.write_text(f"{module.read_text()}\nCHANGED = True\n")
    assert world.deployment.apply() == {
        "module.image[0].terraform_data.build": ["delete", "create"],
        "module.events.aws_lambda_function.function": ["update"],
        "module.worker.aws_lambda_function.function": ["update"],
    }
    world.wait_for_replies(world.say("@bot 元気?"), has_answer)
    assert "No changes" in world.deployment.terraform("plan")


def test_no_apply_overwrites_a_secret_that_was_set_since(world):
    ssm, path = world.deployment.client("ssm"), world.deployment.output("parameter_names")["OpenAiApiKey"]
    ssm.put_parameter(Name=path, Value="sk-set-by-the-operator", Type="SecureString", Overwrite=True)
    assert "No changes" in world.deployment.terraform("plan")
    # Whatever else changes: the secret's own variable, the tags of everything.
    world.deployment.apply(openai_api_key="placeholder", tags='{Owner="pochi"}')
    assert ssm.get_parameter(Name=path, WithDecryption=True)["Parameter"]["Value"] == "sk-set-by-the-operator"
    world.deployment.apply()
    assert ssm.get_parameter(Name=path, WithDecryption=True)["Parameter"]["Value"] == "sk-set-by-the-operator"
    ssm.put_parameter(Name=path, Value=emulated_aws.OPENAI_KEY, Type="SecureString", Overwrite=True)


def test_another_key_or_name_that_would_need_new_secrets_is_refused(world):
    key = "arn:aws:kms:us-east-1:000000000000:key/1"
    with pytest.raises(AssertionError, match="Resource postcondition failed") as refused:
        world.deployment.terraform("plan", f"-var=secrets_kms_key_arn={key}", "-var=name=another-name")
    # Each is refused by a sentence of its own, for each secret.
    reasons = " ".join(str(refused.value).replace("│", "").split())
    for secret in ("OpenAiApiKey", "SlackSigningSecret", "SlackToken"):
        assert f"there, not /another-name/{secret}. A changed name would replace" in reasons
        assert f"bot secret {secret} --kms-key {key}" in reasons


def test_the_function_that_receives_events_may_read_the_signing_secret_and_the_switches_only(world):
    names = world.deployment.output("parameter_names")
    events, worker = (
        {name for name, path in names.items() if world.deployment.may_read(function, path)}
        for function in ("events", "worker")
    )
    assert worker == set(names)
    assert events == set(names) - {"OpenAiApiKey", "SlackToken", *LIMITS}


def test_no_secret_is_in_the_state(world):
    state = (world.deployment.folder / "terraform/terraform.tfstate").read_text()
    for secret in (emulated_aws.SIGNING_SECRET, emulated_aws.BOT_TOKEN, emulated_aws.OPENAI_KEY):
        assert secret not in state


def test_without_its_permission_to_keep_conversations_the_worker_waits_for_it_and_then_answers(world):
    iam, role = world.deployment.client("iam"), world.deployment.output("function_names")["worker"]
    policy = iam.get_role_policy(RoleName=role, PolicyName=role)["PolicyDocument"]
    lesser = policy | {"Statement": [each for each in policy["Statement"] if "dynamodb" not in json.dumps(each)]}
    assert lesser != policy
    iam.put_role_policy(RoleName=role, PolicyName=role, PolicyDocument=json.dumps(lesser))
    try:
        thread = world.say("@bot 元気?")
        reference = Request.from_identity(f"{TEAM}/{world.slack.channel.id}/{thread}").reference
        until(lambda: any("handed back" in line for line in world.deployment.logged("worker", reference)))
        assert world.replies(thread) == []
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=role, PolicyDocument=json.dumps(policy))
    world.wait_for_replies(thread, has_answer)


def test_the_doctor_finds_nothing_wrong_with_what_terraform_has_made(world):
    examined = world.deployment.bot("doctor", "--json", QUEUE_URL=world.deployment.output("queue_url"))
    findings = [each for each in json.loads(examined) if each["part"] not in ON_THIS_MACHINE]
    wrong = [f"{each['part']}: {each['what']}" for each in findings if not each["ok"]]
    assert not wrong, wrong
    parts = {each["part"] for each in findings}
    assert parts >= {"account", "parameters", "table", "ledger's table", "queue", "function", "trigger", "permissions"}


def test_a_workspace_that_installs_the_app_through_the_api_is_answered_with_its_own_token(open_world):
    assert "SlackToken" not in open_world.deployment.output("parameter_names")
    assert open_world.install() == 200
    open_world.wait_for_replies(open_world.say("@bot 元気?"), has_answer)
    (token,) = open_world.oauth.tokens(Team())
    assert token not in open_world.item(f"installations/{TEAM}")["installation"]["S"]
    state = (open_world.deployment.folder / "terraform/terraform.tfstate").read_text()
    assert not [secret for secret in (token, emulated_aws.CLIENT_SECRET) if secret in state]


def until(condition: Callable[[], bool]) -> None:
    """Ask the emulator again and again; it tells nobody when something has happened."""
    pause = threading.Event()
    for _ in range(PATIENCE * 5):
        if condition():
            return
        pause.wait(0.2)
    pytest.fail(f"not so within {PATIENCE} s")
