"""What the start warns of: each odd setting by one sentence, and nothing that is meant."""

import pytest

from entrypoints.configuration.odd_settings import NAMES, odd_settings
from entrypoints.configuration.settings import Settings
from tests.variables import known_settings

OWN_SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
MODEL = {"OPENAI_BASE_URL": "http://127.0.0.1:11434/v1"}
SEVERAL = {
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "cl13nt",
    "SLACK_SIGNING_SECRET": "1gn1ng",
    "OPENAI_BASE_URL": "http://127.0.0.1:1/v1",
}
BELONGS = "what is there belongs into"


def warned(env: dict[str, str], from_file: set[str] | None = None) -> list[str]:
    return list(odd_settings(Settings.from_env(env), env, from_file))


def test_the_names_are_those_of_the_settings():
    assert known_settings() == NAMES


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("SLACK_TOKEN", "SLACK_TOKEN is no setting; SLACK_BOT_TOKEN may be meant"),
        ("SLACK_API_TOKEN", "SLACK_API_TOKEN is no setting; SLACK_BOT_TOKEN may be meant"),
        ("OPENAI_KEY", "OPENAI_KEY is no setting; OPENAI_API_KEY may be meant"),
        ("OPENAI_API_BASE", "OPENAI_API_BASE is no setting; OPENAI_BASE_URL may be meant"),
        ("OPENAI_MODEL", "OPENAI_MODEL is no setting; CHAT_MODEL may be meant"),
        ("MEMORY_TOKENS_LIMIT", "MEMORY_TOKENS_LIMIT is no setting; MEMORY_TOKEN_LIMIT may be meant"),
        ("bot_language", "bot_language is no setting; BOT_LANGUAGE may be meant"),
        ("SLACK_POCHI", "SLACK_POCHI is no setting and has no effect"),
    ],
)
def test_a_variable_that_looks_like_a_setting_and_is_none_is_named_with_what_may_be_meant(name, sentence):
    assert warned({name: "1"}) == [sentence]


@pytest.mark.parametrize(
    "name",
    [
        *("PATH", "HOME", "HOSTNAME", "LOGNAME", "LANGUAGE", "LOG_FILE", "DATABASE_URL", "AWS_PROFILE", "TF_VAR_name"),
        *("TF_VAR_memory_keep_tokens", "TF_VAR_reply_token_limit"),
        *("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "SLACK_CLI_XOXB", "CHROME_PATH", "PYTHONPATH", "GITHUB_TOKEN"),
    ],
)
def test_what_belongs_to_other_programs_is_passed_over(name):
    assert warned({name: "1"}) == []


def test_an_empty_variable_is_none():
    assert warned({"SLACK_TOKEN": " "}) == []


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        (
            {"SLACK_BOT_TOKEN": "xapp-1", "SLACK_APP_TOKEN": "xapp-2"},
            f"SLACK_BOT_TOKEN must be the bot token, which begins with xoxb-; {BELONGS} SLACK_APP_TOKEN",
        ),
        (
            {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xoxb-2"},
            f"SLACK_APP_TOKEN must be the app-level token, which begins with xapp-; {BELONGS} SLACK_BOT_TOKEN",
        ),
        (
            {"SLACK_BOT_TOKEN": "xoxp-1", "SLACK_APP_TOKEN": "xapp-2"},
            "SLACK_BOT_TOKEN must be the bot token, which begins with xoxb-",
        ),
        (
            {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "xapp-2"},
            f"SLACK_SIGNING_SECRET is another secret; {BELONGS} SLACK_APP_TOKEN",
        ),
        (
            SEVERAL | {"SLACK_CLIENT_SECRET": "xapp-2"},
            f"SLACK_CLIENT_SECRET is another secret; {BELONGS} SLACK_APP_TOKEN",
        ),
        (
            SEVERAL | {"SLACK_CLIENT_SECRET": "1gn1ng"},
            "SLACK_CLIENT_SECRET has the value of SLACK_SIGNING_SECRET: they are two secrets of one app",
        ),
        (
            {"OPENAI_API_KEY": "xoxb-1"},
            f"OPENAI_API_KEY is another secret; {BELONGS} SLACK_BOT_TOKEN",
        ),
    ],
)
def test_secrets_that_were_interchanged_are_named_and_not_repeated(env, sentence):
    (said,) = warned(env)
    assert said == sentence
    assert not [secret for name, secret in env.items() if secret in said and name != "SLACK_CLIENT_ID"]


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({"SLACK_CHANNEL_IDS": "#general,C1"}, "SLACK_CHANNEL_IDS has '#general', which is no id such as C0123ABCD"),
        ({"SLACK_TEAM_IDS": "C0DOG"}, "SLACK_TEAM_IDS has 'C0DOG', which is no id such as T0123ABCD"),
        ({"SLACK_BOT_USER_ID": "B0DOG"}, "SLACK_BOT_USER_ID has 'B0DOG', which is no id such as U0123ABCD"),
        (
            SEVERAL | {"SLACK_CLIENT_ID": "A0DOG"},
            "SLACK_CLIENT_ID has 'A0DOG', which is no id such as 1234567890.1234567890",
        ),
        (
            {"SLACK_TEAM_IDS": f"xoxb-{'1' * 30}"},
            "SLACK_TEAM_IDS has a value of 35 characters, which is no id such as T0123ABCD",
        ),
    ],
)
def test_an_id_of_a_wrong_form_is_named(env, sentence):
    assert warned(env) == [sentence]


