"""How the function behind the queue is made from the settings."""

from typing import TYPE_CHECKING, Any

from dependency_injector import providers

from adapters.dynamodb import (
    DynamoAttempts,
    DynamoConversations,
    DynamoFeedback,
    DynamoLedger,
    DynamoLimits,
    DynamoSettings,
    DynamoStops,
)
from adapters.observability.event_log import EventLog
from adapters.observability.powertools import metrics, structured_logger
from adapters.observability.tracing import CONVERSATIONS, LANGUAGE_MODEL, REPLIES, RESOLVER, Segment, Tracer, traced
from adapters.observability.turn_metrics import Measured, MeasuredConversations
from adapters.sqs import SqsQueue, sqs_client
from domain.deliveries.deadline import Clock
from domain.limits.limiting import Limiting
from domain.ports.model import LanguageModel
from domain.ports.slack import Replies, Resolver
from domain.ports.stores import Conversations, Feedback, Ledger, LimitsStore, RequestQueue, SettingsStore, Stops
from domain.turn_events import Report
from entrypoints.configuration.settings import Settings
from entrypoints.wiring.base_container import BaseContainer, completes
from entrypoints.wiring.containers import Dispatch, WorkerContainer, dispatch_of, exported
from entrypoints.wiring.openai_model import openai_model

if TYPE_CHECKING:
    from entrypoints.wiring.workspaces import Workspaces

logger = structured_logger()
measures = metrics()


def _workspaces(settings: Settings, shared: dict[str, Any], segment: Segment, clock: Clock) -> "Workspaces":
    from entrypoints.wiring.lambda_workspaces import workspaces_of  # noqa: PLC0415 - one workspace needs no such

    return workspaces_of(Container, settings, {**shared, "segment": segment}, clock)


@completes(WorkerContainer)
class Container(WorkerContainer):
    """What the function is made of."""

    segment: providers.Provider[Segment] = providers.Singleton(Tracer).provided.segment
    conversations: providers.Provider[Conversations] = providers.Singleton(
        MeasuredConversations,
        providers.Singleton(
            traced,
            providers.Singleton(
                DynamoConversations,
                BaseContainer.settings.provided.table_name,
                ttl_days=BaseContainer.settings.provided.conversation_ttl_days,
                clock=BaseContainer.clock,
                count_tokens=WorkerContainer.count_tokens,
                usage_table=BaseContainer.settings.provided.usage_table_name,
            ),
            segment,
            CONVERSATIONS,
        ),
        providers.Object(measures),
    )
    ledger: providers.Provider[Ledger] = providers.Singleton(
        DynamoLedger, BaseContainer.settings.provided.usage_table_name, clock=BaseContainer.clock
    )
    limits: providers.Provider[LimitsStore] = providers.Singleton(
        DynamoLimits, BaseContainer.settings.provided.table_name
    )
    feedback: providers.Provider[Feedback] = providers.Singleton(
        DynamoFeedback,
        BaseContainer.settings.provided.table_name,
        ttl_days=BaseContainer.settings.provided.conversation_ttl_days,
        clock=BaseContainer.clock,
    )
    settings_store: providers.Provider[SettingsStore] = providers.Singleton(
        DynamoSettings, BaseContainer.settings.provided.table_name
    )
    stops: providers.Provider[Stops] = providers.Singleton(
        DynamoStops, BaseContainer.settings.provided.table_name, clock=BaseContainer.clock
    )
    model: providers.Provider[LanguageModel] = providers.Singleton(
        traced, providers.Singleton(openai_model, BaseContainer.settings), segment, LANGUAGE_MODEL
    )
    replies: providers.Provider[Replies] = providers.Singleton(traced, WorkerContainer.slack_replies, segment, REPLIES)
    resolver: providers.Provider[Resolver] = providers.Singleton(
        traced, WorkerContainer.slack_resolver, segment, RESOLVER
    )
    report: providers.Provider[Report] = providers.Singleton(
        Measured,
        providers.Object(measures),
        providers.Factory(
            exported,
            BaseContainer.settings,
            providers.Factory(EventLog, texts=BaseContainer.settings.provided.log_texts),
        ),
    )
    attempts: providers.Provider[DynamoAttempts] = providers.Singleton(
        DynamoAttempts, BaseContainer.settings.provided.table_name, clock=BaseContainer.clock
    )
    # Lambda takes from the queue what is due, whoever asks: which questions wait for others is decided by the turn.
    limiting: providers.Provider[Limiting] = providers.Singleton(
        Limiting,
        BaseContainer.settings.provided.allowance,
        BaseContainer.clock,
        BaseContainer.settings.provided.conversations_of_one_person,
    )
    queue: providers.Provider[RequestQueue] = providers.Singleton(
        SqsQueue,
        BaseContainer.settings.provided.queue_url,
        providers.Singleton(sqs_client),
        correlation_id=providers.Object(logger.get_correlation_id),
    )
    workspaces: providers.Provider["Workspaces"] = providers.Singleton(
        _workspaces, BaseContainer.settings, WorkerContainer.shared, segment, BaseContainer.clock
    )
    dispatch: providers.Provider[Dispatch] = providers.Callable(
        dispatch_of, BaseContainer.settings, WorkerContainer.dispatcher.provider, workspaces.provider
    )
