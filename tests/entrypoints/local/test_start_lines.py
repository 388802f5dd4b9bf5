"""The lines of the start, and what Slack says of the settings."""

from pathlib import Path

import pytest

from adapters.slack.identity import Identity
from domain.errors import SlackRefused, StoreCorrupt
from entrypoints import VERSION
from entrypoints.configuration.settings import Settings
from entrypoints.local.start_lines import slack_warnings, start_lines

POCHI = Identity("pochi", "U0POCHI", "Dogs", "T0DOGS", enterprise="E0DOGS")
OWN_SLACK = {"SLACK_BOT_TOKEN": "xoxb-secret", "SLACK_SIGNING_SECRET": "very-secret"}


def test_without_settings_stand_ins_are_said_to_stand_in():
    assert list(start_lines(Settings(), None)) == [
        f"slack-gpt-backend {VERSION}, in Japanese",
        "model: none, a stand-in answers (OPENAI_API_KEY or OPENAI_BASE_URL names a model)",
        "Slack: none, the playground stands in (SLACK_BOT_TOKEN names a Slack)",
        f"data: {Path.cwd()}/.data/bot.sqlite3, conversations for 90 days",
        "memory: one for each thread: above 4000 tokens condensed to 2000, with a summary of at most 1000",
        "limits: none",
        "answers: at most 2000 tokens in 240 s",
    ]


@pytest.mark.parametrize(
    ("env", "line"),
    [
        ({"BOT_LANGUAGE": "en"}, f"slack-gpt-backend {VERSION}, in English"),
        ({"OPENAI_API_KEY": "sk-secret", "CHAT_MODEL": "pochi-1"}, "model: pochi-1 at api.openai.com"),
        (
            {"OPENAI_BASE_URL": "http://me:secret@127.0.0.1:11434/v1", "CHAT_MODEL": "a", "SUMMARY_MODEL": "b"},
            "model: a at 127.0.0.1:11434, summaries by b",
        ),
        (OWN_SLACK, "Slack: Dogs (T0DOGS) as @pochi (U0POCHI), by POST /events"),
        (
            OWN_SLACK | {"SLACK_APP_TOKEN": "xapp-secret", "SLACK_CHANNEL_IDS": "C1,C2"},
            "Slack: Dogs (T0DOGS) as @pochi (U0POCHI), by Socket Mode, in 2 channels only",
        ),
        (
            {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "secret", "SLACK_SIGNING_SECRET": "secret"},
            "Slack: no workspace yet, by POST /events; /slack/install at its public address adds one",
        ),
        (
            {"DATABASE_PATH": "/srv/bot.sqlite3", "CONVERSATION_TTL_DAYS": "7"},
            "data: /srv/bot.sqlite3, conversations for 7 days",
        ),
        ({"QUESTIONS_PER_MINUTE": "5"}, "limits: 5 questions a minute of each person"),
        (
            {"MONTHLY_TOKEN_BUDGET_PER_USER": "50000", "MONTHLY_TOKEN_BUDGET_PER_TEAM": "1000000"},
            "limits: 50,000 tokens a month for each person, 1,000,000 tokens a month for each team",
        ),
        (
            {"CONVERSATION_SCOPE": "channel", "MEMORY_TOKEN_LIMIT": "230"},
            "memory: one for each channel: above 230 tokens condensed to 115, with a summary of at most 1000",
        ),
    ],
)
def test_each_thing_that_runs_is_named_and_no_secret(env, line):
    lines = list(start_lines(Settings.from_env(env), POCHI))
    assert line in lines
    assert "secret" not in "".join(lines)


def test_a_workspace_that_is_not_known_is_said_to_be_unknown():
    refused = SlackRefused("Slack answered invalid_auth")
    settings = Settings.from_env(OWN_SLACK)
    assert "Slack: an unknown workspace, by POST /events" in list(start_lines(settings, refused))
    assert list(slack_warnings(settings, refused)) == [
        "SLACK_BOT_TOKEN could not be verified: Slack answered invalid_auth"
    ]


@pytest.mark.parametrize(
    ("env", "sentences"),
    [
        (
            {"SLACK_TEAM_IDS": "T0CATS"},
            ["SLACK_TEAM_IDS lacks the bot's own workspace T0DOGS: nobody there is answered"],
        ),
        (
            {"SLACK_BOT_USER_ID": "U0TAMA"},
            ["SLACK_BOT_USER_ID is U0TAMA, but SLACK_BOT_TOKEN is that of U0POCHI"],
        ),
        ({"SLACK_TEAM_IDS": "T0CATS,T0DOGS", "SLACK_BOT_USER_ID": "U0POCHI"}, []),
        ({"SLACK_TEAM_IDS": "E0DOGS"}, []),
        ({}, []),
    ],
)
def test_ids_that_are_not_those_of_the_token_are_named(env, sentences):
    assert list(slack_warnings(Settings.from_env(OWN_SLACK | env), POCHI)) == sentences


def test_the_playground_needs_no_verification():
    assert list(slack_warnings(Settings(), None)) == []


SEVERAL = {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "very-secret", "SLACK_SIGNING_SECRET": "very-secret"}


@pytest.mark.parametrize(
    ("workspaces", "said"),
    [
        ((), "no workspace yet"),
        (("Dogs T0DOGS",), "1 workspace (Dogs T0DOGS)"),
        (tuple(f"T{number}" for number in range(7)), "7 workspaces (T0, T1, T2, T3, T4, …)"),
    ],
)
def test_several_workspaces_are_counted_and_some_of_them_named(workspaces, said):
    lines = list(start_lines(Settings.from_env(SEVERAL), workspaces))
    assert f"Slack: {said}, by POST /events; /slack/install at its public address adds one" in lines


def test_workspaces_whose_store_cannot_be_read_are_said_to_be_unknown():
    settings, error = Settings.from_env(SEVERAL), StoreCorrupt("bot.sqlite3: installations/T1 is not an installation")
    assert list(slack_warnings(settings, error)) == [f"the workspaces could not be verified: {error}"]
