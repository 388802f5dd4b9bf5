"""What ``bot doctor`` looks at, part by part. Nothing is changed; the model is asked one question."""

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass

from slack_sdk.errors import SlackApiError

from adapters.event_log import evidence
from adapters.slack.client import web_client
from adapters.slack.errors import is_refusal
from adapters.slack.identity import Identity, identity_of, require_socket_mode
from adapters.sqlite import Database, SqliteQueue
from domain.deadline import Deadline
from domain.errors import AnsweringError
from domain.ports import Clock, Completed
from domain.prompts import Part, Role
from entrypoints.containers import openai_model
from entrypoints.manifest import manifest_for
from entrypoints.odd_settings import odd_settings
from entrypoints.settings import Settings

MODEL_SECONDS = 60.0
"""A local server loads a model at the first question."""

CLOCK_SECONDS = 60.0
"""By which the clock may differ from Slack's. Beyond 300 no signature is accepted."""

DISK_BYTES = 100_000_000
"""Free space below which a database will soon have none."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one part, and how to mend it where it is not ``ok``."""

    part: str
    ok: bool
    what: str
    mend: str = ""


def findings(settings: Settings, env: Mapping[str, str], clock: Clock) -> Iterator[Finding]:
    """All that can be looked at, in the order in which it is to be mended."""
    yield from _settings(settings, env)
    yield from _slack(settings, clock)
    yield _model(settings)
    yield from _data(settings, clock)


def _settings(settings: Settings, env: Mapping[str, str]) -> Iterator[Finding]:
    odd = list(odd_settings(settings, env, None))
    for sentence in odd:
        yield Finding("settings", False, sentence, "correct or remove the variable")
    if not odd:
        yield Finding("settings", True, "none is odd")


def _slack(settings: Settings, clock: Clock) -> Iterator[Finding]:
    if settings.uses_playground:
        yield Finding("Slack", True, "none, the playground stands in")
        return
    client = web_client(settings.slack_bot_token, settings.slack_api_url)
    try:
        who = identity_of(client)
    except AnsweringError as error:
        yield _slack_failed("SLACK_BOT_TOKEN", error)
    else:
        yield Finding("Slack", True, f"{who.team_name} ({who.team}) as @{who.user_name} ({who.user})")
        yield _scopes(settings, who)
        yield _clock(who, clock)
    if settings.slack_app_token:
        try:
            require_socket_mode(client, settings.slack_app_token)
        except AnsweringError as error:
            yield _slack_failed("SLACK_APP_TOKEN", error)
        else:
            yield Finding("Socket Mode", True, "Slack gives an address to connect to")


def _slack_failed(variable: str, error: AnsweringError) -> Finding:
    if not (isinstance(error.__cause__, SlackApiError) and is_refusal(error.__cause__)):
        mend = "look at SLACK_API_URL and at the network, or wait until Slack is back"
    elif variable == "SLACK_APP_TOKEN":
        mend = f"make an app-level token with connections:write, and put it into {variable}"
    else:
        mend = f"copy the bot token again from Install App into {variable}"
    return Finding("Socket Mode" if variable == "SLACK_APP_TOKEN" else "Slack", False, str(error), mend)


def _scopes(settings: Settings, who: Identity) -> Finding:
    if who.scopes is None:
        return Finding("scopes", True, "Slack does not say which the token has")
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
        return Finding("scopes", False, f"the token lacks {', '.join(missing)}", mend)
    return Finding("scopes", True, "the token has all that are needed")


def _clock(who: Identity, clock: Clock) -> Finding:
    if who.now is None:
        return Finding("clock", True, "Slack does not say what time it is")
    seconds = round(clock() - who.now)
    mend = "" if abs(seconds) <= CLOCK_SECONDS else "set this machine's clock, by NTP for example"
    return Finding("clock", not mend, f"{seconds:+d} s beside Slack's", mend)


def _model(settings: Settings) -> Finding:
    if settings.is_offline:
        return Finding("model", True, "none, a stand-in answers")
    prompt = (Part(Role.PERSON, "Reply with one word: OK"),)
    mend = "look at OPENAI_API_KEY, OPENAI_BASE_URL and CHAT_MODEL"
    try:
        with closing(openai_model(settings).reply(prompt, Deadline(time.monotonic).within(MODEL_SECONDS))) as pieces:
            *_, last = pieces
    except AnsweringError as error:
        return Finding("model", False, f"{settings.chat_model}: {evidence(error)}", mend)
    except ValueError:  # no piece at all, as the deadline was over
        last = ""
    if not isinstance(last, Completed):
        return Finding("model", False, f"{settings.chat_model} did not end its answer in {MODEL_SECONDS:.0f} s", mend)
    sent, received = last.usage.sent, last.usage.received
    usage = f"{sent} tokens sent, {received} received" if sent else "it does not say how many tokens it took"
    return Finding("model", True, f"{settings.chat_model} answers; {usage}")


def _data(settings: Settings, clock: Clock) -> Iterator[Finding]:
    path = settings.database_path
    folder = next(each for each in path.absolute().parents if each.is_dir())
    free = shutil.disk_usage(folder).free
    mend = "" if free >= DISK_BYTES else f"make room where {folder} is"
    yield Finding("disk", not mend, f"{free // 1_000_000} MB free", mend)
    if not path.exists():
        yield Finding("store", True, f"none yet; the first start makes {path}")
        return
    try:
        with closing(Database(path)) as database:
            database.check_writable()
            yield Finding("store", True, f"{path} can be read and written")
            yield _queue(SqliteQueue(database, clock=clock).sizes())
    except AnsweringError as error:
        yield Finding("store", False, str(error), "look at DATABASE_PATH, its owner and its disk; restore a backup")


def _queue(sizes: Mapping[str, int]) -> Finding:
    what = ", ".join(f"{number} {state}" for state, number in sizes.items())
    dead = sizes.get("dead_letters", 0)
    mend = "bot dead-letters says why; once that is mended: bot replay --all" if dead else ""
    return Finding("queue", not dead, what, mend)
