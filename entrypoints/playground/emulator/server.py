"""A stand-in for Slack that speaks Slack's own protocols, so that the real slack_sdk works against it unchanged.

``/api/{method}`` is the Web API, ``/socket-mode`` the other end of Socket Mode, ``/response/…`` is where the bot
answers commands and clicks, ``/upload/…`` and ``/files-pri/…`` are for files, and ``/oauth/v2/authorize`` is the page
on which workspaces allow the app. It refuses what Slack refuses, by the
same names; it has the methods that this bot needs and answers ``unknown_method`` to any other.
"""

import json
import secrets
import time
from collections.abc import Mapping, Sequence
from functools import partial
from urllib.parse import parse_qsl, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from domain.deliveries.deadline import Clock
from entrypoints import manifest
from entrypoints.playground.emulator.event_delivery import RETRY_WAITS, EventDelivery
from entrypoints.playground.emulator.event_payloads import events_of, payload_of
from entrypoints.playground.emulator.file_server import FileServer, whole_body
from entrypoints.playground.emulator.interactions import Interaction, Interactions
from entrypoints.playground.emulator.oauth import OAuth, Team, of_team, renamed
from entrypoints.playground.emulator.rate_limits import RATES, RateLimits
from entrypoints.playground.emulator.response_urls import ResponseUrls
from entrypoints.playground.emulator.signed_requests import over_http, signed_posts
from entrypoints.playground.emulator.socket_mode import SocketModeServer
from entrypoints.playground.emulator.web_api import WebApi
from entrypoints.playground.emulator.workspace.model import APP, TEAM, Change, Json, Refused
from entrypoints.playground.emulator.workspace.workspace import Workspace

__all__ = ["RATES", "SlackEmulator"]

BODY_LIMIT = 1_000_000
"""Bytes of a Web API call."""


