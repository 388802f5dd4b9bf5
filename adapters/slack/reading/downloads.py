"""Downloads of the files that people share. Nothing is stored.

The event says where a file is kept, so the bot's token is sent to Slack's own hosts and nowhere else.

``httpcore2`` is what ``httpx2`` and so the OpenAI SDK send their requests with: the worker has imported it already,
where it would take 100 ms. ``httpx2`` itself has no place for a deadline: its timeouts begin anew with every byte.
"""

import re
import ssl
import string
from contextlib import closing
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import httpcore2
from slack_sdk import WebClient

from adapters.connections import CONNECTION_ERRORS, proxy_at
from adapters.deadlines import BackendWithDeadlines, DeadlineOver, bounded_by, seconds_left
from domain.deliveries.deadline import Deadline

TIMEOUT_SECONDS = 10.0
"""The longest silence of a server that sends a file, unless the deadline is sooner."""

REDIRECTS = 3
"""Redirects that are followed, from one of Slack's hosts to another."""

_FAILURES = (*CONNECTION_ERRORS, OSError, ValueError)
"""The last for an address that cannot be parsed."""


class NotDownloaded(Exception):
    """The file was not sent: it is gone, not allowed, not at Slack, or did not arrive in time."""


class TooLarge(Exception):
    """The file has more bytes than were asked for."""


class SlackDownloads:
    """Downloads with the client's token, proxy and TLS settings. Safe to use from any thread.

    Only ``https`` hosts under slack.com are asked, and the origin of ``api_url``, where an emulator stands.
    """

    def __init__(self, client: WebClient, *, api_url: str = "") -> None:
        self._client = client
        self._emulator = _origin(urlsplit(api_url)) if api_url else None
        self._tls = client.ssl
        self._proxy = client.proxy

    def fetch(self, url: str, *, limit: int, deadline: Deadline) -> bytes:
        """The bytes at this address.

        Raises:
            TooLarge: The file has more than ``limit`` bytes.
            NotDownloaded: It was not sent whole, or not before the deadline.
        """
        try:
            with bounded_by(deadline), self._connections() as connections:
                for _ in range(REDIRECTS + 1):
                    parts = urlsplit(quote(url, safe=string.punctuation, errors="replace"))
                    self._require_slacks_own(parts)
                    request = self._request(parts)
                    with closing(connections.handle_request(request)) as response:
                        if response.status == 200:
                            content = _content(response, limit)
                            seconds_left()
                            return content
                        location = _header(response, b"location")
                    if not location:
                        raise NotDownloaded(f"HTTP {response.status}")
                    url = urljoin(url, location)
        except DeadlineOver as error:
            raise NotDownloaded("no time left") from error
        except _FAILURES as error:
            raise NotDownloaded(type(error).__name__) from error
        raise NotDownloaded("too many redirects")

    def _request(self, parts: SplitResult) -> httpcore2.Request:
        scheme, host, port = _origin(parts)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        url = httpcore2.URL(scheme=scheme, host=host, port=port, target=target)
        headers = [("Host", parts.netloc), ("Authorization", f"Bearer {self._client.token}")]
        timeouts = dict.fromkeys(("connect", "read", "write"), TIMEOUT_SECONDS)
        return httpcore2.Request("GET", url, headers=headers, extensions={"timeout": timeouts})

    def _connections(self) -> httpcore2.ConnectionPool:
        """Connections of one download."""
        return httpcore2.ConnectionPool(
            ssl_context=self._tls or ssl.create_default_context(),
            proxy=proxy_at(self._proxy) if self._proxy else None,
            network_backend=BackendWithDeadlines(),
        )

    def _require_slacks_own(self, parts: SplitResult) -> None:
        scheme, host, port = origin = _origin(parts)
        at_slack = scheme == "https" and port == 443 and re.fullmatch(r"(?:[a-z0-9-]+\.)+slack\.com", host)
        if "@" in parts.netloc or not (at_slack or origin == self._emulator):
            raise NotDownloaded("not at Slack")


def _content(response: httpcore2.Response, limit: int) -> bytes:
    length = _header(response, b"content-length")
    if length.isdecimal() and int(length[:20]) > limit:
        raise TooLarge
    content = bytearray()
    for chunk in response.iter_stream():
        content += chunk
        if len(content) > limit:
            raise TooLarge
    return bytes(content)


def _header(response: httpcore2.Response, name: bytes) -> str:
    return next((value.decode("latin-1") for each, value in response.headers if each.lower() == name), "")


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    """Scheme, host and port. Raises ``ValueError`` for a port that is no number."""
    return parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)
