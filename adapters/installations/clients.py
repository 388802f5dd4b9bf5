"""Clients of the workspaces that have installed the app, each with its own token."""

from collections.abc import Iterator
from dataclasses import dataclass

from slack_sdk.oauth.installation_store import Installation

from adapters.installations.bot_token import TEAMS, BotToken
from adapters.installations.rotation import Rotation
from adapters.installations.store import Installations
from adapters.slack.client import web_client
from adapters.slack.workspace_client import WorkspaceClient, workspace_client
from domain.deliveries.deadline import Clock


@dataclass(frozen=True, slots=True)
class Workspace:
    """One team's client and its token. ``name`` is empty where it is not known."""

    team: str
    enterprise: str
    name: str
    token: BotToken
    client: WorkspaceClient


class Clients:
    """Makes clients. ``api_url`` is the Web API's base address, empty for Slack's own."""

    def __init__(
        self, installations: Installations, *, client_id: str, client_secret: str, api_url: str, clock: Clock
    ) -> None:
        self.installations = installations
        self.rotation = Rotation(
            installations, web_client("", api_url), client_id=client_id, client_secret=client_secret, clock=clock
        )
        self._api_url = api_url
        self._clock = clock

    def of(self, team: str, enterprise: str = "", name: str = "") -> Workspace:
        """A client whose token is not read yet: ``refresh`` does so.

        ``enterprise`` is set where an Enterprise Grid has installed the app for all of its teams.
        """
        token = BotToken(team, enterprise, self.installations, self.rotation, self._clock)
        client = workspace_client(token, self._api_url, team=team if enterprise and team != enterprise else "")
        return Workspace(team, enterprise, name, token, client)

    def all(self) -> Iterator[Workspace]:
        """Those of all teams that have installed the app; of an Enterprise Grid the teams in which the bot was asked.

        Raises ``StoreUnavailable`` and ``StoreCorrupt``.
        """
        for installation in self.installations.all():
            for team in teams_of(installation):
                enterprise = installation.enterprise_id if installation.is_enterprise_install else ""
                yield self.of(team, enterprise or "", name_of(installation))


def teams_of(installation: Installation) -> list[str]:
    """The team, or an Enterprise Grid with those of its teams in which the bot has been asked."""
    if not installation.is_enterprise_install:
        return [installation.team_id or ""]
    return [*installation.custom_values.get(TEAMS, ())] or [installation.enterprise_id or ""]


def name_of(installation: Installation) -> str:
    """What the team, or the Enterprise Grid, was called when it installed the app."""
    return (installation.enterprise_name if installation.is_enterprise_install else installation.team_name) or ""
