"""How a worker is made from the settings: what one machine and the Lambda function have in common.

Each completes ``WorkerContainer`` with its own adapters.
"""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from dependency_injector import providers
from slack_sdk import WebClient

from adapters.openai.list_prices import PRICES
from adapters.slack.app_home import SlackAppHome
from adapters.slack.client import web_client
from adapters.slack.reading.resolver import SlackResolver
from adapters.slack.replying.replies import SlackReplies
from adapters.slack.replying.settings_modal import SlackSettingsModal
from adapters.slack.texts import LABELS, Labels
from adapters.tiktoken import count_tokens_for
from domain.answering import Answering
from domain.apologising import Apologising
from domain.channels.changing import ChangingSettings
from domain.condensing import Condensing
from domain.correction.correcting import Correcting
from domain.correction.redacting import Redacting
from domain.deliveries.deadline import Clock
from domain.deliveries.delivery import Delivery
from domain.limits.limiting import Limiting
from domain.ports.model import CountTokens, LanguageModel
from domain.ports.slack import AppHome, Replies, Resolver, SettingsModal
from domain.ports.stores import Conversations, Feedback, Ledger, LimitsStore, RequestQueue, SettingsStore, Stops
from domain.prompts import Prompts
from domain.requests import Request
from domain.spending.charging import Charging
from domain.spending.prices import Prices
from domain.texts.english import ENGLISH
from domain.texts.japanese import JAPANESE
from domain.texts.language import Language
from domain.turn.remembering import Remembering
from domain.turn_events import Report
from domain.visiting import VisitorUsage
from entrypoints.configuration.settings import Settings
from entrypoints.wiring.base_container import BaseContainer
from entrypoints.wiring.dispatch import Dispatcher

if TYPE_CHECKING:
    from entrypoints.wiring.workspaces import Workspaces

Dispatch = Callable[[Request, Delivery], None]
"""Handles a request; raises whatever its handler raises, so that the request is delivered again."""

LANGUAGES: Mapping[str, Language] = {"ja": JAPANESE, "en": ENGLISH}


def charging_for(settings: Settings, clock: Clock) -> Charging:
    """Charges by the settings' prices, and by those of OpenAI for its models."""
    return Charging(Prices({**PRICES, **settings.model_prices}), clock)


def prompts_for(settings: Settings) -> Prompts:
    return Prompts(
        language=LANGUAGES[settings.bot_language],
        persona=settings.bot_persona,
        continuing=settings.summary_model == settings.chat_model,
        languages=LANGUAGES,
        summary_model=settings.summary_model,
    )


def exported(settings: Settings, report: Report) -> Report:
    """The same report, whose turns are sent to an OpenTelemetry collector as well where the settings name one."""
    if not settings.otel_exporter_otlp_endpoint:
        return report
    from adapters.observability.opentelemetry import Exported  # noqa: PLC0415 - urllib.request takes time to import

    return Exported(
        report,
        endpoint=settings.otel_exporter_otlp_endpoint,
        headers=settings.otel_exporter_otlp_headers,
        model=settings.chat_model,
    )


def dispatch_of(
    settings: Settings, dispatcher: Callable[[], Dispatcher], workspaces: "Callable[[], Workspaces]"
) -> Dispatch:
    """What handles a request: with the one token, or with that of its team."""
    return workspaces().dispatch if settings.has_several_workspaces else dispatcher().dispatch


