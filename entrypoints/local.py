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
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager

import uvicorn
from dependency_injector import containers, providers
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode import SocketModeClient
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from adapters.event_log import EventLog
from adapters.offline import OfflineLanguageModel
from adapters.slack.app_home import SlackAppHome
from adapters.slack.client import web_client
from adapters.slack.reading.resolver import SlackResolver
from adapters.slack.receiving.endpoint import BODY_LIMIT, EventsEndpoint
from adapters.slack.receiving.socket_mode import socket_mode
from adapters.slack.replying.channel import SlackChannel
from adapters.slack.texts import LABELS, Labels
from adapters.sqlite import Database, OnlyProcess, SqliteConversations, SqliteFeedback, SqliteQueue
from adapters.tiktoken import count_tokens_for
from domain.answering import Answering
from domain.errors import AnsweringError, ChannelUnavailable, StoreUnavailable
from domain.ports import AppHome, Channel, Conversations, CountTokens, Feedback, LanguageModel, Resolver
from domain.prompts import Prompts
from domain.turn_events import Event, Report
from entrypoints.containers import openai_model, prompts_for
from entrypoints.dispatch import Dispatcher
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


def _reporting(settings: Settings, journal: Report, playground: Callable[[], Playground]) -> Report:
    if not settings.uses_playground:
        return journal
    panel = playground()

    def report(event: Event) -> None:
        journal(event)
        panel.report(event)

    return report


class Container(containers.DeclarativeContainer):
    """What the process is made of. Providers are annotated with the ports they fill, so that mypy sees a misfit."""

    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    clock: providers.Object[Callable[[], float]] = providers.Object(time.time)

    # The playground's are made up at every start, so that no other page can speak for its Slack.
    bot_token: providers.Provider[str] = providers.ThreadSafeSingleton(
        lambda settings: settings.slack_bot_token or f"xoxb-{secrets.token_hex()}", settings
    )
    signing_secret: providers.Provider[str] = providers.ThreadSafeSingleton(
        lambda settings: settings.slack_signing_secret or secrets.token_hex(), settings
    )
    prompts: providers.Provider[Prompts] = providers.ThreadSafeSingleton(prompts_for, settings)
    labels: providers.Provider[Labels] = providers.Callable(LABELS.__getitem__, settings.provided.bot_language)

    database: providers.Dependency[Database] = providers.Dependency(instance_of=Database)
    conversations: providers.Provider[Conversations] = providers.ThreadSafeSingleton(
        SqliteConversations, database, ttl_days=settings.provided.conversation_ttl_days, clock=clock
    )
    questions: providers.Provider[SqliteQueue] = providers.ThreadSafeSingleton(SqliteQueue, database, clock=clock)
    count_tokens: providers.Provider[CountTokens] = providers.ThreadSafeSingleton(
        count_tokens_for, settings.provided.chat_model
    )
    model: providers.Provider[LanguageModel] = providers.ThreadSafeSingleton(_language_model, settings, count_tokens)
    api_url: providers.Provider[str] = providers.Callable(_api_url, settings)
    slack_client: providers.Provider[WebClient] = providers.ThreadSafeSingleton(web_client, bot_token, api_url)
    channel: providers.Provider[Channel] = providers.ThreadSafeSingleton(
        SlackChannel,
        slack_client,
        clock=providers.Object(time.monotonic),
        labels=labels,
        username=settings.provided.slack_reply_username,
        sessions=settings.provided.slack_agent_view,
    )
    reader: providers.Provider[Resolver] = providers.ThreadSafeSingleton(
        SlackResolver, slack_client, clock=clock, api_url=api_url
    )
    pages: providers.Provider[AppHome] = providers.ThreadSafeSingleton(
        SlackAppHome,
        slack_client,
        language=prompts.provided.language,
        labels=labels,
        ttl_days=settings.provided.conversation_ttl_days,
    )
    votes: providers.Provider[Feedback] = providers.ThreadSafeSingleton(
        SqliteFeedback, database, ttl_days=settings.provided.conversation_ttl_days, clock=clock
    )
    playground: providers.Provider[Playground] = providers.ThreadSafeSingleton(
        Playground,
        conversations=conversations,
        memory=settings.provided.memory,
        scope=settings.provided.conversation_scope,
        language=settings.provided.bot_language,
        model_name=providers.Callable(lambda settings: "" if settings.is_offline else settings.chat_model, settings),
        signing_secret=signing_secret,
        bot_token=bot_token,
        events_url=providers.Callable(lambda settings: f"http://{HOST}:{settings.port}/events", settings),
        agent_view=settings.provided.slack_agent_view,
        # Beside the questions that wait: one that is answered after a restart needs the post it was asked in.
        archive=providers.Callable(lambda settings: settings.database_path.with_suffix(".posts.jsonl"), settings),
    )
    report: providers.Provider[Report] = providers.ThreadSafeSingleton(
        _reporting, settings, providers.Factory(EventLog, texts=settings.provided.log_texts), playground.provider
    )
    answering: providers.Provider[Answering] = providers.ThreadSafeSingleton(
        Answering,
        conversations=conversations,
        model=model,
        channel=channel,
        reader=reader,
        count_tokens=count_tokens,
        memory=settings.provided.memory,
        prompts=prompts,
        scope=settings.provided.conversation_scope,
        ttl_days=settings.provided.conversation_ttl_days,
        report=report,
        clock=clock,
    )
    serving: providers.Provider[Dispatcher] = providers.ThreadSafeSingleton(
        Dispatcher, answering=answering, votes=votes, pages=pages
    )
    door: providers.Provider[EventsEndpoint] = providers.ThreadSafeSingleton(
        EventsEndpoint,
        signing_secret=signing_secret,
        questions=questions,
        scope=settings.provided.conversation_scope,
        clock=clock,
        teams=settings.provided.slack_team_ids,
        channels=settings.provided.slack_channel_ids,
        bot=settings.provided.slack_bot_user_id,
        agent_view=settings.provided.slack_agent_view,
    )
    workers: providers.Provider[WorkerPool] = providers.ThreadSafeSingleton(
        WorkerPool,
        questions,
        serving.provided.serve,
        settings.provided.concurrent_conversations,
        clock,
    )


