"""What the log says at the start of one machine: what runs, with which model, in which Slack, and where the data is."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from adapters.slack.identity import Identity
from domain.conversations.place import Scope
from domain.errors import AnsweringError
from domain.limits.allowance import Allowance
from entrypoints import VERSION
from entrypoints.configuration.settings import Settings
from entrypoints.counted import counted

Who = Identity | tuple[str, ...] | AnsweringError | None
"""The bot in its Slack, or the workspaces that have installed it, or why neither is known; none where the playground
is."""

NAMED = 5
"""Workspaces at most that a line names."""


def start_lines(settings: Settings, who: Who) -> Iterator[str]:
    """What is so, a line for each thing. The address to open comes last, once it is served."""
    yield f"slack-gpt-backend {VERSION}, in {'English' if settings.bot_language == 'en' else 'Japanese'}"
    yield f"model: {_model(settings)}"
    yield f"Slack: {_slack(settings, who)}"
    days = counted(settings.conversation_ttl_days, "day")
    yield f"data: {settings.database_path.absolute()}, conversations for {days}"
    yield f"memory: {_memory(settings)}"
    yield f"limits: {_limits(settings.allowance)}"
    yield f"answers: at most {settings.reply_token_limit} tokens in {settings.reply_seconds} s"


def slack_warnings(settings: Settings, who: Who) -> Iterator[str]:
    """A sentence for each setting that what Slack said does not fit to."""
    if isinstance(who, AnsweringError):
        whose = "the workspaces" if settings.has_several_workspaces else "SLACK_BOT_TOKEN"
        yield f"{whose} could not be verified: {who}"
    if not isinstance(who, Identity):
        return
    if settings.slack_team_ids and settings.slack_team_ids.isdisjoint((who.team, who.enterprise)):
        yield f"SLACK_TEAM_IDS lacks the bot's own workspace {who.team}: nobody there is answered"
    if settings.slack_bot_user_id not in ("", who.user):
        yield f"SLACK_BOT_USER_ID is {settings.slack_bot_user_id}, but SLACK_BOT_TOKEN is that of {who.user}"


def _model(settings: Settings) -> str:
    if settings.is_offline:
        return "none, a stand-in answers (OPENAI_API_KEY or OPENAI_BASE_URL names a model)"
    from adapters.openai.client import API  # noqa: PLC0415 - most of a second, of which the playground needs none

    summaries = "" if settings.summary_model == settings.chat_model else f", summaries by {settings.summary_model}"
    server = urlsplit(settings.openai_base_url or API)
    return f"{settings.chat_model} at {server.hostname}{f':{server.port}' if server.port else ''}{summaries}"


def _slack(settings: Settings, who: Who) -> str:
    if settings.uses_playground:
        return "none, the playground stands in (SLACK_BOT_TOKEN names a Slack)"
    only = f", in {counted(len(settings.slack_channel_ids), 'channel')} only" if settings.slack_channel_ids else ""
    way = "Socket Mode" if settings.slack_app_token else "POST /events"
    if settings.has_several_workspaces:
        return f"{_workspaces(who)}, by {way}{only}; /slack/install at its public address adds one"
    if isinstance(who, Identity):
        return f"{who.team_name} ({who.team}) as @{who.user_name} ({who.user}), by {way}{only}"
    return f"an unknown workspace, by {way}{only}"


def _workspaces(who: Who) -> str:
    names = who if isinstance(who, tuple) else ()
    shown = [*names[:NAMED], *["…"] * (len(names) > NAMED)]
    return f"{counted(len(names), 'workspace')} ({', '.join(shown)})" if names else "no workspace yet"


def _memory(settings: Settings) -> str:
    each = "thread" if settings.conversation_scope is Scope.THREAD else "channel"
    memory = settings.memory
    return (
        f"one for each {each}: above {memory.limit} tokens condensed to {memory.keep},"
        f" with a summary of at most {memory.summary}"
    )


def _limits(allowance: Allowance) -> str:
    budgets = {"person": allowance.person, "channel": allowance.channel, "team": allowance.team}
    lines = [f"{budget:,} tokens a month for each {whose}" for whose, budget in budgets.items() if budget]
    lines += [f"{counted(allowance.questions, 'question')} a minute of each person"] * bool(allowance.questions)
    return ", ".join(lines) or "none"
