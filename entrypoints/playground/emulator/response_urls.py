"""Response URLs: with each command and each click Slack hands the app an address at which to answer it."""

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass

from domain.deliveries.deadline import Clock
from entrypoints.playground.emulator.workspace.block_kit import blocks_in
from entrypoints.playground.emulator.workspace.model import Json, Post, Refused
from entrypoints.playground.emulator.workspace.workspace import Workspace

USES = 5
SECONDS = 1_800
"""So often and for so long a response URL can be used."""

URLS_KEPT = 1_000


@dataclass
class _Url:
    channel: str
    person: str
    made: float
    original: Post | None
    uses: int = 0


class ResponseUrls:
    """The response URLs that are valid. Safe to use from any thread."""

    def __init__(self, workspace: Workspace, clock: Clock) -> None:
        self._workspace = workspace
        self._clock = clock
        self._lock = threading.Lock()
        self._urls: OrderedDict[str, _Url] = OrderedDict()

    def url(self, channel: str, person: str, original: Post | None = None) -> str:
        """A new URL to answer this person in this channel; ``original`` is the post of which they pressed a button."""
        secret = secrets.token_urlsafe()
        with self._lock:
            self._urls[secret] = _Url(channel, person, self._clock(), original)
            if len(self._urls) > URLS_KEPT:
                self._urls.popitem(last=False)
        return f"{self._workspace.address}/response/{secret}"

    def take(self, secret: str, message: object) -> None:
        """Do what was posted to a URL.

        Raises ``Refused``: ``used_url`` and ``expired_url``, and for the message ``invalid_payload``,
        ``no_text`` and whatever a message of the bot is refused for.
        """
        with self._lock:
            url = self._urls.get(secret)
            if url is None or self._clock() - url.made >= SECONDS:
                raise Refused("expired_url")
            if url.uses >= USES:
                raise Refused("used_url")
            if not isinstance(message, dict):
                raise Refused("invalid_payload")
            url.uses += 1
            self._show(url, message)

    def answer(self, channel: str, person: str, message: Json) -> None:
        """Show the message with which the app has answered a command directly."""
        self._show(_Url(channel, person, self._clock(), None), message)

    def _show(self, url: _Url, message: Json) -> None:
        if message.get("delete_original") is True:
            if url.original:
                self._workspace.bot.dismiss(url.original)
            return
        text, thread = message.get("text") or "", message.get("thread_ts") or ""
        kind = message.get("response_type") or "ephemeral"
        if not isinstance(text, str) or not isinstance(thread, str) or kind not in ("ephemeral", "in_channel"):
            raise Refused("invalid_payload")
        blocks = blocks_in(message["blocks"]) if message.get("blocks") else ()
        if message.get("replace_original") is True and url.original:
            url.original = self._workspace.bot.rewrite(url.original, text, blocks)
        elif kind == "in_channel":
            self._workspace.bot.post(url.channel, text, markdown=False, thread=thread, blocks=blocks)
        else:
            url.original = self._workspace.bot.whisper(url.channel, url.person, text, thread=thread, blocks=blocks)
