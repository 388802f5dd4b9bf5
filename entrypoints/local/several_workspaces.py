"""What one machine is made of where several workspaces install its bot. With one workspace nothing of it is imported.

cryptography and slack_sdk.oauth take time to import, and one workspace needs neither.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from starlette.routing import Route

from adapters.installations.clients import Clients
from adapters.installations.fernet import FernetCipher
from adapters.installations.missed import MissedInAll
from adapters.installations.store import Installations
from adapters.slack.installing import Installing
from adapters.slack.receiving.missed import Pause
from adapters.sqlite import Database, SqliteInstallations, SqliteRequests
from domain.deliveries.deadline import Clock
from entrypoints.configuration.settings import Settings
from entrypoints.forgetting.all_stores import Stores
from entrypoints.forgetting.uninstalling import Uninstalling
from entrypoints.local.gap_watch import Missed
from entrypoints.local.install_routes import install_routes
from entrypoints.manifest import scopes_for
from entrypoints.wiring.containers import WorkerContainer
from entrypoints.wiring.workspaces import Workspaces, dispatchers


def installations(settings: Settings, database: Database) -> Installations:
    """The store of installations, whose tokens are encrypted with the settings' keys."""
    store = Installations(SqliteInstallations(database), FernetCipher(settings.token_encryption_key))
    if "," in settings.token_encryption_key:  # the key is being changed
        store.encrypt_anew()
    return store


def missed(
    settings: Settings, clients: Callable[[], Clients], keys: Callable[[], Sequence[str]]
) -> Callable[[Pause], Missed]:
    """What was posted in all workspaces while Slack was not heard."""
    return lambda pause: MissedInAll(clients(), pause, keys, settings.slack_channel_ids)


def workspaces(
    container: type[WorkerContainer],
    settings: Settings,
    shared: Mapping[str, Any],
    database: Database,
    clients: Clients,
) -> Workspaces:
    """The workspaces, each with a dispatcher that a ``container`` makes of what is ``shared``."""
    stores = Stores(
        conversations=shared["conversations"],
        votes=shared["feedback"],
        requests=lambda: nullcontext(SqliteRequests(database)),
        limits=shared["limits"],
        settings=shared["settings_store"],
        ledger=shared["ledger"],
        scrub=database.scrub,
    )
    dispatcher_of = dispatchers(container, settings, shared)
    return Workspaces(clients, dispatcher_of, Uninstalling(clients, stores, shared["queue"]))


def routes(settings: Settings, clock: Clock, api_url: str, store: Installations) -> list[Route]:
    """The pages on which people install the app."""
    return install_routes(
        Installing(
            client_id=settings.slack_client_id,
            client_secret=settings.slack_client_secret,
            scopes=scopes_for(settings),
            installations=store,
            clock=clock,
            api_url=api_url,
            teams=settings.slack_team_ids,
            language=settings.bot_language,
        )
    )
