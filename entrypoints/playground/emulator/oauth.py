"""Slack's side of an app's installation in workspaces: the page that asks, the codes, and the tokens until they end.

Shapes and errors are those of docs.slack.dev/reference/methods/oauth.v2.access and
docs.slack.dev/authentication/using-token-rotation (November 2026).
"""

import base64
import binascii
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from domain.deliveries.deadline import Clock
from entrypoints.playground.emulator.arguments import string
from entrypoints.playground.emulator.file_server import whole_body
from entrypoints.playground.emulator.workspace.model import APP, BOT_USER, TEAM, Json, Refused

CODE_SECONDS = 600
TOKEN_SECONDS = 43_200
"""How long a token is valid where tokens rotate."""

ENDS = frozenset({"app_uninstalled", "tokens_revoked"})
FORM_LIMIT = 10_000
PERSON = "U0PERSON01"


@dataclass(frozen=True, slots=True)
class Team:
    """A workspace that may install the app, or a whole Enterprise Grid: then ``id`` is empty."""

    id: str = TEAM
    name: str = "Playground"
    enterprise: str = ""
    enterprise_name: str = ""


@dataclass(frozen=True, slots=True)
class _Code:
    client_id: str
    team: Team
    scope: str
    expires_at: float


@dataclass(slots=True)
class _Token:
    team: Team
    scope: str
    refresh: str
    expires_at: float | None
    is_revoked: bool = False


class OAuth:
    """One app and the ``teams`` that may install it. Safe to use from any thread.

    ``redirect_url`` is that of its manifest. With ``rotating``, tokens expire and come with one to refresh them by.
    ``report`` gets a team and an event where an installation ends. ``routes`` serve ``/oauth/v2/authorize``.
    """

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str,
        redirect_url: str,
        clock: Clock,
        teams: Sequence[Team] = (Team(),),
        rotating: bool = False,
    ) -> None:
        self.client_id = client_id
        self.redirect_url = redirect_url
        self.rotating = rotating
        self.report: Callable[[Team, Json], None] = lambda _team, _event: None
        self._client_secret = client_secret
        self._clock = clock
        self._teams = teams
        self._codes: dict[str, _Code] = {}
        self._used: set[str] = set()
        self._tokens: dict[str, _Token] = {}
        self._lock = threading.Lock()
        self.routes: list[BaseRoute] = [
            Route("/oauth/v2/authorize", self._ask, methods=["GET"]),
            Route("/oauth/v2/authorize", self._decide, methods=["POST"]),
        ]

    def code(self, team: Team | None = None, scope: str = "chat:write", client_id: str = "") -> str:
        """A code as the page gives it out once a person of the team has allowed the app."""
        code = f"{secrets.randbelow(10**10)}.{secrets.randbelow(10**13)}.{secrets.token_hex(32)}"
        expires_at = self._clock() + CODE_SECONDS
        with self._lock:
            self._codes[code] = _Code(client_id or self.client_id, team or self._teams[0], scope, expires_at)
        return code

    def team_of(self, token: str) -> Team | None:
        """Whose token it is; none where it was not made here. Raises ``Refused`` where it is valid no more."""
        with self._lock:
            known = self._tokens.get(token)
            if known is None:
                return None
            if known.is_revoked:
                raise Refused("token_revoked")
            if known.expires_at is not None and self._clock() >= known.expires_at:
                raise Refused("token_expired")
            return known.team

    def tokens(self, team: Team) -> list[str]:
        """All that were issued to the team, also those that are valid no more."""
        with self._lock:
            return [token for token, each in self._tokens.items() if each.team == team]

    def access(self, arguments: Json, authorization: str) -> Json:
        """``oauth.v2.access``: exchanges a code, or a token to refresh another, for a token."""
        self._require_app(*_credentials(arguments, authorization))
        grant = string(arguments, "grant_type") or "authorization_code"
        if grant not in ("authorization_code", "refresh_token"):
            raise Refused("invalid_grant_type")
        with self._lock:
            if grant == "refresh_token":
                return self._refreshed(string(arguments, "refresh_token"))
            return self._exchanged(string(arguments, "code"))

    def end(self, token: str, method: str, arguments: Json) -> Json:
        """``auth.revoke``, after which the app stays installed without a bot, or ``apps.uninstall``."""
        if (team := self.team_of(token)) is None:
            raise Refused("not_allowed_token_type")
        if method == "auth.revoke":
            with self._lock:
                self._tokens[token].is_revoked = True
            self.report(team, {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT_USER]}})
            return {"revoked": True}
        self._require_app(*_credentials(arguments, ""))
        self.uninstall(team)
        return {}

    def uninstall(self, team: Team) -> None:
        """What an admin does who removes the app: all tokens of the team are valid no more."""
        with self._lock:
            for each in self._tokens.values():
                each.is_revoked |= each.team == team
        self.report(team, {"type": "app_uninstalled"})
        self.report(team, {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT_USER]}})

    def _require_app(self, client_id: str, client_secret: str) -> None:
        if not secrets.compare_digest(client_id.encode(), self.client_id.encode()):
            raise Refused("invalid_client_id")
        if not secrets.compare_digest(client_secret.encode(), self._client_secret.encode()):
            raise Refused("bad_client_secret")

    def _exchanged(self, code: str) -> Json:
        if code in self._used:
            raise Refused("code_already_used")
        known = self._codes.get(code)
        if known is None or known.client_id != self.client_id:
            raise Refused("invalid_code")
        if self._clock() >= known.expires_at:
            raise Refused("code_expired")
        self._used.add(code)
        return {**self._issued(known.team, known.scope), "authed_user": {"id": PERSON}}

    def _refreshed(self, refresh: str) -> Json:
        known = next((each for each in self._tokens.values() if refresh and each.refresh == refresh), None)
        if known is None or known.is_revoked:
            raise Refused("invalid_refresh_token")
        known.refresh = ""  # each is valid once
        return self._issued(known.team, known.scope)

    def _issued(self, team: Team, scope: str) -> Json:
        rotation: Json = {}
        if self.rotating:
            rotation = {"refresh_token": f"xoxe-1-{secrets.token_hex(24)}", "expires_in": TOKEN_SECONDS}
        token = f"{'xoxe.xoxb-1' if self.rotating else 'xoxb'}-{secrets.token_hex(24)}"
        expires_at = self._clock() + TOKEN_SECONDS if self.rotating else None
        self._tokens[token] = _Token(team, scope, rotation.get("refresh_token", ""), expires_at)
        return {
            "app_id": APP,
            "scope": scope,
            "token_type": "bot",
            "access_token": token,
            "bot_user_id": BOT_USER,
            "team": {"id": team.id, "name": team.name} if team.id else None,
            "enterprise": {"id": team.enterprise, "name": team.enterprise_name} if team.enterprise else None,
            "is_enterprise_install": not team.id,
            **rotation,
        }

    async def _ask(self, request: Request) -> Response:
        asked = request.query_params
        if asked.get("client_id") != self.client_id:
            return HTMLResponse("Invalid client_id parameter", 400)
        if asked.get("redirect_uri", self.redirect_url) != self.redirect_url:
            return HTMLResponse("redirect_uri did not match any configured URIs", 400)
        options = "".join(f"<option value={n}>{escape(_name(team))}</option>" for n, team in enumerate(self._teams))
        return HTMLResponse(
            "<!doctype html><html lang=en><meta charset=utf-8><title>Allow | Slack</title>"
            "<h1>bot is requesting permission to access a Slack workspace</h1>"
            f"<p>{escape(asked.get('scope', '').replace(',', ', '))}</p>"
            f"<form method=post><label>Workspace <select name=team>{options}</select></label>"
            "<button name=decision value=cancel>Cancel</button><button name=decision value=allow>Allow</button></form>"
        )

    async def _decide(self, request: Request) -> Response:
        body = await whole_body(request, FORM_LIMIT, "request_too_large")
        form = dict(parse_qsl(body.decode(errors="replace")))
        state = {"state": request.query_params.get("state", "")}
        if form.get("decision") != "allow":
            return self._redirect({"error": "access_denied", **state})
        team = self._teams[int(form.get("team", "0"))]
        return self._redirect({"code": self.code(team, request.query_params.get("scope", "")), **state})

    def _redirect(self, query: Json) -> Response:
        return RedirectResponse(f"{self.redirect_url}?{urlencode(query)}", 302)


