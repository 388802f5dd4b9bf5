"""Traces of a function on Lambda: an X-Ray subsegment around each thing that a turn waits for.

Lambda runs X-Ray's daemon beside a traced function. It takes segment documents as UDP datagrams and sends
them on with the function's own role. ``AWS_XRAY_DAEMON_ADDRESS`` has its address, ``_X_AMZN_TRACE_ID`` the
trace of the current invocation. Formats: "AWS X-Ray segment documents" and "Sending trace data to AWS X-Ray".

Why no library writes these few lines of JSON: aws-xray-sdk is in maintenance since February 2026, and took
200 to 500 ms of a cold start here. OpenTelemetry's SDK has no exporter for the daemon; with its OTLP exporter it takes
180 ms to import, and would send over HTTPS before an invocation may end. The worker may take 1.3 times as long as a
bare handler to start. These lines import the standard library alone.
"""

import json
import os
import secrets
import socket
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from contextvars import ContextVar
from inspect import isgeneratorfunction
from typing import Any, TypeVar, cast

T = TypeVar("T")
Segment = Callable[..., AbstractContextManager[None]]
"""``segment(name, **annotations)`` records the time that its block takes."""

HEADER = b'{"format": "json", "version": 1}\n'
"""What the daemon expects before each document."""

CONVERSATIONS = {"load": "load", "save": "save"}
LANGUAGE_MODEL = {"reply": "model", "summarise": "condense"}
RESOLVER = {"read": "Slack read", "thread": "Slack read thread", "between": "Slack read posts"}
REPLY = {"close": "Slack close", "replace": "Slack close"}
REPLIES = {"open": "Slack open", "resume": "Slack open", "find": "Slack open", "send": "Slack send"}
"""Names of subsegments by a port's methods. The writes of a reply are not traced: they would be hundreds."""

_RETURNS_A_REPLY = frozenset({"open", "resume", "find"})


class Tracer:
    """Sends subsegments to the daemon; sends nothing outside Lambda or where the invocation is not sampled.

    A subsegment that fails carries the type of the error and never its message, which may quote what people wrote.
    Thread-safe. A daemon that cannot be reached fails no turn.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ, clock: Callable[[], float] = time.time) -> None:
        self._environment = environment
        self._clock = clock
        self._parent: ContextVar[str] = ContextVar("parent", default="")

    @contextmanager
    def segment(self, name: str, **annotations: str | int) -> Iterator[None]:
        """Record the time that the block takes, as part of the subsegment around it."""
        # Lambda changes the variable at each invocation.
        trace = dict(field.split("=", 1) for field in self._environment.get("_X_AMZN_TRACE_ID", "").split(";") if field)
        if trace.get("Sampled") != "1" or not self._environment.get("AWS_XRAY_DAEMON_ADDRESS"):
            yield
            return
        parent, own, start = self._parent.get(), secrets.token_hex(8), self._clock()
        document: dict[str, object] = {
            "type": "subsegment",
            "name": name,
            "id": own,
            "trace_id": trace.get("Root", ""),
            "parent_id": parent or trace.get("Parent", ""),
            "start_time": start,
            "annotations": annotations,
        }
        self._parent.set(own)
        try:
            yield
        except Exception as error:
            document |= {"fault": True, "annotations": annotations | {"error": type(error).__name__}}
            raise
        finally:
            self._parent.set(parent)
            self._send(document | {"end_time": self._clock()})

    def _send(self, document: Mapping[str, object]) -> None:
        host, _, port = self._environment["AWS_XRAY_DAEMON_ADDRESS"].rpartition(":")
        with suppress(OSError, ValueError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            datagrams.sendto(HEADER + json.dumps(document).encode(), (host, int(port)))


def traced(target: T, segment: Segment, names: Mapping[str, str]) -> T:
    """The same port with a subsegment around each method that ``names`` lists; the use case does not notice it."""
    return cast(T, _Traced(target, segment, names))


class _Traced:
    def __init__(self, target: object, segment: Segment, names: Mapping[str, str]) -> None:
        self._target = target
        self._segment = segment
        self._names = names

    def __getattr__(self, attribute: str) -> Any:
        value = getattr(self._target, attribute)
        return self._recorded(attribute, value) if attribute in self._names else value

    def _recorded(self, method: str, call: Callable[..., Any]) -> Callable[..., Any]:
        name = self._names[method]

        def streamed(*arguments: Any, **keywords: Any) -> Generator[Any, None, None]:
            with self._segment(name), closing(call(*arguments, **keywords)) as pieces:
                yield from pieces

        def returned(*arguments: Any, **keywords: Any) -> Any:
            with self._segment(name):
                result = call(*arguments, **keywords)
            return traced(result, self._segment, REPLY) if method in _RETURNS_A_REPLY and result else result

        return streamed if isgeneratorfunction(call) else returned
