"""The function behind API Gateway: what it makes of a request, and of everything that can be wrong with one."""

import base64
import gc
import json
from dataclasses import replace

import pytest

from adapters.parameter_store import MAX_AGE
from adapters.slack.receiving.endpoint import BODY_LIMIT
from adapters.sqs import received
from domain.requests import Question
from entrypoints import lambda_events
from entrypoints.configuration.events_settings import EventsSettings
from entrypoints.playground.emulator.workspace.model import BOT_USER, TEAM
from tests.aws_on_loopback import PREFIX, lambda_record
from tests.entrypoints.conftest import SECRET, TOKEN, api_gateway_event, mention
from tests.lambda_context import lambda_context

MENTION = mention("C0LAN2Q65", "1515449522.000016", "U061F7AUR", f"<@{BOT_USER}> 犬の名前は?")
ASKED = Question(TEAM, "C0LAN2Q65", "1515449522.000016", "U061F7AUR", "犬の名前は?")


def queued(deployment) -> list[Question]:
    return [received(lambda_record(message))[0] for message in deployment.aws.receive()]


def test_a_mention_is_queued_behind_its_conversation_before_slack_gets_200(deployment):
    answer = deployment.post(MENTION)
    assert (answer["statusCode"], answer["body"]) == (200, "{}")
    (message,) = deployment.aws.receive()
    assert received(lambda_record(message))[0] == ASKED
    assert message["Attributes"]["MessageGroupId"] == f"{TEAM}/C0LAN2Q65/1515449522.000016"


def test_a_body_in_base64_is_read(deployment):
    assert deployment.post(MENTION, encoded=True)["statusCode"] == 200
    assert queued(deployment) == [ASKED]


def test_header_names_come_in_any_case(deployment):
    event = api_gateway_event(MENTION, "r1")
    event["headers"] = {name.title(): value for name, value in event["headers"].items()}
    assert lambda_events.handler(event, lambda_context("events"))["statusCode"] == 200
    assert queued(deployment) == [ASKED]


def test_slacks_retries_and_the_twin_of_a_mention_are_queued_once(deployment):
    twin = MENTION | {"event": MENTION["event"] | {"type": "message", "channel_type": "channel"}, "event_id": "Ev2"}
    assert [deployment.post(each)["statusCode"] for each in (MENTION, MENTION, twin)] == [200, 200, 200]
    assert queued(deployment) == [ASKED]


def test_slacks_url_verification_is_answered(deployment):
    answer = deployment.post({"type": "url_verification", "challenge": "3eZbrw1aB"})
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, {"challenge": "3eZbrw1aB"})
    assert answer["headers"]["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("status", "changed"),
    [
        (401, {"headers": {}}),
        (401, {"headers": None}),
        (401, {"body": None}),
        (401, {"body": ""}),
        (401, {"body": "\ud83d"}),
        (401, {"body": "{}"}),
        (401, {"body": base64.b64encode(b"\xff\xfe").decode(), "isBase64Encoded": True}),
        (400, {"body": "!not base64!", "isBase64Encoded": True}),
        (400, {"body": "犬", "isBase64Encoded": True}),
        (400, {"body": "QUJ", "isBase64Encoded": True}),
        (413, {"body": "x" * (BODY_LIMIT + 1)}),
    ],
)
def test_what_slack_did_not_sign_is_refused_and_never_queued(deployment, status, changed):
    assert deployment.post(MENTION, **changed)["statusCode"] == status
    assert queued(deployment) == []


@pytest.mark.parametrize("body", ["", "no JSON", "[]", "[" * 100_000, '"' + "x" * 1000 + '"'])
def test_a_signed_body_that_is_no_event_is_refused(deployment, body):
    assert deployment.post(body)["statusCode"] == 400
    assert queued(deployment) == []


def test_an_event_that_asks_nothing_is_accepted_and_dropped(deployment):
    assert deployment.post(MENTION | {"event": MENTION["event"] | {"bot_id": "B1"}})["statusCode"] == 200
    assert queued(deployment) == []


