"""The client of Slack's Web API."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry import HttpRequest, HttpResponse, RateLimitErrorRetryHandler, RetryState
from slack_sdk.web import SlackResponse

from adapters.slack.errors import UnexpectedResponse, retry_after

LONGEST_WAIT = 30
"""Seconds that a call waits out a rate limit at most. Where Slack asks for more, the queue has its turn."""


NO_LOG = logging.Logger("slack_sdk", logging.CRITICAL + 1)
"""slack_sdk logs every failure, with URLs that let anybody answer and with the beginning of web pages.

What is raised is logged once, where it is handled. Without a parent this logger writes nowhere.
"""


def web_client(token: str, url: str | None, *, timeout: int = 10) -> WebClient:
    """Slack's client. It waits out a short rate limit once, and repeats nothing that Slack may have accepted.

    ``url`` is the Web API's base address, none for Slack's own; ``timeout`` is in seconds per call.
    """
    return CheckedWebClient(token=token, **client_options(url, timeout=timeout))


def client_options(url: str | None, *, timeout: int = 10) -> dict[str, Any]:
    """What a client is made with beside its token."""
    return {
        "base_url": url or WebClient.BASE_URL,
        "timeout": timeout,
        "logger": NO_LOG,
        "retry_handlers": [_ShortRateLimits(max_retry_count=1)],
    }


class CheckedWebClient(WebClient):
    """A client that raises ``UnexpectedResponse`` for an answer that is no JSON object.

    slack_sdk itself expects an object; for anything else it raises errors such as ``AttributeError``.
    """

    def api_call(self, *args: Any, **kwargs: Any) -> SlackResponse:
        with _checked():
            try:
                response = super().api_call(*args, **kwargs)
            except SlackApiError as error:
                _require_object(error.response)
                raise
            return _require_object(response)

    def files_upload_v2(self, **kwargs: Any) -> SlackResponse:  # it reads three answers unseen
        with _checked():
            return super().files_upload_v2(**kwargs)


def _require_object(response: SlackResponse) -> SlackResponse:
    if not isinstance(response.data, dict):
        raise UnexpectedResponse("Slack's answer is no JSON object")
    return response


@contextmanager
def _checked() -> Iterator[None]:
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise UnexpectedResponse(f"Slack's answer cannot be read: {type(error).__name__}") from error


class _ShortRateLimits(RateLimitErrorRetryHandler):
    def _can_retry(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        limited = super()._can_retry(state=state, request=request, response=response, error=error)
        return limited and response is not None and retry_after(response.headers) <= LONGEST_WAIT
