"""The pages of the app's installation, on one machine."""

import asyncio

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.slack.installing import Installing, Page
from adapters.slack.installing.installing import INSTALL_PATH, REDIRECT_PATH

AT_ONCE = 4
"""Installations for which Slack is asked at the same time. Strangers can have it asked, and each question may take
seconds in a thread: Slack's events need threads of the same pool."""


def install_routes(installing: Installing) -> list[Route]:
    """``GET /slack/install`` begins an installation, and Slack sends the browser to ``GET /slack/oauth_redirect``."""
    free = asyncio.Semaphore(AT_ONCE)

    async def begin(request: Request) -> Response:
        return _response(installing.begin(secure=_is_secure(request)))

    async def finish(request: Request) -> Response:
        query, cookies = request.url.query, request.headers.get("cookie", "")
        async with free:
            return _response(await run_in_threadpool(installing.finish, query, cookies, secure=_is_secure(request)))

    return [Route(INSTALL_PATH, begin, methods=["GET"]), Route(REDIRECT_PATH, finish, methods=["GET"])]


def _is_secure(request: Request) -> bool:
    """Does the browser use https? A proxy says so; who makes that up only loses their own cookie."""
    return "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))


def _response(page: Page) -> Response:
    return Response(page.body, page.status, dict(page.headers))
