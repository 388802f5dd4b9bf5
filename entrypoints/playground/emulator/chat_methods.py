"""The methods ``chat.*`` of Slack's Web API, on the made-up workspace. Attachments are not played and are refused."""

from collections.abc import Callable, Mapping

from entrypoints.playground.emulator.arguments import (
    blocks_of,
    metadata_in,
    required,
    stream_words,
    string,
    text_in,
    thread_in,
)
from entrypoints.playground.emulator.event_payloads import message_of
from entrypoints.playground.emulator.workspace.model import Json, Post, Refused
from entrypoints.playground.emulator.workspace.sessions import STATUSES
from entrypoints.playground.emulator.workspace.workspace import Workspace


class Chat:
    """``methods`` by name. Each takes a call's arguments and returns what it adds to ``ok``, or raises ``Refused``."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.methods: Mapping[str, Callable[[Json], Json]] = {
            "chat.appendStream": self._append_stream,
            "chat.delete": self._delete,
            "chat.postEphemeral": self._post_ephemeral,
            "chat.postMessage": self._post_message,
            "chat.startStream": self._start_stream,
            "chat.stopStream": self._stop_stream,
            "chat.update": self._update,
        }

    def _post_message(self, arguments: Json) -> Json:
        channel = required(arguments, "channel")
        text, markdown, blocks = text_in(arguments)
        post = self._workspace.bot.post(
            channel,
            text,
            markdown=markdown,
            thread=thread_in(arguments),
            username=string(arguments, "username"),
            metadata=metadata_in(arguments),
            blocks=blocks,
        )
        return {"channel": post.channel, "ts": post.ts, "message": self._message(post)}

    def _post_ephemeral(self, arguments: Json) -> Json:
        channel, person = required(arguments, "channel"), required(arguments, "user")
        text, markdown, blocks = text_in(arguments)
        post = self._workspace.bot.whisper(
            channel, person, text, markdown=markdown, thread=thread_in(arguments), blocks=blocks
        )
        return {"message_ts": post.ts}

    def _update(self, arguments: Json) -> Json:
        channel, ts = required(arguments, "channel"), required(arguments, "ts")
        text, markdown, blocks = text_in(arguments)
        post = self._workspace.bot.update(
            channel, ts, text, markdown=markdown, metadata=metadata_in(arguments), blocks=blocks
        )
        return {"channel": post.channel, "ts": post.ts, "text": post.text, "message": self._message(post)}

    def _start_stream(self, arguments: Json) -> Json:
        if arguments.get("blocks"):
            raise Refused("invalid_blocks")
        channel = required(arguments, "channel")
        post = self._workspace.bot.start_stream(
            channel,
            thread_in(arguments),
            *stream_words(arguments),
            recipients=(string(arguments, "recipient_user_id"), string(arguments, "recipient_team_id")),
            username=string(arguments, "username"),
        )
        return {"channel": post.channel, "ts": post.ts}

    def _append_stream(self, arguments: Json) -> Json:
        if arguments.get("blocks"):
            raise Refused("invalid_blocks")
        channel, ts = required(arguments, "channel"), required(arguments, "ts")
        post = self._workspace.bot.append_stream(channel, ts, *stream_words(arguments))
        return {"channel": post.channel, "ts": post.ts}

    def _stop_stream(self, arguments: Json) -> Json:
        channel, ts, status = (
            required(arguments, "channel"),
            required(arguments, "ts"),
            string(arguments, "session_status"),
        )
        if status and status not in STATUSES:
            raise Refused("invalid_status")
        post = self._workspace.bot.stop_stream(
            channel, ts, *stream_words(arguments), metadata=metadata_in(arguments), blocks=blocks_of(arguments)
        )
        if status:
            self._workspace.sessions.set_status(post.channel, post.thread, status)
        return {"channel": post.channel, "ts": post.ts, "message": self._message(post)}

    def _delete(self, arguments: Json) -> Json:
        channel, ts = required(arguments, "channel"), required(arguments, "ts")
        self._workspace.bot.delete(channel, ts)
        return {"channel": channel, "ts": ts}

    def _message(self, post: Post) -> Json:
        return message_of(post, self._workspace.address)
