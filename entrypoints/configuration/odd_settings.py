"""Settings that are allowed and yet can hardly be meant, a sentence for each. No sentence repeats a secret."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields
from difflib import get_close_matches
from urllib.parse import urlsplit

from entrypoints.configuration.settings import Settings

NAMES = (frozenset(each.name.upper() for each in fields(Settings)) - {"MEMORY"}) | {
    *("MEMORY_TOKEN_LIMIT", "MEMORY_KEEP_TOKENS", "SUMMARY_TOKEN_LIMIT", "PARAMETERS_PREFIX"),
}
"""The variables that are settings."""

NAMES_ELSEWHERE = {
    "OPENAI_API_BASE": "OPENAI_BASE_URL",
    "OPENAI_MODEL": "CHAT_MODEL",
    "SLACK_API_TOKEN": "SLACK_BOT_TOKEN",
    "SLACK_TOKEN": "SLACK_BOT_TOKEN",
}
"""What other programs call some of them. The first was the name in OpenAI's SDK before its version 1."""

OF_OTHERS = re.compile(
    r"SLACK_(CLI|CONFIG|HOOK|SDK)_\w+|OPENAI_(ORG_ID|PROJECT_ID|ADMIN_KEY|WEBHOOK_SECRET|LOG|CUSTOM_HEADERS)|LANGUAGE"
    r"|TF_VAR_\w+"
)
"""What Slack's command line sets, what OpenAI's SDK and gettext read by themselves, and Terraform's variables."""

LIKENESS = 0.8
"""From 0 to 1, from which on one name is a slip of the other. ``DATABASE_URL`` and ``LOG_FILE`` are below."""

IDS = {
    "slack_client_id": ("[0-9]+[.]", "1234567890.1234567890"),
    "slack_team_ids": ("[TE]", "T0123ABCD"),
    "slack_channel_ids": ("[CDG]", "C0123ABCD"),
    "slack_bot_user_id": ("[UW]", "U0123ABCD"),
    "settings_people": ("[UW]", "U0123ABCD"),
}
"""How Slack's ids begin, and an example of each."""

TOKENS = {
    "slack_bot_token": ("xoxb-", "the bot token"),
    "slack_app_token": ("xapp-", "the app-level token"),
}
BEGINNINGS = {"xoxb-": "SLACK_BOT_TOKEN", "xapp-": "SLACK_APP_TOKEN", "sk-": "OPENAI_API_KEY"}
"""How each secret begins, and where it belongs. Keys of servers other than OpenAI's begin as they like."""

SHOWN = 24
"""Characters of a wrong id at most that are repeated: a token is longer."""

AT_HOME = frozenset({"localhost", "127.0.0.1", "::1", "host.docker.internal"})
"""Hosts of a model that costs nothing."""


def odd_settings(settings: Settings, env: Mapping[str, str], from_file: Collection[str] | None) -> Iterator[str]:
    """A sentence for each odd setting of one machine.

    ``from_file`` are the names whose values come from a file; none at all where no file was asked for.
    """
    named = {name for name, value in env.items() if value.strip()}
    yield from _no_settings(named)
    yield from _interchanged(settings)
    yield from _wrong_ids(settings)
    yield from _without_effect(settings, named)
    if from_file is not None and "OPENAI_API_KEY" in named - set(from_file) and _costs(settings):
        yield (
            f"OPENAI_API_KEY comes from the environment and not from the file: {settings.chat_model} answers, which"
            " costs money (with OPENAI_API_KEY= before the command a stand-in answers)"
        )


def _no_settings(named: Collection[str]) -> Iterator[str]:
    for name in sorted(set(named) - NAMES):
        begins_like_ours = re.match("(SLACK|OPENAI)_", name, re.IGNORECASE)
        meant = NAMES_ELSEWHERE.get(name) or next(iter(get_close_matches(name.upper(), NAMES, 1, LIKENESS)), "")
        if OF_OTHERS.fullmatch(name) or not (meant or begins_like_ours):
            continue
        yield f"{name} is no setting" + (f"; {meant} may be meant" if meant else " and has no effect")


def _interchanged(settings: Settings) -> Iterator[str]:
    for field, (beginning, what) in TOKENS.items():
        value = getattr(settings, field)
        if value and not value.startswith(beginning):
            yield f"{field.upper()} must be {what}, which begins with {beginning}{_belongs(value)}"
    if settings.slack_client_secret and settings.slack_client_secret == settings.slack_signing_secret:
        yield "SLACK_CLIENT_SECRET has the value of SLACK_SIGNING_SECRET: they are two secrets of one app"
    for field in ("slack_signing_secret", "slack_client_secret", "openai_api_key"):
        if where := _belongs(getattr(settings, field), but=field.upper()):
            yield f"{field.upper()} is another secret{where}"


def _belongs(value: str, but: str = "") -> str:
    names = (name for beginning, name in BEGINNINGS.items() if value.startswith(beginning) and name != but)
    return next((f"; what is there belongs into {name}" for name in names), "")


def _wrong_ids(settings: Settings) -> Iterator[str]:
    for field, (beginning, example) in IDS.items():
        value: str | frozenset[str] = getattr(settings, field)
        for each in sorted({value} - {""} if isinstance(value, str) else value):
            if not re.fullmatch(f"{beginning}[A-Z0-9]+", each):
                shown = repr(each) if len(each) <= SHOWN else f"a value of {len(each)} characters"
                yield f"{field.upper()} has {shown}, which is no id such as {example}"


def _without_effect(settings: Settings, named: Collection[str]) -> Iterator[str]:
    if settings.is_offline:
        for name in sorted({"CHAT_MODEL", "SUMMARY_MODEL", "CHAT_TEMPERATURE"} & set(named)):
            yield f"{name} has no effect while a stand-in answers: OPENAI_API_KEY or OPENAI_BASE_URL is missing"
    if settings.uses_playground and settings.slack_signing_secret:
        yield "SLACK_SIGNING_SECRET names no Slack without SLACK_BOT_TOKEN: the playground is served"
    for name in sorted(
        {"TABLE_NAME", "USAGE_TABLE_NAME", "QUEUE_URL", "DEAD_LETTER_QUEUE_URL", "PARAMETERS_PREFIX", "TOKEN_KMS_KEY"}
        & set(named)
    ):
        yield f"{name} has no effect on one machine: all that it keeps is in DATABASE_PATH"
    if settings.uses_playground and not settings.is_for_this_machine_alone:
        yield f"HOST {settings.host} lets whoever reaches the port use the playground, which asks for no password"
    if settings.has_several_workspaces and settings.slack_bot_user_id:
        yield "SLACK_BOT_USER_ID is of one workspace and is wrong in every other that installs the app"
    if settings.token_encryption_key and not settings.has_several_workspaces:
        yield "TOKEN_ENCRYPTION_KEY has no effect without SLACK_CLIENT_ID: one workspace's token is not stored"
    if settings.log_texts and settings.log_level in ("WARNING", "ERROR"):
        yield f"LOG_TEXTS has no effect while LOG_LEVEL is {settings.log_level}"


def _costs(settings: Settings) -> bool:
    return not settings.openai_base_url or urlsplit(settings.openai_base_url).hostname not in AT_HOME
