"""What one machine's process is made of."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from dependency_injector import providers
from slack_sdk import WebClient
from starlette.routing import Route

from adapters.observability.event_log import EventLog
from adapters.offline import OfflineLanguageModel
from adapters.slack.app_kind import AppKind
from adapters.slack.receiving.connection import Connection, HttpEvents
from adapters.slack.receiving.endpoint import EventsEndpoint
from adapters.slack.receiving.events import IsAgent
from adapters.slack.receiving.missed import History, MissedEvents, Pause
from adapters.slack.receiving.socket_mode import SocketMode
from adapters.slack.replying.stops import InMemoryStops
from adapters.slack.texts import LABELS, Labels
from adapters.sqlite import (
    Database,
    SqliteConversations,
    SqliteFeedback,
    SqliteLastHeard,
    SqliteLedger,
    SqliteLimits,
    SqliteQueue,
    SqliteSettings,
)
from domain.deliveries.deadline import Clock
from domain.ports.model import CountTokens, LanguageModel
from domain.ports.slack import Replies, Resolver
from domain.ports.stores import Conversations, Feedback, Ledger, LimitsStore, RequestQueue, SettingsStore, Stops
from domain.turn_events import Event, Report
from entrypoints.configuration.settings import Settings
from entrypoints.local.gap_watch import GapWatch, Missed
from entrypoints.local.health import Health
from entrypoints.local.worker_pool import WorkerPool
from entrypoints.playground import Playground
from entrypoints.wiring.base_container import BaseContainer, completes
from entrypoints.wiring.containers import Dispatch, WorkerContainer, dispatch_of, exported
from entrypoints.wiring.dispatch import StopsFirst
from entrypoints.wiring.events_endpoint import events_endpoint

if TYPE_CHECKING:
    from adapters.installations.clients import Clients
    from adapters.installations.store import Installations
    from entrypoints.wiring.workspaces import Workspaces

CONVERSATIONS = 1_000
"""Those answered last, whose channels and threads are read after a gap."""


def _language_model(settings: Settings, count_tokens: CountTokens) -> LanguageModel:
    if settings.is_offline:
        return OfflineLanguageModel(language=settings.bot_language, count_tokens=count_tokens)
    from entrypoints.wiring.openai_model import openai_model  # noqa: PLC0415 - most of a second

    return openai_model(settings)


def _labels(settings: Settings) -> Labels:
    labels = LABELS[settings.bot_language]
    # The first asks for help; the stand-in for a model can do nothing of what the others ask for.
    return replace(labels, suggestions=labels.suggestions[:1]) if settings.is_offline else labels


def _api_url(settings: Settings) -> str:
    """Where the Web API is; empty for Slack's own."""
    return f"{settings.address}/api/" if settings.uses_playground else settings.slack_api_url


def _playground(settings: Settings, signing_secret: str, bot_token: str, **stores: Any) -> Playground:
    return Playground(
        **stores,
        memory=settings.memory,
        scope=settings.conversation_scope,
        language=settings.bot_language,
        model_name="" if settings.is_offline else settings.chat_model,
        signing_secret=signing_secret,
        bot_token=bot_token,
        events_url=f"{settings.address}/events",
        agent_view=settings.may_be_agent,
        # Beside the questions that wait: one that is answered after a restart needs the post it was asked in.
        archive=settings.database_path.with_suffix(".posts.jsonl"),
    )


def _agent_view(settings: Settings, client: WebClient, labels: Labels) -> bool | IsAgent:
    """Whether the app is an agent: what the setting says, or else what Slack says once that matters.

    Where there are several workspaces the setting says it, since there is no token to ask with.
    """
    asks = not (settings.uses_playground or settings.has_several_workspaces)
    if settings.slack_agent_view is None and asks:
        return AppKind(client, labels).is_agent
    return settings.may_be_agent


def _connection(settings: Settings, client: WebClient, endpoint: EventsEndpoint) -> Connection:
    if settings.slack_app_token:
        return SocketMode(settings.slack_app_token, client, endpoint)
    return HttpEvents()


def _missed(
    settings: Settings, client: WebClient, clients: "Callable[[], Clients]", conversations: SqliteConversations
) -> Callable[[Pause], Missed]:
    keys = partial(conversations.keys, CONVERSATIONS)
    if settings.has_several_workspaces:
        from entrypoints.local import several_workspaces  # noqa: PLC0415

        return several_workspaces.missed(settings, clients, keys)
    return lambda pause: MissedEvents(History(client, pause), keys, settings.slack_channel_ids)


def _installations(settings: Settings, database: Database) -> "Installations":
    from entrypoints.local import several_workspaces  # noqa: PLC0415

    return several_workspaces.installations(settings, database)


def _clients(settings: Settings, installations: "Installations", api_url: str, clock: Clock) -> "Clients":
    from entrypoints.wiring.workspace_clients import clients_for  # noqa: PLC0415

    return clients_for(settings, installations, api_url, clock)


def _workspaces(settings: Settings, shared: dict[str, Any], database: Database, clients: "Clients") -> "Workspaces":
    from entrypoints.local import several_workspaces  # noqa: PLC0415

    return several_workspaces.workspaces(Container, settings, shared, database, clients)


def _install_routes(
    settings: Settings, clock: Clock, api_url: str, installations: Callable[[], "Installations"]
) -> list[Route]:
    if not settings.has_several_workspaces:
        return []
    from entrypoints.local import several_workspaces  # noqa: PLC0415

    return several_workspaces.routes(settings, clock, api_url, installations())


def _health(settings: Settings, gap_watch: Callable[[], GapWatch], **parts: Any) -> Health:
    return Health(heartbeat=None if settings.uses_playground else gap_watch().heartbeat, **parts)


