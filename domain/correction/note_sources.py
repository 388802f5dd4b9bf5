"""The posts that a note came from, as a person reads them."""

from collections.abc import Collection, Mapping, Sequence

from domain.conversations.conversation import Conversation, Speaker
from domain.conversations.notes import Note
from domain.conversations.thread_posts import Post, ThreadPosts
from domain.texts.language import Language
from domain.timestamp import Timestamp

POSTS_QUOTED = 20
"""Of one note."""

POST_CHARACTERS = 400
"""Of one post."""


def known_sources(conversation: Conversation, note: Note) -> frozenset[Timestamp]:
    """The posts that the note is known to have come from: others may stand between them."""
    if note.first is None or note.last is None:
        return frozenset()
    asked = {each.question for each in conversation.replies if note.first <= each.question <= note.last}
    return frozenset({note.first, note.last} | asked)


def shown_sources(
    conversation: Conversation, note: Note, read: ThreadPosts, links: Mapping[Timestamp, str], language: Language
) -> str:
    """The posts of the note, quoted with links, and how many of them are gone."""
    known = known_sources(conversation, note)
    if not known:
        return language.sources_unknown
    if read.unreadable:
        return language.sources_unread
    posts = [each for each in read.posts if each.text]
    parts = [_quoted(each, links, language) for each in posts[:POSTS_QUOTED]]
    if read.partial or len(posts) > POSTS_QUOTED:
        parts.append(language.sources_more)
    if gone := _gone(read, known):
        parts.append(language.sources_gone.fill(posts=gone))
    return "\n\n".join(parts)


def _gone(read: ThreadPosts, known: Collection[Timestamp]) -> int:
    """How many of these posts Slack no longer has, as far as it was read."""
    there = {post.ts for post in read.posts}
    ends = (min(there, default=""), max(there, default="")) if read.partial else (min(known), max(known))
    return sum(ends[0] <= each <= ends[1] and each not in there for each in known) if ends[0] else 0


def _quoted(post: Post, links: Mapping[Timestamp, str], language: Language) -> str:
    name = language.names[Speaker.BOT] if post.own else post.name or post.author
    text = post.text if len(post.text) <= POST_CHARACTERS else f"{post.text[:POST_CHARACTERS]}…"
    link = links.get(post.ts)
    lines = [f"[{name}]({link})" if link else name, *text.splitlines()]
    return "\n".join(f"> {line}" for line in lines)


def posts_to_link(read: ThreadPosts) -> Sequence[Timestamp]:
    """The posts that are quoted."""
    return [post.ts for post in read.posts[:POSTS_QUOTED]]