def test_ids_of_every_kind_pass():
    ids = {"SLACK_TEAM_IDS": "T1,E1", "SLACK_CHANNEL_IDS": "C1,D1,G1", "SLACK_BOT_USER_ID": "W1"}
    assert warned(OWN_SLACK | MODEL | ids) == []


@pytest.mark.parametrize(
    ("env", "name"),
    [
        *(({name: "1"}, name) for name in ("CHAT_MODEL", "SUMMARY_MODEL", "CHAT_TEMPERATURE")),
        ({"SLACK_SIGNING_SECRET": "s"}, "SLACK_SIGNING_SECRET"),
        *(
            (MODEL | {name: "https://pochi.test"}, name)
            for name in ("TABLE_NAME", "USAGE_TABLE_NAME", "QUEUE_URL", "DEAD_LETTER_QUEUE_URL", "TOKEN_KMS_KEY")
        ),
        ({"PARAMETERS_PREFIX": "/pochi"}, "PARAMETERS_PREFIX"),
        ({"HOST": "0.0.0.0"}, "HOST"),
        ({"TOKEN_ENCRYPTION_KEY": f"{'A' * 43}="}, "TOKEN_ENCRYPTION_KEY"),
        (SEVERAL | {"SLACK_BOT_USER_ID": "U1"}, "SLACK_BOT_USER_ID"),
        ({"LOG_TEXTS": "true", "LOG_LEVEL": "ERROR"}, "LOG_TEXTS"),
    ],
)
def test_a_setting_without_effect_is_named(env, name):
    (said,) = warned(env)
    assert said.startswith(f"{name} ")


KEY = {"OPENAI_API_KEY": "sk-1"}


@pytest.mark.parametrize(
    ("env", "from_file", "warns"),
    [
        (KEY, set(), True),
        (KEY | {"OPENAI_BASE_URL": "https://model.test/v1"}, set(), True),
        (KEY | MODEL, set(), False),
        (KEY, {"OPENAI_API_KEY"}, False),
        (KEY, None, False),
        ({}, set(), False),
    ],
)
def test_a_key_that_the_file_does_not_name_is_said_to_cost_money(env, from_file, warns):
    assert [said.partition(" ")[0] for said in warned(env, from_file)] == ["OPENAI_API_KEY"] * warns
    assert not [said for said in warned(env, from_file) if "sk-1" in said]
