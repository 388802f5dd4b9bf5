"""Reads threads through ``conversations.replies``.

A page begins with what is oldest in its range, and the thread's first post stands on the first page whatever the range
is (docs.slack.dev and public reports, November 2026). So the newest posts of a long thread are found by moving the
beginning of the range.
"""

import copy
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from adapters.slack.errors import code_of, field
from adapters.slack.reading.posts import OwnPosts, post_in
from adapters.slack.validation import Dropped, timestamp
from domain.deadline import Deadline
from domain.place import Place
from domain.requests import Question
from domain.thread_posts import ThreadPosts
from domain.timestamp import Timestamp

TIMEOUT_SECONDS = 3
"""Of one call. The person is waiting for the answer."""

PAGE = 200
"""Posts of one call. Slack advises no more; apps that are sold outside its Marketplace get 15."""

BETWEEN = 60
"""Posts that are read of one note's: more than are quoted, as notices are among them."""

CALLS = 6
"""Calls for one thread. Slack allows an app of one's own 50 a minute in a workspace."""

ENOUGH = 50
"""With so many of the newest posts nobody asks for more of them."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a thread: its first post, the replies of the page, and whether more follow them."""

    first: Mapping[str, Any] | None
    replies: tuple[Mapping[str, Any], ...]
    has_more: bool


class Threads:
    """Reads what stands in a thread. Safe to use from any thread of the process."""

    def __init__(self, client: WebClient) -> None:
        self._client = copy.copy(client)
        self._client.retry_handlers = []  # a rate limit is not waited out for what the question may do without
        self._client.timeout = TIMEOUT_SECONDS
        self._own = OwnPosts(self._client)

    def above(
        self, question: Question, since: Timestamp | None, deadline: Deadline, name_of: Callable[[str], str]
    ) -> ThreadPosts:
        """The posts above the question: those after ``since``, or the first one and the newest."""
        try:
            pages = self._pages(question, since, deadline)
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

    def _pages(self, question: Question, since: Timestamp | None, deadline: Deadline) -> Page:
        """The first post and the newest replies; ``has_more`` where there are others before or after these."""
        begin = since or Timestamp(question.thread)
        page = self._page(question, begin)
        if not page.has_more:
            return page
        newest = self._newest(question, page, deadline)
        return Page(page.first, newest.replies or page.replies, has_more=True)

    def _newest(self, question: Question, page: Page, deadline: Deadline) -> Page:
        """A page that ends with the newest post, as far as ``CALLS`` and the deadline allow."""
        end = question.ts.seconds
        too_early, early_enough, begin = _last(page), end, _first_guess(page, end)
        best, step = Page(None, (), has_more=True), 0.0
        for _ in range(CALLS - 1):
            if deadline.seconds_left < TIMEOUT_SECONDS:
                break
            try:
                page = self._page(question, Timestamp(f"{begin:.6f}"))
            except (SlackClientError, HTTPException, OSError, ValueError):
                break  # a rate limit, mostly: what is read by now has to do
            if page.has_more:
                too_early = max(begin, _last(page))
                best = page if best.has_more else best
            else:
                early_enough, best = begin, page
                if len(page.replies) >= ENOUGH:
                    break
            step = _seconds_of_enough(page) or step
            guess = early_enough - step
            begin = guess if too_early < guess < early_enough else (too_early + early_enough) / 2
        return best

    def _page(self, question: Question, begin: Timestamp) -> Page:
        answer = self._client.conversations_replies(
            channel=question.channel, ts=question.thread, oldest=begin, latest=question.ts, limit=PAGE
        )
        posts = [each for each in field(answer, "messages", list) if isinstance(each, dict)]
        first = next((each for each in posts if each.get("ts") == question.thread), None)
        replies = tuple(each for each in posts if each is not first and _seconds(each) > begin.seconds)
        return Page(first, replies, has_more=answer.get("has_more") is True)


def _first_guess(page: Page, end: float) -> float:
    """When about twice ``ENOUGH`` replies are left, if people have posted evenly since this page."""
    number, last = (page.first or {}).get("reply_count"), _last(page)
    others = number - len(page.replies) if isinstance(number, int) else 0
    return end - (end - last) * (min(0.5, 2 * ENOUGH / others) if others > 0 else 0.5)


def _seconds_of_enough(page: Page) -> float:
    """In how many seconds about twice ``ENOUGH`` replies are posted, if people post as they did on this page."""
    span = _last(page) - _seconds(page.replies[0]) if page.replies else 0.0
    return span * 2 * ENOUGH / max(1, len(page.replies))


def _last(page: Page) -> float:
    return max(map(_seconds, page.replies), default=0.0)


def _seconds(post: Mapping[str, Any]) -> float:
    try:
        return timestamp(post.get("ts")).seconds
    except Dropped:
        return 0.0


def _reason(error: SlackApiError) -> str:
    """Slack's code, and the scope that it says is needed."""
    needed = error.response.get("needed")
    is_scope = isinstance(needed, str) and all(each.isalnum() or each in ":.,_-" for each in needed)
    return f"{code_of(error)}, the scope {needed[:100]} is needed" if needed and is_scope else code_of(error)
