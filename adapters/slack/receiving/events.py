"""Slack's events: what people say to the bot, and which of its pages they open."""

import re
from collections.abc import Mapping
from typing import Any

from adapters.slack.receiving.files import files_in
from adapters.slack.receiving.validation import Dropped, id_in, ts_in, whole
from domain.requests import Question, Request, Tab, Visit

SPOKEN = (None, "file_share", "me_message", "thread_broadcast")
"""The subtypes of ``message`` in which a person says something; the others are edits, joins and the like."""


def request_in(payload: Mapping[str, Any], known_bot: str = "", *, agent_view: bool = False) -> Request:
    """The question or the visit in an ``event_callback`` to the bot of this user id.

    Raises ``Dropped`` where there is none. In the ``agent_view`` a direct message begins a thread.
    """
    event = payload.get("event")
    if payload.get("type") != "event_callback" or not isinstance(event, dict):
        raise Dropped("not an event callback")
    match event.get("type"):
        case "app_mention" | "message":
            return _question(payload, event, known_bot, agent_view)
        case "app_home_opened":
            return _visit(payload, event, agent_view)
        case "agent_session_stopped":
            raise Dropped("the stream itself tells the worker that a person stopped it")
        case _:
            raise Dropped("its type is not subscribed to")


def _question(payload: Mapping[str, Any], event: Mapping[str, Any], known_bot: str, agent_view: bool) -> Question:
    if event.get("subtype") not in SPOKEN or event.get("edited") or event.get("hidden"):
        raise Dropped("an edit, a deletion or a notice")
    if event.get("bot_id") or event.get("bot_profile"):
        raise Dropped("a bot said it")

    team, channel, person = id_in(payload.get("team_id")), id_in(event.get("channel")), id_in(event.get("user"))
    ts, thread = ts_in(event.get("ts")), ts_in(event.get("thread_ts")) if "thread_ts" in event else ""
    said, files = event.get("text"), files_in(event)
    text = said if isinstance(said, str) else ""
    if not (text or files):
        raise Dropped("it has no text")

    bot = _bot(payload) or known_bot
    if person == bot:
        raise Dropped("the bot said it")
    direct = event.get("channel_type") == "im" or channel.startswith("D")
    mentioned = event["type"] == "app_mention" or bool(bot and f"<@{bot}>" in text)
    if not mentioned and not direct and (not thread or (not bot and "<@" in text)):
        # Without the bot's id a mention in a thread cannot be told from any other; its app_mention twin can.
        raise Dropped("it does not mention the bot")
    if not mentioned and not direct and re.match(r"\s*<@", text):
        raise Dropped("it is said to somebody else")
    return Question(
        team=team,
        channel=channel,
        ts=ts,
        person=person,
        text=_spoken(text, bot, leading=event["type"] == "app_mention"),
        thread=thread or (ts if direct and agent_view else ""),
        direct=direct,
        addressed=mentioned or direct,
        files=files,
    )


def _visit(payload: Mapping[str, Any], event: Mapping[str, Any], agent_view: bool) -> Visit:
    tab = event.get("tab")
    if tab not in tuple(Tab) or (tab == Tab.MESSAGES and not agent_view):
        raise Dropped("a page on which the bot shows nothing")
    opened = event.get("event_ts")
    if isinstance(opened, str) and re.fullmatch(r"[0-9]{16}", opened):
        opened = f"{opened[:10]}.{opened[10:]}"  # as Slack's documentation writes it
    return Visit(
        team=id_in(payload.get("team_id")),
        channel=id_in(event.get("channel")),
        ts=ts_in(opened),
        person=id_in(event.get("user")),
        tab=Tab(tab),
    )


def _bot(payload: Mapping[str, Any]) -> str:
    """The bot's own user id, which Slack sends along with every event; empty where it did not."""
    authorizations = payload.get("authorizations")
    for each in authorizations if isinstance(authorizations, list) else ():
        if isinstance(each, dict) and each.get("is_bot"):
            return id_in(each.get("user_id"))
    return ""


def _spoken(text: str, bot: str, *, leading: bool) -> str:
    """What was said, without the mention. Whoever reads it undoes Slack's escapes, after the other mentions."""
    if bot:
        text = text.replace(f"<@{bot}>", "")
    elif leading:
        text = re.sub(r"^\s*<@[UW][A-Z0-9]+>", "", text)
    return whole(text).strip()
