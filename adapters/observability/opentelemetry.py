"""Sends a span for each turn to an OpenTelemetry collector, with the names of the GenAI semantic conventions.

A span is what "OTLP/HTTP" calls a JSON-encoded ExportTraceServiceRequest, posted to ``{endpoint}/v1/traces``. Names are
those of "Semantic conventions for generative client AI spans", which are in development. People's words are in none.

Why no library writes this one document: OpenTelemetry's SDK with its OTLP exporter takes 180 ms to import, and sends
from a thread of its own, which Lambda freezes when an invocation ends. Here a turn that is over waits for the
collector, two seconds at most, and after a failure nothing is sent for a minute: no person waits, and a collector that
is away costs a worker two seconds a minute.
"""

import json
import logging
import os
import secrets
import time
from collections.abc import Mapping
from urllib.error import URLError
from urllib.parse import unquote
from urllib.request import Request, urlopen

from domain.deliveries.deadline import Clock
from domain.turn_events import Answered, Event, Failed, Report

TIMEOUT = 2.0
"""Seconds that a turn which is over may wait for the collector."""

PAUSE = 60.0
"""Seconds for which nothing is sent after a failure."""

CLIENT, ERROR = 3, 2
"""``SPAN_KIND_CLIENT`` and ``STATUS_CODE_ERROR`` of OTLP."""

logger = logging.getLogger(__name__)


class Exported:
    """Passes reported events on, and sends a span for each turn that was answered or failed. It fails no turn."""

    def __init__(
        self,
        report: Report,
        *,
        endpoint: str,
        headers: str,
        model: str,
        clock: Clock = time.time,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        """``headers`` are ``name=value,name=value``, with values as in a URL; ``model`` is what failed turns asked."""
        self._report = report
        self._url = f"{endpoint.rstrip('/')}/v1/traces"
        pairs = (pair.partition("=") for pair in headers.split(",") if "=" in pair)
        self._headers = {name.strip(): unquote(value.strip()) for name, _, value in pairs}
        self._model = model
        self._clock = clock
        self._environment = environment
        self._silent_until = 0.0

    def __call__(self, event: Event) -> None:
        self._report(event)
        if isinstance(event, Answered | Failed) and self._clock() >= self._silent_until:
            self._send(self._document(event))

    def _document(self, event: Answered | Failed) -> Mapping[str, object]:
        model = event.model if isinstance(event, Answered) else self._model
        end = self._clock()
        span = {
            "traceId": self._trace_id(),
            "spanId": secrets.token_hex(8),
            "name": f"chat {model}",
            "kind": CLIENT,
            "startTimeUnixNano": _nanoseconds(end - (event.seconds if isinstance(event, Answered) else 0.0)),
            "endTimeUnixNano": _nanoseconds(end),
            "attributes": _attributes(attributes_of(event, model)),
            "status": {"code": ERROR} if isinstance(event, Failed) else {},
        }
        scope = {"scope": {"name": "slack-gpt-backend"}, "spans": [span]}
        name = self._environment.get("OTEL_SERVICE_NAME") or "slack-gpt-backend"
        resource = {"attributes": _attributes({"service.name": name})}
        return {"resourceSpans": [{"resource": resource, "scopeSpans": [scope]}]}

    def _trace_id(self) -> str:
        """That of X-Ray where Lambda gives one, so that both are found by one id: ``Root=1-5759e988-bd862e3f…``."""
        for field in self._environment.get("_X_AMZN_TRACE_ID", "").split(";"):
            if field.startswith("Root=1-"):
                return field.removeprefix("Root=1-").replace("-", "")
        return secrets.token_hex(16)

    def _send(self, document: Mapping[str, object]) -> None:
        headers = {"Content-Type": "application/json"} | self._headers
        request = Request(self._url, json.dumps(document).encode(), headers)  # noqa: S310 - the settings take http(s) only
        try:
            with urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310  # nosec B310
                answer.read()
        except (URLError, OSError, ValueError) as error:
            self._silent_until = self._clock() + PAUSE
            logger.warning("the OpenTelemetry collector takes no spans, for a minute none is sent: %s", _cause(error))


def attributes_of(event: Answered | Failed, model: str) -> Mapping[str, str | int | float]:
    """What is known of a turn, by the conventions' names."""
    attributes: dict[str, str | int | float] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",  # the conventions' name for whatever speaks its protocol
        "gen_ai.request.model": model,
        "gen_ai.conversation.id": event.conversation,
        "slack_gpt.reference": event.request.reference,
    }
    if isinstance(event, Failed):
        return attributes | {"error.type": type(event.error).__name__}
    return attributes | {
        "gen_ai.response.time_to_first_chunk": event.first_word,
        "gen_ai.usage.input_tokens": event.usage.sent,
        "gen_ai.usage.cache_read.input_tokens": event.usage.cached,
        "gen_ai.usage.output_tokens": event.usage.received,
    }


def _attributes(values: Mapping[str, str | int | float]) -> list[dict[str, object]]:
    return [{"key": key, "value": _value(value)} for key, value in values.items()]


def _value(value: str | float) -> dict[str, object]:
    """64-bit numbers are strings in JSON, as in every document of protobuf."""
    if isinstance(value, str):
        return {"stringValue": value}
    return {"intValue": str(value)} if isinstance(value, int) else {"doubleValue": value}


def _nanoseconds(seconds: float) -> str:
    return str(round(seconds * 1_000_000_000))


def _cause(error: Exception) -> str:
    # Not the message, which may quote the address.
    return f"status {error.code}" if hasattr(error, "code") else type(getattr(error, "reason", error)).__name__
