"""Slack's two kinds of message that can still change: one that streams, and one that is edited as the words come."""

import copy
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.models.metadata import Metadata

from adapters.slack.pace import Pace
from adapters.slack.refusals import STREAM_ENDED, code_of
from domain.ports import Clock

EDITED_LIMIT = 3_900
"""Characters: ``chat.update`` refuses over 4,000."""

STREAMED_LIMIT = 11_500
"""Characters: a stream is treated as bounded by 12,000 in all."""


class Connection:
    """One workspace's Web API. ``hasty`` is the same as ``patient``, but never waits out a rate limit."""

    def __init__(self, client: WebClient, clock: Clock) -> None:
        self.patient = client
        self.hasty = copy.copy(client)
        self.hasty.retry_handlers = []
        # The calls a minute that Slack promises for chat.appendStream (tier 4) and chat.update (tier 3).
        self.appends = Pace(clock, promise=100, interval=0.5)
        self.updates = Pace(clock, promise=50, interval=1.2)


class Message(Protocol):
    """One Slack message of a reply. Raises what slack_sdk raises."""

    ts: str
    limit: int
    """The most characters it can have."""
    shown: str
    """The text that is known to have arrived."""

    @property
    def pace(self) -> Pace:
        """That of ``show``."""
        ...

    @property
    def fixed(self) -> int:
        """How many characters of the shown text cannot be taken back."""
        ...

    def show(self, text: str) -> bool:
        """Make this the text, at once or not at all. False where Slack has ended the stream: nothing has changed."""
        ...

    def finish(self, text: str) -> bool:
        """Make this the final text, after waiting out a rate limit if need be. False as with ``show``."""
        ...

    def editable(self) -> "EditedMessage":
        """The same message, ended as a stream."""
        ...


@dataclass
class StreamedMessage:
    """A message that words are appended to until it is stopped, or Slack stops it.

    ``mark`` is the metadata it is finished with: Slack takes none for a stream that begins.
    """

    connection: Connection
    channel: str
    ts: str
    mark: Metadata
    shown: str = ""
    limit: int = STREAMED_LIMIT
    ended: bool = False

    @property
    def pace(self) -> Pace:
        return self.connection.appends

    @property
    def fixed(self) -> int:
        return len(self.shown)

    def show(self, text: str) -> bool:
        return self._call(self.connection.hasty.chat_appendStream, text)

    def finish(self, text: str) -> bool:
        if not text[len(self.shown) :].strip():
            text = self.shown
        stopped = self._call(partial(self.connection.patient.chat_stopStream, metadata=self.mark), text)
        self.ended = True
        return stopped or text == self.shown

    def editable(self) -> "EditedMessage":
        if not self.ended:
            self.finish(self.shown)
        return EditedMessage(self.connection, self.channel, self.ts, self.mark)

    def _call(self, method: Callable[..., object], text: str) -> bool:
        try:
            method(channel=self.channel, ts=self.ts, markdown_text=text[len(self.shown) :] or None)
        except SlackApiError as error:
            if code_of(error) != STREAM_ENDED:
                raise
            self.ended = True
            return False
        self.shown = text
        return True


@dataclass
class EditedMessage:
    """A message whose whole text is replaced. What it said before it was edited is not among the ``shown``."""

    connection: Connection
    channel: str
    ts: str
    mark: Metadata
    shown: str = ""
    limit: int = EDITED_LIMIT
    fixed: int = 0

    @property
    def pace(self) -> Pace:
        return self.connection.updates

    def show(self, text: str) -> bool:
        return self._update(self.connection.hasty, text)

    def finish(self, text: str) -> bool:
        if text in ("", self.shown):  # Slack refuses an empty text, and need not hear one twice
            return True
        self.pace.count()
        return self._update(self.connection.patient, text)

    def editable(self) -> "EditedMessage":
        return self

    def take_back(self) -> None:
        """As if it had never been. Where Slack refuses, it stays."""
        with suppress(SlackApiError):
            self.connection.patient.chat_delete(channel=self.channel, ts=self.ts)

    def _update(self, client: WebClient, text: str) -> bool:
        client.chat_update(channel=self.channel, ts=self.ts, markdown_text=text, metadata=self.mark)
        self.shown = text
        return True
