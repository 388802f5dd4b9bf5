"""``bot secret``: a parameter on AWS gets another value, without an echo."""

import io

import pytest

from adapters.parameter_store import CREDENTIALS, PARAMETERS, SWITCHES
from entrypoints.operator.command_line import main
from entrypoints.operator.controls import secret
from tests.aws_on_loopback import PREFIX

KEY = "arn:aws:kms:ap-northeast-1:123456789012:key/1234"


@pytest.fixture
def ssm(aws, aws_environment):
    """SSM as Terraform leaves it, with secrets under a customer's key."""
    aws_environment.setenv("PARAMETERS_PREFIX", PREFIX)
    for name in ("SlackToken", "SlackSigningSecret", "OpenAiApiKey"):
        make(aws.ssm, name)
    for name in secret.SWITCHES | secret.LIMITS:
        aws.ssm.put_parameter(Name=f"{PREFIX}/{name}", Value="-", Type="String", Overwrite=True)
    return aws.ssm


def make(ssm, name: str) -> None:
    ssm.put_parameter(Name=f"{PREFIX}/{name}", Value="placeholder", Type="SecureString", KeyId=KEY, Overwrite=True)


def typed(monkeypatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def parameter(ssm, name: str) -> dict:
    return ssm.get_parameter(Name=f"{PREFIX}/{name}", WithDecryption=True)["Parameter"]


def described(ssm, name: str) -> dict:
    by_name = [{"Key": "Name", "Values": [f"{PREFIX}/{name}"]}]
    return ssm.describe_parameters(ParameterFilters=by_name)["Parameters"][0]


def test_it_knows_the_parameters_that_the_functions_read():
    assert {variable: name for name, variable in secret.NAMES.items()} == PARAMETERS
    assert set(secret.SWITCHES.values()) == SWITCHES
    assert secret.CREDENTIALS == CREDENTIALS


def test_a_secret_is_set_keeps_its_key_and_says_when_it_takes_effect(ssm, monkeypatch, capsys):
    typed(monkeypatch, "xoxb-pochi\n")
    assert main(["secret", "SlackToken"]) == 0
    assert parameter(ssm, "SlackToken")["Value"] == "xoxb-pochi"
    assert (described(ssm, "SlackToken")["Type"], described(ssm, "SlackToken")["KeyId"]) == ("SecureString", KEY)
    assert capsys.readouterr().out == (
        f"{PREFIX}/SlackToken is set. It takes effect within 3 minutes, without an apply.\n"
    )


def test_a_secret_can_be_given_another_key(ssm, monkeypatch):
    typed(monkeypatch, "xoxb-pochi")
    assert main(["secret", "SlackToken", "--kms-key", "alias/pochi"]) == 0
    assert described(ssm, "SlackToken")["KeyId"] == "alias/pochi"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_at_a_terminal_a_secret_is_asked_for_without_an_echo_and_a_switch_with_one(ssm, monkeypatch):
    monkeypatch.setattr("sys.stdin", Terminal("C0DOGS\n"))
    monkeypatch.setattr("getpass.getpass", {f"{PREFIX}/SlackToken: ": " xoxb-pochi\n"}.__getitem__)
    assert main(["secret", "SlackToken"]) == 0
    assert main(["secret", "SlackChannel"]) == 0
    assert parameter(ssm, "SlackToken")["Value"] == "xoxb-pochi"
    assert parameter(ssm, "SlackChannel")["Value"] == "C0DOGS"


@pytest.mark.parametrize(("said", "kept"), [("50000\n", "50000"), ("0", "0"), ("", "-")])
def test_a_limit_is_set_for_a_deployment_and_lifted(ssm, monkeypatch, said, kept):
    typed(monkeypatch, said)
    assert main(["secret", "MonthlyTokenBudgetPerUser"]) == 0
    assert parameter(ssm, "MonthlyTokenBudgetPerUser")["Value"] == kept


def test_a_limit_that_is_no_number_is_refused_before_it_is_set(ssm, monkeypatch, capsys):
    typed(monkeypatch, "plenty")
    assert main(["secret", "QuestionsPerMinute"]) == 2
    assert "QUESTIONS_PER_MINUTE must be a whole number from 0 to 1000, not 'plenty'" in capsys.readouterr().err
    assert parameter(ssm, "QuestionsPerMinute")["Value"] == "-"


@pytest.mark.parametrize(("said", "kept"), [("C0DOGS\n", "C0DOGS"), ("", "-"), ("-", "-")])
def test_a_switch_is_set_and_one_that_is_empty_is_a_hyphen(ssm, monkeypatch, said, kept):
    typed(monkeypatch, said)
    assert main(["secret", "SlackChannel"]) == 0
    assert (parameter(ssm, "SlackChannel")["Value"], parameter(ssm, "SlackChannel")["Type"]) == (kept, "String")


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("SlackToken", "", "SlackToken stays as it is: no value was given"),
        ("SlackToken", "xapp-pochi", "SlackToken must be the bot token, which begins with xoxb-"),
        ("SlackToken", "xoxb-po chi", "SLACK_BOT_TOKEN must be of visible ASCII characters, as it is copied"),
        ("OpenAiApiKey", "sk-ポチ", "OPENAI_API_KEY must be of visible ASCII characters, as it is copied"),
    ],
)
def test_what_the_functions_would_refuse_is_refused_and_not_repeated(ssm, monkeypatch, capsys, name, value, complaint):
    typed(monkeypatch, value)
    assert main(["secret", name]) == 2
    assert capsys.readouterr().err == f"bot: {complaint}\n"
    assert parameter(ssm, name)["Value"] == "placeholder"


