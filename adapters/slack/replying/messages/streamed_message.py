"""A Slack message that streams."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from slack_sdk.errors import SlackApiError

from adapters.slack.errors import (
    MESSAGE_NOT_FOUND,
    NOT_STREAMING,
    STOPPED_BY_USER,
    code_of,
    is_hopeless,
    is_outage,
    is_refusal,
)
from adapters.slack.replying.messages.edited_message import EditedMessage
from adapters.slack.replying.messages.message import NO_ENDING, Ending, Message, Target
from adapters.slack.replying.rate_limits import RateLimit, RateLimitedClient

STREAMED_LIMIT = 11_500
"""Characters: a stream is treated as bounded by 12,000 in all."""

OLD, VERY_OLD, DEAD = 270, 285, 300
"""Seconds that a message has streamed. An old one ends with the next line, a very old one in the middle of it.

Slack ends a dead one by itself, after about five minutes, and may show that it timed out.
"""


@dataclass
class StreamedMessage:
    """A message that words are appended to until it is stopped, by the bot, by a reader or by Slack.

    It gets its metadata when it is finished: Slack takes none for a stream that begins. ``began`` is in seconds
    since the epoch.
    """

    client: RateLimitedClient
    target: Target
    ts: str
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
        # Neither what stands below an answer nor words that Slack refuses may keep its stream from ending.
        attempts = [(text, ending), (text, NO_ENDING), (self.shown, NO_ENDING)]
        for number, (words, below) in enumerate(attempts):
            if self.ended or self.deleted or attempts[number] in attempts[:number]:
                continue
            if self._stop(words, below) and not self.deleted:
                self.ended, self.ending = True, ending if below == ending else Ending(ending.blocks)
        self.ended = True
        return self.deleted or text == self.shown

    def as_edited(self, ending: Ending = NO_ENDING) -> EditedMessage:
        self.finish(self.shown, ending)
        return EditedMessage(self.client, self.target, self.ts)

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
            metadata=self.target.metadata,
            blocks=list(ending.blocks) or None,
            session_status=ending.session,
        )
        try:
            return self._call(stop, text)
        except SlackApiError as error:
            if ending == NO_ENDING or not is_outage(error):
                raise
            return False

    def _call(self, method: Callable[..., object], text: str) -> bool:
        try:
            method(channel=self.target.channel, ts=self.ts, markdown_text=text[len(self.shown) :] or None)
        except SlackApiError as error:
            if is_hopeless(error) or not is_refusal(error):
                raise
            code = code_of(error)
            self.ended = code in (NOT_STREAMING, STOPPED_BY_USER)
            self.stopped = code == STOPPED_BY_USER
            self.deleted = code == MESSAGE_NOT_FOUND
            return self.deleted
        self.shown = text
        return True
