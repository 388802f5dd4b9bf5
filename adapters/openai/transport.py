"""What ``httpx2`` sends requests through: its own transport has no place for a deadline of ours."""

import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore2
import httpx2

from adapters.connections import CONNECTION_ERRORS, proxy_at
from adapters.deadlines import BackendWithDeadlines

KEEPALIVE_SECONDS = 5.0
"""How long an idle connection is kept, as ``httpx2`` keeps it."""

ERROR_BYTES = 100_000
"""How much of an error's body is read: what went wrong stands at its beginning."""


class TransportWithDeadlines(httpx2.BaseTransport):
    """Sends requests by connections that end with the deadline of the thread that uses them.

    ``base_url`` is where all requests go. A proxy for it is taken from the environment, as ``httpx2`` does. The
    connections are closed when nobody uses the transport any more.
    """

    def __init__(self, base_url: str) -> None:
        self._pool = httpcore2.ConnectionPool(
            ssl_context=httpx2.create_ssl_context(),
            proxy=_proxy_for(base_url),
            max_connections=None,
            max_keepalive_connections=100,
            keepalive_expiry=KEEPALIVE_SECONDS,
            network_backend=BackendWithDeadlines(),
        )
        # When nobody uses the transport any more. A finalizer of its own might run after those of the open sockets.
        weakref.finalize(self, self._pool.close)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = httpcore2.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        with _named_as_httpx2_does():
            response = self._pool.handle_request(
                httpcore2.Request(
                    request.method,
                    url,
                    headers=request.headers.raw,
                    content=request.read(),
                    extensions=request.extensions,
                )
            )
        stream = _Body(response, ERROR_BYTES if response.status >= 400 else None)
        return httpx2.Response(response.status, headers=response.headers, stream=stream, extensions=response.extensions)

    def close(self) -> None:
        self._pool.close()


class _Body(httpx2.SyncByteStream):
    def __init__(self, response: httpcore2.Response, limit: int | None) -> None:
        self._response = response
        self._limit = limit

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        with _named_as_httpx2_does():
            for chunk in self._response.iter_stream():
                yield chunk
                size += len(chunk)
                if self._limit is not None and size >= self._limit:
                    return

    def close(self) -> None:
        self._response.close()


@contextmanager
def _named_as_httpx2_does() -> Iterator[None]:
    """``httpx2`` has an error of the same name for each of ``httpcore2``'s; the SDK knows those."""
    try:
        yield
    except CONNECTION_ERRORS as error:
        kinds: Iterable[type] = type(error).__mro__
        kind = next(getattr(httpx2, each.__name__) for each in kinds if hasattr(httpx2, each.__name__))
        raise kind(str(error)) from error


def _proxy_for(base_url: str) -> httpcore2.Proxy | None:
    parts = urlsplit(base_url)
    proxies = getproxies()
    address = proxies.get(parts.scheme) or proxies.get("all")
    if not address or proxy_bypass(parts.hostname or ""):
        return None
    return proxy_at(address)
