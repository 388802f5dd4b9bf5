"""Several workspaces of one Slack, as an app that several have installed meets them."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from slack_sdk.oauth.installation_store import Installation
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send

from entrypoints.playground.emulator.signed_requests import signed_posts
from entrypoints.playground.emulator.workspace.model import APP, BOT, BOT_USER, TEAM
from tests.stand_ins import SlackServer

CLIENT_ID, CLIENT_SECRET = "1.2", "made-up"
SIGNING_SECRET, OWN = "own-secret", "xoxb-own"
LIFE = 43_200
"""Seconds that a rotated token lives, as Slack says it in ``expires_in``."""

POCHI, TARO = TEAM, "T0TAROSWS0"
"""Two teams; their ids are of one length, so that one can stand for the other in a body."""


@dataclass(frozen=True)
class Grant:
    """What Slack knows of a token: whose it is, and why it refuses it, if it does."""

    teams: tuple[str, ...]
    refused: str = ""


class Slacks:
    """An ASGI app in front of an emulator for each team: the token of a call says which of them it reaches.

    It speaks of teams by their ids, while each emulator knows its own id alone. It rotates tokens as Slack does: a
    refresh token is taken once.
    """

    def __init__(self) -> None:
        self.workspaces: dict[str, SlackServer] = {}
        self.enterprises: dict[str, str] = {}
        """Of each team the Enterprise Grid that has installed the app for it."""
        self.tokens: dict[str, Grant] = {}
        self.refresh_tokens: dict[str, str] = {}
        self.calls: list[tuple[str, str]] = []
        """Token and method of each call of the Web API."""
        self.refusals: list[str] = []
        """Slack's errors for calls that reached no workspace."""
        self.before_exchange: Callable[[], object] = lambda: None
        """What happens before Slack looks at a refresh token."""
        self.exchange_error = ""
        """Why Slack exchanges no refresh token, if it does not."""
        self._lock = threading.Lock()
        self._post = signed_posts("http://nobody.invalid", SIGNING_SECRET, lambda: 0)

    def open(self, address: str, events_url: str, *teams: str) -> None:
        """Begin the workspaces of these teams. ``address`` is where this app is served."""
        for team in teams:
            workspace = self.workspaces[team] = SlackServer(f"{address}/to-the-app/{team}")
            workspace.workspace.address = address
            self._post = signed_posts(events_url, SIGNING_SECRET, workspace.now)
            workspace.stand_in.start()

    def close(self) -> None:
        for each in self.workspaces.values():
            each.stand_in.stop()

    def install(self, team: str, token: str, *, refresh: str = "", expires_at: int | None = None) -> Installation:
        """What Slack gives to the app when a team installs it."""
        self.tokens[token] = Grant((team,))
        if refresh:
            self.refresh_tokens[refresh] = team
        return Installation(
            app_id=APP,
            team_id=team,
            team_name=f"{team}の家",
            bot_token=token,
            bot_id=BOT,
            bot_user_id=BOT_USER,
            bot_scopes="chat:write",
            bot_refresh_token=refresh or None,
            bot_token_expires_at=expires_at,
            user_id="USAKURA",
        )

    def install_for_all(self, enterprise: str, token: str, *teams: str) -> Installation:
        """The same of an Enterprise Grid that installs it for all of its teams, with one token."""
        installation = self.install("", token)
        self.tokens[token] = Grant(teams)
        self.enterprises |= dict.fromkeys(teams, enterprise)
        installation.team_id, installation.team_name = None, None
        installation.enterprise_id, installation.is_enterprise_install = enterprise, True
        return installation

    def refuse(self, token: str, code: str) -> None:
        """From now on Slack answers a call with this token by this error."""
        self.tokens[token] = replace(self.tokens[token], refused=code)

    def tell(self, team: str | None, event: dict, event_time: int, enterprise: str | None = None) -> str:
        """Send an event of the team's, without authorizations; returns why the app did not take it."""
        payload = {
            "team_id": team,
            "enterprise_id": enterprise,
            "is_enterprise_install": bool(enterprise),
            "api_app_id": APP,
            "type": "event_callback",
            "event": event,
            "event_id": "Ev1",
            "event_time": event_time,
        }
        return self._post(json.dumps(payload).encode(), {"Content-Type": "application/json"}).reason

    def tokens_of(self, method: str) -> list[str]:
        """The tokens with which this method was called."""
        return [token for token, called in self.calls if called == method]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request, path = Request(scope, receive), scope["path"]
        body = await request.body()
        if path.startswith("/to-the-app/"):
            response = await self._deliver(path.rpartition("/")[2], request, body)
            await response(scope, receive, send)
        elif path == "/api/oauth.v2.access":
            exchanged = await run_in_threadpool(self._exchange, dict(parse_qsl(body.decode())))
            await JSONResponse(exchanged)(scope, receive, send)
        else:
            await self._call(request, body, send)

    async def _call(self, request: Request, body: bytes, send: Send) -> None:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        self.calls.append((token, request.url.path.rpartition("/")[2]))
        team, refused = self._meant(self.tokens.get(token, Grant((), "invalid_auth")), body)
        if refused:
            self.refusals.append(refused)
            await JSONResponse({"ok": False, "error": refused})(request.scope, request.receive, send)
        else:
            await self._forward(team, request.scope, body, send)

    def _meant(self, grant: Grant, body: bytes) -> tuple[str, str]:
        """The team that a call reaches, and why it reaches none: of several teams a call must name one."""
        named = [each for each in grant.teams if each.encode() in body]
        if grant.refused or not (named or len(grant.teams) == 1):
            return "", grant.refused or "missing_argument"
        return (named or grant.teams)[0], ""

    async def _deliver(self, team: str, request: Request, body: bytes) -> Response:
        names = ("content-type", "x-slack-retry-num", "x-slack-retry-reason")
        headers = {name: request.headers[name] for name in names if name in request.headers}
        body = self._authorized(team, body.replace(TEAM.encode(), team.encode()))
        reply = await run_in_threadpool(self._post, body, headers)
        return Response(reply.body, 500 if reply.reason else 200, media_type=reply.media_type or None)

    def _authorized(self, team: str, body: bytes) -> bytes:
        """An event as an Enterprise Grid's app gets it, where that has installed it."""
        if team not in self.enterprises:
            return body
        payload = json.loads(body)
        payload["authorizations"][0] |= {"enterprise_id": self.enterprises[team], "is_enterprise_install": True}
        return json.dumps(payload).encode()

    async def _forward(self, team: str, scope: Scope, body: bytes, send: Send) -> None:
        own, theirs = TEAM.encode(), team.encode()

        async def receive() -> Message:
            return {"type": "http.request", "body": body.replace(theirs, own), "more_body": False}

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": message.get("body", b"").replace(own, theirs)}
            await send(message)

        others = [each for each in scope["headers"] if each[0] != b"authorization"]
        headers = [*others, (b"authorization", f"Bearer {OWN}".encode())]
        await self.workspaces[team].app({**scope, "headers": headers}, receive, answer)

    def _exchange(self, form: dict[str, str]) -> dict:
        self.before_exchange()
        with self._lock:
            self.calls.append(("", "oauth.v2.access"))
            if self.exchange_error:
                return {"ok": False, "error": self.exchange_error}
            team = self.refresh_tokens.pop(form.get("refresh_token", ""), "")
            if not team:
                return {"ok": False, "error": "invalid_refresh_token"}
            number = len(self.tokens) + 1
            token, refresh = f"xoxe.xoxb-1-{number}", f"xoxe-1-{number}"
            self.tokens[token], self.refresh_tokens[refresh] = Grant((team,)), team
        return {
            "ok": True,
            "access_token": token,
            "refresh_token": refresh,
            "expires_in": LIFE,
            "token_type": "bot",
            "team": {"id": team},
        }
