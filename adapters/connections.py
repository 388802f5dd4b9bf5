"""What adapters that speak HTTP by ``httpcore2`` have in common. ``httpx2``, and so the OpenAI SDK, sends by it too."""

from urllib.parse import unquote, urlsplit

import httpcore2

CONNECTION_ERRORS = (
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.ProxyError,
    httpcore2.TimeoutException,
    httpcore2.UnsupportedProtocol,
)
"""All that a request may fail with on its way."""


def proxy_at(address: str) -> httpcore2.Proxy:
    """The proxy at this address, which may lack its scheme and may hold a user and a password."""
    parts = urlsplit(address if "://" in address else f"http://{address}")
    user = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    return httpcore2.Proxy(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}", auth=user)
