"""A Slack message that is edited as the words come."""

from contextlib import suppress
from dataclasses import dataclass

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import MarkdownBlock
from slack_sdk.models.metadata import Metadata

from adapters.slack.errors import MESSAGE_GONE, code_of
from adapters.slack.replying.connection import Connection
from adapters.slack.replying.ending import NO_ENDING, Ending
from adapters.slack.replying.mentions import plain
from adapters.slack.replying.rate_limits import Pace

EDITED_LIMIT = 3_900
"""Characters: ``chat.update`` refuses over 4,000."""


@dataclass
class EditedMessage:
    """A message whose whole text is replaced. What it said before it was edited is not among the ``shown``.

    It is sent in blocks, with a text for notifications beside them: Slack takes blocks beside no other form
    of text, and blocks that were there before are certain to go only when others come. ``reserved`` while the call
    that will end it is booked and not made.
    """

    connection: Connection
    channel: str
    ts: str
    mark: Metadata
    shown: str = ""
    limit: int = EDITED_LIMIT
    fixed: int = 0
    age: float = 0.0
    stopped: bool = False
    gone: bool = False
    ending: Ending = NO_ENDING
    reserved: bool = True

    def __post_init__(self) -> None:
        self.pace.reserve()

    @property
    def pace(self) -> Pace:
        return self.connection.updates

    def show(self, text: str) -> bool:
        return self._update(self.connection.hasty, text, NO_ENDING)

    def finish(self, text: str, ending: Ending = NO_ENDING) -> bool:
        # Slack refuses an empty text, and need not hear one twice.
        if not text or (text == self.shown and ending.blocks == self.ending.blocks):
            return True
        if not self.reserved:
            self.pace.reserve()
        self.reserved = False
        try:
            return self._update(self.connection.patient, text, ending)
        except SlackApiError as error:
            if not ending.blocks or not code_of(error).startswith("invalid_"):
                raise
        self._update(self.connection.patient, text, NO_ENDING)
        self.ending = Ending(ending.blocks)
        return True

    def editable(self, ending: Ending = NO_ENDING) -> "EditedMessage":  # noqa: ARG002 - there is no stream to end
        return self

    def take_back(self) -> None:
        """As if it had never been. Where Slack refuses, it stays."""
        with suppress(SlackApiError):
            self.connection.patient.chat_delete(channel=self.channel, ts=self.ts)

    def _update(self, client: WebClient, text: str, ending: Ending) -> bool:
        try:
            client.chat_update(
                channel=self.channel,
                ts=self.ts,
                text=plain(text),
                blocks=[MarkdownBlock(text=text).to_dict(), *ending.blocks],
                metadata=self.mark,
            )
        except SlackApiError as error:
            if code_of(error) != MESSAGE_GONE:
                raise
            self.gone = True
        else:
            self.shown, self.ending = text, Ending(ending.blocks)
        return True
