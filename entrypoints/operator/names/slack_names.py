"""What Slack calls people and channels, for lists of their ids."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPException
from typing import TYPE_CHECKING

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from adapters.slack.client import web_client
from adapters.slack.errors import code_of
from adapters.slack.reading.user_names import NAME_LIMIT, UserNames, clean_name
from domain.deliveries.deadline import NO_DEADLINE
from domain.errors import AnsweringError
from domain.spending.ledger import OwnerKind
from entrypoints.configuration.settings import SettingError, Settings

if TYPE_CHECKING:
    from adapters.installations.clients import Clients

MOST = 50
"""Slack is asked once for each: Tier 3 and 4 allow fifty and more a minute."""


def names_of(kind: OwnerKind, ids: Sequence[str], environment: Mapping[str, str]) -> dict[str, str]:
    """The names of the first ``MOST`` of these people or channels; without those that Slack does not tell.

    Where several workspaces have installed the app each is asked for what the ones before it do not know.

    Raises ``SettingError`` where there is no token to ask with.
    """
    names: dict[str, str] = {}
    with _clients(environment) as clients:
        for client in clients:
            unknown = [each for each in ids[:MOST] if not names.get(each)]
            names |= _names(kind, unknown, client) if unknown else {}
    return names


@contextmanager
def _clients(environment: Mapping[str, str]) -> Iterator[Iterable[WebClient]]:
    if environment.get("SLACK_CLIENT_ID"):
        from entrypoints.operator.installed import clients_of, installed_settings  # noqa: PLC0415 - one needs no such

        with clients_of(installed_settings(environment)) as clients:
            yield _installed(clients)
        return
    asked = {name: environment.get(name, "") for name in ("SLACK_BOT_TOKEN", "SLACK_API_URL")}
    settings = Settings.from_env(asked | {"SLACK_SIGNING_SECRET": "-"})
    if not settings.slack_bot_token:
        raise SettingError(
            "--names needs SLACK_BOT_TOKEN to ask Slack, or SLACK_CLIENT_ID, SLACK_CLIENT_SECRET and the tokens' key"
        )
    yield [web_client(settings.slack_bot_token, settings.slack_api_url)]


def _installed(clients: "Clients") -> Iterator[WebClient]:
    """Those whose token can be read; ``bot doctor`` says why another cannot."""
    from adapters.installations.bot_token import NotInstalled  # noqa: PLC0415 - see above

    for workspace in clients.all():
        with suppress(NotInstalled, AnsweringError):
            workspace.token.refresh()
            yield workspace.client


def _names(kind: OwnerKind, ids: Sequence[str], client: WebClient) -> dict[str, str]:
    if kind is OwnerKind.PERSON:
        people = UserNames(client, clock=time.monotonic)
        return {each: people(each, NO_DEADLINE) for each in ids}
    return dict(_of_channels(client, ids))


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