def test_slack_is_asked_to_try_again_where_the_queue_is_down(deployment, aws_environment):
    aws_environment.setenv("QUEUE_URL", f"{deployment.aws.sqs.meta.endpoint_url}/1/nobody-made-it.fifo")
    assert deployment.post(MENTION)["statusCode"] == 503
    assert "NonExistentQueue" in deployment.said()


def test_slack_is_asked_to_try_again_where_ssm_is_down(aws_environment, dead_port, log, clock):
    aws_environment.setattr("botocore.endpoint.time.sleep", lambda _: None)
    aws_environment.setattr(lambda_events, "current", replace(lambda_events.current, clock=clock))
    aws_environment.setenv("PARAMETERS_PREFIX", PREFIX)
    assert lambda_events.handler(api_gateway_event(MENTION, "r1"), lambda_context("events"))["statusCode"] == 503
    assert f"{PREFIX} in SSM could not be read: EndpointConnectionError" in log.getvalue()


@pytest.mark.parametrize("secret", ["placeholder", "-"])
def test_a_secret_that_is_not_set_is_named_in_the_log_and_slack_tries_again(deployment, secret):
    deployment.aws.set_parameters(SlackSigningSecret=secret)
    answer = deployment.post(MENTION, "JKJaXmPLvHcESHA=")
    assert answer["statusCode"] == 500
    assert json.loads(answer["body"]) == {"reference": "JKJaXmPLvHcESHA="}
    (line,) = deployment.log()
    assert line["message"] == f"nothing can be answered: {PREFIX}/SlackSigningSecret in SSM must be set"
    assert line["correlation_id"] == "JKJaXmPLvHcESHA="


