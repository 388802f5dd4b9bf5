"""Reads what Slack keeps of a workspace: the bot's channels, their posts and threads."""

import copy
import logging
import re
from collections.abc import Callable
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from adapters.slack.errors import code_of, field, is_refusal, seconds_to_wait, translated
from domain.errors import SlackUnavailable

TYPES = ("im", "mpim", "public_channel", "private_channel")
"""Of channels. Each needs a scope of its own (``im:read``, ``mpim:read``, ``channels:read``, ``groups:read``), so that
each is listed by itself."""

PAGE = 200
"""Posts in a page; Slack recommends no more (docs.slack.dev, November 2026)."""

PAGES = 5
"""Of one channel or thread at most. Slack begins with the latest posts of a channel, so the oldest are left out."""

WAITS = 20
"""Rate limits that one call waits out at most. Of these methods Slack promises 50 calls a minute."""

Json = dict[str, Any]

Pause = Callable[[float], None]
"""Waits so many seconds, also 0. Called before each call; what it raises ends the reading."""

logger = logging.getLogger(__name__)


class History:
    """What Slack keeps. A channel or thread that Slack refuses to show is empty; why is logged once.

    ``team`` is read of an ``enterprise``, an Enterprise Grid, that has installed the app for all of its teams; else the
    token says which team it is.

    Raises ``SlackUnavailable``, and whatever ``pause`` raises.
    """

    def __init__(self, client: WebClient, pause: Pause, *, team: str = "", enterprise: str = "") -> None:
        self._enterprise = enterprise
        self._team = team
        self._client = copy.copy(client)
        self._client.retry_handlers = []
        self._pause = pause
        self._reported: set[str] = set()

    def authorization(self) -> Json:
        """The installation as Slack's events name it: team, bot, and the team's Enterprise Grid if it has one."""
        with translated():
            answer = self._call(self._client.auth_test)
            team, bot = self._team or field(answer, "team_id", str), field(answer, "user_id", str)
        enterprise = self._enterprise or answer.get("enterprise_id")
        whose = {"enterprise_id": enterprise, "is_enterprise_install": bool(self._enterprise)} if enterprise else {}
        return {"team_id": team, "user_id": bot, "is_bot": True, **whose}

    def channels(self) -> list[Json]:
        """Those that the bot is in, its direct messages first."""
        listed = self._client.users_conversations
        return [
            channel for type_ in TYPES for channel in self._read(listed, "channels", types=type_, exclude_archived=True)
        ]

    def posts(self, channel: str, oldest: float) -> list[Json]:
        """The posts of a channel outside threads that are later than ``oldest``, the latest first."""
        return self._read(self._client.conversations_history, "messages", channel=channel, oldest=_ts(oldest))

    def replies(self, channel: str, thread: str, oldest: float) -> list[Json]:
        """The posts of a thread that are later than ``oldest``, and its first post."""
        read = self._client.conversations_replies
        return self._read(read, "messages", channel=channel, ts=thread, oldest=_ts(oldest))

    def _read(self, method: Callable[..., SlackResponse], key: str, **arguments: object) -> list[Json]:
        with translated():
            try:
                return self._pages(method, key, arguments)
            except SlackApiError as error:
                if not is_refusal(error):
                    raise
                self._report(error)
                return []

    def _pages(self, method: Callable[..., SlackResponse], key: str, arguments: Json) -> list[Json]:
        items: list[Json] = []
        for _ in range(PAGES):
            answer = self._call(method, limit=PAGE, **arguments)
            items += (each for each in field(answer, key, list) if isinstance(each, dict))
            metadata = answer.get("response_metadata")
            cursor = metadata.get("next_cursor") if isinstance(metadata, dict) else None
            if not cursor:
                break
            arguments = {**arguments, "cursor": cursor}
        return items

    def _call(self, method: Callable[..., SlackResponse], **arguments: object) -> SlackResponse:
        seconds: float | None = 0.0
        for _ in range(WAITS):
            self._pause(seconds or 0.0)
            try:
                return method(**arguments)
            except SlackApiError as error:
                seconds = seconds_to_wait(error)
                if seconds is None:
                    raise
        raise SlackUnavailable("Slack limits the rate of what reads its history")

    def _report(self, error: SlackApiError) -> None:
        code, needed = code_of(error), error.response.get("needed")
        is_scope = code == "missing_scope" and isinstance(needed, str) and re.fullmatch(r"[a-z:._,]{1,200}", needed)
        cause = f"the scope {needed}" if is_scope else code
        if cause in self._reported:
            return
        self._reported.add(cause)
        if is_scope:
            logger.warning("posts that were missed are read without %s: the app lacks it", cause)
        else:
            logger.info("posts that were missed are read without a place of which Slack says %s", cause)


def _ts(seconds: float) -> str:
    return f"{seconds:.6f}"
