"""What keeps other pages out, and forbids the browser whatever this page does not need."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """Makes routes that only the page itself may use. ``address`` is a URL of the server, whose host it may name."""

    def __init__(self, address: str) -> None:
        self._hosts = {"127.0.0.1", "localhost", "::1", urlsplit(address).hostname}

    def route(self, path: str, endpoint: Callable[[Request], Awaitable[Response]], method: str = "GET") -> Route:
        async def guarded(request: Request) -> Response:
            response = await endpoint(request) if self._is_own(request) else error_response(403, "foreign_origin")
            response.headers.update(SECURITY_HEADERS)
            return response

        return Route(path, guarded, methods=[method])

    def _is_own(self, request: Request) -> bool:
        """Does the request come from this page? A foreign page can neither forge its origin nor our host's name."""
        host = request.headers.get("Host", "")
        try:
            name = urlsplit(f"//{host}").hostname
        except ValueError:
            return False
        origin = request.headers.get("Origin")
        site = request.headers.get("Sec-Fetch-Site", "same-origin")
        return name in self._hosts and origin in (None, f"http://{host}") and site in ("same-origin", "none")


def error_response(status: int, code: str) -> Response:
    """Says what was wrong, by a code that the page knows."""
    return JSONResponse({"error": code}, status)
