from pathlib import Path

import pytest

from domain.conversations.place import Scope
from domain.memory import Memory
from domain.spending.prices import Price
from entrypoints.configuration.settings import SettingError, Settings, parameters_prefix

OWN_SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s3cret"}


def test_an_empty_environment_is_the_playground_with_the_offline_model():
    settings = Settings.from_env({})
    assert settings == Settings()
    assert settings.uses_playground
    assert settings.is_offline
    assert settings.memory == Memory(4000, 2000, 1000)
    assert settings.database_path == Path(".data/bot.sqlite3")


KEY = "cG9jaGktaXMtYS1nb29kLWRvZy1wb2NoaS1pcy1hLWc="
SEVERAL = {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "c", "SLACK_SIGNING_SECRET": "s"}


def test_several_workspaces_are_those_of_an_app_with_a_client_id():
    settings = Settings.from_env(SEVERAL | {"TOKEN_ENCRYPTION_KEY": f"{KEY},{KEY}"})
    settings.require_encryption_key()
    assert settings.has_several_workspaces
    assert not settings.uses_playground
    assert (settings.slack_client_id, settings.slack_client_secret) == ("1.2", "c")
    assert settings.token_encryption_key == f"{KEY},{KEY}"
    assert not any(secret in repr(settings) for secret in ("'c'", KEY))
    assert Settings.from_env(SEVERAL | {"SLACK_SIGNING_SECRET": "", "SLACK_APP_TOKEN": "xapp-1"}).has_several_workspaces


def test_one_workspace_is_not_several_and_needs_no_key():
    settings = Settings.from_env(OWN_SLACK)
    settings.require_encryption_key()
    assert not settings.has_several_workspaces


@pytest.mark.parametrize(
    ("env", "complaint"),
    [
        ({"SLACK_CLIENT_SECRET": ""}, "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET must be set together"),
        ({"SLACK_CLIENT_ID": ""}, "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET must be set together"),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_BOT_TOKEN must be empty where SLACK_CLIENT_ID is set"),
        ({"SLACK_SIGNING_SECRET": ""}, "SLACK_SIGNING_SECRET must be set where"),
        ({"TOKEN_ENCRYPTION_KEY": ""}, r"TOKEN_ENCRYPTION_KEY must be set where .*; openssl rand -base64 32"),
        (
            {"TOKEN_ENCRYPTION_KEY": "pochi"},
            "TOKEN_ENCRYPTION_KEY must be 32 random bytes in URL-safe Base64, as openssl",
        ),
        ({"TOKEN_ENCRYPTION_KEY": f"{KEY},"}, "TOKEN_ENCRYPTION_KEY must be 32 random bytes"),
        ({"TOKEN_ENCRYPTION_KEY": KEY[:-4]}, "TOKEN_ENCRYPTION_KEY must be 32 random bytes"),
    ],
)
def test_several_workspaces_need_a_whole_app_and_a_key(env, complaint):
    with pytest.raises(SettingError, match=complaint) as raised:
        Settings.from_env(SEVERAL | {"TOKEN_ENCRYPTION_KEY": KEY} | env).require_encryption_key()
    assert KEY[:9] not in str(raised.value)


