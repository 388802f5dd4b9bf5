"""The Lambda function behind API Gateway: ``POST /events``, by an HTTP API's payload 2.0.

Slack waits three seconds and a cold start takes most of one, so nothing of the worker's is imported here.
"""

import base64
import binascii
import json
import time
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.logging.correlation_paths import API_GATEWAY_HTTP

from adapters.observability.evidence import evidence
from adapters.observability.powertools import metrics, structured_logger, write_packages_with
from adapters.parameter_store import SWITCHES
from adapters.slack.receiving.endpoint import EventsEndpoint, Response
from adapters.sqs import SqsQueue, sqs_client
from domain.errors import StoreUnavailable
from entrypoints.configuration.environment import SettingError
from entrypoints.configuration.events_settings import EventsSettings
from entrypoints.configuration.lambda_settings import Current
from entrypoints.wiring.events_endpoint import events_endpoint

logger = structured_logger()
measures = metrics()


def endpoint_of(settings: EventsSettings) -> EventsEndpoint:
    """What the function is made of."""
    write_packages_with(logger, settings.log_level)
    queue = SqsQueue(settings.queue_url, sqs_client(), correlation_id=logger.get_correlation_id)
    return events_endpoint(
        settings,
        queue,
        clock=time.time,
        signing_secret=settings.slack_signing_secret,
        agent_view=settings.may_be_agent,  # the function has no token to ask Slack with
    )


IN_SSM = frozenset({"SLACK_SIGNING_SECRET"}) | SWITCHES
"""What this function reads there. Its role allows no more: who is at the door needs neither token nor API key."""

current = Current(endpoint_of, EventsSettings, required=("QUEUE_URL", "SLACK_SIGNING_SECRET"), in_ssm=IN_SSM)


@logger.inject_lambda_context(correlation_id_path=API_GATEWAY_HTTP, clear_state=True, log_event=False)
@measures.log_metrics(capture_cold_start_metric=True)
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer one request. 5xx where Slack should send it again; 500 comes with a reference that the log has too."""
    measures.add_metric("Requests", "Count", 1)
    try:
        response = current().receive(event.get("headers") or {}, _body(event))
    except binascii.Error:
        logger.warning("dropped a request: its base64 cannot be read")
        response = Response(400)
    except StoreUnavailable as error:
        logger.error("an event is left for Slack to send again: %s", evidence(error))
        response = Response(503)
    except SettingError as error:
        logger.error("nothing can be answered: %s", error)
        response = _broken()
    except Exception as error:  # noqa: BLE001 - Lambda would log its message, which may quote texts and secrets
        logger.error("a request failed: %s", evidence(error))
        response = _broken()
    return {"statusCode": response.status, "headers": {"content-type": "application/json"}, "body": response.body}


def _body(event: Mapping[str, Any]) -> bytes:
    body: str = event.get("body") or ""
    if event.get("isBase64Encoded"):
        return base64.b64decode(body.encode(errors="replace"), validate=True)
    return body.encode(errors="replace")  # half a surrogate pair was never signed


def _broken() -> Response:
    return Response(500, json.dumps({"reference": logger.get_correlation_id()}))
