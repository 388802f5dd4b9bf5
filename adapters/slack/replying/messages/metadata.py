"""The metadata of the bot's messages, which says whose answer each is, and how a later delivery finds them by it."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.models.metadata import Metadata

from adapters.slack.errors import field, is_refusal
from domain.conversations.place import Place
from domain.requests import Question

EVENT_TYPE = "slack_gpt_backend_reply"
"""The event type of the metadata on every finished message."""


def metadata_for(question: Question) -> Metadata:
    return Metadata(event_type=EVENT_TYPE, event_payload={"question": question.identity})


def earlier_messages(client: WebClient, question: Question, place: Place) -> list[str]:
    """The timestamps of this question's messages that earlier deliveries posted, oldest first.

    Their metadata has its identity, but for streams that were never finished, which only threads have: those
    have no metadata at all, and belong to this question because a conversation's questions are answered one by one,
    unless another question's answer went on after them.
    Raises what slack_sdk raises, except where Slack refuses for good.
    """
    read = partial(client.conversations_replies, ts=place.thread) if place.thread else client.conversations_history
    try:
        bot = field(client.auth_test(), "bot_id", str)
        response = read(channel=question.channel, oldest=question.ts, include_all_metadata=True, limit=200)
    except SlackApiError as error:
        if not is_refusal(error):
            raise  # an outage says nothing of what was left there
        return []  # without the scope to read there, what is known by its timestamp has to do
    # Slack returns a thread's first post whatever was asked for.
    messages = [each for each in field(response, "messages", list) if isinstance(each, dict)]
    posts = {field(each, "ts", str): each for each in messages if each.get("bot_id") == bot}
    questions = {ts: _question_of(each) for ts, each in posts.items() if ts > question.ts}
    others = max((ts for ts, identity in questions.items() if identity not in (None, question.identity)), default="")
    unfinished = {ts for ts in questions if place.thread and not posts[ts].get("files") and ts > others}
    return sorted(
        ts
        for ts, identity in questions.items()
        if identity == question.identity or (identity is None and ts in unfinished)
    )


def _question_of(message: Mapping[str, Any]) -> str | None:
    """The identity of the question that a message answers, empty where its metadata lacks it; none without metadata."""
    metadata = message.get("metadata")
    if not isinstance(metadata, dict) or metadata.get("event_type") != EVENT_TYPE:
        return None
    payload = metadata.get("event_payload")
    return str(payload.get("question", "")) if isinstance(payload, dict) else ""
