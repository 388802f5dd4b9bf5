"""The limits of people, channels and workspaces, as an operator lists and changes them on both kinds of store."""

import json
import os

import pytest

from adapters.dynamodb import DynamoLimits, DynamoSettings
from adapters.sqlite import SqliteLimits, SqliteSettings
from domain.channels.channel_settings import ChannelSettings
from domain.limits.owner_limits import NO_LIMIT, Limit
from domain.spending.ledger import Owner, OwnerKind

SAKURA = Owner("T1", OwnerKind.PERSON, "USAKURA")
TEAM = Owner("T1", OwnerKind.TEAM, "T1")


@pytest.fixture(autouse=True)
def _team(monkeypatch):
    monkeypatch.setenv("SLACK_TEAM_IDS", "T1")


@pytest.fixture
def on_sqlite(tmp_path, monkeypatch, open_database):
    path = tmp_path / "bot.sqlite3"
    monkeypatch.setenv("DATABASE_PATH", str(path))
    database = open_database(path)
    return SqliteLimits(database), SqliteSettings(database)


@pytest.fixture
def on_dynamodb(_environment, aws, monkeypatch):
    monkeypatch.setenv("TABLE_NAME", aws.create_table())
    return DynamoLimits(os.environ["TABLE_NAME"]), DynamoSettings(os.environ["TABLE_NAME"])


@pytest.fixture(params=["on_sqlite", "on_dynamodb"])
def stores(request):
    return request.getfixturevalue(request.param)


def test_an_operator_gives_a_person_a_budget_and_a_pace_of_their_own_and_takes_them_back(stores, run):
    limits, _ = stores
    assert run("limits", "user", "USAKURA", "50,000") == (0, "budget     50,000\nquestions  default\n", "")
    assert run("limits", "user", "USAKURA", "--questions", "2")[0] == 0
    assert limits.limit(SAKURA) == Limit(50_000, 2)
    assert run("limits", "user", "USAKURA") == (0, "budget     50,000\nquestions  2\n", "")
    assert run("limits", "user", "USAKURA", "none", "--questions", "default")[0] == 0
    assert limits.limit(SAKURA) == Limit(budget=0)
    assert run("limits", "user", "USAKURA", "default")[0] == 0
    assert limits.limit(SAKURA) == NO_LIMIT
    assert limits.all() == {}


def test_a_channels_budget_is_one_of_its_settings(stores, run):
    _, settings = stores
    settings.change("T1", "C1", lambda _: ChannelSettings(model="gpt-5.4"))
    assert run("limits", "channel", "C1", "none") == (0, "budget     none\n", "")
    assert settings.load("T1", "C1") == ChannelSettings(model="gpt-5.4", budget=0)
    assert run("limits", "channel", "C1", "default")[0] == 0
    assert settings.load("T1", "C1") == ChannelSettings(model="gpt-5.4")


def test_all_that_differ_are_listed(stores, run):
    limits, settings = stores
    place = os.environ.get("TABLE_NAME") or os.environ["DATABASE_PATH"]
    total = f"limits in {place} that differ from the settings: "
    assert run("limits") == (0, f"{total}0\n", "")
    limits.set_limit(SAKURA, Limit(50_000, 2))
    limits.set_limit(TEAM, Limit(0))
    settings.change("T1", "C1", lambda _: ChannelSettings(budget=200_000))
    settings.change("T1", "C2", lambda _: ChannelSettings(model="gpt-5.4"))
    code, said, _ = run("limits")
    head, *rows, last = said.splitlines()
    assert (code, head.split(), last) == (0, ["kind", "team", "id", "budget", "questions"], f"{total}3")
    assert [row.split() for row in rows] == [
        ["channel", "T1", "C1", "200,000", "default"],
        ["team", "T1", "T1", "none", "default"],
        ["user", "T1", "USAKURA", "50,000", "2"],
    ]
    assert json.loads(run("limits", "--json")[1])[1:] == [
        {"kind": "team", "team": "T1", "id": "T1", "budget": 0, "questions": None},
        {"kind": "user", "team": "T1", "id": "USAKURA", "budget": 50_000, "questions": 2},
    ]
    assert json.loads(run("limits", "channel", "C1", "--json")[1])["budget"] == 200_000


def test_a_workspace_is_named_by_its_own_id_and_a_person_by_theirs_and_the_teams(on_sqlite, run):
    limits, _ = on_sqlite
    assert run("limits", "team", "T2", "1000000")[0] == 0
    assert run("limits", "user", "USAKURA", "5", "--team", "T2")[0] == 0
    assert limits.all() == {
        Owner("T2", OwnerKind.TEAM, "T2"): Limit(1_000_000),
        Owner("T2", OwnerKind.PERSON, "USAKURA"): Limit(5),
    }


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (
            ["user", "USAKURA", "plenty"],
            "the budget must be a whole number from 0 to 1,000,000,000,000, none or default, not 'plenty'",
        ),
        (["user", "USAKURA", "1000000000001"], "the budget must be a whole number from 0 to 1,000,000,000,000,"),
        (["user", "USAKURA", "--questions", "1.5"], "--questions must be a whole number from 0 to 1,000,"),
        (["user", "sakura", "5"], "'sakura' is no person's id such as U0123ABCD"),
        (["channel", "general", "5"], "'general' is no channel's id such as C0123ABCD"),
        (["team", "dogs", "5"], "'dogs' is no workspace's id such as T0123ABCD"),
        (["user"], "a limit is of one user: name its id"),
        (["channel", "C1", "--questions", "5"], "--questions are of a user"),
        (["dog", "D1", "5"], "invalid choice: 'dog'"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence_and_changes_nothing(on_sqlite, run, arguments, complaint):
    limits, settings = on_sqlite
    code, said, complained = run("limits", *arguments)
    assert (code, said) == (2, "")
    assert complaint in complained
    assert (limits.all(), settings.all()) == ({}, {})


def test_on_aws_the_team_must_be_known(on_dynamodb, run, monkeypatch):
    monkeypatch.setenv("SLACK_TEAM_IDS", "T1,T2")
    complaint = "bot: --team, or a SLACK_TEAM_IDS with one id, must say whose user is meant\n"
    assert run("limits", "user", "USAKURA", "5") == (2, "", complaint)
