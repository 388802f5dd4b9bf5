"""A client of OpenAI's SDK with bounded patience."""

import math
import re
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai

from adapters.deadlines import seconds_left, sleep
from adapters.openai.error_causes import BODY_CHARACTERS, Complaint, cause_of
from adapters.openai.transport import TransportWithDeadlines
from domain.errors import ModelUnavailable

API = "https://api.openai.com/v1"
"""Where requests go without a base URL."""

CONNECT_SECONDS = 5.0
"""A healthy server accepts a connection in milliseconds; one that does not is better asked again."""

READ_SECONDS = 60.0
"""The longest silence between two chunks: a reasoning model's first word takes tens of seconds. The SDK allows 600."""

RETRIES = 2
"""The SDK asks again so often after a refused connection, a timeout, 408, 409, 429 or 5xx, waiting 0.5 to 8 s, or as
long as ``Retry-After`` says. Beyond that the queue delivers the question again."""

REDIRECTS = 3
"""A server of completions moves to https, or to another path, and no further."""

RETRY_AFTER_SECONDS = 10.0
"""The longest ``Retry-After`` that is waited out here; the SDK would wait for two minutes, more than a worker has."""


class LedAstray(Exception):
    """The server leads from one address to the next, and so on."""


def openai_client(*, api_key: str, base_url: str = "", transport: httpx2.BaseTransport | None = None) -> openai.OpenAI:
    """A client for one server. An empty ``base_url`` is OpenAI's own; the environment is not consulted for it.

    Thread-safe, with a pool of connections: make one for the process. A ``transport`` takes the place of connections.

    Raises:
        ValueError: The key is empty or no header can carry it (a line break at its end: the error of a lower layer
            would quote the key). The base URL is not http or https, or it has a query or a fragment, to which no
            path can be added.
    """
    if not re.fullmatch(r"[!-~]+", api_key):
        raise ValueError("the API key must be made of visible ASCII characters")
    base_url = base_url or API
    if not re.match(r"https?://[^/]", base_url):
        raise ValueError(f"the base URL must begin with http:// or https://, not {base_url!r}")
    if urlsplit(base_url).query or urlsplit(base_url).fragment:
        raise ValueError("the base URL must end with its path, as in https://example.com/v1, without a query")
    timeout = httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
    http_client = _HttpClient(
        transport=transport or TransportWithDeadlines(base_url),
        event_hooks={"response": [_ask_again_in_time]},
        max_redirects=REDIRECTS,
    )
    return openai.OpenAI(
        api_key=api_key, base_url=base_url, timeout=timeout, max_retries=RETRIES, http_client=http_client
    )


class _HttpClient(openai.DefaultHttpxClient):
    def send(self, *args: Any, **kwargs: Any) -> httpx2.Response:
        try:
            return super().send(*args, **kwargs)
        except httpx2.TooManyRedirects as error:
            raise LedAstray from error  # which the SDK does not take for a failure to try again


def _ask_again_in_time(response: httpx2.Response) -> None:
    """Keeps the SDK from asking again where that helps nobody: the queue has time, and no waiting pays a bill.

    What a server asks to wait is waited for here: the SDK would sleep through the end of the deadline.
    """
    if response.status_code < 400:
        return
    seconds = _wait(response)
    if seconds > min(RETRY_AFTER_SECONDS, seconds_left()) or _is_final(response):
        response.headers["x-should-retry"] = "false"  # the header by which OpenAI itself tells the SDK
    elif seconds > 0 and int(response.request.headers.get("x-stainless-retry-count", 0)) < RETRIES:
        sleep(seconds)
        response.headers["retry-after-ms"] = "1"


def _wait(response: httpx2.Response) -> float:
    """Seconds that the server asks to wait. A date, by which nobody has been seen to limit a rate, is too late."""
    headers = response.headers
    try:
        return float(headers.get("retry-after-ms", 0)) / 1000 or float(headers.get("retry-after", 0))
    except ValueError:
        return math.inf


def _is_final(response: httpx2.Response) -> bool:
    body = response.read().decode(errors="replace")
    names = frozenset(re.findall(r'"(?:code|type)"\s*:\s*"([\w.]+)"', body.lower()))
    cause = cause_of(Complaint(response.status_code, names, "", body[:BODY_CHARACTERS], shown=False))
    return not issubclass(cause, ModelUnavailable)
