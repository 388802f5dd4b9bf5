"""A Slack message that streams."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from slack_sdk.errors import SlackApiError
from slack_sdk.models.metadata import Metadata

from adapters.slack.errors import FINAL, MESSAGE_GONE, PASSING, STOPPED_BY_USER, STREAM_ENDED, code_of, is_refusal
from adapters.slack.replying.connection import Connection
from adapters.slack.replying.edited_message import EditedMessage
from adapters.slack.replying.ending import NO_ENDING, Ending
from adapters.slack.replying.rate_limits import Pace

STREAMED_LIMIT = 11_500
"""Characters: a stream is treated as bounded by 12,000 in all."""


@dataclass
class StreamedMessage:
    """A message that words are appended to until it is stopped, by the bot, by a reader or by Slack.

    ``mark`` is the metadata it is finished with: Slack takes none for a stream that begins. ``began`` is
    in seconds since the epoch.
    """

    connection: Connection
    channel: str
    ts: str
    mark: Metadata
    began: float
    shown: str = ""
    limit: int = STREAMED_LIMIT
    ended: bool = False
    stopped: bool = False
    gone: bool = False
    ending: Ending = NO_ENDING

    @property
    def pace(self) -> Pace:
        return self.connection.appends

    @property
    def fixed(self) -> int:
        return len(self.shown)

    @property
    def age(self) -> float:
        return self.connection.clock() - self.began

    def show(self, text: str) -> bool:
        return self._call(self.connection.hasty.chat_appendStream, text)

    def finish(self, text: str, ending: Ending = NO_ENDING) -> bool:
        if not text[len(self.shown) :].strip():
            text = self.shown
        if self.ended:
            return text == self.shown
        try:
            done = self._stop(text, ending)
        except SlackApiError as error:
            if ending == NO_ENDING or code_of(error) not in PASSING:
                raise
            done = False
        if not done and not self.ended and ending != NO_ENDING:
            done = self._stop(text, NO_ENDING)  # what stands below an answer must not keep it back
            ending = Ending(ending.blocks)
        self.ended = True
        if done and not self.gone:
            self.ending = ending
        return done or text == self.shown

    def editable(self, ending: Ending = NO_ENDING) -> "EditedMessage":
        self.finish(self.shown, ending)
        return EditedMessage(self.connection, self.channel, self.ts, self.mark)

    def _stop(self, text: str, ending: Ending) -> bool:
        stop = partial(
            self.connection.patient.chat_stopStream,
            metadata=self.mark,
            blocks=list(ending.blocks) or None,
            session_status=ending.session,
        )
        return self._call(stop, text)

    def _call(self, method: Callable[..., object], text: str) -> bool:
        try:
            method(channel=self.channel, ts=self.ts, markdown_text=text[len(self.shown) :] or None)
        except SlackApiError as error:
            code = code_of(error)
            if code in FINAL or not is_refusal(error):
                raise
            self.ended = code in (STREAM_ENDED, STOPPED_BY_USER)
            self.stopped = code == STOPPED_BY_USER
            self.gone = code == MESSAGE_GONE
            return self.gone
        self.shown = text
        return True
