"""One machine, one process: the events endpoint, the queue's workers and the playground.

    python -m entrypoints.local

With no Slack named in the settings, replies go to the stand-in behind the page; with no model
named, an offline one answers.
"""

import logging
import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager

from dependency_injector import providers
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode import SocketModeClient
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from adapters.event_log import EventLog
from adapters.log_lines import OneLineFormatter
from adapters.offline import OfflineLanguageModel
from adapters.slack.app_kind import AppKind
from adapters.slack.receiving.endpoint import BODY_LIMIT, EventsEndpoint
from adapters.slack.receiving.events import IsAgent
from adapters.slack.receiving.socket_mode import socket_mode
from adapters.slack.replying.stops import InMemoryStops
from adapters.slack.texts import Labels
from adapters.sqlite import Database, OnlyProcess, SqliteConversations, SqliteFeedback, SqliteQueue
from domain.errors import AnsweringError, ChannelUnavailable, StoreUnavailable
from domain.ports import Channel, Conversations, CountTokens, Feedback, LanguageModel, RequestQueue, Resolver, Stops
from domain.turn_events import Event, Report
from entrypoints.base_container import BaseContainer, completes
from entrypoints.containers import WorkerContainer, openai_model
from entrypoints.dispatch import StopsFirst
from entrypoints.events_container import EventsContainer
from entrypoints.http_server import BACKLOG, BoundedServer, limit_repeated_lines
from entrypoints.playground import Playground
from entrypoints.settings import SettingError, Settings
from entrypoints.worker_pool import WorkerPool

HOST = "127.0.0.1"
PATIENCE = 10.0
"""Seconds that the answers under way have at a stop; what is not finished by then goes on at the next start."""

logger = logging.getLogger("entrypoints.local")  # not "__main__", as it would be under python -m


def _language_model(settings: Settings, count_tokens: CountTokens) -> LanguageModel:
    if settings.is_offline:
        return OfflineLanguageModel(language=settings.bot_language, count_tokens=count_tokens)
    return openai_model(settings)


def _api_url(settings: Settings) -> str:
    """Where the Web API is; empty for Slack's own."""
    return f"http://{HOST}:{settings.port}/api/" if settings.uses_playground else settings.slack_api_url


def _playground(settings: Settings, conversations: Conversations, signing_secret: str, bot_token: str) -> Playground:
    return Playground(
        conversations=conversations,
        memory=settings.memory,
        scope=settings.conversation_scope,
        language=settings.bot_language,
        model_name="" if settings.is_offline else settings.chat_model,
        signing_secret=signing_secret,
        bot_token=bot_token,
        events_url=f"http://{HOST}:{settings.port}/events",
        agent_view=settings.may_be_agent,
        # Beside the questions that wait: one that is answered after a restart needs the post it was asked in.
        archive=settings.database_path.with_suffix(".posts.jsonl"),
    )


def _agent_view(settings: Settings, client: WebClient, labels: Labels) -> bool | IsAgent:
    """Whether the app is an agent: what the setting says, or else what Slack says once that matters."""
    if settings.slack_agent_view is None and not settings.uses_playground:
        return AppKind(client, labels).is_agent
    return settings.may_be_agent


def _reporting(settings: Settings, event_log: Report, playground: Callable[[], Playground]) -> Report:
    if not settings.uses_playground:
        return event_log
    panel = playground()

    def report(event: Event) -> None:
        event_log(event)
        panel.report(event)

    return report


@completes(WorkerContainer, EventsContainer)
class Container(WorkerContainer, EventsContainer):
    """What the process is made of: it receives requests and handles them."""

    # The playground's are made up at every start, so that no other page can speak for its Slack.
    bot_token: providers.Provider[str] = providers.ThreadSafeSingleton(
        lambda settings: settings.slack_bot_token or f"xoxb-{secrets.token_hex()}", BaseContainer.settings
    )
    signing_secret: providers.Provider[str] = providers.ThreadSafeSingleton(
        lambda settings: settings.slack_signing_secret or secrets.token_hex(), BaseContainer.settings
    )
    api_url: providers.Provider[str] = providers.Callable(_api_url, BaseContainer.settings)

    agent_view: providers.Provider[bool | IsAgent] = providers.ThreadSafeSingleton(
        _agent_view, BaseContainer.settings, WorkerContainer.slack_client, WorkerContainer.labels
    )

    database: providers.Dependency[Database] = providers.Dependency(instance_of=Database)
    stops: providers.Provider[Stops] = providers.ThreadSafeSingleton(InMemoryStops)
    sqlite_queue: providers.Provider[SqliteQueue] = providers.ThreadSafeSingleton(
        SqliteQueue, database, clock=BaseContainer.clock
    )
    queue: providers.Provider[RequestQueue] = providers.ThreadSafeSingleton(StopsFirst, sqlite_queue, stops)
    conversations: providers.Provider[Conversations] = providers.ThreadSafeSingleton(
        SqliteConversations,
        database,
        ttl_days=BaseContainer.settings.provided.conversation_ttl_days,
        clock=BaseContainer.clock,
    )
    feedback: providers.Provider[Feedback] = providers.ThreadSafeSingleton(
        SqliteFeedback,
        database,
        ttl_days=BaseContainer.settings.provided.conversation_ttl_days,
        clock=BaseContainer.clock,
    )
    model: providers.Provider[LanguageModel] = providers.ThreadSafeSingleton(
        _language_model, BaseContainer.settings, WorkerContainer.count_tokens
    )
    channel: providers.Provider[Channel] = WorkerContainer.slack_channel
    resolver: providers.Provider[Resolver] = WorkerContainer.slack_resolver
    playground: providers.Provider[Playground] = providers.ThreadSafeSingleton(
        _playground, BaseContainer.settings, conversations, signing_secret, bot_token
    )
    report: providers.Provider[Report] = providers.ThreadSafeSingleton(
        _reporting,
        BaseContainer.settings,
        providers.Factory(EventLog, texts=BaseContainer.settings.provided.log_texts),
        playground.provider,
    )
    worker_pool: providers.Provider[WorkerPool] = providers.ThreadSafeSingleton(
        WorkerPool,
        sqlite_queue,
        WorkerContainer.dispatcher.provided.dispatch,
        BaseContainer.settings.provided.concurrent_conversations,
        BaseContainer.clock,
    )


