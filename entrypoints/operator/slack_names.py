"""What Slack calls people and channels, for lists of their ids."""

import time
from collections.abc import Mapping, Sequence

from slack_sdk.errors import SlackClientError

from adapters.slack.client import web_client
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
    names: dict[str, str] = {}
    for each in ids[:MOST]:
        try:
            names[each] = clean_name(
                str(client.conversations_info(channel=each)["channel"].get("name", "")), NAME_LIMIT
            )
        except SlackClientError:
            continue  # private ones are not told where the bot is not in them
    return names
