"""The methods of Slack's Web API that this bot needs, on the made-up workspace.

Blocks and attachments are not played and are refused.
"""

import json
from collections.abc import Callable, Mapping

from entrypoints.playground.deliveries import Json, message_of
from entrypoints.playground.workspace import BOT, BOT_NAME, BOT_USER, TEAM, Mode, Refused, Workspace


class WebApi:
    """``methods`` by name. Each takes a call's arguments and returns what it adds to ``ok``, or raises ``Refused``."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.methods: Mapping[str, Callable[[Json], Json]] = {
            "auth.test": self._auth_test,
            "chat.appendStream": self._append_stream,
            "chat.postMessage": self._post_message,
            "chat.startStream": self._start_stream,
            "chat.stopStream": self._stop_stream,
            "chat.update": self._update,
            "conversations.replies": self._replies,
            "users.info": self._users_info,
        }

    def _auth_test(self, _: Json) -> Json:
        return {
            "url": "https://playground.example/",
            "team": "Playground",
            "user": BOT_NAME,
            "team_id": TEAM,
            "user_id": BOT_USER,
            "bot_id": BOT,
            "is_enterprise_install": False,
        }

    def _post_message(self, arguments: Json) -> Json:
        channel = _required(arguments, "channel")
        text, markdown = _text(arguments)
        post = self._workspace.post(
            channel, text, markdown=markdown, thread=_thread(arguments), username=_string(arguments, "username")
        )
        return {"channel": post.channel, "ts": post.ts, "message": message_of(post)}

    def _update(self, arguments: Json) -> Json:
        channel, ts = _required(arguments, "channel"), _required(arguments, "ts")
        text, markdown = _text(arguments)
        post = self._workspace.update(channel, ts, text, markdown=markdown)
        return {"channel": post.channel, "ts": post.ts, "text": post.text, "message": message_of(post)}

    def _start_stream(self, arguments: Json) -> Json:
        channel = _required(arguments, "channel")
        post = self._workspace.start_stream(
            channel,
            _thread(arguments),
            *_stream_words(arguments),
            recipients=(_string(arguments, "recipient_user_id"), _string(arguments, "recipient_team_id")),
            username=_string(arguments, "username"),
        )
        return {"channel": post.channel, "ts": post.ts}

    def _append_stream(self, arguments: Json) -> Json:
        channel, ts = _required(arguments, "channel"), _required(arguments, "ts")
        post = self._workspace.append_stream(channel, ts, *_stream_words(arguments))
        return {"channel": post.channel, "ts": post.ts}

    def _stop_stream(self, arguments: Json) -> Json:
        channel, ts = _required(arguments, "channel"), _required(arguments, "ts")
        post = self._workspace.stop_stream(channel, ts, *_stream_words(arguments))
        return {"channel": post.channel, "ts": post.ts, "message": message_of(post)}

    def _replies(self, arguments: Json) -> Json:
        posts = self._workspace.thread(_required(arguments, "channel"), _required(arguments, "ts"))
        limit = _number(arguments, "limit", 1_000)
        begin = _number(arguments, "cursor", 0)
        end = begin + limit
        messages = [message_of(post) for post in posts[begin:end]]
        if messages and begin == 0:
            messages[0] |= {"thread_ts": posts[0].thread or posts[0].ts, "reply_count": len(posts) - 1}
        more = end < len(posts)
        return {
            "messages": messages,
            "has_more": more,
            "response_metadata": {"next_cursor": str(end) if more else ""},
        }

    def _users_info(self, arguments: Json) -> Json:
        user = _required(arguments, "user")
        names = {person.id: person.name for person in self._workspace.people} | {BOT_USER: BOT_NAME}
        if user not in names:
            raise Refused("user_not_found")
        name = names[user]
        return {
            "user": {
                "id": user,
                "team_id": TEAM,
                "name": name,
                "real_name": name,
                "profile": {"real_name": name, "display_name": name},
                "is_bot": user == BOT_USER,
                "deleted": False,
            }
        }


def _string(arguments: Json, name: str) -> str:
    value = arguments.get(name) or ""
    if not isinstance(value, str):
        raise Refused("invalid_arguments")
    return value


def _required(arguments: Json, name: str) -> str:
    value = _string(arguments, name)
    if not value:
        raise Refused("invalid_arguments")
    return value


def _number(arguments: Json, name: str, default: int) -> int:
    value = str(arguments.get(name) or default)
    if not value.isascii() or not value.isdecimal() or int(value) > 1_000:
        raise Refused("invalid_cursor" if name == "cursor" else "invalid_limit")
    return int(value)


def _thread(arguments: Json) -> str:
    thread = _string(arguments, "thread_ts")
    return "" if thread == "0" else thread


def _text(arguments: Json) -> tuple[str, bool]:
    """The text of a message, and whether it is Markdown."""
    if arguments.get("blocks"):
        raise Refused("invalid_blocks")
    if arguments.get("attachments"):
        raise Refused("invalid_attachments")
    text, markdown = _string(arguments, "text"), _string(arguments, "markdown_text")
    if text and markdown:
        raise Refused("markdown_text_conflict")
    return markdown or text, bool(markdown)


def _stream_words(arguments: Json) -> tuple[str, Mode]:
    """The words of a call to a stream, and the manner in which they came."""
    if arguments.get("blocks"):
        raise Refused("invalid_blocks")
    markdown, chunks = _string(arguments, "markdown_text"), arguments.get("chunks")
    if isinstance(chunks, str) and chunks:
        try:
            chunks = json.loads(chunks)
        except ValueError:
            raise Refused("invalid_chunks") from None
    if not chunks:
        return markdown, "text" if markdown else ""
    if markdown:
        raise Refused("cannot_provide_both_markdown_text_and_chunks")
    if not isinstance(chunks, list):
        raise Refused("invalid_chunks")
    texts = []
    for chunk in chunks:
        if (
            not isinstance(chunk, dict)
            or chunk.get("type") != "markdown_text"
            or not isinstance(chunk.get("text"), str)
        ):
            raise Refused("invalid_chunks")
        texts.append(chunk["text"])
    return "".join(texts), "chunks"
