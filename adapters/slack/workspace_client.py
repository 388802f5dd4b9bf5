"""The client of one of several workspaces, whose token may change while the client is in use."""

from typing import Any, Protocol

from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from adapters.slack.client import CheckedWebClient, client_options
from adapters.slack.errors import code_of

STALE = frozenset({"account_inactive", "invalid_auth", "token_expired", "token_revoked"})
"""Slack's errors for a token that is of no use any more. A call that gets one of them has done nothing."""


class Credentials(Protocol):
    """The bot token of one workspace."""

    @property
    def token(self) -> str:
        """The token as it is known now, without asking anybody."""
        ...

    def renew(self, refused: str) -> bool:
        """Look for another token than the one that Slack has refused. Returns whether there is one; raises nothing."""
        ...


class WorkspaceClient(CheckedWebClient):
    """A client with the workspace's token of the moment, also where the client was copied before the token changed.

    A call whose token Slack refuses is made once more where there is another token by then.
    """

    def __init__(self, credentials: Credentials, **options: Any) -> None:
        self._credentials = credentials
        super().__init__(**options)

    @property
    def token(self) -> str:
        return self._credentials.token

    @token.setter
    def token(self, _: str | None) -> None:
        """The base class sets what it was made with."""

    def api_call(self, *args: Any, **kwargs: Any) -> SlackResponse:
        token = self.token
        try:
            return super().api_call(*args, **kwargs)
        except SlackApiError as error:
            if code_of(error) not in STALE or not self._credentials.renew(token):
                raise
        return super().api_call(*args, **kwargs)


def workspace_client(credentials: Credentials, url: str | None, *, team: str = "") -> WorkspaceClient:
    """``url`` as for ``web_client``. ``team`` where the token is that of a whole Enterprise Grid.

    With such a token some methods, ``users.conversations`` among them, need the ``team_id``; the others ignore it
    (docs.slack.dev, Organization-ready apps, November 2026).
    """
    return WorkspaceClient(credentials, **client_options(url), team_id=team or None)
