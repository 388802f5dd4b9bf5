"""Reads slash commands, shortcuts, button presses and modals."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from adapters.slack.payloads import settings_view, votes
from adapters.slack.payloads.validation import Dropped, nested, slack_id, timestamp, web_url
from adapters.slack.receiving.events import IsAgent, never
from adapters.slack.receiving.teams import team_in_interaction
from domain.channels.settings_requests import ChangeSettings, OpenSettings
from domain.commands.command_words import NUMBERED, Command, read_command
from domain.requests import Question, Request, Vote
from domain.timestamp import Timestamp


def request_in_command(form: Mapping[str, Any], given_at: float) -> Question | OpenSettings:
    """The command of a slash command; any text that is no command asks for help. Raises ``Dropped``.

    Slack sends no ts with it. The signed second in which it was given and its ``trigger_id`` make one, so that the same
    command is the same request however often it arrives, and a ``reset`` forgets what was said before by Slack's clock.
    """
    if not form.get("command"):
        raise Dropped("it has no command")
    text, channel = form.get("text"), slack_id(form.get("channel_id"))
    command, number = (read_command(text) if isinstance(text, str) else None) or (Command.HELP, None)
    team, person = slack_id(form.get("team_id") or form.get("enterprise_id")), slack_id(form.get("user_id"))
    ts = _ts(given_at, *(form.get(each, "") for each in ("trigger_id", "user_id", "command", "text")))
    respond_to = web_url(form.get("response_url"))
    if command is Command.SETTINGS:
        return OpenSettings(team, channel, ts, person, respond_to, trigger_in(form))
    return Question(
        team=team,
        channel=channel,
        ts=ts,
        person=person,
        text=f"{command.value} {number}" if number else command.value,
        direct=channel.startswith("D"),
        private=True,
        respond_to=respond_to,
    )


def _ts(given_at: float, *identity: object) -> Timestamp:
    """Late in its second, so that it is after most of what was said in it."""
    digest = hashlib.sha256("\n".join(map(str, identity)).encode(errors="replace")).digest()
    return Timestamp(f"{int(given_at)}.{900_000 + int.from_bytes(digest[:4]) % 100_000}")


def trigger_in(payload: Mapping[str, Any]) -> str:
    """What lets a modal be opened; empty where it is missing or malformed."""
    trigger = payload.get("trigger_id")
    return trigger if isinstance(trigger, str) and re.fullmatch(r"[0-9A-Za-z.]{1,200}", trigger) else ""


def request_in_interaction(payload: Mapping[str, Any], given_at: float, *, is_agent: IsAgent = never) -> Request:
    """The command of a shortcut, the request of a button, or the settings of a modal.

    Raises ``Dropped`` where there is nothing of these.
    """
    match payload.get("type"):
        case "message_action":
            return _question_in_shortcut(payload, is_agent)
        case "block_actions":
            return _pressed(payload)
        case "view_submission":
            return _changed_settings(payload, given_at)
        case _:
            raise Dropped("of a kind that the bot does not offer")


def _question_in_shortcut(payload: Mapping[str, Any], is_agent: IsAgent) -> Question:
    """A command about the conversation of the message whose menu it was chosen from."""
    word = payload.get("callback_id")
    if word not in tuple(each for each in Command if each not in NUMBERED):
        raise Dropped("a shortcut that the bot does not offer")
    channel, ts = slack_id(nested(payload, "channel", "id")), timestamp(payload.get("message_ts"))
    thread, direct = nested(payload, "message", "thread_ts"), channel.startswith("D")
    return Question(
        team=team_in_interaction(payload),
        channel=channel,
        ts=timestamp(payload.get("action_ts")),
        person=slack_id(nested(payload, "user", "id")),
        text=Command(word).value,
        # A direct message outside a thread belongs to none, unless each begins one.
        thread=timestamp(thread) if thread is not None else "" if direct and not is_agent(channel) else ts,
        direct=direct,
        private=True,
        respond_to=web_url(payload.get("response_url")),
    )


def _pressed(payload: Mapping[str, Any]) -> Vote | OpenSettings:
    """What the first known button among those that were pressed asks for."""
    actions = payload.get("actions")
    for action in actions if isinstance(actions, list) else ():
        match nested(action, "action_id"):
            case votes.ACTION:
                return _vote(payload, action)
            case settings_view.CALLBACK:
                return _opened_settings(payload, action)
    raise Dropped("no button that the bot offers")


def _opened_settings(payload: Mapping[str, Any], action: object) -> OpenSettings:
    return OpenSettings(
        team=team_in_interaction(payload),
        channel=slack_id(nested(payload, "channel", "id")),
        ts=timestamp(nested(action, "action_ts")),
        person=slack_id(nested(payload, "user", "id")),
        respond_to=web_url(payload.get("response_url")),
        trigger=trigger_in(payload),
    )


def _changed_settings(payload: Mapping[str, Any], given_at: float) -> ChangeSettings:
    """Slack sends no ts with it: see ``request_in_command``."""
    view = payload.get("view")
    if not isinstance(view, dict) or view.get("callback_id") != settings_view.CALLBACK:
        raise Dropped("a modal that is not the bot's")
    team, channel, respond_to, texts = settings_view.submitted(view)
    person = slack_id(nested(payload, "user", "id"))
    ts = _ts(given_at, person, view.get("id"), view.get("hash"), payload.get("trigger_id"))
    return ChangeSettings(team, channel, ts, person, respond_to, texts)


def _vote(payload: Mapping[str, Any], action: object) -> Vote:
    value = nested(action, "value")
    if not isinstance(value, str):
        raise Dropped("no vote")
    try:
        question, good, receipt = votes.parse_vote(value)
    except ValueError:
        raise Dropped("a vote that cannot be read") from None
    team, channel = team_in_interaction(payload), slack_id(nested(payload, "channel", "id"))
    asked_in, _, _ = question.rpartition("/")
    if asked_in != f"{team}/{channel}":
        # In a shared channel the payload names the voter's team. The button is this app's own, so its value is right.
        team, _, channel_of_question = asked_in.partition("/")
        if channel_of_question != channel:
            raise Dropped("a vote on an answer in another channel")
    return Vote(
        team=team,
        channel=channel,
        ts=timestamp(nested(action, "action_ts")),
        person=slack_id(nested(payload, "user", "id")),
        question=question,
        good=good,
        receipt=receipt,
    )
