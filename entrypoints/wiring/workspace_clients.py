"""The clients of the workspaces that have installed the app, as the settings say."""

from adapters.installations.clients import Clients
from adapters.installations.store import Installations
from domain.deliveries.deadline import Clock
from entrypoints.configuration.settings import Settings


def clients_for(settings: Settings, installations: Installations, api_url: str, clock: Clock) -> Clients:
    """``api_url`` is the Web API's base address, empty for Slack's own."""
    return Clients(
        installations,
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret,
        api_url=api_url,
        clock=clock,
    )
