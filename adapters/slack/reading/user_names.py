"""What people are called, by their user ids."""

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
from adapters.slack.mrkdwn import unescaped
from domain.conversation import Speaker
from domain.ports import Clock
from domain.texts.english import ENGLISH
from domain.texts.japanese import JAPANESE

LONGEST = 80
"""Characters of a name, as many as Slack lets a display name have."""

KEPT = 1_000
"""Names; the one that was looked up longest ago goes first."""

KEPT_SECONDS = 3600.0
"""A changed name is used within the hour."""

UNKNOWN_SECONDS = 300.0
"""How long a look-up that failed is not tried again: a missing scope must not cost a call in every turn."""

TIMEOUT_SECONDS = 3
"""A person waits for their answer meanwhile, and can do without the name."""

RESERVED = frozenset({each.names[Speaker.BOT].casefold() for each in (JAPANESE, ENGLISH)} | {"assistant", "system"})
"""What prompts call the bot and whoever instructs it. A person of such a name must not be taken for them."""

ABOUT_ONE_PERSON = frozenset({"user_not_found", "user_not_visible"})
"""Slack's errors that say nothing of other people."""


class UserNames:
    """Names through ``users.info``, one call for each person and hour. Safe to use from any thread."""

    def __init__(self, client: WebClient, *, clock: Clock) -> None:
        self._client = copy.copy(client)
        self._client.retry_handlers = []  # a rate limit is not waited out for a name
        self._client.timeout = TIMEOUT_SECONDS
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._closed_until = 0.0

    def known(self, person: str) -> str | None:
        """The name as far as it is known without a call: empty where Slack does not say it now, none if it may."""
        now = self._clock()
        with self._lock:
            name, until = self._known.get(person, ("", 0.0))
            if now < until:
                return name
            return "" if now < self._closed_until else None

    def __call__(self, person: str, until: float) -> str:
        """The name of the person with this user id, empty where Slack does not say it.

        Slack is asked only where it may be silent for its whole time before ``until``, in seconds since the epoch.
        """
        name = self.known(person)
        if name is None:
            return self._asked(person) if self._clock() + TIMEOUT_SECONDS <= until else ""
        return name

    def _asked(self, person: str) -> str:
        name, about_one = "", True
        try:
            user = self._client.users_info(user=person).get("user")
            name = _named(user, person) if isinstance(user, dict) else ""
        except SlackApiError as error:
            about_one = code_of(error) in ABOUT_ONE_PERSON
        except (SlackClientError, HTTPException, OSError, ValueError):
            about_one = False
        now = self._clock()
        with self._lock:
            if not about_one:
                self._closed_until = now + UNKNOWN_SECONDS
                return ""
            self._known.pop(person, None)
            self._known[person] = name, now + (KEPT_SECONDS if name else UNKNOWN_SECONDS)
            if len(self._known) > KEPT:
                self._known.popitem(last=False)
        return name


def _named(user: Mapping[str, Any], person: str) -> str:
    profile = user.get("profile")
    profile = profile if isinstance(profile, dict) else {}
    for name in (profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name")):
        if isinstance(name, str) and (said := one_line(unescaped(name), LONGEST)):
            reserved = unicodedata.normalize("NFKC", said).casefold() in RESERVED
            return f"{said} ({person})" if reserved else said
    return ""


def one_line(name: str, longest: int) -> str:
    """A name that can stand before a colon, in quotation marks and in a line, and never says more than a name."""
    return " ".join("".join(map(_harmless, name)).split())[:longest].rstrip()


def _harmless(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cf", "Cs"):  # invisible, or half a character
        return ""
    separates = category[0] in "CZ" or character in '<>"' or ":" in unicodedata.normalize("NFKC", character)
    return " " if separates or character in _LIKE_A_COLON else character


_LIKE_A_COLON = "\u02d0\u05c3\u2236\ua789"
