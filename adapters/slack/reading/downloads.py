"""Fetches the files that people share. They are never stored.

Where a file is kept is said by an event, so the bot's token goes to Slack's own hosts and nowhere else.
"""

import http.client
import re
import string
from urllib.error import URLError
from urllib.parse import SplitResult, quote, urljoin, urlsplit
from urllib.request import HTTPErrorProcessor, HTTPSHandler, ProxyHandler, Request, build_opener

from slack_sdk import WebClient

from domain.ports import Clock

TIMEOUT_SECONDS = 10
"""The longest silence of a server that hands out a file, unless the time is up before."""

REDIRECTS = 3
"""From one of Slack's hosts to another."""

CHUNK = 65_536
"""Bytes that are read at once, so that a bound on size or time is kept to within them."""


class Withheld(Exception):
    """The file was not handed out: gone, not allowed, not at Slack, or not in time."""


class TooLarge(Exception):
    """The file has more bytes than are wanted."""


class SlackDownloads:
    """Downloads with the client's token, proxy and TLS settings. Safe to use from any thread.

    Only ``https`` hosts under slack.com are asked, and the origin of ``api_url``, where a stand-in plays Slack.
    """

    def __init__(self, client: WebClient, *, clock: Clock, api_url: str = "") -> None:
        self._token = client.token
        self._clock = clock
        self._stand_in = _origin(urlsplit(api_url)) if api_url else None
        proxies = {"http": client.proxy, "https": client.proxy} if client.proxy else {}
        self._opener = build_opener(ProxyHandler(proxies), HTTPSHandler(context=client.ssl), _AsTheyAre)

    def fetch(self, url: str, *, limit: int, until: float) -> bytes:
        """The bytes at this address. Raises ``TooLarge`` beyond ``limit`` bytes, and ``Withheld``.

        ``until`` is when the last byte must be here, in seconds since the epoch.
        """
        try:
            for _ in range(REDIRECTS + 1):
                url = quote(url, safe=string.punctuation, errors="replace")
                self._require_slacks_own(url)
                request = Request(url, headers={"Authorization": f"Bearer {self._token}"})  # noqa: S310 - https, or ours
                with self._opener.open(request, timeout=self._patience(until)) as response:
                    if response.status == http.client.OK:
                        return self._read(response, limit, until)
                    if not (moved := response.headers.get("location", "")):
                        raise Withheld(f"HTTP {response.status}")
                url = urljoin(url, moved)
        # A bad address and a broken header are errors of value; a timeout and a broken connection of the system.
        except (URLError, http.client.HTTPException, OSError, ValueError) as error:
            raise Withheld(type(error).__name__) from error
        raise Withheld("too many redirects")

    def _read(self, response: http.client.HTTPResponse, limit: int, until: float) -> bytes:
        promised = response.length or 0
        if promised > limit:
            raise TooLarge
        # Nothing public reaches the socket, whose timeout is still the one of the beginning.
        connection = getattr(getattr(response.fp, "raw", None), "_sock", None)
        read = bytearray()
        while chunk := response.read1(CHUNK):  # whatever there is, so that a server that drips is found out
            read += chunk
            if len(read) > limit:
                raise TooLarge
            patience = self._patience(until)
            if connection and not response.isclosed():
                connection.settimeout(patience)
        if len(read) < promised:
            raise Withheld("it broke off")
        return bytes(read)

    def _patience(self, until: float) -> float:
        """How long a silence may be from now on. Raises ``Withheld`` where the time is up."""
        left = until - self._clock()
        if left <= 0:
            raise Withheld("no time left")
        return min(TIMEOUT_SECONDS, left)

    def _require_slacks_own(self, url: str) -> None:
        parts = urlsplit(url)
        scheme, host, port = origin = _origin(parts)
        at_slack = scheme == "https" and port == 443 and re.fullmatch(r"(?:[a-z0-9-]+\.)+slack\.com", host)
        if "@" in parts.netloc or not (at_slack or origin == self._stand_in):
            raise Withheld("not at Slack")


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    """Scheme, host and port. Raises ``ValueError`` for a port that is none."""
    return parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)


class _AsTheyAre(HTTPErrorProcessor):
    """Follows no redirect by itself: it may lead where the token must not go."""

    def http_response(
        self,
        request: Request,  # noqa: ARG002 - urllib's own signature
        response: http.client.HTTPResponse,
    ) -> http.client.HTTPResponse:
        return response

    https_response = http_response
