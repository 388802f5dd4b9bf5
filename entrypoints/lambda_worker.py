"""The Lambda function behind the queue: one request for each invocation (the event source's batch size is 1)."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from adapters.dead_letters import remedy
from adapters.observability.evidence import evidence
from adapters.observability.powertools import write_packages_with
from adapters.sqs import CORRELATION_ID_PATH, SqsFailedMessages, received, sqs_client
from domain.deliveries.deadline import Deadline
from domain.deliveries.delivery import FIRST_DELIVERY, Delivery
from domain.deliveries.retries import Attempts, Cause, cause_of
from domain.errors import PersonNotNotified, StillAnswering, StoreUnavailable, TooManyUnderWay
from domain.limits.under_way import spread
from domain.requests import Apology, Question, Request
from entrypoints.configuration.lambda_settings import Current
from entrypoints.configuration.settings import SettingError, Settings
from entrypoints.wiring.lambda_worker_container import Container, logger, measures

RESERVE = 15.0
"""Seconds of the function's time that are kept to save an answer that was cut short and close its reply."""


class HandedBack(Exception):
    """The request goes back to the queue. The message is all that Lambda logs of the reason."""


class NotConfigured(StoreUnavailable):
    """A parameter is missing or wrong. Nothing can be answered before the operator has mended it."""


def _container(settings: Settings) -> Container:
    write_packages_with(logger, settings.log_level)
    if settings.is_offline:
        # Not an error yet: the model's refusal is told to the person, which this alone would not be.
        logger.error("%s in SSM must be set, or the model refuses every question", current.path("OPENAI_API_KEY"))
    return Container(settings=settings)


current = Current(
    _container,
    Settings,
    required=("TABLE_NAME", "QUEUE_URL", "DEAD_LETTER_QUEUE_URL", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"),
)


@logger.inject_lambda_context(correlation_id_path=CORRELATION_ID_PATH, clear_state=True, log_event=False)
@measures.log_metrics(capture_cold_start_metric=True)
def handler(event: Mapping[str, Any], context: LambdaContext) -> None:
    """Handle one request. Raises ``HandedBack`` where SQS should deliver it again.

    Returns where it was handled, and where it is a dead letter now: Lambda then deletes the message.
    """
    measures.add_metric("Deliveries", "Count", 1)
    try:
        (record,) = event["Records"]
        _handle(Handling(record), context)
    except HandedBack:
        raise
    except Exception as error:  # noqa: BLE001 - Lambda would log its message, which may quote texts and secrets
        logger.error("handed back to the queue: %s", evidence(error))
        raise HandedBack(type(error).__name__) from None


@dataclass
class Handling:
    """The handling of one message, as far as it has come."""

    record: Mapping[str, Any]
    request: Request | None = None
    delivery: Delivery = FIRST_DELIVERY
    container: Container | None = None


def _handle(handling: Handling, context: LambdaContext) -> None:
    try:
        _dispatch(handling, context)
    except Exception as error:  # noqa: BLE001 - whatever it was, the request must not be lost
        _settle(handling, error)


def _dispatch(handling: Handling, context: LambdaContext) -> None:
    request, delivery = received(handling.record)
    logger.append_keys(reference=request.reference, delivery=delivery.number)
    # Until more is known: what cannot even be read has failed by an outage each time.
    handling.request, handling.delivery = request, replace(delivery, attempts=Attempts(outage=delivery.number - 1))
    handling.container = container = _configured()
    handling.delivery = replace(handling.delivery, attempts=_attempts(container, handling))
    if handling.delivery.attempts.is_spent(Cause.OTHER):
        raise PersonNotNotified("its worker was killed each time")
    deadline = Deadline(time.monotonic).within(context.get_remaining_time_in_millis() / 1000 - RESERVE)
    with container.segment()("answer", reference=request.reference, delivery=delivery.number):
        container.dispatch()(request, replace(handling.delivery, deadline=deadline))


def _configured() -> Container:
    try:
        return current()
    except SettingError as error:
        raise NotConfigured(f"nothing can be answered: {error}") from None


def _attempts(container: Container, handling: Handling) -> Attempts:
    try:
        return container.attempts().begin(handling.record["messageId"], handling.delivery.number)
    except StoreUnavailable as error:
        logger.warning("its earlier deliveries are not known: %s", error)
        return handling.delivery.attempts


def _settle(handling: Handling, error: Exception) -> None:
    """Have a failed request delivered again, or make it a dead letter where its budget for this cause is used up.

    Raises ``HandedBack`` for the former, and ``StoreUnavailable``.
    """
    request, delivery, record = handling.request, handling.delivery, handling.record
    is_apology, reason = isinstance(request, Apology), evidence(error)
    delay = delivery.delay_after(error, persistent=is_apology)
    failed = SqsFailedMessages(os.environ["QUEUE_URL"], os.environ["DEAD_LETTER_QUEUE_URL"], sqs_client())
    if delay is not None:
        log = logger.info if isinstance(error, StillAnswering | TooManyUnderWay) else logger.error
        log("handed back to the queue for %g s: %s", delay, reason)
        _note(handling, delivery.attempts.after(cause_of(error)))
        waits = isinstance(error, TooManyUnderWay)
        failed.schedule(record, spread(delay, record["messageId"], delivery.number) if waits else delay)
        raise HandedBack(type(error).__name__) from None
    if is_apology:  # its question is a dead letter already
        logger.error("nobody was told: %s", reason)
        return
    logger.error("a dead letter now: %s%s", reason, f"; {remedy(request.reference)}" if request else "")
    is_unaware = isinstance(error, PersonNotNotified | NotConfigured)
    failed.move_to_dead_letters(
        record, reason, Apology.to(request) if is_unaware and isinstance(request, Question) else None
    )


def _note(handling: Handling, attempts: Attempts) -> None:
    if handling.container is None:
        return
    try:
        handling.container.attempts().fail(handling.record["messageId"], handling.delivery.number, attempts)
    except StoreUnavailable as error:
        logger.warning("this delivery is not noted: %s", error)
