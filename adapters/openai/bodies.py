"""The body of a completion, known by how it begins: proxies lose content types, or mix up those of streams and JSON."""

from collections.abc import Iterator
from itertools import chain

import httpx2

from adapters.deadlines import seconds_left

_BLANK = b"\xef\xbb\xbf \t\r\n"
"""A byte order mark, and what may stand before JSON."""


class Body:
    """Reads the body of one response, once."""

    def __init__(self, response: httpx2.Response) -> None:
        self._request = response.request
        self._chunks = _in_time(response.iter_bytes())
        self._beginning = b""
        for chunk in self._chunks:
            self._beginning = (self._beginning + chunk).lstrip(_BLANK)
            if self._beginning:
                break

    @property
    def is_json(self) -> bool:
        return self._beginning.startswith((b"{", b"["))

    @property
    def is_markup(self) -> bool:
        return self._beginning.startswith(b"<")

    def text(self, limit: int) -> str:
        """All of it, or its beginning of some ``limit`` bytes."""
        body = bytearray(self._beginning)
        for chunk in self._chunks:
            body += chunk
            if len(body) > limit:
                break
        return body.decode("utf-8", errors="replace")

    def events(self) -> Iterator[httpx2.ServerSentEvent]:
        """The server-sent events. Some servers leave out the empty line after the last one."""
        stream = _Stream(chain([self._beginning], self._chunks, [b"\n\n"]))
        return iter(httpx2.EventSource(httpx2.Response(200, headers=_EVENTS, stream=stream, request=self._request)))


_EVENTS = {"content-type": "text/event-stream; charset=utf-8"}


class _Stream(httpx2.SyncByteStream):
    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks


def _in_time(chunks: Iterator[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        seconds_left()
        yield chunk
