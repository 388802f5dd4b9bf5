"""The Lambda function behind the queue: one request for each invocation (the event source's batch size is 1)."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from dependency_injector import containers, providers
from slack_sdk import WebClient

from adapters.dynamodb import DynamoConversations, DynamoFeedback
from adapters.event_log import EventLog, evidence
from adapters.powertools import Measured, metrics, structured_logger, write_packages_with
from adapters.slack.app_home import SlackAppHome
from adapters.slack.client import web_client
from adapters.slack.reading.resolver import SlackResolver
from adapters.slack.replying.channel import SlackChannel
from adapters.slack.texts import LABELS, Labels
from adapters.sqs import CORRELATION_ID_PATH, SqsReturns, received, sqs_client
from adapters.tiktoken import count_tokens_for
from adapters.tracing import CHANNEL, CONVERSATIONS, LANGUAGE_MODEL, RESOLVER, Segment, Tracer, traced
from domain.answering import Answering
from domain.ports import AppHome, Channel, Conversations, CountTokens, Feedback, LanguageModel, Resolver
from domain.prompts import Prompts
from domain.requests import Delivery, Request
from domain.turn_events import Report
from entrypoints.containers import openai_model, prompts_for
from entrypoints.dispatch import Dispatcher
from entrypoints.lambda_container import Current
from entrypoints.settings import SettingError, Settings

RESERVE = 15.0
"""Seconds of the function's time that are kept to save an answer that was cut short and close its reply."""

logger = structured_logger()
measures = metrics()


class HandedBack(Exception):
    """The request goes back to the queue. The message is all that Lambda logs of the reason."""


class Container(containers.DeclarativeContainer):
    """What the function is made of. Providers are annotated with the ports they fill, so that mypy sees a misfit."""

    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    clock: providers.Object[Callable[[], float]] = providers.Object(time.time)

    prompts: providers.Provider[Prompts] = providers.Singleton(prompts_for, settings)
    labels: providers.Provider[Labels] = providers.Callable(LABELS.__getitem__, settings.provided.bot_language)

    segment: providers.Provider[Segment] = providers.Singleton(Tracer).provided.segment
    count_tokens: providers.Provider[CountTokens] = providers.Singleton(count_tokens_for, settings.provided.chat_model)
    conversations: providers.Provider[Conversations] = providers.Singleton(
        traced,
        providers.Singleton(
            DynamoConversations,
            settings.provided.table_name,
            ttl_days=settings.provided.conversation_ttl_days,
            clock=clock,
            count_tokens=count_tokens,
        ),
        segment,
        CONVERSATIONS,
    )
    model: providers.Provider[LanguageModel] = providers.Singleton(
        traced, providers.Singleton(openai_model, settings), segment, LANGUAGE_MODEL
    )
    slack_client: providers.Provider[WebClient] = providers.Singleton(
        web_client, settings.provided.slack_bot_token, settings.provided.slack_api_url
    )
    channel: providers.Provider[Channel] = providers.Singleton(
        traced,
        providers.Singleton(
            SlackChannel,
            slack_client,
            clock=providers.Object(time.monotonic),
            labels=labels,
            username=settings.provided.slack_reply_username,
            sessions=settings.provided.slack_agent_view,
        ),
        segment,
        CHANNEL,
    )
    reader: providers.Provider[Resolver] = providers.Singleton(
        traced,
        providers.Singleton(
            SlackResolver,
            slack_client,
            clock=clock,
            api_url=settings.provided.slack_api_url,
        ),
        segment,
        RESOLVER,
    )
    pages: providers.Provider[AppHome] = providers.Singleton(
        SlackAppHome,
        slack_client,
        language=prompts.provided.language,
        labels=labels,
        ttl_days=settings.provided.conversation_ttl_days,
    )
    votes: providers.Provider[Feedback] = providers.Singleton(
        DynamoFeedback, settings.provided.table_name, ttl_days=settings.provided.conversation_ttl_days, clock=clock
    )
    returns: providers.Provider[SqsReturns] = providers.Singleton(
        SqsReturns, settings.provided.queue_url, providers.Singleton(sqs_client)
    )
    report: providers.Provider[Report] = providers.Singleton(
        Measured, providers.Object(measures), providers.Factory(EventLog, texts=settings.provided.log_texts)
    )
    answering: providers.Provider[Answering] = providers.Singleton(
        Answering,
        conversations=conversations,
        model=model,
        channel=channel,
        reader=reader,
        count_tokens=count_tokens,
        memory=settings.provided.memory,
        prompts=prompts,
        scope=settings.provided.conversation_scope,
        ttl_days=settings.provided.conversation_ttl_days,
        report=report,
        clock=clock,
    )
    serving: providers.Provider[Dispatcher] = providers.Singleton(
        Dispatcher, answering=answering, votes=votes, pages=pages
    )


def _container(settings: Settings) -> Container:
    write_packages_with(logger, settings.log_level)
    if settings.is_offline:
        # Not an error yet: the model's refusal is told to the person, which this alone would not be.
        logger.error("%s in SSM must be set, or the model refuses every question", current.path("OPENAI_API_KEY"))
    return Container(settings=settings)


current = Current(_container, required=("TABLE_NAME", "QUEUE_URL", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"))


@logger.inject_lambda_context(correlation_id_path=CORRELATION_ID_PATH, clear_state=True, log_event=False)
@measures.log_metrics(capture_cold_start_metric=True)
def handler(event: Mapping[str, Any], context: LambdaContext) -> None:
    """Have one request seen to. Raises ``HandedBack`` where SQS should deliver it again, or bury it."""
    measures.add_metric("Deliveries", "Count", 1)
    try:
        (record,) = event["Records"]
        request, delivery = received(record)
        logger.append_keys(reference=request.reference, delivery=delivery.number)
        container = current()
        # By the clock that the use case reads too.
        until = container.clock()() + context.get_remaining_time_in_millis() / 1000 - RESERVE
        _serve(container, record, request, replace(delivery, until=until))
    except SettingError as error:
        logger.error("nothing can be answered: %s", error)
        raise HandedBack(str(error)) from None
    except Exception as error:  # noqa: BLE001 - Lambda would log its message, which may quote texts and secrets
        logger.error("handed back to the queue: %s", evidence(error))
        raise HandedBack(type(error).__name__) from None


def _serve(container: Container, record: Mapping[str, Any], request: Request, delivery: Delivery) -> None:
    with container.segment()("answer", reference=request.reference, delivery=delivery.number):
        try:
            container.serving().serve(request, delivery)
        except Exception:
            container.returns().soon(record, delivery)
            raise
