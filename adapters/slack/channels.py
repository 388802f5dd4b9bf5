"""Which channels there are in a Slack."""

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from adapters.slack.errors import code_of, translated


def is_channel(client: WebClient, channel: str) -> bool:
    """Does Slack know a channel, or a direct message, with this id? Private ones only where the bot is in them.

    Raises ``ChannelRefused`` and ``ChannelUnavailable`` where Slack does not say.
    """
    with translated():
        try:
            client.conversations_info(channel=channel)
        except SlackApiError as error:
            if code_of(error) == "channel_not_found":
                return False
            raise
    return True
