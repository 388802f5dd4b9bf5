"""Makes events of the posts that Slack keeps, as Slack would have sent them."""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from adapters.slack.payloads.validation import Dropped, timestamp
from adapters.slack.receiving.missed.history import History
from domain.conversations.place import parts_of_key
from domain.timestamp import Timestamp

THREAD_AGE = 24 * 3600.0
"""Seconds. Of a channel's posts of the last day Slack says whether they had replies meanwhile; of older threads only
those are read in which the bot takes part."""

OLD_THREADS = 50
"""Older threads at most, those in which the bot answered last."""

CHANNELS = 200
"""Channels at most: those in which the bot answered last, then direct messages, then the others."""

Json = dict[str, Any]

Conversations = Callable[[], Sequence[str]]
"""The keys of the stored conversations, the last saved first."""

logger = logging.getLogger(__name__)


class MissedEvents:
    """The events of what people posted where the bot is. ``channels`` is an allow-list; an empty one allows all."""

    def __init__(self, history: History, conversations: Conversations, channels: Collection[str] = ()) -> None:
        self._history = history
        self._conversations = conversations
        self._allowed = frozenset(channels)

    def since(self, oldest: float) -> list[Json]:
        """The events of the posts later than this, in seconds since the epoch; oldest first.

        Raises what ``History`` raises.
        """
        authorization = self._history.authorization()
        threads = self._known_threads(authorization["team_id"])
        posts = {
            (channel["id"], post["ts"]): _event(authorization, channel, post)
            for channel in self._channels(threads)
            for post in self._posts(channel["id"], threads.get(channel["id"], ()), oldest)
        }
        return sorted(posts.values(), key=lambda payload: Timestamp(payload["event"]["ts"]))

    def _known_threads(self, team: str) -> dict[str, list[str]]:
        """The threads of each channel in which the bot takes part, the last saved first."""
        threads: dict[str, list[str]] = {}
        for key in self._conversations():
            its_team, channel, thread = parts_of_key(key)
            if its_team == team:
                threads.setdefault(channel, []).extend([thread] if thread else [])
        return threads

    def _channels(self, known: Iterable[str]) -> list[Json]:
        """Those that Slack lists; where it does not list them all, at least those that are known."""
        listed = {each["id"]: each for each in self._history.channels() if isinstance(each.get("id"), str)}
        channels = {each: listed.get(each, {"id": each}) for each in known} | listed
        wanted = [each for id_, each in channels.items() if not self._allowed or id_ in self._allowed]
        if len(wanted) > CHANNELS:
            logger.warning("posts that were missed are read in %d of %d channels", CHANNELS, len(wanted))
        return wanted[:CHANNELS]

    def _posts(self, channel: str, known_threads: Sequence[str], oldest: float) -> Iterator[Json]:
        first_posts = [
            post for post in self._history.posts(channel, oldest - THREAD_AGE) if _is_later(post.get("ts"), 0)
        ]
        seen = {post["ts"] for post in first_posts}
        threads = [post["ts"] for post in first_posts if _is_later(post.get("latest_reply"), oldest)]
        threads += [each for each in known_threads if each not in seen][:OLD_THREADS]
        replies = (post for thread in threads for post in self._history.replies(channel, thread, oldest))
        yield from (post for posts in (first_posts, replies) for post in posts if _is_later(post.get("ts"), oldest))


def _is_later(ts: object, oldest: float) -> bool:
    try:
        return timestamp(ts).seconds > oldest
    except Dropped:
        return False


def _event(authorization: Json, channel: Json, post: Json) -> Json:
    """The event that Slack sends of a new post, with what tells one from another of the same post left out.

    In a history the first post of a thread names the thread, which it did not when it was new. An edited one is
    answered as it stands now.
    """
    event = {name: value for name, value in post.items() if name != "edited"}
    if event.get("thread_ts") == event["ts"]:
        del event["thread_ts"]
    is_direct = channel.get("is_im") is True or channel["id"].startswith("D")
    kind = "im" if is_direct else "mpim" if channel.get("is_mpim") is True else "channel"
    is_shared = channel.get("is_ext_shared")
    return {
        "type": "event_callback",
        "team_id": authorization["team_id"],
        "event": event | {"type": "message", "channel": channel["id"], "channel_type": kind, "event_ts": event["ts"]},
        "authorizations": [authorization],
        **({"is_ext_shared_channel": is_shared} if isinstance(is_shared, bool) else {}),
    }
