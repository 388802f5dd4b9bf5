"""A Slack message that streams."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from slack_sdk.errors import SlackApiError
from slack_sdk.models.metadata import Metadata

from adapters.slack.errors import (
    MESSAGE_NOT_FOUND,
    NOT_STREAMING,
    PERMANENT_ERRORS,
    STOPPED_BY_USER,
    TRANSIENT_ERRORS,
    code_of,
    is_refusal,
)
from adapters.slack.replying.edited_message import EditedMessage
from adapters.slack.replying.messages import NO_ENDING, Ending, Message
from adapters.slack.replying.rate_limits import RateLimit, RateLimitedClient

STREAMED_LIMIT = 11_500
"""Characters: a stream is treated as bounded by 12,000 in all."""


@dataclass
class StreamedMessage:
    """A message that words are appended to until it is stopped, by the bot, by a reader or by Slack.

    ``metadata`` is what it is finished with: Slack takes none for a stream that begins. ``began`` is
    in seconds since the epoch.
    """

    client: RateLimitedClient
    channel: str
    ts: str
    metadata: Metadata
    began: float
    shown: str = ""
    limit: int = STREAMED_LIMIT
    ended: bool = False
    stopped: bool = False
    deleted: bool = False
    ending: Ending = NO_ENDING

    @property
    def rate_limit(self) -> RateLimit:
        return self.client.appends

    @property
    def fixed(self) -> int:
        return len(self.shown)

    @property
    def age(self) -> float:
        return self.client.clock() - self.began

    def show(self, text: str) -> bool:
        return self._call(self.client.without_retries.chat_appendStream, text)

    def finish(self, text: str, ending: Ending = NO_ENDING) -> bool:
        if not text[len(self.shown) :].strip():
            text = self.shown
        if self.ended:
            return text == self.shown
        try:
            done = self._stop(text, ending)
        except SlackApiError as error:
            if ending == NO_ENDING or code_of(error) not in TRANSIENT_ERRORS:
                raise
            done = False
        if not done and not self.ended and ending != NO_ENDING:
            done = self._stop(text, NO_ENDING)  # what stands below an answer must not keep it back
            ending = Ending(ending.blocks)
        self.ended = True
        if done and not self.deleted:
            self.ending = ending
        return done or text == self.shown

    def as_edited(self, ending: Ending = NO_ENDING) -> EditedMessage:
        self.finish(self.shown, ending)
        return EditedMessage(self.client, self.channel, self.ts, self.metadata)

    def as_rewritable(self, ending: Ending = NO_ENDING) -> Message:
        return self.as_edited(ending) if self.shown or self.ended else self

    def took_status(self, session: str | None) -> bool:
        return self.ending.session == session

    def delete(self) -> None:
        with suppress(SlackApiError):  # a stream without words is no harm
            self.as_edited().delete()

    def _stop(self, text: str, ending: Ending) -> bool:
        stop = partial(
            self.client.with_retries.chat_stopStream,
            metadata=self.metadata,
            blocks=list(ending.blocks) or None,
            session_status=ending.session,
        )
        return self._call(stop, text)

    def _call(self, method: Callable[..., object], text: str) -> bool:
        try:
            method(channel=self.channel, ts=self.ts, markdown_text=text[len(self.shown) :] or None)
        except SlackApiError as error:
            code = code_of(error)
            if code in PERMANENT_ERRORS or not is_refusal(error):
                raise
            self.ended = code in (NOT_STREAMING, STOPPED_BY_USER)
            self.stopped = code == STOPPED_BY_USER
            self.deleted = code == MESSAGE_NOT_FOUND
            return self.deleted
        self.shown = text
        return True