def renamed(value: Any, team: str, other: str) -> Any:
    """The same with another team's id: all workspaces of this emulator are alike but for that."""
    if team == other or not team:
        return value
    if isinstance(value, str):
        return value.replace(team, other)
    if isinstance(value, Mapping):
        return {name: renamed(each, team, other) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [renamed(each, team, other) for each in value]
    return value


def of_team(payload: Json, team: Team) -> Json:
    """An event's payload as it is for this team's installation.

    Of an installation that ends docs.slack.dev shows neither authorizations nor a context, and the Grid's own id as
    the team's where it was the Grid's.
    """
    made: Json = renamed(payload, TEAM, team.id) if team.id else payload
    if payload["event"]["type"] in ENDS:
        kept = {name: value for name, value in made.items() if name != "authorizations" and "context" not in name}
        return kept if team.id else kept | {"team_id": team.enterprise, "enterprise_id": team.enterprise}
    grid = {"enterprise_id": team.enterprise or None, "is_enterprise_install": not team.id}
    made["authorizations"] = [each | grid | {"team_id": team.id or None} for each in made["authorizations"]]
    return made | {"context_enterprise_id": team.enterprise or None}


def _name(team: Team) -> str:
    return team.name if team.id else team.enterprise_name


def _credentials(arguments: Json, authorization: str) -> tuple[str, str]:
    """From HTTP Basic authentication, which Slack advises, or from the arguments."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme != "Basic":
        return string(arguments, "client_id"), string(arguments, "client_secret")
    try:
        client_id, _, client_secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise Refused("invalid_client_id") from None
    return client_id, client_secret
