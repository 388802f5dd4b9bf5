"""Which channels there are in a Slack."""

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from adapters.slack.errors import code_of, field, translated

CHANNELS = 200
"""As many channels of one person as Slack recommends to ask for at once."""


def channels_of(client: WebClient, person: str) -> list[str]:
    """The channels that a person is in, of private ones those that the bot is in too; none where the app lacks a scope.

    Raises what slack_sdk raises.
    """
    try:
        answer = client.users_conversations(
            user=person, types="public_channel,private_channel", exclude_archived=True, limit=CHANNELS
        )
    except SlackApiError as error:
        if code_of(error) == "missing_scope":
            return []
        raise
    return [field(each, "id", str) for each in field(answer, "channels", list)]


def is_channel(client: WebClient, channel: str) -> bool:
    """Does Slack know a channel, or a direct message, with this id? Private ones only where the bot is in them.

    Raises ``SlackRefused`` and ``SlackUnavailable`` where Slack does not say.
    """
    with translated():
        try:
            client.conversations_info(channel=channel)
        except SlackApiError as error:
            if code_of(error) == "channel_not_found":
                return False
            raise
    return True
