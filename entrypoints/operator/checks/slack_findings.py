"""Tokens, scopes and clock, by asking Slack."""

from collections.abc import Iterator

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from adapters.slack.client import web_client
from adapters.slack.errors import is_refusal
from adapters.slack.identity import Identity, identity_of, require_socket_mode
from domain.deliveries.deadline import Clock
from domain.errors import AnsweringError
from entrypoints.configuration.settings import Settings
from entrypoints.manifest import manifest_for
from entrypoints.operator.checks.finding import Finding

MENDS = {
    "Slack": "copy the bot token again from Install App into SLACK_BOT_TOKEN",
    "Socket Mode": "make an app-level token with connections:write, and put it into SLACK_APP_TOKEN",
}
"""How to mend what Slack refuses, by part."""

CLOCK_SECONDS = 60.0
"""By which the clock may differ from Slack's. Beyond 300 no signature is accepted."""


def slack_findings(settings: Settings, clock: Clock) -> Iterator[Finding]:
    if settings.uses_playground:
        yield Finding("Slack", True, "none, the playground stands in")
        return
    client = web_client(settings.slack_bot_token, settings.slack_api_url)
    if settings.has_several_workspaces:
        from entrypoints.operator.checks.workspace_findings import workspace_findings  # noqa: PLC0415 - one needs no such

        yield from workspace_findings(settings, clock)
    else:
        yield from token_findings(settings, client, clock, "Slack", MENDS["Slack"])
    if settings.slack_app_token:
        try:
            require_socket_mode(client, settings.slack_app_token)
        except AnsweringError as error:
            yield slack_failed("Socket Mode", error, MENDS["Socket Mode"])
        else:
            yield Finding("Socket Mode", True, "Slack gives an address to connect to")


def token_findings(settings: Settings, client: WebClient, clock: Clock, part: str, mend: str) -> Iterator[Finding]:
    """Whose the client's token is, and what it may do; ``mend`` is what helps where Slack refuses it."""
    try:
        who = identity_of(client)
    except AnsweringError as error:
        yield slack_failed(part, error, mend)
        return
    yield Finding(part, True, f"{who.team_name} ({who.team}) as @{who.user_name} ({who.user})")
    yield _scopes(settings, who, part)
    yield _clock(who, clock)


def slack_failed(part: str, error: AnsweringError, mend: str) -> Finding:
    if not (isinstance(error.__cause__, SlackApiError) and is_refusal(error.__cause__)):
        mend = "look at SLACK_API_URL and at the network, or wait until Slack is back"
    return Finding(part, False, str(error), mend)


def _scopes(settings: Settings, who: Identity, whose: str) -> Finding:
    part = "scopes" if whose == "Slack" else f"{whose}: scopes"
    if who.scopes is None:
        return Finding(part, True, "Slack does not say which the token has")
    is_agent = settings.slack_agent_view
    manifest = manifest_for(
        language=settings.bot_language,
        agent_view="assistant:write" in who.scopes if is_agent is None else is_agent,
        reply_username=bool(settings.slack_reply_username),
        events_url="" if settings.slack_app_token else "https://bot.example/events",
    )
    missing = sorted(set(manifest["oauth_config"]["scopes"]["bot"]) - who.scopes)
    if missing:
        mend = "paste what bot manifest prints under App Manifest, and install the app again"
        return Finding(part, False, f"the token lacks {', '.join(missing)}", mend)
    return Finding(part, True, "the token has all that are needed")


def _clock(who: Identity, clock: Clock) -> Finding:
    if who.now is None:
        return Finding("clock", True, "Slack does not say what time it is")
    seconds = round(clock() - who.now)
    mend = "" if abs(seconds) <= CLOCK_SECONDS else "set this machine's clock, by NTP for example"
    return Finding("clock", not mend, f"{seconds:+d} s beside Slack's", mend)
