"""Slash commands, shortcuts and buttons: what people do in Slack without saying anything."""

from collections.abc import Mapping
from typing import Any

from adapters.slack.feedback import ACTION, parse_vote
from adapters.slack.receiving.validation import Dropped, address_in, id_in, inside, ts_in
from domain.commands import Command, command_in
from domain.requests import Question, Request, Vote


def question_in_command(form: Mapping[str, Any], ts: str) -> Question:
    """The command word in a slash command; one that carries anything else asks for help.

    Nothing in it is of the time at which it was given, so that ``ts`` is ours. Raises ``Dropped``.
    """
    if not form.get("command"):
        raise Dropped("it has no command")
    text, channel = form.get("text"), id_in(form.get("channel_id"))
    command = command_in(text) if isinstance(text, str) else None
    return Question(
        team=id_in(form.get("team_id")),
        channel=channel,
        ts=ts,
        person=id_in(form.get("user_id")),
        text=(command or Command.HELP).value,
        direct=channel.startswith("D"),
        private=True,
        respond_to=address_in(form.get("response_url")),
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
    """A command to the conversation of the message on which it was given."""
    word = payload.get("callback_id")
    if word not in tuple(Command):
        raise Dropped("a shortcut that the bot does not offer")
    channel, ts = id_in(inside(payload, "channel", "id")), ts_in(payload.get("message_ts"))
    thread, direct = inside(payload, "message", "thread_ts"), channel.startswith("D")
    return Question(
        team=id_in(inside(payload, "team", "id")),
        channel=channel,
        ts=ts_in(payload.get("action_ts")),
        person=id_in(inside(payload, "user", "id")),
        text=Command(word).value,
        # A direct message outside a thread belongs to none, unless each begins one.
        thread=ts_in(thread) if thread is not None else "" if direct and not agent_view else ts,
        direct=direct,
        private=True,
        respond_to=address_in(payload.get("response_url")),
    )


def _vote(payload: Mapping[str, Any]) -> Vote:
    actions = payload.get("actions")
    pressed = next(
        (each for each in (actions if isinstance(actions, list) else ()) if inside(each, "action_id") == ACTION), None
    )
    value = inside(pressed, "value")
    if not isinstance(value, str):
        raise Dropped("no vote")
    try:
        question, good, receipt = parse_vote(value)
    except ValueError:
        raise Dropped("a vote that cannot be read") from None
    team = id_in(inside(payload, "team", "id"))
    if not question.startswith(f"{team}/"):
        raise Dropped("a vote on another team's answer")
    return Vote(
        team=team,
        channel=id_in(inside(payload, "channel", "id")),
        ts=ts_in(inside(pressed, "action_ts")),
        person=id_in(inside(payload, "user", "id")),
        question=question,
        good=good,
        receipt=receipt,
    )
