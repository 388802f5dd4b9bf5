"""Who the bot is in its Slack."""

import copy
from dataclasses import dataclass

from slack_sdk import WebClient

from adapters.slack.errors import field, translated

TIMEOUT_SECONDS = 3
"""For the start, which waits for the answer."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The bot user of a token and the workspace that the token is of, names and ids."""

    user_name: str
    user: str
    team_name: str
    team: str


def identity_of(client: WebClient) -> Identity:
    """Asks Slack once, by ``auth.test``. Raises ``ChannelRefused`` or ``ChannelUnavailable``."""
    client = copy.copy(client)
    client.retry_handlers = []
    client.timeout = TIMEOUT_SECONDS
    with translated():
        answer = client.auth_test()
        user_name, user, team_name, team = (field(answer, name, str) for name in ("user", "user_id", "team", "team_id"))
        return Identity(user_name, user, team_name, team)
