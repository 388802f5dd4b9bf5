"""The bot's own messages, and the rules by which Slack lets it post and change them.

Rules and limits are those of docs.slack.dev/reference/methods (November 2026); where Slack's practice is stricter
than its pages, and known, the practice counts.
"""

from typing import Any

from domain.deliveries.deadline import Clock
from entrypoints.playground.emulator.workspace.block_kit import markdown_of
from entrypoints.playground.emulator.workspace.directory import Directory
from entrypoints.playground.emulator.workspace.messages import Messages
from entrypoints.playground.emulator.workspace.model import (
    BOT_USER,
    TEAM,
    Channel,
    Json,
    Mode,
    Post,
    Refused,
    SharedFile,
)
from entrypoints.playground.emulator.workspace.sessions import Sessions

TEXT_LIMIT = 4_000
"""Characters of ``text``. The reference says so of ``chat.update``. Of ``chat.postMessage`` it only advises
it, but Slack splits or refuses longer ones, and a bot that sends them should fail its tests."""

MARKDOWN_LIMIT = 12_000
"""Characters of ``markdown_text`` in one call, and of a stream in all."""


class BotMessages:
    """What the bot may do. Each method raises ``Refused`` for what Slack would not do, by Slack's name for it.

    A message in a thread takes the thread's status away. ``unstreamable`` are ids of channels in which Slack takes no
    streams: none, unless a test puts some in.
    """

    def __init__(self, directory: Directory, messages: Messages, sessions: Sessions, clock: Clock) -> None:
        self._directory = directory
        self._messages = messages
        self._sessions = sessions
        self._clock = clock
        self.unstreamable: set[str] = set()

    def post(
        self,
        channel: str,
        text: str,
        *,
        markdown: bool,
        thread: str = "",
        username: str = "",
        metadata: str = "",
        blocks: tuple[Json, ...] = (),
        files: tuple[SharedFile, ...] = (),
    ) -> Post:
        """Post a message of the bot. With blocks, the text is only what notifications say."""
        text, markdown = _shown(text, blocks, MARKDOWN_LIMIT if markdown else TEXT_LIMIT, markdown, bool(files))
        return self._add_own(
            self._directory.channel(channel),
            text,
            thread,
            markdown=markdown,
            username=username,
            metadata=metadata,
            blocks=blocks,
            files=files,
        )

    def whisper(
        self,
        channel: str,
        person: str,
        text: str,
        *,
        markdown: bool = False,
        thread: str = "",
        blocks: tuple[Json, ...] = (),
        user: str = BOT_USER,
    ) -> Post:
        """Post what one person of a channel sees and no history has. Raises ``Refused`` where they are not in it."""
        where = self._directory.channel(channel)
        if person not in self._directory.members(where):
            raise Refused("user_not_in_channel")
        text, markdown = _shown(text, blocks, MARKDOWN_LIMIT if markdown else TEXT_LIMIT, markdown)
        return self._messages.add_ephemeral(
            where, user, text, thread, markdown=markdown, blocks=blocks, only_for=person
        )

    def rewrite(self, post: Post, text: str, blocks: tuple[Json, ...] = ()) -> Post:
        """Replace what the bot said in a post, ephemeral or not, as an answer to a click may."""
        if not post.only_for:
            return self.update(post.channel, post.ts, text, markdown=False, blocks=blocks)
        text, markdown = _shown(text, blocks, TEXT_LIMIT, markdown=False)
        edited = self._messages.next_ts()
        return self._messages.change(post, text=text, markdown=markdown, blocks=blocks, edited=edited)

    def dismiss(self, post: Post) -> None:
        """Take back what the bot said in a post, ephemeral or not."""
        if post.only_for:
            self._messages.remove(post)
        else:
            self.delete(post.channel, post.ts)

    def delete(self, channel: str, ts: str) -> None:
        """Take back a message of the bot."""
        with self._messages.lock:
            post = self._messages.find(channel, ts)
            if post.user != BOT_USER:
                raise Refused("cant_delete_message")
            self._messages.remove(post)

    def update(
        self, channel: str, ts: str, text: str, *, markdown: bool, metadata: str = "", blocks: tuple[Json, ...] = ()
    ) -> Post:
        """Replace the text and the blocks of a message of the bot."""
        text, markdown = _shown(text, blocks, TEXT_LIMIT, markdown)
        with self._messages.lock:
            post = self._messages.find(channel, ts)
            if post.user != BOT_USER:
                raise Refused("cant_update_message")
            if self._messages.is_live(post):
                raise Refused("streaming_state_conflict")
            return self._messages.change(
                post,
                text=text,
                markdown=markdown,
                edited=self._messages.next_ts(),
                streamed=None,
                metadata=metadata or post.metadata,
                blocks=blocks,
            )

    def start_stream(
        self, channel: str, thread: str, text: str, mode: Mode, *, recipients: tuple[str, str], username: str = ""
    ) -> Post:
        """Begin a message that grows. ``recipients`` are a person's id and their team's, each empty where absent."""
        where = self._directory.channel(channel)
        if where.id in self.unstreamable:
            raise Refused("channel_type_not_supported")
        if not where.direct:
            for value, known, name in (
                (recipients[0], {person.id for person in self._directory.people}, "user"),
                (recipients[1], {TEAM}, "team"),
            ):
                if not value:
                    raise Refused(f"missing_recipient_{name}_id")
                if value not in known:
                    raise Refused(f"{name}_not_found")
        if not thread:  # only channels that are one session as a whole take streams outside threads
            raise Refused("invalid_thread_ts")
        _require_size(text, MARKDOWN_LIMIT, may_be_empty=True)
        return self._add_own(where, text, thread, markdown=True, username=username, streamed=self._clock(), mode=mode)

    def append_stream(self, channel: str, ts: str, text: str, mode: Mode) -> Post:
        """Add words to a stream."""
        if not mode:
            raise Refused("no_text")
        with self._messages.lock:
            post = self._messages.find(channel, ts)
            return self._messages.change(post, **self._appended(post, text, mode))

    def stop_stream(
        self, channel: str, ts: str, text: str, mode: Mode, *, metadata: str = "", blocks: tuple[Json, ...] = ()
    ) -> Post:
        """Add the last words, if any, and the blocks that stand below, and end the stream."""
        with self._messages.lock:
            post = self._messages.find(channel, ts)
            ended = self._appended(post, text, mode)
            whole = "\n\n".join(filter(None, (ended["text"], markdown_of(blocks))))
            ended |= {"text": whole, "streamed": None, "metadata": metadata, "blocks": blocks}
            return self._messages.change(post, **ended)

    def _appended(self, post: Post, text: str, mode: Mode) -> Json:
        """The fields of a stream with these words at its end."""
        if post.stopped:
            raise Refused("stopped_by_user")
        if not self._messages.is_live(post):
            raise Refused("message_not_in_streaming_state")
        if mode and post.mode and mode != post.mode:  # measured by many, documented nowhere
            raise Refused("streaming_mode_mismatch")
        _require_size(post.text + text, MARKDOWN_LIMIT, may_be_empty=True)
        return {"text": post.text + text, "mode": post.mode or mode}

    def _add_own(self, where: Channel, text: str, thread: str, **more: Any) -> Post:
        with self._messages.lock:
            post = self._messages.add(where, BOT_USER, text, thread, **more)
            if post.thread:
                self._sessions.say(where.id, post.thread, "")
            return post


def _shown(
    text: str, blocks: tuple[Json, ...], limit: int, markdown: bool, may_be_empty: bool = False
) -> tuple[str, bool]:
    """What a message shows as its text, and whether that is Markdown: its ``markdown`` blocks, where it has some."""
    _require_size(text, limit, may_be_empty=may_be_empty or bool(blocks))
    in_blocks = markdown_of(blocks)
    return in_blocks or text, markdown or bool(in_blocks)


def _require_size(text: str, limit: int, *, may_be_empty: bool = False) -> None:
    if len(text) > limit:
        raise Refused("msg_too_long")
    if not text.strip() and not may_be_empty:
        raise Refused("no_text")
