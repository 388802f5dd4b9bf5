"""Reads slash commands, shortcuts and button presses."""

from collections.abc import Mapping
from typing import Any

from adapters.slack.feedback import ACTION, parse_vote
from adapters.slack.receiving.validation import Dropped, nested, slack_id, timestamp, web_url
from domain.commands import Command, command_in
from domain.requests import Question, Request, Vote


def question_in_command(form: Mapping[str, Any], ts: str) -> Question:
    """The command of a slash command; any text that is no command asks for help. Raises ``Dropped``.

    Slack sends no ts with it, so the caller gives one.
    """
    if not form.get("command"):
        raise Dropped("it has no command")
    text, channel = form.get("text"), slack_id(form.get("channel_id"))
    command = command_in(text) if isinstance(text, str) else None
    return Question(
        team=slack_id(form.get("team_id")),
        channel=channel,
        ts=ts,
        person=slack_id(form.get("user_id")),
        text=(command or Command.HELP).value,
        direct=channel.startswith("D"),
        private=True,
        respond_to=web_url(form.get("response_url")),
    )


def request_in_interaction(payload: Mapping[str, Any], *, agent_view: bool = False) -> Request:
    """The command of a shortcut or the vote of a button. Raises ``Dropped`` where there is neither."""
    match payload.get("type"):
        case "message_action":
            return _question_in_shortcut(payload, agent_view)
        case "block_actions":
            return _vote(payload)
        case _:
            raise Dropped("of a kind that the bot does not offer")


def _question_in_shortcut(payload: Mapping[str, Any], agent_view: bool) -> Question:
    """A command about the conversation of the message whose menu it was chosen from."""
    word = payload.get("callback_id")
    if word not in tuple(Command):
        raise Dropped("a shortcut that the bot does not offer")
    channel, ts = slack_id(nested(payload, "channel", "id")), timestamp(payload.get("message_ts"))
    thread, direct = nested(payload, "message", "thread_ts"), channel.startswith("D")
    return Question(
        team=slack_id(nested(payload, "team", "id")),
        channel=channel,
        ts=timestamp(payload.get("action_ts")),
        person=slack_id(nested(payload, "user", "id")),
        text=Command(word).value,
        # A direct message outside a thread belongs to none, unless each begins one.
        thread=timestamp(thread) if thread is not None else "" if direct and not agent_view else ts,
        direct=direct,
        private=True,
        respond_to=web_url(payload.get("response_url")),
    )


def _vote(payload: Mapping[str, Any]) -> Vote:
    actions = payload.get("actions")
    action = next(
        (each for each in (actions if isinstance(actions, list) else ()) if nested(each, "action_id") == ACTION), None
    )
    value = nested(action, "value")
    if not isinstance(value, str):
        raise Dropped("no vote")
    try:
        question, good, receipt = parse_vote(value)
    except ValueError:
        raise Dropped("a vote that cannot be read") from None
    team = slack_id(nested(payload, "team", "id"))
    if not question.startswith(f"{team}/"):
        raise Dropped("a vote on another team's answer")
    return Vote(
        team=team,
        channel=slack_id(nested(payload, "channel", "id")),
        ts=timestamp(nested(action, "action_ts")),
        person=slack_id(nested(payload, "user", "id")),
        question=question,
        good=good,
        receipt=receipt,
    )