def test_a_parameter_that_terraform_did_not_make_is_not_made_here(aws, aws_environment, monkeypatch, capsys):
    aws_environment.setenv("PARAMETERS_PREFIX", "/another")
    typed(monkeypatch, "sk-pochi")
    assert main(["secret", "OpenAiApiKey"]) == 1
    assert "there is no /another/OpenAiApiKey in SSM" in capsys.readouterr().err
    assert aws.calls["PutParameter"] == 0


def test_without_a_prefix_or_with_an_unknown_name_it_is_a_wrong_command(aws_environment, capsys):
    aws_environment.delenv("PARAMETERS_PREFIX", raising=False)
    assert main(["secret", "SlackToken"]) == 2
    assert "PARAMETERS_PREFIX must be a path in SSM" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["secret", "Password"])


def test_where_ssm_is_out_of_reach_the_cause_is_named_and_no_value(dead_port, aws_environment, monkeypatch, capsys):
    aws_environment.setattr("botocore.endpoint.time.sleep", lambda _: None)
    aws_environment.setenv("PARAMETERS_PREFIX", PREFIX)
    typed(monkeypatch, "xoxb-pochi")
    assert main(["secret", "SlackToken"]) == 1
    assert capsys.readouterr().err == (f"bot: {PREFIX}/SlackToken in SSM could not be set: EndpointConnectionError\n")


def test_without_a_region_it_says_so(aws_environment, monkeypatch, capsys):
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        aws_environment.delenv(name)
    aws_environment.setenv("PARAMETERS_PREFIX", PREFIX)
    typed(monkeypatch, "xoxb-pochi")
    assert main(["secret", "SlackToken"]) == 1
    assert "NoRegionError" in capsys.readouterr().err


def test_without_a_name_it_asks_for_the_secrets_that_are_unset_until_each_has_a_right_value_or_none(
    ssm, monkeypatch, capsys
):
    ssm.put_parameter(Name=f"{PREFIX}/SlackSigningSecret", Value="set-by-pochi", Type="SecureString", Overwrite=True)
    monkeypatch.setattr("sys.stdin", Terminal())
    said = {f"{PREFIX}/SlackToken: ": ["xapp-pochi", "xoxb-pochi"], f"{PREFIX}/OpenAiApiKey: ": [""]}
    monkeypatch.setattr("getpass.getpass", lambda prompt: said[prompt].pop(0))
    assert main(["secret"]) == 0
    assert [parameter(ssm, name)["Value"] for name in ("SlackToken", "SlackSigningSecret", "OpenAiApiKey")] == [
        *("xoxb-pochi", "set-by-pochi", "placeholder"),
    ]
    assert list(said.values()) == [[], []]
    complaints = capsys.readouterr().err
    assert "must be the bot token" in complaints
    assert "OpenAiApiKey stays as it is" in complaints


def test_without_a_name_it_asks_for_the_apps_credentials_where_there_are_several_workspaces(ssm, monkeypatch):
    ssm.delete_parameter(Name=f"{PREFIX}/SlackToken")
    for name in ("SlackClientId", "SlackClientSecret"):
        make(ssm, name)
    values = {"SlackClientId": "1.2", "SlackClientSecret": "hush", "SlackSigningSecret": "", "OpenAiApiKey": ""}
    asked = {f"{PREFIX}/{name}: ": value for name, value in values.items()}
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", asked.pop)
    assert main(["secret"]) == 0
    assert asked == {}
    assert [parameter(ssm, name)["Value"] for name in ("SlackClientId", "SlackClientSecret")] == ["1.2", "hush"]


def test_without_a_name_and_with_every_secret_set_it_asks_for_nothing(ssm, monkeypatch, capsys):
    for name in secret.SECRETS:
        ssm.put_parameter(Name=f"{PREFIX}/{name}", Value="set-by-pochi", Type="SecureString", Overwrite=True)
    monkeypatch.setattr("sys.stdin", Terminal())
    assert main(["secret"]) == 0
    assert "Every secret is set." in capsys.readouterr().out


def test_without_a_name_and_without_a_terminal_it_is_a_wrong_command(ssm, monkeypatch, capsys):
    typed(monkeypatch, "xoxb-pochi")
    assert main(["secret"]) == 2
    assert "needs a NAME" in capsys.readouterr().err