def application(endpoint: EventsEndpoint, playground: Playground | None) -> Starlette:
    """The HTTP side: ``POST /events`` for Slack, and the playground's page where there is one."""

    async def events(request: Request) -> Response:
        if refusal := endpoint.refusal(request.headers):
            # uvicorn throws the body away as it comes, and the server bounds how long that may take.
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
        routes=[Route("/events", events, methods=["POST"]), *page],
        exception_handlers={ClientDisconnect: _hung_up},
    )


async def _hung_up(_: Request, __: Exception) -> Response:
    """Whoever ended a request in its midst reads no response, and is no error of ours."""
    return Response(status_code=400)


def serve(container: Container, listener: socket.socket, wait: Callable[[], object]) -> None:
    """Serve HTTP and work on the queue until ``wait`` returns, then let the answers under way be finished.

    Raises what making or connecting a part raises; whatever had begun by then is ended.
    """
    settings = container.settings()
    container.count_tokens()("")  # takes 0.3 s, which no answer needs to wait for, and finds a table that is damaged
    worker_pool = container.worker_pool()
    playground = container.playground() if settings.uses_playground else None
    app = application(container.endpoint(), playground)
    server = BoundedServer(app)
    # In a thread of its own, so that the stand-in goes on serving while the last answers are finished.
    web = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="web")
    with ExitStack() as running:
        web.start()
        running.callback(web.join)
        running.callback(setattr, server, "should_exit", True)
        if playground:
            playground.start()
            running.callback(playground.stop)
        running.callback(worker_pool.stop, PATIENCE)
        worker_pool.start()
        if settings.slack_app_token:
            running.callback(_connected(settings, container).close)
            logger.info("connected to Slack by Socket Mode")
        logger.info("ready on http://%s:%d", HOST, settings.port)
        wait()


def _connected(settings: Settings, container: Container) -> SocketModeClient:
    client = socket_mode(settings.slack_app_token, container.slack_client(), container.endpoint())
    try:
        client.connect()
    except (SlackClientError, OSError) as error:
        client.close()
        raise ChannelUnavailable(f"Socket Mode could not be connected: {type(error).__name__}") from error
    return client


def main() -> int:
    """Exit code 0 after Ctrl-C, 1 where the store or the port cannot be used, 2 for a wrong setting."""
    try:
        settings = Settings.from_env(os.environ)
    except SettingError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the log is not set up before the settings are read
        return 2
    lines = logging.StreamHandler()
    lines.setFormatter(OneLineFormatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[lines])
    limit_repeated_lines("adapters.slack.receiving.endpoint", "entrypoints.http_server", "uvicorn.error")
    for package in ("domain", "adapters", "entrypoints"):
        logging.getLogger(package).setLevel(settings.log_level)
    try:
        with (
            awaiting(signal.SIGINT, signal.SIGTERM) as wait,
            _listener(settings.port) as listener,
            OnlyProcess(settings.database_path),
            closing(Database(settings.database_path)) as database,
        ):
            serve(Container(settings=settings, database=database), listener, wait)
    except (AnsweringError, SettingError, OSError) as error:  # the last where the installation is damaged
        logger.error("%s", error)
        return 1
    return 0


@contextmanager
def awaiting(*numbers: signal.Signals) -> Iterator[Callable[[], object]]:
    """What returns once one of these signals has come, since then or before.

    A handler written in Python runs between two steps of the main thread: one that comes just before the main thread
    begins to wait would never run. What is written into a socket is there whenever it is read.
    """
    reader, writer = socket.socketpair()
    with reader, writer:
        writer.setblocking(False)
        signal.set_wakeup_fd(writer.fileno())
        for number in numbers:
            signal.signal(number, lambda *_: None)
        try:
            yield lambda: reader.recv(1)
        finally:
            signal.set_wakeup_fd(-1)


def _listener(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port), backlog=BACKLOG)
    except OSError as error:
        raise SettingError(f"PORT {port} cannot be used: {error.strerror}") from error


if __name__ == "__main__":
    sys.exit(main())
