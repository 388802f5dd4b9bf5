"""What Slack calls people and channels, for lists of their ids."""

import time
from collections.abc import Iterator, Mapping, Sequence
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from adapters.slack.client import web_client
from adapters.slack.errors import code_of
from adapters.slack.reading.user_names import NAME_LIMIT, UserNames, clean_name
from domain.deadline import NO_DEADLINE
from domain.ledger import OwnerKind
from entrypoints.settings import SettingError, Settings

MOST = 50
"""Slack is asked once for each: Tier 3 and 4 allow fifty and more a minute."""


def names_of(kind: OwnerKind, ids: Sequence[str], environment: Mapping[str, str]) -> dict[str, str]:
    """The names of the first ``MOST`` of these people or channels; without those that Slack does not tell.

    Raises ``SettingError`` where there is no token to ask with.
    """
    asked = {name: environment.get(name, "") for name in ("SLACK_BOT_TOKEN", "SLACK_API_URL")}
    settings = Settings.from_env(asked | {"SLACK_SIGNING_SECRET": "-"})
    if not settings.slack_bot_token:
        raise SettingError("--names needs SLACK_BOT_TOKEN, to ask Slack")
    client = web_client(settings.slack_bot_token, settings.slack_api_url)
    if kind is OwnerKind.PERSON:
        people = UserNames(client, clock=time.monotonic)
        return {each: people(each, NO_DEADLINE) for each in ids[:MOST]}
    return dict(_of_channels(client, ids[:MOST]))


def _of_channels(client: WebClient, ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    for each in ids:
        try:
            channel = client.conversations_info(channel=each).get("channel")
        except SlackApiError as error:
            if code_of(error) == "channel_not_found":
                continue  # so Slack says of private ones where the bot is not in them
            return
        except (SlackClientError, HTTPException, OSError, ValueError):
            return  # Slack is away: nobody waits for the others
        if isinstance(channel, dict) and isinstance(channel.get("name"), str):
            yield each, clean_name(channel["name"], NAME_LIMIT)