class WorkerContainer(BaseContainer):
    """What handles requests. An heir provides what is a ``Dependency`` here."""

    conversations: providers.Provider[Conversations] = providers.Dependency()
    ledger: providers.Provider[Ledger] = providers.Dependency()
    limits: providers.Provider[LimitsStore] = providers.Dependency()
    queue: providers.Provider[RequestQueue] = providers.Dependency()
    feedback: providers.Provider[Feedback] = providers.Dependency()
    settings_store: providers.Provider[SettingsStore] = providers.Dependency()
    stops: providers.Provider[Stops] = providers.Dependency()
    model: providers.Provider[LanguageModel] = providers.Dependency()
    replies: providers.Provider[Replies] = providers.Dependency()
    resolver: providers.Provider[Resolver] = providers.Dependency()
    report: providers.Provider[Report] = providers.Dependency()

    bot_token: providers.Provider[str] = providers.Callable(
        lambda settings: settings.slack_bot_token, BaseContainer.settings
    )
    api_url: providers.Provider[str] = providers.Callable(
        lambda settings: settings.slack_api_url, BaseContainer.settings
    )
    slack_client: providers.Provider[WebClient] = providers.ThreadSafeSingleton(web_client, bot_token, api_url)
    prompts: providers.Provider[Prompts] = providers.ThreadSafeSingleton(prompts_for, BaseContainer.settings)
    labels: providers.Provider[Labels] = providers.Callable(
        LABELS.__getitem__, BaseContainer.settings.provided.bot_language
    )
    count_tokens: providers.Provider[CountTokens] = providers.ThreadSafeSingleton(
        count_tokens_for, BaseContainer.settings.provided.chat_model
    )
    slack_replies: providers.Provider[Replies] = providers.ThreadSafeSingleton(
        SlackReplies,
        slack_client,
        clock=providers.Object(time.monotonic),
        labels=labels,
        username=BaseContainer.settings.provided.slack_reply_username,
        sessions=BaseContainer.settings.provided.may_be_agent,
        stops=stops,
    )
    slack_resolver: providers.Provider[Resolver] = providers.ThreadSafeSingleton(
        SlackResolver, slack_client, clock=providers.Object(time.monotonic), api_url=api_url
    )
    app_home: providers.Provider[AppHome] = providers.ThreadSafeSingleton(
        SlackAppHome,
        slack_client,
        settings=settings_store,
        language=prompts.provided.language,
        labels=labels,
        ttl_days=BaseContainer.settings.provided.conversation_ttl_days,
        usage=providers.Factory(
            VisitorUsage,
            ledger=ledger,
            limits=limits,
            allowance=BaseContainer.settings.provided.allowance,
            clock=BaseContainer.clock,
        ),
    )

    limiting: providers.Provider[Limiting] = providers.ThreadSafeSingleton(
        Limiting, BaseContainer.settings.provided.allowance, BaseContainer.clock
    )
    charging: providers.Provider[Charging] = providers.ThreadSafeSingleton(
        charging_for, BaseContainer.settings, BaseContainer.clock
    )
    condensing: providers.Provider[Condensing] = providers.ThreadSafeSingleton(
        Condensing,
        conversations=conversations,
        model=model,
        count_tokens=count_tokens,
        memory=BaseContainer.settings.provided.memory,
        prompts=prompts,
        seconds=BaseContainer.settings.provided.reply_seconds,
        charging=charging,
        report=report,
        clock=BaseContainer.stopwatch,
        limiting=limiting,
    )
    answering: providers.Provider[Answering] = providers.ThreadSafeSingleton(
        Answering,
        conversations=conversations,
        model=model,
        replies=replies,
        resolver=resolver,
        queue=queue,
        condensing=condensing,
        count_tokens=count_tokens,
        memory=BaseContainer.settings.provided.memory,
        prompts=prompts,
        scope=BaseContainer.settings.provided.conversation_scope,
        ttl_days=BaseContainer.settings.provided.conversation_ttl_days,
        reply_seconds=BaseContainer.settings.provided.reply_seconds,
        reply_token_limit=BaseContainer.settings.provided.reply_token_limit,
        thread_history_tokens=BaseContainer.settings.provided.thread_history_tokens,
        charging=charging,
        report=report,
        clock=BaseContainer.stopwatch,
        limiting=limiting,
    )
    apologising: providers.Provider[Apologising] = providers.ThreadSafeSingleton(
        Apologising,
        conversations=conversations,
        replies=replies,
        count_tokens=count_tokens,
        memory=BaseContainer.settings.provided.memory,
        prompts=prompts,
        scope=BaseContainer.settings.provided.conversation_scope,
        report=report,
    )
    remembering: providers.Provider[Remembering] = providers.ThreadSafeSingleton(
        Remembering, BaseContainer.settings.provided.memory, prompts, count_tokens
    )
    correcting: providers.Provider[Correcting] = providers.ThreadSafeSingleton(
        Correcting,
        conversations=conversations,
        resolver=resolver,
        queue=queue,
        remembering=remembering,
        scope=BaseContainer.settings.provided.conversation_scope,
        report=report,
    )
    redacting: providers.Provider[Redacting] = providers.ThreadSafeSingleton(
        Redacting,
        conversations=conversations,
        model=model,
        count_tokens=count_tokens,
        memory=BaseContainer.settings.provided.memory,
        prompts=prompts,
        seconds=BaseContainer.settings.provided.reply_seconds,
        charging=charging,
        report=report,
        clock=BaseContainer.stopwatch,
        limiting=limiting,
    )
    settings_modal: providers.Provider[SettingsModal] = providers.ThreadSafeSingleton(
        SlackSettingsModal,
        slack_client,
        labels=labels,
        username=BaseContainer.settings.provided.slack_reply_username,
    )
    changing_settings: providers.Provider[ChangingSettings] = providers.ThreadSafeSingleton(
        ChangingSettings,
        store=settings_store,
        modal=settings_modal,
        replies=replies,
        prompts=prompts,
        people=BaseContainer.settings.provided.people_who_set,
        report=report,
    )
    dispatcher: providers.Provider[Dispatcher] = providers.ThreadSafeSingleton(
        Dispatcher,
        answering=answering,
        apologising=apologising,
        condensing=condensing,
        changing_settings=changing_settings,
        correcting=correcting,
        redacting=redacting,
        feedback=feedback,
        app_home=app_home,
        stops=stops,
    )
    # What the workspaces of one process have in common, where there are several.
    shared: providers.Provider[dict[str, Any]] = providers.Dict(
        conversations=conversations,
        ledger=ledger,
        limits=limits,
        queue=queue,
        feedback=feedback,
        settings_store=settings_store,
        stops=stops,
        model=model,
        report=report,
        prompts=prompts,
        count_tokens=count_tokens,
        limiting=limiting,
        charging=charging,
        condensing=condensing,
        redacting=redacting,
    )
