"""Parameters from SSM: which there are, for how long they are believed, and what an outage does."""

import pytest
from botocore.stub import Stubber

from adapters.parameter_store import MAX_AGE, RETRY_AFTER, Parameters, ssm_client
from domain.errors import StoreUnavailable
from tests.aws_on_loopback import PREFIX


@pytest.fixture
def parameters(aws, clock) -> Parameters:
    return Parameters(PREFIX, ssm_client(), clock=clock)


def test_each_parameter_is_known_by_its_variable_and_decrypted(aws, parameters):
    aws.set_parameters(
        OpenAiApiKey="sk-1",
        SlackToken="xoxb-1",
        SlackSigningSecret="s3cret",
        SlackChannel="C1,C2",
        SlackContextTeamId="T1",
        SlackUserId="U0BOT",
        SlackReplyUsername="ポチ",
        MonthlyTokenBudgetPerUser="50000",
        MonthlyTokenBudgetPerChannel="200000",
        MonthlyTokenBudgetPerTeam="1000000",
        QuestionsPerMinute="5",
    )
    assert parameters.read() == {
        "OPENAI_API_KEY": "sk-1",
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_SIGNING_SECRET": "s3cret",
        "SLACK_CHANNEL_IDS": "C1,C2",
        "SLACK_TEAM_IDS": "T1",
        "SLACK_BOT_USER_ID": "U0BOT",
        "SLACK_REPLY_USERNAME": "ポチ",
        "MONTHLY_TOKEN_BUDGET_PER_USER": "50000",
        "MONTHLY_TOKEN_BUDGET_PER_CHANNEL": "200000",
        "MONTHLY_TOKEN_BUDGET_PER_TEAM": "1000000",
        "QUESTIONS_PER_MINUTE": "5",
    }


@pytest.mark.parametrize("nothing", ["-", "placeholder", " ", " - \n"])
def test_what_stands_for_nothing_is_not_set(aws, parameters, nothing):
    aws.set_parameters(SlackToken="xoxb-1", SlackSigningSecret=nothing)
    assert parameters.read() == {"SLACK_BOT_TOKEN": "xoxb-1"}


def test_only_the_known_names_under_the_prefix_count(aws, parameters):
    aws.set_parameters(SlackToken="xoxb-1", CHAT_MODEL="gpt-9", **{"other/SlackSigningSecret": "no"})
    aws.ssm.put_parameter(Name="/another/SlackSigningSecret", Value="no", Type="String")
    assert parameters.read() == {"SLACK_BOT_TOKEN": "xoxb-1"}


def test_a_prefix_may_end_in_a_slash(aws, clock):
    aws.set_parameters(SlackToken="xoxb-1")
    parameters = Parameters(f"{PREFIX}/", ssm_client(), clock=clock)
    assert parameters.read() == {"SLACK_BOT_TOKEN": "xoxb-1"}


def test_two_calls_of_ten_names_are_enough_whatever_else_stands_under_the_prefix(aws, parameters):
    aws.set_parameters(SlackToken="xoxb-1", **{f"A{n}": "x" for n in range(12)})
    assert parameters.read() == {"SLACK_BOT_TOKEN": "xoxb-1"}
    assert aws.calls["GetParameters"] == 2


def test_only_what_was_asked_for_is_read(aws, clock):
    aws.set_parameters(SlackToken="xoxb-1", SlackSigningSecret="s3cret")
    parameters = Parameters(PREFIX, ssm_client(), clock=clock, variables=["SLACK_SIGNING_SECRET"])
    assert parameters.read() == {"SLACK_SIGNING_SECRET": "s3cret"}


def test_a_changed_value_takes_effect_when_the_old_one_has_aged(aws, parameters, clock):
    aws.set_parameters(SlackToken="old")
    parameters.read()
    aws.set_parameters(SlackToken="new")
    clock.pass_by(MAX_AGE - 1)
    assert parameters.read()["SLACK_BOT_TOKEN"] == "old"
    clock.pass_by(1)
    assert parameters.read()["SLACK_BOT_TOKEN"] == "new"
    assert aws.calls["GetParameters"] == 4


def test_values_that_are_unset_later_are_gone(aws, parameters, clock):
    aws.set_parameters(SlackChannel="C1")
    parameters.read()
    aws.set_parameters(SlackChannel="-")
    clock.pass_by(MAX_AGE)
    assert parameters.read() == {}


def test_in_an_outage_the_old_values_go_on_and_the_log_says_so(aws, clock, caplog):
    aws.set_parameters(SlackToken="old")
    client = ssm_client()
    parameters = Parameters(PREFIX, client, clock=clock)
    parameters.read()
    clock.pass_by(MAX_AGE)
    with Stubber(client) as ssm:
        ssm.add_client_error("get_parameters", "InternalServerError", "xoxb-secret")
        assert parameters.read() == {"SLACK_BOT_TOKEN": "old"}
        clock.pass_by(RETRY_AFTER - 1)
        assert parameters.read() == {"SLACK_BOT_TOKEN": "old"}  # the stub would refuse a second request
    assert caplog.messages == [
        f"the parameters stay as they were: {PREFIX} in SSM could not be read: InternalServerError"
    ]


def test_after_an_outage_new_values_are_read_soon(aws, clock):
    aws.set_parameters(SlackToken="old")
    client = ssm_client()
    parameters = Parameters(PREFIX, client, clock=clock)
    parameters.read()
    aws.set_parameters(SlackToken="new")
    clock.pass_by(MAX_AGE)
    with Stubber(client) as ssm:
        ssm.add_client_error("get_parameters", "InternalServerError")
        parameters.read()
    clock.pass_by(RETRY_AFTER)
    assert parameters.read() == {"SLACK_BOT_TOKEN": "new"}


def test_an_outage_before_the_first_value_is_an_error(dead_port, clock, monkeypatch):
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    parameters = Parameters(PREFIX, ssm_client(), clock=clock)
    with pytest.raises(StoreUnavailable, match=f"{PREFIX} in SSM could not be read: EndpointConnectionError"):
        parameters.read()


def test_the_first_value_is_asked_for_again_at_once_after_an_error(aws, clock):
    aws.set_parameters(SlackToken="xoxb-1")
    client = ssm_client()
    parameters = Parameters(PREFIX, client, clock=clock)
    with Stubber(client) as ssm:
        ssm.add_client_error("get_parameters", "AccessDeniedException", "no")
        with pytest.raises(StoreUnavailable, match="AccessDeniedException"):
            parameters.read()
    assert parameters.read() == {"SLACK_BOT_TOKEN": "xoxb-1"}
