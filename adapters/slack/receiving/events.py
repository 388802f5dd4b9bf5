"""Reads events: a post becomes a question, an opened tab a visit."""

import re
from collections.abc import Mapping
from typing import Any

from adapters.slack.receiving.files import files_in
from adapters.slack.receiving.validation import Dropped, slack_id, timestamp, valid_unicode
from domain.requests import Question, Request, Stop, Tab, Visit

SPOKEN_SUBTYPES = (None, "file_share", "me_message", "thread_broadcast")
"""The subtypes of ``message`` that are posts of people; the others are edits, joins and the like."""


def request_in_event(payload: Mapping[str, Any], bot_user_id: str = "", *, agent_view: bool = False) -> Request:
    """The question, the visit or the stop in an ``event_callback``. Raises ``Dropped`` where there is none.

    ``bot_user_id`` serves for events in which Slack does not name it. With ``agent_view`` a direct message outside a
    thread begins one.
    """
    event = payload.get("event")
    if payload.get("type") != "event_callback" or not isinstance(event, dict):
        raise Dropped("not an event callback")
    match event.get("type"):
        case "app_mention" | "message":
            return _question(payload, event, bot_user_id, agent_view)
        case "app_home_opened":
            return _visit(payload, event, agent_view)
        case "agent_session_stopped":
            return _stop(payload, event)
        case _:
            raise Dropped("its type is not subscribed to")


def _question(payload: Mapping[str, Any], event: Mapping[str, Any], bot_user_id: str, agent_view: bool) -> Question:
    if event.get("subtype") not in SPOKEN_SUBTYPES or event.get("edited") or event.get("hidden"):
        raise Dropped("an edit, a deletion or a notice")
    if event.get("bot_id") or event.get("bot_profile"):
        raise Dropped("a bot posted it")

    team, channel = slack_id(payload.get("team_id")), slack_id(event.get("channel"))
    person = slack_id(event.get("user"))
    ts, thread = timestamp(event.get("ts")), timestamp(event.get("thread_ts")) if "thread_ts" in event else ""
    text, files = event.get("text"), files_in(event)
    text = text if isinstance(text, str) else ""
    if not (text or files):
        raise Dropped("it has no text")

    bot = _bot_user(payload) or bot_user_id
    if person == bot:
        raise Dropped("the bot itself posted it")
    direct = event.get("channel_type") == "im" or channel.startswith("D")
    mentioned = event["type"] == "app_mention" or bool(bot and f"<@{bot}>" in text)
    if not mentioned and not direct and (not thread or (not bot and "<@" in text)):
        # Where the bot's id is unknown, a mention of it looks like any other. The post's app_mention event is certain.
        raise Dropped("it does not mention the bot")
    if not mentioned and not direct and re.match(r"\s*<@", text):
        raise Dropped("it begins with a mention of somebody else")
    return Question(
        team=team,
        channel=channel,
        ts=ts,
        person=person,
        text=_without_mention(text, bot, leading=event["type"] == "app_mention"),
        thread=thread or (ts if direct and agent_view else ""),
        direct=direct,
        addressed=mentioned or direct,
        files=files,
    )


def _visit(payload: Mapping[str, Any], event: Mapping[str, Any], agent_view: bool) -> Visit:
    tab = event.get("tab")
    if tab not in tuple(Tab) or (tab == Tab.MESSAGES and not agent_view):
        raise Dropped("a tab on which the bot shows nothing")
    ts = event.get("event_ts")
    if isinstance(ts, str) and re.fullmatch(r"[0-9]{16}", ts):
        ts = f"{ts[:10]}.{ts[10:]}"  # Slack's documentation writes it without the point
    return Visit(
        team=slack_id(payload.get("team_id")),
        channel=slack_id(event.get("channel")),
        ts=timestamp(ts),
        person=slack_id(event.get("user")),
        tab=Tab(tab),
    )


def _stop(payload: Mapping[str, Any], event: Mapping[str, Any]) -> Stop:
    return Stop(
        team=slack_id(payload.get("team_id")),
        channel=slack_id(event.get("channel")),
        ts=timestamp(event.get("event_ts")),
        person=slack_id(event.get("user")),
        thread=timestamp(event.get("thread_ts")),
    )


def _bot_user(payload: Mapping[str, Any]) -> str:
    """The bot's user id, which Slack sends with every event; empty where it is missing."""
    authorizations = payload.get("authorizations")
    for each in authorizations if isinstance(authorizations, list) else ():
        if isinstance(each, dict) and each.get("is_bot"):
            return slack_id(each.get("user_id"))
    return ""


def _without_mention(text: str, bot: str, *, leading: bool) -> str:
    """The text without the mention of the bot. The resolver undoes Slack's escapes, after the other mentions."""
    if bot:
        text = text.replace(f"<@{bot}>", "")
    elif leading:
        text = re.sub(r"^\s*<@[UW][A-Z0-9]+>", "", text)
    return valid_unicode(text).strip()
