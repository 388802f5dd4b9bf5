"""The client of Slack's Web API."""

from slack_sdk import WebClient
from slack_sdk.http_retry import HttpRequest, HttpResponse, RateLimitErrorRetryHandler, RetryState

from adapters.slack.errors import retry_after

LONGEST_WAIT = 30
"""Seconds that a call waits out a rate limit at most. Where Slack asks for more, the queue has its turn."""


def web_client(token: str, url: str | None, *, timeout: int = 10) -> WebClient:
    """Slack's client. It waits out a short rate limit once, and repeats nothing that Slack may have accepted.

    ``url`` is the Web API's base address, none for Slack's own; ``timeout`` is in seconds per call.
    """
    return WebClient(
        token=token,
        base_url=url or WebClient.BASE_URL,
        timeout=timeout,
        retry_handlers=[_ShortRateLimits(max_retry_count=1)],
    )


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