def _reporting(settings: Settings, event_log: Report, playground: Callable[[], Playground]) -> Report:
    event_log = exported(settings, event_log)
    if not settings.uses_playground:
        return event_log
    panel = playground()

    def report(event: Event) -> None:
        event_log(event)
        panel.report(event)

    return report


@completes(WorkerContainer)
class Container(WorkerContainer):
    """What the process is made of: it receives requests and handles them."""

    # The playground's are made up at every start, so that no other page can speak for its Slack.
    bot_token: providers.Provider[str] = providers.ThreadSafeSingleton(
        lambda settings: settings.slack_bot_token or f"xoxb-{secrets.token_hex()}", BaseContainer.settings
    )
    signing_secret: providers.Provider[str] = providers.ThreadSafeSingleton(
        lambda settings: settings.slack_signing_secret or secrets.token_hex(), BaseContainer.settings
    )
    api_url: providers.Provider[str] = providers.Callable(_api_url, BaseContainer.settings)

    labels: providers.Provider[Labels] = providers.Callable(_labels, BaseContainer.settings)
    agent_view: providers.Provider[bool | IsAgent] = providers.ThreadSafeSingleton(
        _agent_view, BaseContainer.settings, WorkerContainer.slack_client, labels
    )

    database: providers.Dependency[Database] = providers.Dependency(instance_of=Database)
    stops: providers.Provider[Stops] = providers.ThreadSafeSingleton(InMemoryStops)
    sqlite_queue: providers.Provider[SqliteQueue] = providers.ThreadSafeSingleton(
        SqliteQueue,
        database,
        clock=BaseContainer.clock,
        most_of_one=BaseContainer.settings.provided.conversations_of_one_person,
    )
    queue: providers.Provider[RequestQueue] = providers.ThreadSafeSingleton(StopsFirst, sqlite_queue, stops)
    endpoint: providers.Provider[EventsEndpoint] = providers.ThreadSafeSingleton(
        events_endpoint,
        BaseContainer.settings,
        queue,
        clock=BaseContainer.clock,
        signing_secret=signing_secret,
        agent_view=agent_view,
    )
    conversations: providers.Provider[Conversations] = providers.ThreadSafeSingleton(
        SqliteConversations,
        database,
        ttl_days=BaseContainer.settings.provided.conversation_ttl_days,
        clock=BaseContainer.clock,
    )
    ledger: providers.Provider[Ledger] = providers.ThreadSafeSingleton(SqliteLedger, database)
    limits: providers.Provider[LimitsStore] = providers.ThreadSafeSingleton(SqliteLimits, database)
    settings_store: providers.Provider[SettingsStore] = providers.ThreadSafeSingleton(SqliteSettings, database)
    feedback: providers.Provider[Feedback] = providers.ThreadSafeSingleton(
        SqliteFeedback,
        database,
        ttl_days=BaseContainer.settings.provided.conversation_ttl_days,
        clock=BaseContainer.clock,
    )
    model: providers.Provider[LanguageModel] = providers.ThreadSafeSingleton(
        _language_model, BaseContainer.settings, WorkerContainer.count_tokens
    )
    replies: providers.Provider[Replies] = WorkerContainer.slack_replies
    resolver: providers.Provider[Resolver] = WorkerContainer.slack_resolver
    playground: providers.Provider[Playground] = providers.ThreadSafeSingleton(
        _playground,
        BaseContainer.settings,
        signing_secret,
        bot_token,
        conversations=conversations,
        ledger=ledger,
        settings_store=settings_store,
    )
    report: providers.Provider[Report] = providers.ThreadSafeSingleton(
        _reporting,
        BaseContainer.settings,
        providers.Factory(EventLog, texts=BaseContainer.settings.provided.log_texts),
        playground.provider,
    )
    installations: providers.Provider["Installations"] = providers.ThreadSafeSingleton(
        _installations, BaseContainer.settings, database
    )
    clients: providers.Provider["Clients"] = providers.ThreadSafeSingleton(
        _clients, BaseContainer.settings, installations, api_url, BaseContainer.clock
    )
    workspaces: providers.Provider["Workspaces"] = providers.ThreadSafeSingleton(
        _workspaces, BaseContainer.settings, WorkerContainer.shared, database, clients
    )
    dispatch: providers.Provider[Dispatch] = providers.Callable(
        dispatch_of, BaseContainer.settings, WorkerContainer.dispatcher.provider, workspaces.provider
    )
    worker_pool: providers.Provider[WorkerPool] = providers.ThreadSafeSingleton(
        WorkerPool,
        sqlite_queue,
        dispatch,
        BaseContainer.settings.provided.concurrent_conversations,
        BaseContainer.clock,
    )
    connection: providers.Provider[Connection] = providers.ThreadSafeSingleton(
        _connection, BaseContainer.settings, WorkerContainer.slack_client, endpoint
    )
    missed: providers.Provider[Callable[[Pause], Missed]] = providers.Callable(
        _missed, BaseContainer.settings, WorkerContainer.slack_client, clients.provider, conversations
    )
    gap_watch: providers.Provider[GapWatch] = providers.ThreadSafeSingleton(
        GapWatch,
        connection,
        missed,
        endpoint.provided.accept,
        providers.Factory(SqliteLastHeard, database),
        clock=BaseContainer.clock,
        stopwatch=BaseContainer.stopwatch,
    )
    install_routes: providers.Provider[list[Route]] = providers.Callable(
        _install_routes, BaseContainer.settings, BaseContainer.clock, api_url, installations.provider
    )
    health: providers.Provider[Health] = providers.ThreadSafeSingleton(
        _health,
        BaseContainer.settings,
        gap_watch.provider,
        database=database,
        queue=sqlite_queue,
        worker_pool=worker_pool,
        stopwatch=BaseContainer.stopwatch,
    )
