"""Who the bot is in its Slack, and what it may do there."""

import copy
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from adapters.slack.errors import field, translated

TIMEOUT_SECONDS = 3
"""For the start, which waits for the answer."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The bot user of a token and the workspace that the token is of, names and ids.

    ``enterprise`` is the id of the workspace's Enterprise Grid, empty where it is of none.
    ``scopes`` are those of the token, and ``now`` is Slack's time in seconds since the epoch; none where Slack does not
    say so.
    """

    user_name: str
    user: str
    team_name: str
    team: str
    scopes: frozenset[str] | None = None
    now: float | None = None
    enterprise: str = ""


def identity_of(client: WebClient) -> Identity:
    """Asks Slack once, by ``auth.test``. Raises ``SlackRefused`` or ``SlackUnavailable``."""
    with translated():
        answer = _hasty(client).auth_test()
        user_name, user, team_name, team = (field(answer, name, str) for name in ("user", "user_id", "team", "team_id"))
        enterprise = answer.get("enterprise_id") or ""
        return Identity(user_name, user, team_name, team, _scopes(answer), _time(answer), enterprise)


def require_socket_mode(client: WebClient, app_token: str) -> None:
    """Asks Slack for an address to connect to. Raises ``SlackRefused`` or ``SlackUnavailable``."""
    with translated():
        _hasty(client).apps_connections_open(app_token=app_token)


def _hasty(client: WebClient) -> WebClient:
    client = copy.copy(client)
    client.retry_handlers = []
    client.timeout = TIMEOUT_SECONDS
    return client


def _scopes(answer: SlackResponse) -> frozenset[str] | None:
    """Each answer of the Web API has the token's scopes in a header (docs.slack.dev/authentication)."""
    header = _header(answer, "x-oauth-scopes")
    return frozenset(each.strip() for each in header.split(",")) if header else None


def _time(answer: SlackResponse) -> float | None:
    try:
        return parsedate_to_datetime(_header(answer, "date")).timestamp()
    except ValueError:
        return None


def _header(answer: SlackResponse, name: str) -> str:
    value = next((value for key, value in answer.headers.items() if key.lower() == name), "")
    return str(value[0] if isinstance(value, list) else value)
