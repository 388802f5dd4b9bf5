"""Reads events: a post becomes a question, an opened tab a visit, the stop button a stop."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from adapters.slack.files import files_in
from adapters.slack.quotes import quotes_in, text_of
from adapters.slack.receiving.teams import installed_team, is_external, persons_team
from adapters.slack.validation import Dropped, slack_id, timestamp, valid_unicode
from domain.invisible import without_invisible
from domain.requests import Question, Request, Stop, Tab, Visit

BRAILLE_BLANK = "\u2800"
"""A symbol by its category."""

IsAgent = Callable[[str], bool]
"""Is the app one of Slack's agents? Asked with the id of a direct message, and only where it matters."""

SPOKEN_SUBTYPES = (None, "file_share", "me_message", "thread_broadcast")
"""The subtypes of ``message`` that are posts of people; the others are edits, joins and the like."""


def never(_channel: str) -> bool:
    """An ``IsAgent`` for ordinary apps."""
    return False


def request_in_event(payload: Mapping[str, Any], bot_user_id: str = "", *, is_agent: IsAgent = never) -> Request:
    """The question, the visit or the stop in an ``event_callback``. Raises ``Dropped`` where there is none.

    ``bot_user_id`` serves for events in which Slack does not name it. Where the app ``is_agent``, a direct message
    outside a thread begins one.
    """
    event = payload.get("event")
    if payload.get("type") != "event_callback" or not isinstance(event, dict):
        raise Dropped("not an event callback")
    match event.get("type"):
        case "app_mention" | "message":
            return _question(payload, event, bot_user_id, is_agent)
        case "app_home_opened":
            return _visit(payload, event, is_agent)
        case "agent_session_stopped":
            return _stop(payload, event)
        case _:
            raise Dropped("its type is not subscribed to")


def _question(payload: Mapping[str, Any], event: Mapping[str, Any], bot_user_id: str, is_agent: IsAgent) -> Question:
    if event.get("subtype") not in SPOKEN_SUBTYPES or event.get("edited") or event.get("hidden"):
        raise Dropped("an edit, a deletion or a notice")
    if event.get("bot_id") or event.get("bot_profile"):
        raise Dropped("a bot posted it")

    team, channel = installed_team(payload), slack_id(event.get("channel"))
    person, person_team = slack_id(event.get("user")), persons_team(payload, event)
    ts, thread = timestamp(event.get("ts")), timestamp(event.get("thread_ts")) if "thread_ts" in event else ""
    text, files, quotes = text_of(event), files_in(event), quotes_in(event)
    if not (text or files or quotes):
        raise Dropped("it has no text")

    bot = _bot_user(payload) or bot_user_id
    if person == bot:
        raise Dropped("the bot itself posted it")
    direct = event.get("channel_type") == "im" or channel.startswith("D")
    mentioned = event["type"] == "app_mention" or bool(bot and _mention_of(bot).search(text))
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
        thread=thread or (ts if direct and is_agent(channel) else ""),
        direct=direct,
        addressed=mentioned or direct,
        files=files,
        quotes=quotes,
        person_team=person_team,
        external=is_external(payload, person_team),
    )


def _visit(payload: Mapping[str, Any], event: Mapping[str, Any], is_agent: IsAgent) -> Visit:
    tab, channel = event.get("tab"), slack_id(event.get("channel"))
    if tab not in tuple(Tab) or (tab == Tab.MESSAGES and not is_agent(channel)):
        raise Dropped("a tab on which the bot shows nothing")
    ts = event.get("event_ts")
    if isinstance(ts, str) and re.fullmatch(r"[0-9]{16}", ts):
        ts = f"{ts[:10]}.{ts[10:]}"  # Slack's documentation writes it without the point
    return Visit(
        team=installed_team(payload),
        channel=channel,
        ts=timestamp(ts),
        person=slack_id(event.get("user")),
        tab=Tab(tab),
    )


def _stop(payload: Mapping[str, Any], event: Mapping[str, Any]) -> Stop:
    return Stop(
        team=installed_team(payload),
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


def _mention_of(user: str) -> re.Pattern[str]:
    """A mention of this user, which older clients and apps label: ``<@U1|pochi>``."""
    return re.compile(rf"<@{re.escape(user)}(?:\|[^<>]*)?>")


def _without_mention(text: str, bot: str, *, leading: bool) -> str:
    """The text without the mention of the bot. The resolver undoes Slack's escapes, after the other mentions."""
    if bot:
        text = _mention_of(bot).sub("", text)
    elif leading:
        text = re.sub(r"^\s*<@[UW][A-Z0-9]+(?:\|[^<>]*)?>", "", text)
    text = valid_unicode(text).strip()
    return text if any(map(_is_visible, without_invisible(text))) else ""


def _is_visible(character: str) -> bool:
    """Is it more than a blank?"""
    return unicodedata.category(character) not in {"Cc", "Cf", "Zl", "Zp", "Zs"} and character != BRAILLE_BLANK
