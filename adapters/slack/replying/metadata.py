"""What tells whose answer a message is, to whoever must find it again: a mark in the message's metadata."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.models.metadata import Metadata

from adapters.slack.errors import seconds_to_wait
from domain.requests import Place, Question

MARK = "slack_gpt_backend_reply"
"""The event type of the metadata on every finished message."""


def mark_for(question: Question) -> Metadata:
    return Metadata(event_type=MARK, event_payload={"question": question.identity})


def left_behind(client: WebClient, question: Question, place: Place) -> list[str]:
    """The timestamps of this question's messages that earlier deliveries posted, oldest first.

    They are marked with its identity, but for streams that were never finished, which only threads have: those
    bear no mark at all, and belong to this question because a conversation's questions are answered one by one,
    unless another question's answer went on after them.
    Raises what slack_sdk raises, except where Slack refuses for good.
    """
    read = partial(client.conversations_replies, ts=place.thread) if place.thread else client.conversations_history
    try:
        own = client.auth_test()["bot_id"]
        told = read(channel=question.channel, oldest=question.ts, include_all_metadata=True, limit=200)
    except SlackApiError as error:
        if seconds_to_wait(error) is not None:
            raise
        return []  # without the scope to read there, what is known by its timestamp has to do
    # A thread's first post is told whatever was asked for.
    posts = [each for each in told["messages"] if each.get("bot_id") == own and each["ts"] > question.ts]
    marks = {each["ts"]: _mark_of(each) for each in posts}
    others = max((ts for ts, mark in marks.items() if mark not in (None, question.identity)), default="")
    unfinished = {each["ts"] for each in posts if place.thread and not each.get("files") and each["ts"] > others}
    return sorted(ts for ts, mark in marks.items() if mark == question.identity or (mark is None and ts in unfinished))


def _mark_of(message: Mapping[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    return metadata.get("event_payload", {}).get("question", "") if metadata.get("event_type") == MARK else None
