"""The metadata of the bot's messages, which says whose answer each is, and how a later delivery finds them by it."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.models.metadata import Metadata

from adapters.slack.errors import seconds_to_wait
from domain.requests import Place, Question

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
        bot = client.auth_test()["bot_id"]
        response = read(channel=question.channel, oldest=question.ts, include_all_metadata=True, limit=200)
    except SlackApiError as error:
        if seconds_to_wait(error) is not None:
            raise
        return []  # without the scope to read there, what is known by its timestamp has to do
    # Slack returns a thread's first post whatever was asked for.
    posts = [each for each in response["messages"] if each.get("bot_id") == bot and each["ts"] > question.ts]
    questions = {each["ts"]: _question_of(each) for each in posts}
    others = max((ts for ts, identity in questions.items() if identity not in (None, question.identity)), default="")
    unfinished = {each["ts"] for each in posts if place.thread and not each.get("files") and each["ts"] > others}
    return sorted(
        ts
        for ts, identity in questions.items()
        if identity == question.identity or (identity is None and ts in unfinished)
    )


def _question_of(message: Mapping[str, Any]) -> str | None:
    """The identity of the question that a message answers, empty where its metadata lacks it; none without metadata."""
    metadata = message.get("metadata") or {}
    return metadata.get("event_payload", {}).get("question", "") if metadata.get("event_type") == EVENT_TYPE else None
