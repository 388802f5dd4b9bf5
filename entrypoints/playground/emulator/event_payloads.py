"""What a change in the workspace looks like in the events that Slack sends to an app."""

import uuid

from entrypoints.playground.emulator.workspace.block_kit import with_ids
from entrypoints.playground.emulator.workspace.files import file_object
from entrypoints.playground.emulator.workspace.model import APP, BOT, BOT_USER, TEAM, Change, Json, Post
from entrypoints.playground.emulator.workspace.workspace import Workspace

TOKEN = "a-verification-token-nobody-uses"  # noqa: S105 - and it opens nothing


def events_of(change: Change, workspace: Workspace) -> list[Json]:
    """The events that an app with ``app_mention`` and every ``message.*`` subscribed gets for one change.

    What only one person sees is no event.
    """
    post = change.post
    if post.only_for:
        return []
    channel, address = workspace.directory.channel(post.channel), workspace.address
    where: Json = {"channel": post.channel, "channel_type": channel.kind}
    if change.before:
        return [{**event, **where} for event in _events_of_change(change, change.before, workspace)]
    message = {**message_of(post, address), **where, "event_ts": post.ts}
    if f"<@{BOT_USER}>" in post.text and post.user != BOT_USER and not channel.direct:
        # One post, two events with the same ts; an app that listens to both gets both.
        mention = {key: value for key, value in message.items() if key not in ("channel_type", "subtype")}
        return [{**mention, "type": "app_mention"}, message]
    return [message]


def _events_of_change(change: Change, before: Post, workspace: Workspace) -> list[Json]:
    """Of a post that became another one: hidden events with a ts of their own, as docs.slack.dev has them."""
    post, now = change.post, workspace.messages.next_ts()
    if not (post.deleted or post.edited or post.tombstone) and post.streamed is not None:
        return []  # words appended to a stream are no event
    in_thread = {"thread_ts": post.ts} if workspace.messages.has_replies(post) else {}
    previous = message_of(before, workspace.address) | in_thread
    event: Json = {"type": "message", "hidden": True, "ts": now, "event_ts": now, "previous_message": previous}
    if post.deleted:
        return [event | {"subtype": "message_deleted", "deleted_ts": post.ts}]
    return [event | {"subtype": "message_changed", "message": message_of(post, workspace.address) | in_thread}]


def message_of(post: Post, address: str = "") -> Json:
    """A post as Slack's events and ``conversations.replies`` show it. ``address`` is where its files are served."""
    message: Json = {"type": "message", "user": post.user, "ts": post.ts, "text": post.text, "team": TEAM}
    if post.thread:
        message["thread_ts"] = post.thread
    if post.user == BOT_USER:
        message |= {"bot_id": BOT, "app_id": APP}
        if post.username:
            message |= {"subtype": "bot_message", "username": post.username}
    else:
        message["client_msg_id"] = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{post.channel}/{post.ts}"))
    if post.files:
        files = [file_object(file, address) for file in post.files]
        message |= {"subtype": "file_share", "files": files, "upload": False, "display_as_bot": False}
    if post.blocks:
        message["blocks"] = with_ids(post.blocks)
    if post.tombstone:
        message |= {"subtype": "tombstone", "hidden": True}
    if post.edited:
        message["edited"] = {"user": post.user, "ts": post.edited}
    return message


def payload_of(event: Json, event_time: int) -> Json:
    """The ``event_callback`` around an event."""
    return {
        "token": TOKEN,
        "team_id": TEAM,
        "context_team_id": TEAM,
        "context_enterprise_id": None,
        "api_app_id": APP,
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev{uuid.uuid4().hex[:10].upper()}",
        "event_time": event_time,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-{uuid.uuid4().hex}",
    }
