"""The pages of a thread, as ``conversations.replies`` hands them out.

A page begins with what is oldest in its range, and the thread's first post stands on the first page whatever the range
is (docs.slack.dev and public reports, November 2026). So the newest posts of a long thread are found by moving the
beginning of the range.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from adapters.slack.errors import field
from adapters.slack.payloads.validation import Dropped, timestamp
from domain.deliveries.deadline import Deadline
from domain.requests import Question
from domain.timestamp import Timestamp

TIMEOUT_SECONDS = 3
"""Of one call. The person is waiting for the answer."""

PAGE = 200
"""Posts of one call. Slack advises no more; apps that are sold outside its Marketplace get 15."""

CALLS = 6
"""Calls for one thread. Slack allows an app of one's own 50 a minute in a workspace."""

ENOUGH = 50
"""With so many of the newest posts nobody asks for more of them."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a thread: its first post, the replies of the page, and whether more follow them."""

    first: Mapping[str, Any] | None
    replies: tuple[Mapping[str, Any], ...]
    has_more: bool


class ThreadPages:
    """Reads pages of threads. Raises what slack_sdk raises. ``client`` must not wait out rate limits."""

    def __init__(self, client: WebClient) -> None:
        self._client = client

    def read(self, question: Question, since: Timestamp | None, deadline: Deadline) -> Page:
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
