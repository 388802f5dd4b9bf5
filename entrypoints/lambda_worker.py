"""The Lambda function behind the queue: one request for each invocation (the event source's batch size is 1)."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from dependency_injector import providers

from adapters.dynamodb import DynamoConversations, DynamoFeedback, DynamoStops
from adapters.event_log import EventLog, evidence
from adapters.powertools import Measured, metrics, structured_logger, write_packages_with
from adapters.sqs import CORRELATION_ID_PATH, SqsRetries, received, sqs_client
from adapters.tracing import CHANNEL, CONVERSATIONS, LANGUAGE_MODEL, RESOLVER, Segment, Tracer, traced
from domain.deadline import Deadline
from domain.ports import Channel, Conversations, Feedback, LanguageModel, Resolver, Stops
from domain.requests import Delivery, Request
from domain.turn_events import Report
from entrypoints.base_container import BaseContainer, completes
from entrypoints.containers import WorkerContainer, openai_model
from entrypoints.lambda_container import Current
from entrypoints.settings import SettingError, Settings

RESERVE = 15.0
"""Seconds of the function's time that are kept to save an answer that was cut short and close its reply."""

logger = structured_logger()
measures = metrics()


class HandedBack(Exception):
    """The request goes back to the queue. The message is all that Lambda logs of the reason."""


@completes(WorkerContainer)
class Container(WorkerContainer):
    """What the function is made of."""

    segment: providers.Provider[Segment] = providers.Singleton(Tracer).provided.segment
    conversations: providers.Provider[Conversations] = providers.Singleton(
        traced,
        providers.Singleton(
            DynamoConversations,
            BaseContainer.settings.provided.table_name,
            ttl_days=BaseContainer.settings.provided.conversation_ttl_days,
            clock=BaseContainer.clock,
            count_tokens=WorkerContainer.count_tokens,
        ),
        segment,
        CONVERSATIONS,
    )
    feedback: providers.Provider[Feedback] = providers.Singleton(
        DynamoFeedback,
        BaseContainer.settings.provided.table_name,
        ttl_days=BaseContainer.settings.provided.conversation_ttl_days,
        clock=BaseContainer.clock,
    )
    stops: providers.Provider[Stops] = providers.Singleton(
        DynamoStops, BaseContainer.settings.provided.table_name, clock=BaseContainer.clock
    )
    model: providers.Provider[LanguageModel] = providers.Singleton(
        traced, providers.Singleton(openai_model, BaseContainer.settings), segment, LANGUAGE_MODEL
    )
    channel: providers.Provider[Channel] = providers.Singleton(traced, WorkerContainer.slack_channel, segment, CHANNEL)
    resolver: providers.Provider[Resolver] = providers.Singleton(
        traced, WorkerContainer.slack_resolver, segment, RESOLVER
    )
    report: providers.Provider[Report] = providers.Singleton(
        Measured,
        providers.Object(measures),
        providers.Factory(EventLog, texts=BaseContainer.settings.provided.log_texts),
    )
    retries: providers.Provider[SqsRetries] = providers.Singleton(
        SqsRetries, BaseContainer.settings.provided.queue_url, providers.Singleton(sqs_client)
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
    """Handle one request. Raises ``HandedBack`` where SQS should deliver it again, or bury it."""
    measures.add_metric("Deliveries", "Count", 1)
    try:
        (record,) = event["Records"]
        request, delivery = received(record)
        logger.append_keys(reference=request.reference, delivery=delivery.number)
        container = current()
        deadline = Deadline(time.monotonic).within(context.get_remaining_time_in_millis() / 1000 - RESERVE)
        _dispatch(container, record, request, replace(delivery, deadline=deadline))
    except SettingError as error:
        logger.error("nothing can be answered: %s", error)
        raise HandedBack(str(error)) from None
    except Exception as error:  # noqa: BLE001 - Lambda would log its message, which may quote texts and secrets
        logger.error("handed back to the queue: %s", evidence(error))
        raise HandedBack(type(error).__name__) from None


def _dispatch(container: Container, record: Mapping[str, Any], request: Request, delivery: Delivery) -> None:
    with container.segment()("answer", reference=request.reference, delivery=delivery.number):
        try:
            container.dispatcher().dispatch(request, delivery)
        except Exception:
            container.retries().schedule(record, delivery)
            raise
