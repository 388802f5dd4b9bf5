"""The playground: a page that looks and behaves like a Slack channel, on the stand-in for Slack behind it.

The page reads and posts JSON under ``/playground/`` and is kept up to date by server-sent events. Only
the page itself may: a request must name a loopback host and, where it says where it comes from, this origin.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute

from domain.conversations.place import Scope, conversation_key
from domain.errors import AnsweringError
from domain.memory import Memory
from domain.ports.stores import Conversations, Ledger, SettingsStore
from domain.turn_events import Event, SettingsChanged
from entrypoints.playground.emulator.file_server import file_response
from entrypoints.playground.emulator.server import SlackEmulator
from entrypoints.playground.emulator.workspace.model import TEAM, Change, Channel, Json, Refused, Upload
from entrypoints.playground.emulator.workspace.workspace import Workspace
from entrypoints.playground.page.guard import Guard, error_response
from entrypoints.playground.page.memory_panel import MemoryPanel
from entrypoints.playground.page.post_log import PostLog, read
from entrypoints.playground.page.request_bodies import Malformed, action_in, body_of, post_in
from entrypoints.playground.page.server_sent_events import Streams
from entrypoints.playground.page.workspace_view import Shown

STATIC = Path(__file__).parent / "static"
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
PICTURES = {"image/gif", "image/jpeg", "image/png", "image/webp"}
"""What is shown in the page; other files, which might bring scripts along, are offered to be saved."""


class Playground:
    """The page and its Slack. ``routes`` are to be served at the root; ``report`` is told of every turn.

    ``model_name`` is shown on the page; empty says that the offline stand-in answers. ``language`` is
    ``ja`` or ``en``. ``events_url`` is where the stand-in posts events, signed with ``signing_secret``;
    ``bot_token`` is the one it accepts. With an ``archive``, a file, posts outlive the process, so that
    the bot can finish after a restart what it began.

    A server that waits for open responses before it ends must call ``stop`` before it waits: pages
    hold a stream open.
    """

    def __init__(
        self,
        *,
        conversations: Conversations,
        ledger: Ledger,
        settings_store: SettingsStore,
        memory: Memory,
        scope: Scope,
        language: str,
        model_name: str,
        signing_secret: str,
        bot_token: str,
        events_url: str,
        agent_view: bool = False,
        archive: Path | None = None,
    ) -> None:
        self._scope = scope
        self._settings_store = settings_store
        self._agent_view = agent_view
        self._language = language
        self._model_name = model_name
        self._panel = MemoryPanel(conversations, ledger, memory)
        self._workspace = Workspace(language, posts=read(archive) if archive else ())
        if archive:
            self._workspace.messages.observe(PostLog(archive, self._workspace.messages.posts()).add)
        self._slack = SlackEmulator(
            self._workspace, bot_token=bot_token, signing_secret=signing_secret, events_url=events_url
        )
        self._shown = Shown(self._workspace)
        self._streams = Streams()
        route = Guard(events_url).route
        self._workspace.messages.observe(self._show)
        self._workspace.observe_notices(lambda kind, now: self._streams.send({kind: self._shown.notice(kind, now)}))
        self.routes: list[BaseRoute] = [
            route("/", self._page),
            route("/static/{name}", self._static),
            route("/archives/{channel}/{post}", self._permalink),
            route("/playground/state", self._state),
            route("/playground/memory", self._memory),
            route("/playground/stream", self._stream),
            route("/playground/posts", self._post, "POST"),
            route("/playground/actions", self._act, "POST"),
            route("/playground/files/{file}", self._file),
            *self._slack.routes,
        ]

    def start(self) -> None:
        """Begin to deliver what is posted. Once is enough, more does no harm."""
        self._streams.begin()
        self._slack.start()

    def stop(self) -> None:
        """Deliver no more and end the open pages' streams. Returns at once; any thread may call it."""
        self._slack.stop()
        self._streams.end()

    def report(self, event: Event) -> None:
        """Tell the memory panel about a turn, from any thread."""
        self._panel.add(event)
        self._streams.send({"memory": event.conversation})
        if isinstance(event, SettingsChanged):
            self._streams.send({"scopes": self._scopes()})

    def _scopes(self) -> Mapping[str, str]:
        """Of the channels that have one of their own; none where the store does not say."""
        channels = [channel.id for channel in self._workspace.directory.channels]
        try:
            own = self._settings_store.among(TEAM, channels)
        except AnsweringError:
            return {}
        return {channel: each.scope.value for channel, each in own.items() if each.scope}

    def _show(self, change: Change) -> None:
        if self._streams.are_followed:  # a page that is opened now reads the post with all others
            self._streams.send({"post": self._shown.post(change.post)})

    async def _page(self, _: Request) -> Response:
        page = (STATIC / "page.html").read_text(encoding="utf-8")
        return Response(page.replace('lang="ja"', f'lang="{self._language}"', 1), media_type="text/html")

    async def _static(self, request: Request) -> Response:
        path = STATIC / request.path_params["name"]
        if path.suffix not in MEDIA_TYPES or path.parent != STATIC or not path.is_file():
            return error_response(404, "not_found")
        return Response(path.read_bytes(), media_type=MEDIA_TYPES[path.suffix])

    async def _permalink(self, request: Request) -> Response:
        """Slack's address of a post leads to the page, at the thread that the post stands in."""
        try:
            channel = self._workspace.directory.channel(request.path_params["channel"])
        except Refused as refusal:
            return error_response(404, refusal.code)
        thread = request.query_params.get("thread_ts", "")
        return RedirectResponse(f"/#{channel.id}{thread and f'/{thread}'}", 303)

    async def _state(self, _: Request) -> Response:
        settings = {"model": self._model_name, "scope": self._scope.value, "language": self._language}
        scopes = await run_in_threadpool(self._scopes)
        return JSONResponse({**settings, "scopes": scopes, **await run_in_threadpool(self._shown.everything)})

    async def _memory(self, request: Request) -> Response:
        try:
            channel = self._workspace.directory.channel(request.query_params.get("channel", ""))
        except Refused as refusal:
            return error_response(404, refusal.code)
        thread = request.query_params.get("thread", "")
        try:
            return JSONResponse(await run_in_threadpool(self._remembered, channel, thread))
        except AnsweringError as error:
            return error_response(503, type(error).__name__)

    def _remembered(self, channel: Channel, thread: str) -> Json:
        scope = self._settings_store.load(TEAM, channel.id).scope or self._scope
        if not thread and scope is Scope.THREAD and (self._agent_view or not channel.direct):
            return {"conversation": None}
        return self._panel.show(conversation_key(TEAM, channel.id, thread if scope is Scope.THREAD else ""))

    async def _post(self, request: Request) -> Response:
        try:
            return JSONResponse(await run_in_threadpool(self._say, post_in(await body_of(request))), 201)
        except Malformed as error:
            return error_response(error.status, error.code)
        except Refused as refusal:
            return error_response(400, refusal.code)

    def _say(self, post: tuple[str, str, str, str, tuple[Upload, ...]]) -> Json:
        return self._shown.post(self._workspace.say(*post))

    async def _act(self, request: Request) -> Response:
        """What a person does besides posting; the kinds and what belongs to each are those of ``requests.ACTIONS``."""
        does: dict[str, Callable[..., object]] = {
            "slash": self._slack.slash,
            "shortcut": self._slack.shortcut,
            "click": self._slack.click,
            "submit": self._slack.submit,
            "dismiss": self._slack.dismiss,
            "stop": self._slack.press_stop,
            "open": self._slack.open_tab,
            "edit": self._workspace.edit,
            "delete": self._workspace.delete,
        }
        try:
            kind, arguments = action_in(await body_of(request))
            await run_in_threadpool(does[kind], *arguments)
        except Malformed as error:
            return error_response(error.status, error.code)
        except Refused as refusal:
            return error_response(400, refusal.code)
        return JSONResponse({}, 201)

    async def _file(self, request: Request) -> Response:
        try:
            file, data = self._workspace.files.content(request.path_params["file"])
        except Refused as refusal:
            return error_response(404, refusal.code)
        return file_response(file, data, inline=file.type in PICTURES)

    async def _stream(self, _: Request) -> Response:
        headers = {"X-Accel-Buffering": "no"}
        return StreamingResponse(self._streams.follow(), media_type="text/event-stream", headers=headers)
