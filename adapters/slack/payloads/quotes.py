"""Reads what stands in a post outside its text: forwarded posts, pasted tables, and other apps' alerts.

Slack puts them into ``attachments`` and ``blocks`` (docs.slack.dev, November 2026). A ``rich_text`` block only repeats
the text, so it is read where there is none. Of an app's post people see the other blocks: its text may be no more than
what a notification says.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from adapters.slack.payloads.blocks import blocks_of, escaped_string, rendered, rendered_table
from adapters.slack.payloads.validation import nested, valid_unicode
from domain.requests import Quote

QUOTES = 20
"""Quotes of one post that are passed on: Slack advises apps to send no more attachments."""

QUOTE_LIMIT = 12_000
"""Characters of one quote, as many as a message of Slack's may have."""

QUOTES_LIMIT = 30_000
"""Characters of all quotes of a post together. A message of the queue may have 256 KB."""

AUTHOR_LIMIT = 200
"""Characters of an author's name, before the resolver makes it one line."""

DEPTH = 3
"""A forwarded post may have attachments, among which a forwarded post may be."""

_NOTHING = "[no preview available]"
"""Slack's fallback for what it cannot say."""


def text_of(post: Mapping[str, Any]) -> str:
    """The text of a post as mrkdwn, with what its blocks show and it does not say."""
    text = post.get("text")
    text = text if isinstance(text, str) and text.strip() else ""
    beside = valid_unicode(_beside(text, [*blocks_of(post.get("blocks"))])[:QUOTE_LIMIT])
    return "\n".join(filter(None, (text, beside)))


def _beside(text: str, blocks: list[Mapping[str, Any]]) -> str:
    """What the blocks show beside this text: the lines that it does not have."""
    if not text:
        return rendered(blocks)
    shown = rendered(each for each in blocks if each.get("type") != "rich_text")
    return "\n".join(each for each in shown.splitlines() if each not in text)


def quotes_in(post: Mapping[str, Any]) -> tuple[Quote, ...]:
    """What stands beside the text of a post, within the bounds above; ``cut`` says where there was more."""
    quotes: list[Quote] = []
    room = QUOTES_LIMIT
    for author, text in islice(_found(post, DEPTH), QUOTES):
        kept = text[: min(room, QUOTE_LIMIT)]
        if not kept:
            break
        quotes.append(Quote(valid_unicode(kept), valid_unicode(author[:AUTHOR_LIMIT]), cut=len(kept) < len(text)))
        room -= len(kept)
    return tuple(quotes)


def _found(post: Mapping[str, Any], depth: int) -> Iterator[tuple[str, str]]:
    """Authors and texts; never an empty text."""
    yield from (("", table) for table in _tables(post.get("blocks")))
    yield from _attached(post, depth)


def _attached(post: Mapping[str, Any], depth: int) -> Iterator[tuple[str, str]]:
    for attachment in blocks_of(post.get("attachments")) if depth else ():
        yield from _in_attachment(attachment, depth)


def _in_attachment(attachment: Mapping[str, Any], depth: int) -> Iterator[tuple[str, str]]:
    author = _author(attachment)
    messages = [nested(each, "message") for each in blocks_of(attachment.get("message_blocks"))]
    blocks = [
        *blocks_of(attachment.get("blocks")),
        *(block for each in messages for block in blocks_of(nested(each, "blocks"))),
    ]
    tables = [*_tables(blocks)]
    if text := _text(attachment, blocks, has_tables=bool(tables)):
        yield author, text
    yield from ((author, table) for table in tables)
    yield from ((inner or author, text) for inner, text in _attached(attachment, depth - 1))


def _text(attachment: Mapping[str, Any], blocks: list[Mapping[str, Any]], *, has_tables: bool) -> str:
    """What an attachment shows. Its fallback is for those who see nothing of it."""
    text = _string(attachment, "text")
    parts = [_string(attachment, "pretext"), _title(attachment), text, _beside(text, blocks)]
    parts += [_field(each) for each in blocks_of(attachment.get("fields"))]
    parts += [f"[{escaped_string(each.get('name')) or 'file'}]" for each in blocks_of(attachment.get("files"))]
    shown = "\n".join(filter(None, parts))
    fallback = _string(attachment, "fallback")
    return shown or ("" if has_tables or fallback == _NOTHING else fallback)


def _title(attachment: Mapping[str, Any]) -> str:
    title, link = _string(attachment, "title"), _string(attachment, "title_link")
    return f"{title} ({link})" if title and link.startswith("http") else title


def _field(field: Mapping[str, Any]) -> str:
    title, value = _string(field, "title"), _string(field, "value")
    return f"{title}: {value}" if title and value else title or value


def _author(attachment: Mapping[str, Any]) -> str:
    names = ("author_name", "author_subname", "service_name", "bot_name")
    person = attachment.get("author_id")
    known = f"<@{person}>" if isinstance(person, str) and re.fullmatch("[UW][A-Z0-9]+", person) else ""
    return next((name for each in names if (name := _string(attachment, each))), known)


def _tables(blocks: object) -> Iterator[str]:
    tables = (rendered_table(each) for each in blocks_of(blocks) if each.get("type") == "table")
    yield from (each for each in tables if each)


def _string(value: Mapping[str, Any], name: str) -> str:
    text = value.get(name)
    return text.strip() if isinstance(text, str) else ""
