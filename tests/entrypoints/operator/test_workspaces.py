"""What the commands say of several workspaces: the list of them, the doctor, names, and whose channel is meant."""

import json
from types import SimpleNamespace

import pytest
from cryptography.fernet import Fernet

from adapters.dynamodb import DynamoInstallations
from adapters.installations.fernet import FernetCipher
from adapters.installations.store import Installations
from adapters.kms import KmsCipher, kms_client
from adapters.sqlite import SqliteInstallations
from domain.requests import Vote
from entrypoints.playground.emulator.workspace.model import BOT_NAME, BOT_USER
from tests.aws_on_loopback import PREFIX, TABLE
from tests.slacks import CLIENT_ID, CLIENT_SECRET, POCHI, TARO, Slacks
from tests.stand_ins import Model

KEY = Fernet.generate_key().decode()
TOKENS = {POCHI: "xoxb-of-pochi", TARO: "xoxb-of-taro"}


@pytest.fixture
def slacks(serve, monkeypatch):
    begun = Slacks()
    address = serve(begun)
    begun.open(address, "http://127.0.0.1:9/", POCHI, TARO)
    for name, value in {
        "SLACK_API_URL": f"{address}/api/",
        "SLACK_CLIENT_ID": CLIENT_ID,
        "SLACK_CLIENT_SECRET": CLIENT_SECRET,
        "SLACK_SIGNING_SECRET": "another",
        "TOKEN_ENCRYPTION_KEY": KEY,
    }.items():
        monkeypatch.setenv(name, value)
    yield begun
    begun.close()


@pytest.fixture
def installed(slacks, on_one_machine) -> SimpleNamespace:
    """A bot that two workspaces have installed."""
    bot, _, votes = on_one_machine
    installations = Installations(SqliteInstallations(bot._database), FernetCipher(KEY))
    for team, token in TOKENS.items():
        installation = slacks.install(team, token)
        installation.installed_at = 1_790_000_000.0
        installations.save(installation)
    return SimpleNamespace(slacks=slacks, installations=installations, votes=votes, place=bot.place)


