"""The methods of Slack's Web API that this bot needs, on the made-up workspace.

Blocks and attachments are not played and are refused.
"""

import json
from collections.abc import Callable, Mapping, Sequence

from entrypoints.playground.deliveries import Json, message_of
from entrypoints.playground.workspace import BOT, BOT_NAME, BOT_USER, TEAM, Mode, Post, Refused, Workspace


class WebApi:
    """``methods`` by name. Each takes a call's arguments and returns what it adds to ``ok``, or raises ``Refused``."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.methods: Mapping[str, Callable[[Json], Json]] = {
            "auth.test": self._auth_test,
            "chat.appendStream": self._append_stream,
            "chat.delete": self._delete,
            "chat.postMessage": self._post_message,
            "chat.startStream": self._start_stream,
            "chat.stopStream": self._stop_stream,
            "chat.update": self._update,
            "conversations.history": self._history,
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
            channel,
            text,
            markdown=markdown,
            thread=_thread(arguments),
            username=_string(arguments, "username"),
            metadata=_metadata(arguments),
        )
        return {"channel": post.channel, "ts": post.ts, "message": message_of(post)}

    def _update(self, arguments: Json) -> Json:
        channel, ts = _required(arguments, "channel"), _required(arguments, "ts")
        text, markdown = _text(arguments)
        post = self._workspace.update(channel, ts, text, markdown=markdown, metadata=_metadata(arguments))
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
        post = self._workspace.stop_stream(channel, ts, *_stream_words(arguments), metadata=_metadata(arguments))
        return {"channel": post.channel, "ts": post.ts, "message": message_of(post)}

    def _delete(self, arguments: Json) -> Json:
        channel, ts = _required(arguments, "channel"), _required(arguments, "ts")
        self._workspace.delete(channel, ts)
        return {"channel": channel, "ts": ts}

    def _replies(self, arguments: Json) -> Json:
        posts = self._workspace.thread(_required(arguments, "channel"), _required(arguments, "ts"))
        answer = _page(posts, arguments)
        messages = answer["messages"]
        if messages and messages[0]["ts"] == posts[0].ts:
            messages[0] |= {"thread_ts": posts[0].thread or posts[0].ts, "reply_count": len(posts) - 1}
        return answer

    def _history(self, arguments: Json) -> Json:
        channel = self._workspace.channel(_required(arguments, "channel")).id
        posts = [post for post in self._workspace.posts() if post.channel == channel and not post.thread]
        return _page(posts[::-1], arguments)  # the latest first, as in Slack

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


def _page(posts: Sequence[Post], arguments: Json) -> Json:
    """One page of posts. ``oldest`` leaves out itself and what is older; metadata comes only where it is asked for."""
    oldest, with_metadata = _string(arguments, "oldest"), _truth(arguments.get("include_all_metadata"))
    posts = [post for post in posts if post.ts > oldest]
    begin = _number(arguments, "cursor", 0)
    end = begin + _number(arguments, "limit", 1_000)
    messages = []
    for post in posts[begin:end]:
        metadata = {"metadata": json.loads(post.metadata)} if with_metadata and post.metadata else {}
        messages.append(message_of(post) | metadata)
    more = end < len(posts)
    return {"messages": messages, "has_more": more, "response_metadata": {"next_cursor": str(end) if more else ""}}


def _truth(value: object) -> bool:
    return str(value).lower() in ("1", "true")


def _metadata(arguments: Json) -> str:
    """An event type and its payload, as JSON; empty where there is none."""
    metadata = arguments.get("metadata") or ""
    try:
        parsed = json.loads(metadata) if isinstance(metadata, str) and metadata else metadata
        if parsed and not (isinstance(parsed["event_type"], str) and isinstance(parsed["event_payload"], dict)):
            raise Refused("invalid_metadata_schema")
    except (ValueError, TypeError, KeyError):
        raise Refused("invalid_metadata_format") from None
    return json.dumps(parsed) if parsed else ""


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
