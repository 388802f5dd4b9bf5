"""The pages of the app's installation, on one machine."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.slack.installing import Installing, Page
from adapters.slack.installing.installing import INSTALL_PATH, REDIRECT_PATH


def install_routes(installing: Installing) -> list[Route]:
    """``GET /slack/install`` begins an installation, and Slack sends the browser to ``GET /slack/oauth_redirect``.

    A proxy in front says by ``X-Forwarded-Proto`` that the browser came by https; uvicorn believes one on this machine.
    """

    async def begin(request: Request) -> Response:
        return _response(installing.begin(secure=request.url.scheme == "https"))

    async def finish(request: Request) -> Response:
        secure, cookies = request.url.scheme == "https", request.headers.get("cookie", "")
        return _response(await run_in_threadpool(installing.finish, request.url.query, cookies, secure=secure))

    return [Route(INSTALL_PATH, begin, methods=["GET"]), Route(REDIRECT_PATH, finish, methods=["GET"])]


def _response(page: Page) -> Response:
    return Response(page.body, page.status, dict(page.headers))