def test_a_secret_works_as_soon_as_it_has_been_set_and_the_old_one_has_aged(deployment, clock):
    deployment.aws.set_parameters(SlackSigningSecret="placeholder")
    assert deployment.post(MENTION)["statusCode"] == 500
    deployment.aws.set_parameters(SlackSigningSecret=SECRET)
    clock.pass_by(MAX_AGE)
    assert deployment.post(MENTION)["statusCode"] == 200


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("QUEUE_URL", "", "QUEUE_URL must be set"),
        ("PARAMETERS_PREFIX", "", "PARAMETERS_PREFIX must be a path in SSM"),
        ("CONVERSATION_SCOPE", "team", "CONVERSATION_SCOPE must be one of thread, channel"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL must be one of"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(deployment, aws_environment, variable, value, complaint):
    aws_environment.setenv(variable, value)
    assert deployment.post(MENTION)["statusCode"] == 500
    assert complaint in deployment.said()


def test_a_bug_is_logged_by_its_place_and_not_by_its_message(deployment, aws_environment):
    def fail(*_: object) -> None:
        raise RuntimeError("私の秘密 xoxb-made-up")

    aws_environment.setattr("adapters.slack.receiving.endpoint.EventsEndpoint.receive", fail)
    answer = deployment.post(MENTION)
    assert (answer["statusCode"], json.loads(answer["body"])) == (500, {"reference": "JKJaXmPLvHcESHA="})
    assert "RuntimeError handler:" in deployment.said()
    assert "秘密" not in deployment.said()


def test_a_changed_allow_list_takes_effect_without_a_new_start(deployment, clock):
    assert deployment.post(MENTION)["statusCode"] == 200
    deployment.aws.set_parameters(SlackChannel="C0ANOTHER")
    later = mention("C0LAN2Q65", "1515449523.000001", "U061F7AUR", f"<@{BOT_USER}> まだ?")
    clock.pass_by(MAX_AGE - 1)
    deployment.post(later)
    clock.pass_by(1)
    deployment.post(mention("C0LAN2Q65", "1515449524.000001", "U061F7AUR", f"<@{BOT_USER}> もう?"))
    assert [question.text for question in queued(deployment)] == ["犬の名前は?", "まだ?"]


def test_ssm_has_the_last_word_and_the_environment_what_ssm_leaves_open(deployment, aws_environment, clock):
    aws_environment.setenv("SLACK_CHANNEL_IDS", "C0ANOTHER")
    deployment.post(MENTION)
    assert queued(deployment) == []
    deployment.aws.set_parameters(SlackChannel="C0LAN2Q65")
    clock.pass_by(MAX_AGE)
    deployment.post(MENTION)
    assert queued(deployment) == [ASKED]


def test_warm_requests_neither_read_ssm_nor_build_anything_again(deployment):
    deployment.post(MENTION)
    endpoint = lambda_events.current()
    deployment.post(mention("C1", "1515449525.000001", "U1", f"<@{BOT_USER}> 二つ目"))
    assert lambda_events.current() is endpoint
    assert deployment.aws.calls["GetParameters"] == 1


def test_a_trace_of_its_own_makes_no_event_read_the_settings_again(deployment, aws_environment):
    deployment.post(MENTION)
    aws_environment.setattr(EventsSettings, "from_env", None)
    aws_environment.setenv("_X_AMZN_TRACE_ID", "Root=1-5e1b4151-5ac6c58b5ac6c58b5ac6c58b;Parent=5399;Sampled=1")
    later = mention("C1", "1515449525.000001", "U1", f"<@{BOT_USER}> 二つ目")
    assert deployment.post(later)["statusCode"] == 200


def test_what_a_started_function_holds_is_not_walked_by_the_garbage_collector_again(deployment):
    gc.unfreeze()
    deployment.post(MENTION)
    frozen = gc.get_freeze_count()
    assert frozen > 0
    deployment.aws.set_parameters(SlackChannel="C0ANOTHER")
    lambda_events.current.clock.pass_by(MAX_AGE)
    deployment.post(MENTION)
    assert gc.get_freeze_count() <= frozen  # what is made anew may go again


def test_the_bots_own_id_serves_where_slack_does_not_say_it(deployment):
    event = MENTION | {"event": MENTION["event"] | {"type": "message", "channel_type": "channel"}}
    del event["authorizations"]
    deployment.post(event)
    assert queued(deployment) == []
    deployment.aws.set_parameters(SlackUserId=BOT_USER)
    lambda_events.current.clock.pass_by(MAX_AGE)
    deployment.post(event)
    assert queued(deployment) == [ASKED]


def test_each_line_is_json_with_the_requests_id_and_the_functions_name(deployment):
    deployment.post(MENTION, "JKJaXmPLvHcESHA=")
    (line,) = deployment.log()
    assert line["message"] == f"queued question {ASKED.reference}"
    assert line["correlation_id"] == "JKJaXmPLvHcESHA="
    assert line["function_name"] == "events"
    assert line["level"] == "INFO"


def test_lambdas_own_handler_does_not_write_each_line_once_more(deployment, caplog):
    deployment.post(MENTION)
    assert len(deployment.log()) == 1
    assert caplog.messages == []


def test_a_request_leaves_no_trace_of_the_one_before(deployment):
    deployment.post(MENTION, "first")
    deployment.post(MENTION, "second")
    assert [line["correlation_id"] for line in deployment.log()] == ["first", "second"]


def test_neither_logs_nor_metrics_hold_texts_or_secrets(deployment, aws_environment, capsys):
    aws_environment.setenv("LOG_LEVEL", "DEBUG")
    deployment.post(MENTION)
    deployment.post("犬の名前は 秘密")
    told = json.dumps(deployment.log(), ensure_ascii=False) + capsys.readouterr().out
    for secret in (SECRET, TOKEN, "sk-made-up", "犬の名前", "秘密", "ZZZZZZWSxiZZZ2yIvs3peJ"):
        assert secret not in told


def test_requests_are_counted_and_the_cold_start_told(deployment, aws_environment, capsys):
    aws_environment.setattr("aws_lambda_powertools.metrics.provider.cold_start.is_cold_start", True)
    deployment.post(MENTION)
    blobs = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [blob["Requests"] for blob in blobs if "Requests" in blob] == [[1.0]]
    assert [blob["ColdStart"] for blob in blobs if "ColdStart" in blob] == [[1.0]]
