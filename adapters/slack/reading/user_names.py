"""Display names of people, looked up by their user ids."""

import copy
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from adapters.slack.errors import code_of
from adapters.slack.payloads.mrkdwn import unescaped
from domain.conversations.conversation import Speaker
from domain.deliveries.deadline import Clock, Deadline
from domain.texts.english import ENGLISH
from domain.texts.japanese import JAPANESE

NAME_LIMIT = 80
"""Characters of a name, as many as Slack allows a display name."""

CACHE_SIZE = 1_000
"""Names in the cache. The one that was looked up longest ago is dropped first."""

CACHED_SECONDS = 3600.0
"""A changed name is used within the hour."""

UNKNOWN_SECONDS = 300.0
"""How long a failed look-up is not tried again: a missing scope must not cost a call in every turn."""

TIMEOUT_SECONDS = 3
"""The person is waiting for the answer, which does not need the name."""

RESERVED = frozenset({each.names[Speaker.BOT].casefold() for each in (JAPANESE, ENGLISH)} | {"assistant", "system"})
"""Names of the bot and of other roles in prompts. A person of such a name must not be taken for them."""

ABOUT_ONE_PERSON = frozenset({"user_not_found", "user_not_visible"})
"""Slack's errors that concern one person only."""


class UserNames:
    """Names through ``users.info``, one call for each person and hour. Safe to use from any thread."""

    def __init__(self, client: WebClient, *, clock: Clock) -> None:
        self._client = copy.copy(client)
        self._client.retry_handlers = []  # a rate limit is not waited out for a name
        self._client.timeout = TIMEOUT_SECONDS
        self._clock = clock
        self._lock = threading.Lock()
        self._cache: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._paused_until = 0.0

    def cached(self, person: str) -> str | None:
        """The cached name: empty where a look-up failed lately, ``None`` where Slack must be asked."""
        now = self._clock()
        with self._lock:
            name, until = self._cache.get(person, ("", 0.0))
            if now < until:
                return name
            return "" if now < self._paused_until else None

    def __call__(self, person: str, deadline: Deadline) -> str:
        """The name of the person with this user id; empty where it cannot be found.

        Slack is asked only if a whole timeout fits before the deadline.
        """
        name = self.cached(person)
        if name is None:
            return self._look_up(person) if deadline.seconds_left >= TIMEOUT_SECONDS else ""
        return name

    def _look_up(self, person: str) -> str:
        name, about_one = "", True
        try:
            user = self._client.users_info(user=person).get("user")
            name = _display_name(user, person) if isinstance(user, dict) else ""
        except SlackApiError as error:
            about_one = code_of(error) in ABOUT_ONE_PERSON
        except (SlackClientError, HTTPException, OSError, ValueError):
            about_one = False
        now = self._clock()
        with self._lock:
            if not about_one:
                self._paused_until = now + UNKNOWN_SECONDS
                return ""
            self._cache.pop(person, None)
            self._cache[person] = name, now + (CACHED_SECONDS if name else UNKNOWN_SECONDS)
            if len(self._cache) > CACHE_SIZE:
                self._cache.popitem(last=False)
        return name


def _display_name(user: Mapping[str, Any], person: str) -> str:
    profile = user.get("profile")
    profile = profile if isinstance(profile, dict) else {}
    for name in (profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name")):
        if isinstance(name, str) and (shown := clean_name(unescaped(name), NAME_LIMIT)):
            reserved = unicodedata.normalize("NFKC", shown).casefold() in RESERVED
            return f"{shown} ({person})" if reserved else shown
    return ""


def clean_name(name: str, limit: int) -> str:
    """The name without line breaks, colons, quotation marks and invisible characters, cut to ``limit`` characters."""
    return " ".join("".join(map(_harmless, name)).split())[:limit].rstrip()


def _harmless(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cf", "Cs"):  # invisible, or half a character
        return ""
    separates = category[0] in "CZ" or character in '<>"' or ":" in unicodedata.normalize("NFKC", character)
    return " " if separates or character in _LIKE_A_COLON else character


_LIKE_A_COLON = "\u02d0\u05c3\u2236\ua789"