def test_every_variable_reaches_its_setting():
    settings = Settings.from_env(
        OWN_SLACK
        | {
            "SLACK_APP_TOKEN": "xapp-1",
            "SLACK_API_URL": "http://127.0.0.1:9000/api/",
            "SLACK_TEAM_IDS": "T1, T2,",
            "SLACK_CHANNEL_IDS": "C1",
            "SLACK_BOT_USER_ID": "U0BOT",
            "SLACK_REPLY_USERNAME": "ポチ",
            "SLACK_EXTERNAL_PEOPLE": "answer",
            "OPENAI_API_KEY": "sk-1",
            "OPENAI_BASE_URL": "http://127.0.0.1:9001/v1",
            "CHAT_MODEL": "gpt-4.1-mini",
            "SUMMARY_MODEL": "gpt-4.1-nano",
            "MODEL_PRICES": "gpt-4.1-mini=0.4:0.1:1.6, kennel/pochi=0:0:0, shiro=3:0.3:15:3.75,",
            "CHAT_TEMPERATURE": "0.7",
            "REPLY_TOKEN_LIMIT": "500",
            "REPLY_SECONDS": "90",
            "MEMORY_TOKEN_LIMIT": "3000",
            "MEMORY_KEEP_TOKENS": "1500",
            "SUMMARY_TOKEN_LIMIT": "700",
            "THREAD_HISTORY_TOKENS": "600",
            "CONVERSATION_SCOPE": "channel",
            "CONVERSATION_TTL_DAYS": "30",
            "MONTHLY_TOKEN_BUDGET_PER_USER": "50000",
            "MONTHLY_TOKEN_BUDGET_PER_CHANNEL": "200000",
            "MONTHLY_TOKEN_BUDGET_PER_TEAM": "1000000",
            "QUESTIONS_PER_MINUTE": "5",
            "BOT_LANGUAGE": "en",
            "BOT_PERSONA": "You are a {cat}.",
            "TABLE_NAME": "conversations",
            "USAGE_TABLE_NAME": "usage",
            "QUEUE_URL": "https://sqs.ap-northeast-1.amazonaws.com/1/questions.fifo",
            "DEAD_LETTER_QUEUE_URL": "https://sqs.ap-northeast-1.amazonaws.com/1/dead-letters.fifo",
            "DATABASE_PATH": "/srv/bot.sqlite3",
            "HOST": "0.0.0.0",
            "PORT": "8080",
            "CONCURRENT_CONVERSATIONS": "8",
            "LOG_LEVEL": "DEBUG",
            "LOG_FORMAT": "json",
            "LOG_TEXTS": "true",
        }
    )
    assert settings == Settings(
        slack_bot_token="xoxb-1",
        slack_signing_secret="s3cret",
        slack_app_token="xapp-1",
        slack_api_url="http://127.0.0.1:9000/api/",
        slack_team_ids=frozenset({"T1", "T2"}),
        slack_channel_ids=frozenset({"C1"}),
        slack_bot_user_id="U0BOT",
        slack_reply_username="ポチ",
        slack_external_people="answer",
        openai_api_key="sk-1",
        openai_base_url="http://127.0.0.1:9001/v1",
        chat_model="gpt-4.1-mini",
        summary_model="gpt-4.1-nano",
        model_prices={
            "gpt-4.1-mini": Price(0.4, 0.1, 1.6),
            "kennel/pochi": Price(0, 0, 0),
            "shiro": Price(3, 0.3, 15, written=3.75),
        },
        chat_temperature=0.7,
        reply_token_limit=500,
        reply_seconds=90,
        memory=Memory(3000, 1500, 700),
        thread_history_tokens=600,
        conversation_scope=Scope.CHANNEL,
        conversation_ttl_days=30,
        monthly_token_budget_per_user=50_000,
        monthly_token_budget_per_channel=200_000,
        monthly_token_budget_per_team=1_000_000,
        questions_per_minute=5,
        bot_language="en",
        bot_persona="You are a {cat}.",
        table_name="conversations",
        usage_table_name="usage",
        queue_url="https://sqs.ap-northeast-1.amazonaws.com/1/questions.fifo",
        dead_letter_queue_url="https://sqs.ap-northeast-1.amazonaws.com/1/dead-letters.fifo",
        database_path=Path("/srv/bot.sqlite3"),
        host="0.0.0.0",
        port=8080,
        concurrent_conversations=8,
        log_level="DEBUG",
        log_format="json",
        log_texts=True,
    )


def test_the_summary_model_is_the_chat_model_unless_it_is_named():
    assert Settings.from_env({"CHAT_MODEL": "gpt-4.1-mini"}).summary_model == "gpt-4.1-mini"


def test_a_smaller_limit_takes_the_number_kept_down_with_it():
    assert Settings.from_env({"MEMORY_TOKEN_LIMIT": "300"}).memory.keep == 150