def test_the_workspaces_are_listed_without_their_tokens_and_without_the_key(installed, run, monkeypatch):
    for name in ("TOKEN_ENCRYPTION_KEY", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"):
        monkeypatch.delenv(name)
    code, said, _ = run("workspaces")
    assert code == 0
    assert [line.split()[:2] for line in said.splitlines()[1:]] == [[team, f"{team}の家"] for team in sorted(TOKENS)]
    listed = json.loads(run("workspaces", "--json")[1])
    assert listed[0] == {
        "id": POCHI,
        "name": f"{POCHI}の家",
        "enterprise": False,
        "teams": [POCHI],
        "bot": BOT_USER,
        "installed_at": "2026-09-21T14:13:20+00:00",
        "installed_by": "USAKURA",
        "token_expires_at": None,
    }
    assert "xoxb" not in said + str(listed)


def test_an_enterprise_grid_is_listed_with_the_teams_in_which_the_bot_was_asked(installed, run):
    whole = installed.slacks.install_for_all("E1", "xoxb-of-all", POCHI, TARO)
    whole.enterprise_name, whole.custom_values["teams"] = "犬の会", [TARO]
    installed.installations.save(whole)
    listed = {each["id"]: each for each in json.loads(run("workspaces", "--json")[1])}
    assert (listed["E1"]["name"], listed["E1"]["enterprise"], listed["E1"]["teams"]) == ("犬の会", True, [TARO])


def test_where_nobody_has_installed_the_app_that_is_said(slacks, sqlite_bot, run):
    assert run("workspaces") == (0, f"no workspace has installed the app in {sqlite_bot.place}\n", "")


def examined(run) -> dict:
    return {each["part"]: SimpleNamespace(**each) for each in json.loads(run("doctor", "--json")[1])}


@pytest.fixture
def model(serve, monkeypatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", f"{serve(Model().app)}/v1")


@pytest.fixture
def doctor(installed, run, model):
    return lambda: examined(run)


def test_the_doctor_asks_slack_with_the_token_of_each_workspace(doctor, installed):
    found = doctor()
    for team in TOKENS:
        assert found[f"workspace {team}"].what == f"Playground ({team}) as @{BOT_NAME} ({BOT_USER})"
        assert found[f"workspace {team}: scopes"].ok
    assert [each for each in found.values() if not each.ok] == []
    assert sorted(installed.slacks.tokens_of("auth.test")) == sorted(TOKENS.values())


def test_a_workspace_whose_token_slack_refuses_is_named_and_the_others_are_well(doctor, installed):
    installed.slacks.refuse(TOKENS[TARO], "account_inactive")
    found = doctor()
    assert found[f"workspace {POCHI}"].ok
    assert (found[f"workspace {TARO}"].ok, found[f"workspace {TARO}"].what) == (
        False,
        "Slack answered account_inactive",
    )
    assert "/slack/install" in found[f"workspace {TARO}"].mend


def test_a_key_that_is_another_one_is_said_to_be_the_fault(doctor, monkeypatch):
    monkeypatch.setenv("TOKEN_ENCRYPTION_KEY", Fernet.generate_key().decode())
    found = doctor()[f"workspace {POCHI}"]
    assert not found.ok
    assert "TOKEN_ENCRYPTION_KEY" in found.mend


def test_without_a_key_the_doctor_says_so_and_goes_on(doctor, monkeypatch):
    monkeypatch.delenv("TOKEN_ENCRYPTION_KEY")
    found = doctor()
    assert found["workspaces"].what.startswith("TOKEN_ENCRYPTION_KEY must be set")
    assert found["model"].ok


def test_before_the_first_installation_nothing_is_wrong(doctor, installed):
    for team in TOKENS:
        installed.installations.delete_all(enterprise_id=None, team_id=team)
    assert doctor()["workspaces"].ok


@pytest.fixture
def on_aws_too(slacks, on_aws, aws, monkeypatch) -> Installations:
    """The store of a bot on AWS, whose doctor finds the app's secrets in SSM and the tokens' key in the environment."""
    key = aws.create_key()
    monkeypatch.setenv("TOKEN_KMS_KEY", key)
    monkeypatch.setenv("PARAMETERS_PREFIX", PREFIX)
    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET", "TOKEN_ENCRYPTION_KEY"):
        monkeypatch.delenv(name)
    aws.set_parameters(
        SlackClientId=CLIENT_ID, SlackClientSecret=CLIENT_SECRET, SlackSigningSecret="another", OpenAiApiKey="sk-pochi"
    )
    return Installations(DynamoInstallations(TABLE), KmsCipher(key, kms_client()))


def test_on_aws_the_workspaces_are_listed_and_asked_with_the_tokens_in_the_table(on_aws_too, slacks, run, model):
    for team, token in TOKENS.items():
        on_aws_too.save(slacks.install(team, token))
    slacks.refuse(TOKENS[TARO], "account_inactive")
    assert [each["id"] for each in json.loads(run("workspaces", "--json")[1])] == sorted(TOKENS)
    found = examined(run)
    assert found[f"workspace {POCHI}"].ok
    assert not found[f"workspace {TARO}"].ok


def test_an_operator_who_may_not_use_the_key_is_told_so(on_aws_too, slacks, run, model, monkeypatch):
    on_aws_too.save(slacks.install(POCHI, TOKENS[POCHI]))
    monkeypatch.setenv("TOKEN_KMS_KEY", "alias/nobody-has-it")
    found = examined(run)[f"workspace {POCHI}"]
    assert not found.ok
    assert "kms:Decrypt" in found.mend


def test_names_are_asked_of_each_workspace_until_one_knows_them(installed, run):
    taro = installed.slacks.workspaces[TARO].workspace.directory
    person = taro.people[0]
    installed.votes.keep(Vote(TARO, "C1", "1790000001.000001", person.id, f"{TARO}/C1/1790000000.000001", good=True))
    installed.slacks.refuse(TOKENS[POCHI], "account_inactive")
    assert f"{person.id} {person.name}  " in run("feedback", "--names")[1]


def test_whose_channel_is_meant_must_be_said_where_there_are_several(installed, run):
    code, _, complained = run("settings", "C0123ABCD", "--language", "en")
    assert code == 2
    assert "--team" in complained
    assert run("settings", "C0123ABCD", "--team", TARO, "--language", "en")[0] == 0


def test_a_team_is_forgotten_with_its_installation_and_no_other_is(installed, run):
    code, said, _ = run("forget", POCHI, "--yes")
    assert code == 0
    assert "1  installation of the app" in said
    assert [each.team_id for each in installed.installations.all()] == [TARO]
    assert run("forget", POCHI)[1] == f"Of the team {POCHI} there is nothing to forget.\n"


def test_an_enterprise_grid_is_forgotten_with_its_installation(installed, run):
    installed.installations.save(installed.slacks.install_for_all("E1", "xoxb-of-all", POCHI))
    assert json.loads(run("forget", "E1", "--yes", "--json")[1])["installations"] == 1
    assert [each.team_id for each in installed.installations.all()] == sorted(TOKENS)
