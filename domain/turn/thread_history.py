"""What stands in a thread above a question and is not remembered yet."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from domain.conversations.conversation import Conversation, Message, Speaker
from domain.conversations.thread_posts import NO_HISTORY, History, Post, ThreadPosts
from domain.memory import longest_fitting
from domain.ports.model import CountTokens
from domain.ports.slack import Resolver
from domain.prompts import Part, Role
from domain.texts.language import Language
from domain.turn.turns import OpenTurn, Turn

GAP = " […]"
"""Stands where posts, or the end of a post, were left out."""


class ThreadHistory:
    """Reads threads in which the bot is asked for the first time, or was told to be quiet.

    Of all posts as many are kept as have ``limit`` tokens: the first one, and the newest.
    """

    def __init__(self, resolver: Resolver, count_tokens: CountTokens, limit: int) -> None:
        self._resolver = resolver
        self._count_tokens = count_tokens
        self._limit = limit

    def above(self, turn: Turn) -> History:
        """What was said above the question and is not remembered. Raises what ``Resolver.thread`` raises."""
        question, conversation = turn.question, turn.conversation
        is_below = question.thread not in ("", question.ts) and not question.direct
        is_unread = conversation.is_new or conversation.unread_since
        if not (self._limit and is_below and is_unread):
            return NO_HISTORY
        since = None if conversation.is_new else conversation.unread_since
        thread = self._resolver.thread(question, since, turn.deadline)
        if thread.unreadable:
            return History(notice=turn.language.thread_unread)
        return self._history(conversation, thread, question.thread, turn.language)

    def newer_half(self, turn: OpenTurn) -> History:
        """Of two posts the newer one: for a model whose context is too small for both."""
        messages = turn.history.messages[(len(turn.history.messages) + 1) // 2 :]
        return replace(turn.history, messages=messages, notice=_partly_read(len(messages), turn.language))

    def _history(self, conversation: Conversation, thread: ThreadPosts, first: str, language: Language) -> History:
        replies = {record.reply for record in conversation.replies}
        # All that the bot said since it was told to be quiet is remembered, also what follows a reply's first message.
        known = {post.ts for post in thread.posts if post.own and not conversation.is_new}.union(replies)
        posts = [post for post in thread.posts if post.ts not in known and post.text.strip()]
        people: dict[str, str] = {}
        messages = list(self._messages(conversation, posts, people, language))
        kept = self._kept(messages, has_first=bool(posts) and posts[0].ts == first)
        is_partial = thread.partial or kept != messages
        notice = _partly_read(len(kept), language) if is_partial else ""
        return History(tuple(kept), tuple(people.items()), notice)

    def _messages(
        self, conversation: Conversation, posts: Sequence[Post], people: dict[str, str], language: Language
    ) -> Iterator[Message]:
        for post in posts:
            if post.own:
                name = language.names[Speaker.BOT]
            else:
                name = conversation.name_for(post.author, post.name) or post.author
                conversation, people[post.author] = conversation.heard(post.author, name), name
            yield self._counted(Message(Speaker.THREAD, "", 0, name, post.ts), post.text)

    def _kept(self, messages: Sequence[Message], *, has_first: bool) -> list[Message]:
        """The first post and the newest ones that have ``limit`` tokens together."""
        if sum(each.tokens for each in messages) <= self._limit:
            return list(messages)
        first, others = messages[: int(has_first)], messages[int(has_first) :]
        begun = [self._cut(each, self._limit // 2 if others else self._limit) for each in first]
        begun = [each for each in begun if each.text]
        newest = self._newest(others, self._limit - sum(each.tokens + self._count_tokens(GAP) for each in begun))
        if len(newest) < len(others):
            begun = [each if each.text.endswith(GAP) else self._counted(each, each.text + GAP) for each in begun]
        return [*begun, *newest]

    def _newest(self, messages: Sequence[Message], room: int) -> list[Message]:
        """As many of the last messages as there is room for; of the very last one at least its beginning."""
        kept: list[Message] = []
        for message in reversed(messages):
            fits = message if kept else self._cut(message, room)
            if fits.tokens > room or not fits.text:
                break
            kept.insert(0, fits)
            room -= fits.tokens
        return kept

    def _cut(self, message: Message, room: int) -> Message:
        """The message, or its beginning where it has more tokens than there is room for; empty where nothing fits."""
        if message.tokens <= room:
            return message
        around = self._counted(message, GAP).tokens
        text, _ = longest_fitting(room - around, message.text, self._count_tokens) if room > around else ("", 0)
        return self._counted(message, text + GAP if text else "")

    def _counted(self, message: Message, text: str) -> Message:
        """The message with this text."""
        part = Part(Role.RECORD, text, message.name)
        return replace(message, text=text, tokens=self._count_tokens(part.text_with_name))


def _partly_read(posts: int, language: Language) -> str:
    return language.thread_partly_read.fill(posts=posts) if posts else language.thread_unread
