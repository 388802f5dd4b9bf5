"""Reads events: a post becomes a question, its edit an edit, an opened tab a visit, the stop button a stop."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from adapters.slack.payloads.files import files_in
from adapters.slack.payloads.quotes import quotes_in, text_of
from adapters.slack.payloads.validation import Dropped, nested, slack_id, timestamp, valid_unicode
from adapters.slack.receiving.changes import CHANGES, change_in
from adapters.slack.receiving.teams import installed_team, is_external, persons_team
from domain.correction.edits_and_deletions import PostRequest
from domain.requests import Question, Request, Stop, Tab, Uninstall, Visit
from domain.texts.invisible import without_invisible

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
    """What a person or a team did, in an ``event_callback``. Raises ``Dropped`` where that is nothing for the bot.

    ``bot_user_id`` serves for events in which Slack does not name it. Where the app ``is_agent``, a direct message
    outside a thread begins one.
    """
    event = payload.get("event")
    if payload.get("type") != "event_callback" or not isinstance(event, dict):
        raise Dropped("not an event callback")
    match event.get("type"):
        case "message" if event.get("subtype") in CHANGES:
            return _change(payload, event, bot_user_id, is_agent)
        case "app_mention" | "message":
            return _question(payload, event, bot_user_id, is_agent)
        case "app_home_opened":
            return _visit(payload, event, is_agent)
        case "agent_session_stopped":
            return _stop(payload, event)
        case "app_uninstalled" | "tokens_revoked":
            return _uninstall(payload, event)
        case _:
            raise Dropped("its type is not subscribed to")


def _question(payload: Mapping[str, Any], event: Mapping[str, Any], bot_user_id: str, is_agent: IsAgent) -> Question:
    if event.get("subtype") not in SPOKEN_SUBTYPES or event.get("edited") or event.get("hidden"):
        raise Dropped("a notice, or an edit of what was no question")
    if event.get("bot_id") or event.get("bot_profile"):
        raise Dropped("a bot posted it")
    bot = _bot_user(payload) or bot_user_id
    post = _post(payload, event, bot, is_agent)
    if not (post.text or post.files or post.quotes or text_of(event)):
        raise Dropped("it has no text")
    if post.person == bot:
        raise Dropped("the bot itself posted it")
    text, thread = text_of(event), event.get("thread_ts")
    mentioned = post.addressed and not post.direct
    if not mentioned and not post.direct and (not thread or (not bot and "<@" in text)):
        # Where the bot's id is unknown, a mention of it looks like any other. The post's app_mention event is certain.
        raise Dropped("it does not mention the bot")
    if not mentioned and not post.direct and re.match(r"\s*<@", text):
        raise Dropped("it begins with a mention of somebody else")
    return post


def _post(payload: Mapping[str, Any], event: Mapping[str, Any], bot: str, is_agent: IsAgent) -> Question:
    """A post as a question, whoever posted it and whether or not it is one."""
    channel, person_team = slack_id(event.get("channel")), persons_team(payload, event)
    ts, thread = timestamp(event.get("ts")), timestamp(event.get("thread_ts")) if "thread_ts" in event else ""
    text = text_of(event)
    direct = event.get("channel_type") == "im" or channel.startswith("D")
    is_app_mention = event.get("type") == "app_mention"
    return Question(
        team=installed_team(payload),
        channel=channel,
        ts=ts,
        person=slack_id(event.get("user")),
        text=_without_mention(text, bot, leading=is_app_mention),
        thread=thread or (ts if direct and is_agent(channel) else ""),
        direct=direct,
        addressed=is_app_mention or direct or _mentions(bot, text),
        files=files_in(event),
        quotes=quotes_in(event),
        person_team=person_team,
        external=is_external(payload, person_team),
    )


def _change(payload: Mapping[str, Any], event: Mapping[str, Any], bot_user_id: str, is_agent: IsAgent) -> PostRequest:
    bot = _bot_user(payload) or bot_user_id

    def question_in(post: Mapping[str, Any]) -> Question:
        author = post.get("user") or post.get("bot_id")  # an app may post without a user
        return _post(payload, {**post, "user": author}, bot, is_agent)

    return change_in(payload, event, bot, question_in, lambda text: _mentions(bot, text))


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


def _uninstall(payload: Mapping[str, Any], event: Mapping[str, Any]) -> Uninstall:
    """The end of an installation. Of revoked tokens only the bot's count: those of people are named as ``oauth``."""
    if event["type"] == "tokens_revoked" and not nested(event, "tokens", "bot"):
        raise Dropped("the bot's token is not among those that were revoked")
    time = payload.get("event_time")
    return Uninstall(
        team=installed_team(payload),
        channel=slack_id(payload.get("api_app_id")),
        ts=timestamp(f"{time}.000000" if isinstance(time, int) else None),
        person="",
        event=event["type"],
    )


def _bot_user(payload: Mapping[str, Any]) -> str:
    """The bot's user id, which Slack sends with every event; empty where it is missing."""
    authorizations = payload.get("authorizations")
    for each in authorizations if isinstance(authorizations, list) else ():
        if isinstance(each, dict) and each.get("is_bot"):
            return slack_id(each.get("user_id"))
    return ""


def _mentions(bot: str, text: str) -> bool:
    return bool(bot and _mention_of(bot).search(text))


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
