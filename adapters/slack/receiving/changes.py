"""Reads what people have made of their posts: ``message_changed`` and ``message_deleted``.

Slack sends both for every post of the channels that the bot is in. Only posts in threads, direct messages and mentions
can be part of a conversation. ``message_changed`` also comes for unfurled links and for the language that Slack has
detected, with the same text; and for a deleted first post of a thread, of which a tombstone stays (docs.slack.dev and
public reports, November 2026).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from adapters.slack.payloads.files import files_in
from adapters.slack.payloads.quotes import quotes_in, text_of
from adapters.slack.payloads.validation import Dropped, nested, slack_id, timestamp, valid_unicode
from adapters.slack.receiving.teams import installed_team
from domain.correction.edits_and_deletions import Deletion, Edit, PostRequest
from domain.requests import Question

CHANGES = ("message_changed", "message_deleted")
"""The subtypes of ``message`` for what becomes of a post."""

WAS_LIMIT = 12_000
"""Characters of what is gone, as many as a message of Slack's may have."""

QuestionIn = Callable[[Mapping[str, Any]], Question]
"""Reads the question in a post. Raises ``Dropped`` where it cannot be read."""

IsMention = Callable[[str], bool]
"""Does this text mention the bot?"""


def change_in(
    payload: Mapping[str, Any], event: Mapping[str, Any], bot: str, question_in: QuestionIn, is_mention: IsMention
) -> PostRequest:
    """The edit or the deletion in an event of ``CHANGES``. Raises ``Dropped`` where it can concern no conversation."""
    previous, message = event.get("previous_message"), event.get("message")
    if not isinstance(previous, dict) or previous.get("subtype") == "tombstone":
        raise Dropped("it says nothing of what was there before")
    is_edit = event.get("subtype") == "message_changed" and nested(message, "subtype") != "tombstone"
    now: Mapping[str, Any] = message if is_edit and isinstance(message, dict) else previous
    if is_edit and _content(now) == _content(previous):
        raise Dropped("nothing that people write has changed")
    own = (bool(bot) and previous.get("user") == bot) or _is_of_app(previous, payload.get("api_app_id"))
    if is_edit and (own or now.get("bot_id") or now.get("bot_profile")):
        raise Dropped("a bot has edited its post")
    post = question_in(_in_its_channel(now, event))
    is_addressed = post.direct or any(is_mention(text_of(each)) for each in (now, previous))
    if not (is_addressed or post.thread):
        raise Dropped("it was outside threads and did not mention the bot")
    return (Edit if is_edit else Deletion)(
        team=installed_team(payload),
        channel=slack_id(event.get("channel")),
        ts=timestamp(event.get("event_ts") or event.get("ts")),
        person=post.person,
        post=post,
        was=valid_unicode("\n".join(_removed(previous, now if is_edit else None)))[:WAS_LIMIT],
        own=own,
    )


def _is_of_app(post: Mapping[str, Any], app: object) -> bool:
    """A reply under a name of its own has no user."""
    return isinstance(app, str) and bool(app) and post.get("app_id") == app and bool(post.get("bot_id"))


def _content(post: Mapping[str, Any]) -> tuple[object, ...]:
    """What people write, without what Slack adds to it later."""
    return text_of(post), quotes_in({"blocks": post.get("blocks")}), [(each.name, each.id) for each in files_in(post)]


def _removed(previous: Mapping[str, Any], now: Mapping[str, Any] | None) -> Iterator[str]:
    """What the post said, with the quotes, the tables and the names of the files that are gone with the change."""
    if text := text_of(previous):
        yield text
    quotes = quotes_in(previous if now is None else {"blocks": previous.get("blocks")})
    left, names = quotes_in(now or {}), [each.name for each in files_in(now or {})]
    yield from (f"{each.author}: {each.text}" if each.author else each.text for each in quotes if each not in left)
    yield from (f"[{each.name}]" for each in files_in(previous) if each.name not in names)


def _in_its_channel(post: Mapping[str, Any], event: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**post, "channel": event.get("channel"), "channel_type": event.get("channel_type")}
