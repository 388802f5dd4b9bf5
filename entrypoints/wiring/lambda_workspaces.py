"""How the function behind the queue serves several workspaces. With one workspace nothing of this is imported."""

from collections.abc import Mapping
from contextlib import closing
from typing import Any

from adapters.dynamodb import DynamoConversations, DynamoInstallations
from adapters.installations.store import Installations
from adapters.kms import KmsCipher, kms_client
from adapters.sqs import OPERATORS_PATIENCE, sqs_client
from adapters.sqs.dead_letters import SqsDeadLetters
from domain.deliveries.deadline import Clock
from entrypoints.configuration.settings import Settings
from entrypoints.forgetting.all_stores import Stores
from entrypoints.forgetting.uninstalling import Uninstalling
from entrypoints.wiring.containers import WorkerContainer
from entrypoints.wiring.workspace_clients import clients_for
from entrypoints.wiring.workspaces import Workspaces, dispatchers


def workspaces_of(
    container: type[WorkerContainer], settings: Settings, shared: Mapping[str, Any], clock: Clock
) -> Workspaces:
    """``shared`` is what they have in common, by the names of the container's providers."""
    cipher = KmsCipher(settings.token_kms_key, kms_client())
    installations = Installations(DynamoInstallations(settings.table_name), cipher)
    clients = clients_for(settings, installations, settings.slack_api_url, clock)
    uninstalling = Uninstalling(clients, _stores(settings, shared, clock), shared["queue"])
    return Workspaces(clients, dispatchers(container, settings, shared), uninstalling)


def _stores(settings: Settings, shared: Mapping[str, Any], clock: Clock) -> Stores:
    """All in which something is kept of a workspace. What waits in SQS cannot be looked through; dead letters can."""
    conversations = DynamoConversations(
        settings.table_name,
        ttl_days=settings.conversation_ttl_days,
        clock=clock,
        count_tokens=shared["count_tokens"],
    )
    return Stores(
        conversations=conversations,
        votes=shared["feedback"],
        requests=lambda: closing(_dead_letters(settings)),
        limits=shared["limits"],
        settings=shared["settings_store"],
        ledger=shared["ledger"],
    )


def _dead_letters(settings: Settings) -> SqsDeadLetters:
    return SqsDeadLetters(settings.queue_url, settings.dead_letter_queue_url, sqs_client(OPERATORS_PATIENCE))
