"""Reads posts as ``conversations.replies`` and ``conversations.history`` have them."""

import threading
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from adapters.slack.payloads.files import files_in
from adapters.slack.payloads.mrkdwn import plain_text
from adapters.slack.payloads.quotes import QUOTE_LIMIT, quotes_in, text_of
from adapters.slack.payloads.validation import Dropped, nested, slack_id, timestamp, valid_unicode
from adapters.slack.reading.user_names import NAME_LIMIT, clean_name
from domain.conversations.thread_posts import Post
from domain.requests import Quote

NameOf = Callable[[str], str]
"""The name of the person with a user id; empty where it cannot be found."""

SPOKEN_SUBTYPES = (None, "bot_message", "file_share", "me_message", "thread_broadcast")
"""The subtypes of posts that say something; the others are notices, and the tombstones of deleted posts."""

UNFINISHED = "…"
"""What the bot's own reply says before its first word."""


class OwnPosts:
    """Knows the bot's own posts: asks Slack once who the bot is. Safe to use from any thread."""

    def __init__(self, client: WebClient) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._bot = ""

    def has(self, post: Mapping[str, Any]) -> bool:
        """Did the bot post it? False where Slack does not say who the bot is."""
        bot = post.get("bot_id")
        return isinstance(bot, str) and bot != "" and bot == self._bot_id()

    def _bot_id(self) -> str:
        with self._lock:
            if not self._bot:
                try:
                    self._bot = str(self._client.auth_test().get("bot_id") or "")
                except (SlackClientError, HTTPException, OSError, ValueError):
                    return ""
            return self._bot


def post_in(post: Mapping[str, Any], own: OwnPosts, name_of: NameOf) -> Post | None:
    """One post; ``None`` for what says nothing."""
    if post.get("subtype") not in SPOKEN_SUBTYPES or post.get("hidden"):
        return None
    try:
        ts = timestamp(post.get("ts"))
    except Dropped:
        return None
    if own.has(post):
        said = post.get("text")
        text = valid_unicode(said if isinstance(said, str) and said.strip() else text_of(post))
        return Post(ts, "", plain_text(text, name_of).strip(), own=True) if text.strip() != UNFINISHED else None
    author, name = _author(post, name_of)
    return Post(ts, author, "\n".join(_lines(post, name_of))[:QUOTE_LIMIT], name)


def _lines(post: Mapping[str, Any], name_of: NameOf) -> Iterator[str]:
    """The text of a post, what is quoted in it, and the names of its files."""
    if text := plain_text(valid_unicode(text_of(post)), name_of).strip():
        yield text
    for quote in quotes_in(post):
        yield from _quoted(quote, name_of)
    yield from (f"[{each.name}]" for each in files_in(post))


def _quoted(quote: Quote, name_of: NameOf) -> Iterator[str]:
    author = clean_name(plain_text(quote.author, name_of).removeprefix("@"), NAME_LIMIT)
    text = plain_text(quote.text, name_of).strip()
    yield from (f"> {line}" for line in (f"{author}: {text}" if author else text).splitlines())


def _author(post: Mapping[str, Any], name_of: NameOf) -> tuple[str, str]:
    """The id of a post's author, and the author's name."""
    names = (post.get("username"), nested(post, "bot_profile", "name"))
    app = clean_name(next((each for each in names if isinstance(each, str) and each), ""), NAME_LIMIT)
    for value in (post.get("bot_id"), post.get("user")):
        try:
            identity = slack_id(value)
        except Dropped:
            continue
        return identity, app if value == post.get("bot_id") else name_of(identity)
    return app, app
