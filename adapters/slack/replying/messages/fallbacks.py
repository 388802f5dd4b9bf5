"""The forms in which a text is sent: where Slack refuses one, a plainer one follows."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import MarkdownBlock
from slack_sdk.web import SlackResponse

from adapters.slack.errors import MESSAGE_NOT_FOUND, code_of, is_hopeless, is_refusal
from adapters.slack.replying.mentions import NOTIFICATION_LIMIT, literal_mrkdwn, notification_text

Content = dict[str, Any]
"""The arguments of a call to Slack that say what a message shows."""

logger = logging.getLogger(__name__)


def send_first_accepted(
    send: Callable[..., SlackResponse], contents: Sequence[Content]
) -> tuple[Content, SlackResponse]:
    """Send the first of these contents that Slack takes, and return it with the response.

    Raises what slack_sdk raises for the last.

    Another form is tried only where Slack refuses the form: not where the place or the message is gone, and not in
    an outage.
    """
    *richer, plainest = contents
    for content in richer:
        try:
            return content, send(**content)
        except SlackApiError as error:
            if not is_refused_form(error):
                raise
            logger.warning("Slack refused a form of a message, so a plainer one is sent: %s", code_of(error))
    return plainest, send(**plainest)


def is_refused_form(error: SlackApiError) -> bool:
    """May Slack take another form in the same place?"""
    return is_refusal(error) and not is_hopeless(error) and code_of(error) != MESSAGE_NOT_FOUND


def in_blocks(text: str, below: Sequence[dict[str, Any]] = ()) -> Content:
    """Markdown in a block, other blocks below it, and a text for notifications beside them.

    Slack takes blocks beside no other form of text.
    """
    return {"text": notification_text(text), "blocks": [MarkdownBlock(text=text).to_dict(), *below]}


def in_plain_text(text: str) -> Content:
    """The text alone: of an edited message it replaces the blocks."""
    literal = literal_mrkdwn(text)
    return {"text": literal if len(literal) <= NOTIFICATION_LIMIT else text, "blocks": []}
