"""Reads the post under which a question was asked, such as another app's alert."""

import copy
import logging
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from adapters.slack.errors import code_of
from adapters.slack.quotes import QUOTE_LIMIT, quotes_in, text_of
from adapters.slack.validation import nested, valid_unicode
from domain.deadline import Deadline
from domain.requests import Question, Quote

TIMEOUT_SECONDS = 3
"""The person is waiting for the answer."""

logger = logging.getLogger(__name__)


class ParentPosts:
    """Reads first posts of threads through ``conversations.replies``. Safe to use from any thread."""

    def __init__(self, client: WebClient) -> None:
        self._client = copy.copy(client)
        self._client.retry_handlers = []
        self._client.timeout = TIMEOUT_SECONDS

    def above(self, question: Question, deadline: Deadline) -> tuple[Quote, ...]:
        """The first post of the question's thread with what stands beside its text.

        Empty outside threads and where Slack does not hand it out in time: the question is answered without it.
        """
        is_below = question.thread not in ("", question.ts) and not question.direct
        if not is_below or deadline.seconds_left < TIMEOUT_SECONDS:
            return ()
        try:
            answer = self._client.conversations_replies(channel=question.channel, ts=question.thread, limit=1)
        except SlackApiError as error:
            logger.warning("question %s: the post above is not read: %s", question.reference, code_of(error))
            return ()
        except (SlackClientError, HTTPException, OSError, ValueError) as error:
            logger.warning("question %s: the post above is not read: %s", question.reference, type(error).__name__)
            return ()
        posts = answer.get("messages")
        first = posts[0] if isinstance(posts, list) and posts else None
        return _quotes(first) if isinstance(first, dict) and first.get("ts") == question.thread else ()


def _quotes(post: Mapping[str, Any]) -> tuple[Quote, ...]:
    author, text = _author(post), valid_unicode(text_of(post))
    own = (Quote(text[:QUOTE_LIMIT], author, cut=len(text) > QUOTE_LIMIT),) if text.strip() else ()
    return (*own, *(each if each.author else Quote(each.text, author, each.cut) for each in quotes_in(post)))


def _author(post: Mapping[str, Any]) -> str:
    user = post.get("user")
    names = (post.get("username"), nested(post, "bot_profile", "name"), f"<@{user}>" if isinstance(user, str) else "")
    return valid_unicode(next((each for each in names if isinstance(each, str) and each), ""))