def application(door: EventsEndpoint, playground: Playground | None) -> Starlette:
    """The HTTP side: ``POST /events`` for Slack, and the playground's page where there is one."""

    async def events(request: Request) -> Response:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_LIMIT:
                break  # the door refuses it by its length; there is no need to hold the rest
        try:
            answer = await run_in_threadpool(door.receive, request.headers, bytes(body))
        except StoreUnavailable as error:
            logger.error("an event is left for Slack to send again: %s", error)
            return Response(status_code=503)
        return Response(answer.body, answer.status, media_type="application/json")

    async def no_page(_: Request) -> Response:
        return PlainTextResponse("This bot talks in Slack. Its events endpoint is POST /events.\n")

    page = playground.routes if playground else [Route("/", no_page)]
    return Starlette(routes=[Route("/events", events, methods=["POST"]), *page])


def serve(container: Container, listener: socket.socket, wait: Callable[[], object]) -> None:
    """Serve HTTP and work on the queue until ``wait`` returns, then let the answers under way be finished.

    Raises what making or connecting a part raises; whatever had begun by then is ended.
    """
    settings = container.settings()
    container.count_tokens()("")  # takes 0.3 s, which no answer needs to wait for, and finds a table that is damaged
    workers = container.workers()
    playground = container.playground() if settings.uses_playground else None
    app = application(container.door(), playground)
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    # In a thread of its own, so that the stand-in goes on serving while the last answers are finished.
    web = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="web")
    with ExitStack() as running:
        web.start()
        running.callback(web.join)
        running.callback(setattr, server, "should_exit", True)
        if playground:
            playground.start()
            running.callback(playground.stop)
        running.callback(workers.stop, PATIENCE)
        workers.start()
        if settings.slack_app_token:
            running.callback(_connected(settings, container).close)
            logger.info("connected to Slack by Socket Mode")
        logger.info("ready on http://%s:%d", HOST, settings.port)
        wait()


def _connected(settings: Settings, container: Container) -> SocketModeClient:
    client = socket_mode(settings.slack_app_token, container.slack_client(), container.door())
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
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
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
        return socket.create_server((HOST, port))
    except OSError as error:
        raise SettingError(f"PORT {port} cannot be used: {error.strerror}") from error


if __name__ == "__main__":
    sys.exit(main())