class SlackEmulator:
    """Slack, as far as the bot can tell: ``routes`` to serve, and events that go out between start and stop.

    Events, commands and interactions go to one Socket Mode client while one is connected, otherwise signed to
    ``events_url``. An empty ``app_token`` allows no Socket Mode. With ``oauth``, tokens that it has issued are valid
    beside ``bot_token``. ``workspaces`` are others that can install the app, by their teams' ids: there people post and
    do nothing else. ``rates`` are calls a minute and method, none for no limit; ``waits`` the seconds before each
    repeated delivery of an event.

    ``slash``, ``shortcut``, ``click``, ``submit``, ``press_stop`` and ``open_tab`` are what people do besides posting;
    they return at once what the bot is sent, and raise ``Refused``.

    The workspace's ``address`` begins as the origin of ``events_url``, where a page's own Slack is served, and
    becomes what the bot's calls show. Set it where the bot gets a file or a response URL before it makes a call.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        bot_token: str,
        signing_secret: str,
        events_url: str,
        app_token: str = "",
        clock: Clock = time.time,
        rates: Mapping[str, int] | None = None,
        waits: Sequence[float] = RETRY_WAITS,
        oauth: OAuth | None = None,
        workspaces: Mapping[str, Workspace] | None = None,
    ) -> None:
        self._workspace = workspace
        workspace.address = workspace.address or "{0.scheme}://{0.netloc}".format(urlsplit(events_url))
        self._workspaces = {TEAM: workspace, **(workspaces or {})}
        self._methods = {team: WebApi(each).methods for team, each in self._workspaces.items()}
        self.scopes = {scope["name"] for scope in manifest.parts()["scopes"]}
        """What Slack says that the bot's token may do; nothing is refused for want of a scope."""
        self._bot_token = bot_token
        self._app_token = app_token
        self._oauth = oauth
        self._clock = clock
        self._limits = RateLimits(rates or {}, clock)
        self._sockets = SocketModeServer()
        self._http = over_http(events_url, signing_secret, clock)
        self._forms = signed_posts(events_url, signing_secret, clock)
        self._deliveries = EventDelivery(self._send, clock, waits)
        # On a thread of their own, as what people do waits for no event that is slow.
        self._dispatches = EventDelivery(self._dispatch, clock, (), name="playground-interactions")
        self._responses = ResponseUrls(workspace, clock)
        self._interactions = Interactions(workspace, self._responses, self._put)
        for team, each in self._workspaces.items():
            each.messages.observe(partial(self._announce, team))
        workspace.observe_events(self._deliveries.put)
        if oauth:
            oauth.report = self._report
        self.routes: list[BaseRoute] = [
            Route("/api/{method}", self._call, methods=["GET", "POST"]),
            Route("/response/{secret}", self._respond, methods=["POST"]),
            *FileServer(workspace.files, self._is_valid).routes,
            WebSocketRoute("/socket-mode", self._sockets.serve),
            *(oauth.routes if oauth else ()),
        ]

    def start(self) -> None:
        self._deliveries.start()
        self._dispatches.start()

    def stop(self) -> None:
        """Send no more events. Returns at once and may be called from anywhere, more than once."""
        self._deliveries.stop()
        self._dispatches.stop()

    def slash(self, person: str, channel: str, text: str = "", thread: str = "") -> Interaction:
        """Type the app's slash command; in a thread it is refused, and Slackbot tells the person so."""
        return self._interactions.slash(person, channel, text, thread)

    def shortcut(self, person: str, channel: str, ts: str, callback_id: str) -> Interaction:
        """Choose an entry of a message's menu."""
        return self._interactions.shortcut(person, channel, ts, callback_id)

    def click(self, person: str, channel: str, ts: str, action_id: str, value: str = "") -> Interaction:
        """Press a button of a message, or with neither channel nor ts one of the person's Home tab."""
        return self._interactions.click(person, channel, ts, action_id, value)

    def submit(self, person: str, view: str, values: str) -> Interaction:
        """Submit the modal that a person has open."""
        return self._interactions.submit(person, view, values)

    def dismiss(self, person: str, view: str) -> None:
        """Close a modal without submitting it; the app hears of it only where it asked to, which this one does not."""
        self._workspace.modals.close(person, view)

    def press_stop(self, person: str, channel: str, thread: str) -> Json:
        """Press the stop button of a thread: ``Workspace.stop``. Returns the event."""
        return self._workspace.stop(person, channel, thread)

    def open_tab(self, person: str, tab: str) -> Json:
        """Open the app's ``home`` or ``messages`` tab: ``Workspace.open_tab``. Returns the event."""
        return self._workspace.open_tab(person, tab)

    def _announce(self, team: str, change: Change) -> None:
        for event in events_of(change, self._workspaces[team]):
            self._report(Team(team), event)

    def _report(self, team: Team, event: Json) -> None:
        self._deliveries.put_as_it_is(of_team(payload_of(event, int(self._clock())), team))

    def _send(self, payload: Json, retry: int, reason: str) -> str:
        if self._sockets.connected:
            return self._sockets.send(payload, retry, reason).reason
        return self._http(payload, retry, reason)

    def _put(self, interaction: Interaction) -> None:
        self._dispatches.put_as_it_is({"interaction": interaction})

    def _dispatch(self, payload: Json, _retry: int, _reason: str) -> str:
        interaction: Interaction = payload["interaction"]
        if self._sockets.connected:
            reply = self._sockets.send(interaction.payload, kind=interaction.kind)
        else:
            reply = self._forms(interaction.form, {"Content-Type": "application/x-www-form-urlencoded"})
        self._interactions.settle(interaction, reply)
        return ""

    async def _respond(self, request: Request) -> Response:
        try:
            message = await _arguments(request)
            await run_in_threadpool(self._responses.take, request.path_params["secret"], message)
        except Refused as refusal:
            status = 404 if refusal.code in ("used_url", "expired_url") else 400
            return JSONResponse({"ok": False, "error": refusal.code}, status)
        return PlainTextResponse("ok")

    async def _call(self, request: Request) -> Response:
        try:
            arguments = await _arguments(request)
            return await run_in_threadpool(self._answer, request, arguments)
        except Refused as refusal:
            return JSONResponse({"ok": False, "error": refusal.code})

    def _answer(self, request: Request, arguments: Json) -> Response:
        method = request.path_params["method"]
        header = request.headers.get("Authorization", "")
        if method == "oauth.v2.access" and self._oauth:
            return JSONResponse({"ok": True, **self._oauth.access(arguments, header)})
        token = header.removeprefix("Bearer ").strip() or str(arguments.pop("token", ""))
        if not token:
            raise Refused("not_authed")
        if method == "apps.connections.open":
            return JSONResponse({"ok": True, "url": self._open_connection(token, request.url.netloc)})
        team = self._team_of(token)
        if self._oauth and method in ("auth.revoke", "apps.uninstall"):
            return JSONResponse({"ok": True, **self._oauth.end(token, method, arguments)})
        self._workspaces[team.id].address = f"{request.url.scheme}://{request.url.netloc}"
        if method not in self._methods[team.id]:
            raise Refused("unknown_method")
        wait = self._limits.wait(method, str(arguments.get("channel", "")))
        if wait:
            return JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(wait)})
        answer = self._methods[team.id][method](renamed(arguments, team.id, TEAM))
        return JSONResponse(
            {"ok": True, **renamed(answer, TEAM, team.id)}, headers={"X-OAuth-Scopes": ",".join(sorted(self.scopes))}
        )

    def _team_of(self, token: str) -> Team:
        if self._oauth and (team := self._oauth.team_of(token)):
            return team if team.id in self._workspaces else Team()
        if not secrets.compare_digest(token.encode(), self._bot_token.encode()):
            raise Refused("not_allowed_token_type" if token == self._app_token else "invalid_auth")
        return Team()

    def _is_valid(self, token: str) -> bool:
        try:
            return bool(self._team_of(token))
        except Refused:
            return False

    def _open_connection(self, token: str, netloc: str) -> str:
        if secrets.compare_digest(token.encode(), self._bot_token.encode()):
            raise Refused("not_allowed_token_type")
        if not self._app_token or not secrets.compare_digest(token.encode(), self._app_token.encode()):
            raise Refused("invalid_auth")
        self._workspace.address = f"http://{netloc}"
        return f"ws://{netloc}/socket-mode?ticket={self._sockets.ticket()}&app_id={APP}"


async def _arguments(request: Request) -> Json:
    """What a call says, from its query and its body, which may be a form or JSON."""
    body = await whole_body(request, BODY_LIMIT, "request_too_large")
    arguments: Json = dict(request.query_params)
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        try:
            parsed = json.loads(body or b"{}")
        except (ValueError, RecursionError):
            raise Refused("invalid_json") from None
        if not isinstance(parsed, dict):
            raise Refused("json_not_object")
        return arguments | parsed
    if kind == "application/x-www-form-urlencoded":
        return arguments | dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    if body:
        raise Refused("invalid_post_type")
    return arguments
