"""The methods ``conversations.*`` and ``users.conversations`` of Slack's Web API, on the made-up workspace."""

import json
import math
from collections.abc import Callable, Mapping, Sequence

from entrypoints.playground.emulator.arguments import number, required, string, truth
from entrypoints.playground.emulator.event_payloads import message_of
from entrypoints.playground.emulator.interactions import name_of
from entrypoints.playground.emulator.workspace.model import BOT_USER, SLACKBOT, TEAM, Channel, Json, Post, Refused
from entrypoints.playground.emulator.workspace.workspace import Workspace

MEMBERS_LIMIT = 8
"""People in a group's direct messages, without the one who opens them."""

TYPES = {"channel": "public_channel", "im": "im", "mpim": "mpim"}
"""What ``users.conversations`` calls each kind of channel."""

ALL_TYPES = frozenset({"public_channel", "private_channel", "mpim", "im"})


class Conversations:
    """``methods`` by name. Each takes a call's arguments and returns what it adds to ``ok``, or raises ``Refused``."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.methods: Mapping[str, Callable[[Json], Json]] = {
            "conversations.history": self._history,
            "conversations.info": self._info,
            "conversations.open": self._open,
            "conversations.replies": self._replies,
            "users.conversations": self._of_user,
        }

    def _open(self, arguments: Json) -> Json:
        wanted = {user for user in string(arguments, "users").split(",") if user}
        if not wanted:
            raise Refused("users_list_not_supplied")
        if len(wanted) > MEMBERS_LIMIT:
            raise Refused("too_many_users")
        for user in wanted:
            self._workspace.directory.name(user)
        if wanted & {BOT_USER, SLACKBOT}:
            raise Refused("cannot_dm_bot")
        for channel in self._workspace.directory.channels:
            if channel.kind != "channel" and set(self._workspace.directory.members(channel)) == wanted:
                full = _channel_object(channel) if truth(arguments.get("return_im")) else {"id": channel.id}
                return {"channel": full, "no_op": True, "already_open": True}
        raise Refused("method_not_supported_for_channel_type")

    def _info(self, arguments: Json) -> Json:
        return {"channel": _channel_object(self._workspace.directory.channel(required(arguments, "channel")))}

    def _of_user(self, arguments: Json) -> Json:
        """Without a ``user`` those of the bot, which is in every channel; ``types`` is by default public channels."""
        types = set((string(arguments, "types") or "public_channel").split(","))
        if not types <= ALL_TYPES:
            raise Refused("invalid_types")
        user = string(arguments, "user") or BOT_USER
        self._workspace.directory.name(user)
        channels = [
            _channel_object(channel)
            for channel in self._workspace.directory.channels
            if TYPES[channel.kind] in types and user in (BOT_USER, *self._workspace.directory.members(channel))
        ]
        begin, end, metadata = _page(arguments, len(channels), 100)
        return {"channels": channels[begin:end], "response_metadata": metadata}

    def _replies(self, arguments: Json) -> Json:
        posts = self._workspace.messages.thread(required(arguments, "channel"), required(arguments, "ts"))
        answer = self._posts(posts, arguments, always=next((post.ts for post in posts if not post.thread), ""))
        messages = answer["messages"]
        if messages and messages[0]["ts"] == posts[0].ts:
            messages[0] |= {"thread_ts": posts[0].thread or posts[0].ts, "reply_count": len(posts) - 1}
            messages[0] |= {"latest_reply": posts[-1].ts} if len(posts) > 1 else {}
        return answer

    def _history(self, arguments: Json) -> Json:
        channel = self._workspace.directory.channel(required(arguments, "channel")).id
        everything = [post for post in self._workspace.messages.posts() if post.channel == channel]
        answer = self._posts([post for post in everything if not post.thread][::-1], arguments)  # the latest first
        for message in answer["messages"]:
            if replies := [post.ts for post in everything if post.thread == message["ts"]]:
                message.update(thread_ts=message["ts"], reply_count=len(replies), latest_reply=replies[-1])
        return answer

    def _posts(self, posts: Sequence[Post], arguments: Json, *, always: str = "") -> Json:
        """One page of posts between ``oldest`` and ``latest``, which are left out themselves unless ``inclusive``.

        A thread's first post is shown ``always``, as by Slack; metadata comes only where asked for.
        """
        oldest, latest = _time(arguments, "oldest", -math.inf), _time(arguments, "latest", math.inf)
        inclusive, with_metadata = truth(arguments.get("inclusive")), truth(arguments.get("include_all_metadata"))

        def is_shown(post: Post) -> bool:
            ts = float(post.ts)
            return post.ts == always or oldest < ts < latest or (inclusive and ts in (oldest, latest))

        posts = [post for post in posts if is_shown(post)]
        begin, end, next_page = _page(arguments, len(posts), 1_000)
        messages = []
        for post in posts[begin:end]:
            metadata = {"metadata": json.loads(post.metadata)} if with_metadata and post.metadata else {}
            messages.append(message_of(post, self._workspace.address) | metadata)
        return {"messages": messages, "has_more": end < len(posts), "response_metadata": next_page}


def _channel_object(channel: Channel) -> Json:
    what = {"id": channel.id, "is_channel": channel.kind == "channel", "is_im": channel.direct}
    what |= {"is_group": False, "is_mpim": channel.kind == "mpim", "is_private": channel.kind != "channel"}
    what |= {"is_archived": False, "is_ext_shared": False, "context_team_id": TEAM}
    if channel.direct:
        return what | {"user": channel.owner}
    return what | {"name": name_of(channel), "name_normalized": name_of(channel), "is_member": True}


def _page(arguments: Json, total: int, default: int) -> tuple[int, int, Json]:
    """Where the page that is asked for begins and ends, and where Slack says how to get the next."""
    begin = number(arguments, "cursor", 0)
    end = begin + number(arguments, "limit", default)
    return begin, end, {"next_cursor": str(end) if end < total else ""}


def _time(arguments: Json, name: str, default: float) -> float:
    text = string(arguments, name)
    try:
        return float(text) if text else default
    except ValueError:
        raise Refused(f"invalid_ts_{name}") from None