@pytest.mark.parametrize(
    ("env", "complaint"),
    [
        ({"PORT": "eight thousand"}, "PORT must be a whole number from 1 to 65535, not 'eight thousand'"),
        ({"PORT": "0"}, "PORT must be"),
        ({"PORT": "８０８０"}, "PORT must be"),
        ({"OPENAI_API_KEY": "sk-a b"}, "OPENAI_API_KEY must be of visible ASCII characters"),
        ({"SLACK_BOT_TOKEN": "xoxb-あ"}, "SLACK_BOT_TOKEN must be of visible ASCII characters"),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:99999/v1"}, "OPENAI_BASE_URL must be an http or https address"),
        ({"CHAT_TEMPERATURE": "3"}, "CHAT_TEMPERATURE must be a number from 0 to 2, not '3'"),
        ({"CHAT_TEMPERATURE": "nan"}, "CHAT_TEMPERATURE must be"),
        ({"CHAT_MODEL": "犬" * 334}, "CHAT_MODEL must have at most 1000 bytes, not 1002"),
        ({"SUMMARY_MODEL": "m" * 1_001}, "SUMMARY_MODEL must have at most 1000 bytes, not 1001"),
        ({"MODEL_PRICES": "pochi=1:2"}, "MODEL_PRICES must be .*, as in my-model=0.25:0.025:2, not 'pochi=1:2'"),
        ({"MODEL_PRICES": "pochi=1:0.1:8, =1:0.1:8"}, "MODEL_PRICES must be .*, not '=1:0.1:8'"),
        ({"MODEL_PRICES": "1:0.1:8"}, "MODEL_PRICES must be"),
        ({"MODEL_PRICES": "pochi=1:0.1:8:"}, "MODEL_PRICES must be"),
        ({"MODEL_PRICES": "pochi=1:0.1:8:1:1"}, "MODEL_PRICES must be"),
        ({"MODEL_PRICES": "pochi=1:-0.1:8"}, "MODEL_PRICES must be"),
        ({"MODEL_PRICES": "pochi=１:0.1:8"}, "MODEL_PRICES must be"),
        ({"MEMORY_TOKEN_LIMIT": "-1"}, "MEMORY_TOKEN_LIMIT must be"),
        ({"MEMORY_KEEP_TOKENS": "4000"}, r"MEMORY_KEEP_TOKENS must be less than MEMORY_TOKEN_LIMIT \(4000\), not 4000"),
        ({"REPLY_SECONDS": "0"}, "REPLY_SECONDS must be a whole number from 1 to 3600"),
        (
            {"MONTHLY_TOKEN_BUDGET_PER_USER": "plenty"},
            "MONTHLY_TOKEN_BUDGET_PER_USER must be a whole number from 0 to 1000000000000, not 'plenty'",
        ),
        ({"MONTHLY_TOKEN_BUDGET_PER_CHANNEL": "0.5"}, "MONTHLY_TOKEN_BUDGET_PER_CHANNEL must be a whole number"),
        ({"MONTHLY_TOKEN_BUDGET_PER_TEAM": "-1"}, "MONTHLY_TOKEN_BUDGET_PER_TEAM must be a whole number"),
        ({"QUESTIONS_PER_MINUTE": "1001"}, "QUESTIONS_PER_MINUTE must be a whole number from 0 to 1000, not '1001'"),
        ({"SUMMARY_TOKEN_LIMIT": "0"}, "SUMMARY_TOKEN_LIMIT must be"),
        ({"CONVERSATION_SCOPE": "team"}, "CONVERSATION_SCOPE must be one of thread, channel, not 'team'"),
        ({"BOT_LANGUAGE": "fr"}, "BOT_LANGUAGE must be one of ja, en, not 'fr'"),
        ({"LOG_TEXTS": "yes"}, "LOG_TEXTS must be one of true, false"),
        ({"HOST": "localhost"}, "HOST must be an IP address such as 127.0.0.1 or 0.0.0.0, not 'localhost'"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT must be one of text, json, not 'xml'"),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL must be one of"),
        ({"OPENAI_BASE_URL": "localhost:1234"}, "OPENAI_BASE_URL must be an http or https address"),
        (
            {"OPENAI_BASE_URL": "https://pochi.openai.azure.com/openai/?api-version=2024-10-21"},
            "OPENAI_BASE_URL must end with its path, as in https://example.com/v1, without a query",
        ),
        (
            {"OPENAI_BASE_URL": "http://127.0.0.1:8000/v1/chat/completions/"},
            "OPENAI_BASE_URL must end before /chat/completions, as in https://example.com/v1",
        ),
        ({"QUEUE_URL": "questions.fifo"}, "QUEUE_URL must be an http or https address"),
        ({"SLACK_API_URL": "http://[oops"}, "SLACK_API_URL must be an http or https address"),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_SIGNING_SECRET must be set"),
        ({"SLACK_APP_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN must be set"),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_the_variable(env, complaint):
    with pytest.raises(SettingError, match=complaint):
        Settings.from_env(env)


def test_with_socket_mode_there_is_no_signing_secret_to_ask_for():
    assert not Settings.from_env({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}).uses_playground


def test_an_openai_compatible_server_needs_no_key():
    assert not Settings.from_env({"OPENAI_BASE_URL": "http://127.0.0.1:11434/v1"}).is_offline


def test_settings_do_not_show_their_secrets():
    shown = repr(Settings.from_env(OWN_SLACK | {"OPENAI_API_KEY": "sk-1", "SLACK_APP_TOKEN": "xapp-1"}))
    for secret in ("xoxb-1", "s3cret", "sk-1", "xapp-1"):
        assert secret not in shown


@pytest.mark.parametrize("value", ["", "slack-gpt", "/", "arn:aws:ssm"])
def test_a_prefix_that_is_no_path_of_ssm_is_refused(value):
    with pytest.raises(SettingError, match="PARAMETERS_PREFIX must be a path in SSM"):
        parameters_prefix({"PARAMETERS_PREFIX": value})


@pytest.mark.parametrize(
    ("variables", "tokens"),
    [
        ({}, 1000),
        ({"MEMORY_TOKEN_LIMIT": "200"}, 50),
        ({"THREAD_HISTORY_TOKENS": "0"}, 0),
        ({"THREAD_HISTORY_TOKENS": "1000000", "MEMORY_TOKEN_LIMIT": "200"}, 200),
    ],
)
def test_a_thread_is_read_up_to_a_quarter_of_the_memorys_limit_and_never_beyond_it(variables, tokens):
    assert Settings.from_env(variables).thread_history_tokens == tokens


@pytest.mark.parametrize(
    ("host", "address", "alone"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000", True),
        ("0.0.0.0", "http://127.0.0.1:8000", False),
        ("192.0.2.7", "http://192.0.2.7:8000", False),
        ("::1", "http://[::1]:8000", True),
        ("::", "http://[::1]:8000", False),
    ],
)
def test_the_machine_reaches_itself_at_every_host(host, address, alone):
    settings = Settings.from_env({"HOST": host})
    assert (settings.address, settings.is_for_this_machine_alone) == (address, alone)
