"""A Slack message that is edited as the words come."""

from contextlib import suppress
from dataclasses import dataclass

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import MarkdownBlock
from slack_sdk.models.metadata import Metadata

from adapters.slack.errors import MESSAGE_NOT_FOUND, code_of
from adapters.slack.replying.mentions import notification_text
from adapters.slack.replying.messages import NO_ENDING, Ending
from adapters.slack.replying.rate_limits import RateLimit, RateLimitedClient

EDITED_LIMIT = 3_900
"""Characters: ``chat.update`` refuses over 4,000."""


@dataclass
class EditedMessage:
    """A message whose whole text is replaced. What it said before it was edited is not among the ``shown``.

    It is sent in blocks, with a text for notifications beside them: Slack takes blocks beside no other form
    of text, and blocks that were there before are certain to go only when others come. ``reserved`` while the call
    that will end it is booked and not made.
    """

    client: RateLimitedClient
    channel: str
    ts: str
    metadata: Metadata
    shown: str = ""
    limit: int = EDITED_LIMIT
    fixed: int = 0
    age: float = 0.0
    stopped: bool = False
    deleted: bool = False
    ending: Ending = NO_ENDING
    reserved: bool = True

    def __post_init__(self) -> None:
        self.rate_limit.reserve()

    @property
    def rate_limit(self) -> RateLimit:
        return self.client.updates

    def show(self, text: str) -> bool:
        return self._update(self.client.without_retries, text, NO_ENDING)

    def finish(self, text: str, ending: Ending = NO_ENDING) -> bool:
        # Slack refuses an empty text, and need not hear one twice.
        if not text or (text == self.shown and ending.blocks == self.ending.blocks):
            return True
        if not self.reserved:
            self.rate_limit.reserve()
        self.reserved = False
        try:
            return self._update(self.client.with_retries, text, ending)
        except SlackApiError as error:
            if not ending.blocks or not code_of(error).startswith("invalid_"):
                raise
        self._update(self.client.with_retries, text, NO_ENDING)
        self.ending = Ending(ending.blocks)
        return True

    def as_edited(self, ending: Ending = NO_ENDING) -> "EditedMessage":  # noqa: ARG002 - there is no stream to end
        return self

    as_rewritable = as_edited

    def took_status(self, session: str | None) -> bool:  # noqa: ARG002 - an edit takes no status away
        return False

    def delete(self) -> None:
        with suppress(SlackApiError):
            self.client.with_retries.chat_delete(channel=self.channel, ts=self.ts)

    def _update(self, client: WebClient, text: str, ending: Ending) -> bool:
        try:
            client.chat_update(
                channel=self.channel,
                ts=self.ts,
                text=notification_text(text),
                blocks=[MarkdownBlock(text=text).to_dict(), *ending.blocks],
                metadata=self.metadata,
            )
        except SlackApiError as error:
            if code_of(error) != MESSAGE_NOT_FOUND:
                raise
            self.deleted = True
        else:
            self.shown, self.ending = text, Ending(ending.blocks)
        return True
