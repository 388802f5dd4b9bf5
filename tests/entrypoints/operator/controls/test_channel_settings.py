"""The settings of channels, as an operator lists and changes them on both kinds of store."""

import json
import os

import pytest

from adapters.dynamodb import DynamoSettings
from adapters.sqlite import SqliteSettings
from domain.channels.channel_settings import NO_SETTINGS, ChannelSettings
from domain.conversations.place import Scope
from entrypoints.playground.emulator.workspace.model import TEAM
from tests.stand_ins import SlackServer

POCHI = ChannelSettings("ポチの話だけをします。\n短く。", "gpt-5.4", "ja", Scope.CHANNEL, 100_000)


@pytest.fixture(autouse=True)
def _team(monkeypatch):
    monkeypatch.setenv("SLACK_TEAM_IDS", "T1")


@pytest.fixture
def sqlite_settings(tmp_path, monkeypatch, open_database) -> SqliteSettings:
    path = tmp_path / "bot.sqlite3"
    monkeypatch.setenv("DATABASE_PATH", str(path))
    return SqliteSettings(open_database(path))


@pytest.fixture
def dynamo_settings(_environment, aws, monkeypatch) -> DynamoSettings:
    monkeypatch.setenv("TABLE_NAME", aws.create_table())
    return DynamoSettings(os.environ["TABLE_NAME"])


@pytest.fixture(params=["sqlite_settings", "dynamo_settings"])
def settings(request) -> SqliteSettings | DynamoSettings:
    return request.getfixturevalue(request.param)


def test_an_operator_sets_what_holds_for_a_channel_and_unsets_it(settings, run):
    code, said, complained = run(
        *("settings", "C1", "--instructions", "ポチの話だけをします。\n短く。", "--model", "gpt-5.4"),
        *("--language", "ja", "--scope", "channel", "--budget", "100000"),
    )
    assert said == (
        "instructions  ポチの話だけをします。\n              短く。\n"
        "model         gpt-5.4\nlanguage      ja\nscope         channel\nbudget        100000\n"
    )
    assert (code, complained) == (0, "")
    assert settings.load("T1", "C1") == POCHI
    code, said, _ = run("settings", "C1", "--unset", "model", "--unset", "instructions")
    assert (code, said.splitlines()[1]) == (0, "model         - (follows the bot's own)")
    assert settings.load("T1", "C1") == ChannelSettings("", "", "ja", Scope.CHANNEL, 100_000)


def test_all_channels_with_settings_are_listed(settings, run):
    place = os.environ.get("TABLE_NAME") or os.environ["DATABASE_PATH"]
    assert run("settings") == (0, f"channels with settings in {place}: 0\n", "")
    settings.change("T1", "C1", lambda _: POCHI)
    settings.change("T2", "C2", lambda _: ChannelSettings("犬" * 100))
    code, said, _ = run("settings")
    head, first, second, total = said.splitlines()
    assert head.split() == ["team", "channel", "budget", "scope", "language", "model", "instructions"]
    assert first.split() == ["T1", "C1", "100000", "channel", "ja", "gpt-5.4", "ポチの話だけをします。", "短く。"]
    assert second.split() == ["T2", "C2", "-", "-", "-", "-", f"{'犬' * 59}…"]
    assert (code, total) == (0, f"channels with settings in {place}: 2")


def test_programs_read_them_as_json(settings, run):
    settings.change("T1", "C1", lambda _: POCHI)
    one = {
        "team": "T1", "channel": "C1", "instructions": "ポチの話だけをします。\n短く。", "model": "gpt-5.4",
        "language": "ja", "scope": "channel", "budget": 100_000,
    }  # fmt: skip
    assert json.loads(run("settings", "--json")[1]) == [one]
    assert json.loads(run("settings", "C1", "--json")[1]) == one
    unset = json.loads(run("settings", "C2", "--json")[1])
    assert unset == {"team": "T1", "channel": "C2"} | dict.fromkeys(one.keys() - {"team", "channel"})


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["C1", "--budget", "lots"], "budget must be a whole number from 0 to 1,000,000,000,000, not 'lots'"),
        (["C1", "--language", "fr"], "language must be one of ja, en, not 'fr'"),
        (["general"], "'general' is no channel's id such as C0123ABCD"),
        (["C1", "--budget", "1", "--team", "T1/C9"], "'T1/C9' is no workspace's id such as T0123ABCD"),
        (["U1", "--budget", "1"], "'U1' is no channel's id such as C0123ABCD"),
    ],
)
def test_what_cannot_be_meant_is_one_line_and_changes_nothing(sqlite_settings, run, arguments, complaint):
    assert run("settings", *arguments) == (2, "", f"bot: {complaint}\n")
    assert sqlite_settings.all() == {}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--budget", "1"], "a setting is of one channel: name it"),
        (["C1", "--budget", "1", "--unset", "budget"], "budget is to be set and unset"),
        (["C1", "--unset", "dog"], "invalid choice: 'dog'"),
    ],
)
def test_a_command_that_contradicts_itself_is_refused(sqlite_settings, run, arguments, complaint):
    code, said, complained = run("settings", *arguments)
    assert (code, said) == (2, "")
    assert complaint in complained


def test_slack_says_whose_channel_it_is_and_whether_there_is_one(sqlite_settings, run, serve, monkeypatch):
    slack = SlackServer("http://127.0.0.1:9/")
    (channel, *_) = (each.id for each in slack.workspace.directory.channels if each.kind == "channel")
    monkeypatch.setenv("SLACK_API_URL", f"{serve(slack.app)}/api/")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-own")
    monkeypatch.setenv("SLACK_TEAM_IDS", "")
    assert run("settings", channel, "--budget", "5")[0] == 0
    assert sqlite_settings.all() == {(TEAM, channel): ChannelSettings(budget=5)}
    complaint = "bot: Slack knows no channel C0GONE, or it is private and the bot is not in it\n"
    assert run("settings", "C0GONE", "--budget", "5") == (2, "", complaint)
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-other")
    code, said, complained = run("settings", channel, "--budget", "6")
    assert (code, said) == (1, "")
    assert "invalid_auth" in complained
    assert sqlite_settings.all() == {(TEAM, channel): ChannelSettings(budget=5)}


def test_without_a_slack_the_channel_is_the_playgrounds(sqlite_settings, run, monkeypatch):
    monkeypatch.setenv("SLACK_TEAM_IDS", "")
    assert run("settings", "C1", "--budget", "5")[0] == 0
    assert run("settings", "C1", "--team", "T9", "--budget", "7")[0] == 0
    assert sqlite_settings.all().keys() == {(TEAM, "C1"), ("T9", "C1")}


@pytest.mark.parametrize("teams", ["", "T1,T2", "E1"])
def test_on_aws_the_team_must_be_known(dynamo_settings, run, monkeypatch, teams):
    monkeypatch.setenv("SLACK_TEAM_IDS", teams)
    complaint = "bot: --team, or a SLACK_TEAM_IDS with one id, must say whose channel is meant\n"
    assert run("settings", "C1") == (2, "", complaint)
    assert run("settings", "C1", "--team", "T1", "--budget", "5")[0] == 0
    assert dynamo_settings.load("T1", "C1") == ChannelSettings(budget=5)
    assert dynamo_settings.load("T2", "C1") == NO_SETTINGS
