"""A Slack message that is edited as the words come."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from adapters.slack.errors import MESSAGE_NOT_FOUND, code_of
from adapters.slack.replying.messages.fallbacks import (
    Content,
    in_blocks,
    in_plain_text,
    is_refused_form,
    send_first_accepted,
)
from adapters.slack.replying.messages.message import NO_ENDING, Ending, Target
from adapters.slack.replying.rate_limits import RateLimit, RateLimitedClient

EDITED_LIMIT = 3_900
"""Characters: ``chat.update`` refuses over 4,000."""


@dataclass
class EditedMessage:
    """A message whose whole text is replaced. What it said before it was edited is not among the ``shown``.

    It is sent in blocks, with a text for notifications beside them: blocks that were there before are certain to go
    only when others come. It is ``plain`` where Slack takes no blocks in it, and ``refused`` where Slack takes no
    edit in any form: then a post of its own has the text in the end. ``reserved`` while the call that will end it is
    booked and not made.
    """

    client: RateLimitedClient
    target: Target
    ts: str
    shown: str = ""
    limit: int = EDITED_LIMIT
    fixed: int = 0
    age: float = 0.0
    stopped: bool = False
    deleted: bool = False
    ending: Ending = NO_ENDING
    plain: bool = False
    refused: bool = False
    reserved: bool = True

    def __post_init__(self) -> None:
        self.rate_limit.reserve()

    @property
    def rate_limit(self) -> RateLimit:
        return self.client.updates

    def show(self, text: str) -> bool:
        if not self.refused:
            self._edit(self.client.without_retries, text)
        return True

    def finish(self, text: str, ending: Ending = NO_ENDING) -> bool:
        # Slack refuses an empty text, and need not hear one twice.
        if not text or (text == self.shown and (self.plain or ending.blocks == self.ending.blocks)):
            return True
        if not self.reserved:
            self.rate_limit.reserve()
        self.reserved = False
        if not self.refused:
            self._edit(self.client.with_retries, text, ending.blocks)
        if self.refused:
            self._post(text)
        self.ending = Ending(ending.blocks)
        return True

    def as_edited(self, ending: Ending = NO_ENDING) -> "EditedMessage":  # noqa: ARG002 - there is no stream to end
        return self

    as_rewritable = as_edited

    def took_status(self, session: str | None) -> bool:  # noqa: ARG002 - an edit takes no status away
        return False

    def delete(self) -> None:
        with suppress(SlackApiError):
            self.client.with_retries.chat_delete(channel=self.target.channel, ts=self.ts)

    def _edit(self, client: WebClient, text: str, below: Sequence[dict[str, Any]] = ()) -> None:
        update = partial(client.chat_update, channel=self.target.channel, ts=self.ts)
        try:
            accepted, _ = send_first_accepted(update, self._contents(text, below))
        except SlackApiError as error:
            self.deleted = code_of(error) == MESSAGE_NOT_FOUND
            self.refused = is_refused_form(error)
            if not (self.deleted or self.refused):
                raise
        else:
            self.shown, self.plain, self.ending = text, not accepted["blocks"], Ending(tuple(accepted["blocks"][1:]))

    def _contents(self, text: str, below: Sequence[dict[str, Any]]) -> list[Content]:
        if self.plain:
            return [in_plain_text(text)]
        rich = [in_blocks(text, below), in_blocks(text)] if below else [in_blocks(text)]
        return [*(each | {"metadata": self.target.metadata} for each in rich), in_plain_text(text)]

    def _post(self, text: str) -> None:
        """Post the text beside the message, or at last a sentence that says that Slack does not take it."""
        post = partial(
            self.client.with_retries.chat_postMessage,
            channel=self.target.channel,
            thread_ts=self.target.thread,
            unfurl_links=False,
            unfurl_media=False,
        )
        send_first_accepted(post, [in_plain_text(text), in_plain_text(self.target.refusal)])
        self.shown = text
