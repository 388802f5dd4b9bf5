"""Reads threads, and the posts that notes came from."""

import copy
import logging
from collections.abc import Callable
from functools import partial
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from adapters.slack.errors import code_of, field
from adapters.slack.reading.posts import OwnPosts, post_in
from adapters.slack.reading.thread_pages import TIMEOUT_SECONDS, ThreadPages
from domain.conversations.place import Place
from domain.conversations.thread_posts import ThreadPosts
from domain.deliveries.deadline import Deadline
from domain.requests import Question
from domain.timestamp import Timestamp

BETWEEN = 60
"""Posts that are read of one note's: more than are quoted, as notices are among them."""

logger = logging.getLogger(__name__)


class Threads:
    """Reads what stands in a thread. Safe to use from any thread of the process."""

    def __init__(self, client: WebClient) -> None:
        self._client = copy.copy(client)
        self._client.retry_handlers = []  # a rate limit is not waited out for what the question may do without
        self._client.timeout = TIMEOUT_SECONDS
        self._pages = ThreadPages(self._client)
        self._own = OwnPosts(self._client)

    def above(
        self, question: Question, since: Timestamp | None, deadline: Deadline, name_of: Callable[[str], str]
    ) -> ThreadPosts:
        """The posts above the question: those after ``since``, or the first one and the newest."""
        try:
            pages = self._pages.read(question, since, deadline)
        except SlackApiError as error:
            logger.warning("question %s: the thread above is not read: %s", question.reference, _reason(error))
            return ThreadPosts(unreadable=True)
        except (SlackClientError, HTTPException, OSError, ValueError) as error:
            logger.warning("question %s: the thread above is not read: %s", question.reference, type(error).__name__)
            return ThreadPosts(unreadable=True)
        raw = [*([pages.first] if pages.first and since is None else []), *pages.replies]
        posts = (post_in(each, self._own, name_of) for each in raw)
        kept = {each.ts: each for each in posts if each and each.ts < question.ts}
        return ThreadPosts(tuple(kept[ts] for ts in sorted(kept)), partial=pages.has_more)

    def between(
        self, question: Question, place: Place, first: Timestamp, last: Timestamp, name_of: Callable[[str], str]
    ) -> ThreadPosts:
        """The posts of a place from ``first`` to ``last``: of a thread, or of a channel outside its threads."""
        client, thread = self._client, place.thread
        read = partial(client.conversations_replies, ts=thread) if thread else client.conversations_history
        try:
            answer = read(channel=question.channel, oldest=first, latest=last, inclusive=True, limit=BETWEEN)
            raw = [each for each in field(answer, "messages", list) if isinstance(each, dict)]
        except (SlackClientError, HTTPException, OSError, ValueError) as error:
            reason = _reason(error) if isinstance(error, SlackApiError) else type(error).__name__
            logger.warning("question %s: the posts of a note are not read: %s", question.reference, reason)
            return ThreadPosts(unreadable=True)
        posts = (post_in(each, self._own, name_of) for each in raw)
        kept = {each.ts: each for each in posts if each and first <= each.ts <= last}
        return ThreadPosts(tuple(kept[ts] for ts in sorted(kept)), partial=answer.get("has_more") is True)


def _reason(error: SlackApiError) -> str:
    """Slack's code, and the scope that it says is needed."""
    needed = error.response.get("needed")
    is_scope = isinstance(needed, str) and all(each.isalnum() or each in ":.,_-" for each in needed)
    return f"{code_of(error)}, the scope {needed[:100]} is needed" if needed and is_scope else code_of(error)
