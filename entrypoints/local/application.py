"""The HTTP side of one machine."""

import logging
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from adapters.slack.receiving.endpoint import BODY_LIMIT, EventsEndpoint
from domain.errors import StoreUnavailable
from entrypoints.local.early_answers import EarlyAnswers
from entrypoints.local.health import Health
from entrypoints.playground import Playground

logger = logging.getLogger(__name__)


def application(
    endpoint: EventsEndpoint, health: Health, playground: Playground | None, installing: Sequence[BaseRoute] = ()
) -> Starlette:
    """The HTTP side: ``POST /events`` for Slack, ``GET /healthz`` and ``/readyz``, and the playground's page if any.

    ``installing`` are the routes by which workspaces install the app, where several do.
    """

    async def events(request: Request) -> Response:
        if refusal := endpoint.refusal(request.headers):
            # The body is thrown away as it comes, and the server bounds how long that may take.
            return Response(refusal.body, refusal.status, media_type="application/json")
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_LIMIT:
                break  # the endpoint refuses it by its length; there is no need to hold the rest
        try:
            answer = await run_in_threadpool(endpoint.receive, request.headers, bytes(body))
        except StoreUnavailable as error:
            logger.error("an event is left for Slack to send again: %s", error)
            return Response(status_code=503)
        return Response(answer.body, answer.status, media_type="application/json")

    async def no_page(_: Request) -> Response:
        return PlainTextResponse("This bot talks in Slack. Its events endpoint is POST /events.\n")

    page = playground.routes if playground else [Route("/", no_page)]
    return Starlette(
        routes=[Route("/events", events, methods=["POST"]), *health.routes, *installing, *page],
        middleware=[Middleware(EarlyAnswers)],
        exception_handlers={ClientDisconnect: _hung_up},
    )


async def _hung_up(_: Request, __: Exception) -> Response:
    """Whoever ended a request in its midst reads no response, and is no error of ours."""
    return Response(status_code=400)
