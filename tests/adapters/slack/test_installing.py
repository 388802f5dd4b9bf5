"""The OAuth flow without a browser: the real client against the emulator, and what strangers may try."""

import base64
import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from cryptography.fernet import Fernet
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import Installation
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.installations.fernet import FernetCipher
from adapters.installations.store import Installations
from adapters.slack.installing import Installing, Page
from adapters.slack.installing.pages import JAPANESE_PAGES, PAGES
from adapters.sqlite import Database, SqliteInstallations
from domain.errors import StoreUnavailable
from entrypoints.playground.emulator.oauth import OAuth, Team
from entrypoints.playground.emulator.server import SlackEmulator
from entrypoints.playground.emulator.workspace.workspace import Workspace
from tests.conftest import Clock, Serve

CLIENT_ID, CLIENT_SECRET = "1234567890.1234567890", "a-client-secret-of-pochi"
SCOPES = ["app_mentions:read", "chat:write"]
HOME = Team("T0POCHI", "ポチの家 & <b>庭</b>")
STRANGER = Team("T0TAMA", "たま")
GRID = Team("", "", "E0DOGS", "犬の会")
REDIRECT = "https://bot.test/slack/oauth_redirect"
STALE = JAPANESE_PAGES.stale[1]


@dataclass
class Flow:
    """The app's side, Slack's side, and a browser's cookies between them."""

    installing: Installing
    installations: Installations
    oauth: OAuth
    api: str
    cookies: str = ""
    state: str = ""
    pages: list[Page] = field(default_factory=list)

    def begin(self) -> dict[str, list[str]]:
        """Returns what Slack's page is asked."""
        page = self.installing.begin(secure=True)
        assert page.status == 302
        self.cookies = page.headers["Set-Cookie"].partition(";")[0]
        asked = parse_qs(urlsplit(page.headers["Location"]).query)
        (self.state,) = asked["state"]
        return asked

    def finish(self, cookies: str | None = None, **query: str) -> Page:
        query = {"state": self.state, **query}
        page = self.installing.finish(
            urlencode({name: value for name, value in query.items() if value}),
            f"other=1; {self.cookies}" if cookies is None else cookies,
            secure=True,
        )
        self.pages.append(page)
        return page

    def kept(self) -> list[str | None]:
        return [each.team_id or each.enterprise_id for each in self.installations.all()]


Begin = Callable[..., Flow]


@pytest.fixture
def flow(serve: Serve, tmp_path: Path, clock: Clock) -> Iterator[Begin]:
    """``flow(rotating=…, language=…, teams=…, client_secret=…)``"""
    with closing(Database(tmp_path / "bot.sqlite3")) as database:

        def run(*, rotating: bool = False, client_secret: str = CLIENT_SECRET, **options: object) -> Flow:
            oauth = OAuth(
                client_id=CLIENT_ID,
                client_secret=CLIENT_SECRET,
                redirect_url=REDIRECT,
                clock=clock,
                teams=(HOME, STRANGER, GRID),
                rotating=rotating,
            )
            slack = SlackEmulator(
                Workspace("ja", clock),
                bot_token="xoxb-made-up",
                signing_secret="s",
                events_url="http://127.0.0.1:1/events",
                oauth=oauth,
            )
            api = f"{serve(Starlette(routes=slack.routes))}/api/"
            installations = Installations(SqliteInstallations(database), FernetCipher(Fernet.generate_key().decode()))
            installing = Installing(
                client_id=CLIENT_ID,
                client_secret=client_secret,
                scopes=SCOPES,
                clock=clock,
                **{"installations": installations, "api_url": api, **options},  # type: ignore[arg-type]
            )
            return Flow(installing, installations, oauth, api)

        yield run


def test_slack_is_asked_for_the_scopes_of_the_manifest_and_sends_back_to_the_manifests_address(flow: Begin):
    bot = flow()
    asked = bot.begin()
    assert asked == {"client_id": [CLIENT_ID], "scope": [",".join(SCOPES)], "state": [bot.state]}
    page = bot.installing.begin(secure=True)
    assert page.headers["Location"].startswith(bot.api.removesuffix("/api/") + "/oauth/v2/authorize?")
    own = Installing(client_id="1", client_secret="2", scopes=[], installations=bot.installations, clock=lambda: 0.0)
    assert own.begin(secure=True).headers["Location"].startswith("https://slack.com/oauth/v2/authorize?")


def test_the_browser_keeps_a_cookie_that_scripts_and_other_sites_cannot_read(flow: Begin):
    bot = flow()
    for secure in (True, False):
        cookie = bot.installing.begin(secure=secure).headers["Set-Cookie"]
        attributes = [each.strip() for each in cookie.split(";")[1:]]
        assert attributes == ["Path=/slack", "Max-Age=600", "HttpOnly", "SameSite=Lax"] + ["Secure"] * secure
    assert bot.begin()["state"] != [bot.begin()["state"]]


@pytest.mark.parametrize("rotating", [False, True])
def test_what_slack_grants_is_kept(flow: Begin, clock: Clock, rotating: bool):
    bot = flow(rotating=rotating)
    bot.begin()
    page = bot.finish(code=bot.oauth.code(HOME, "chat:write,app_mentions:read"))
    assert page.status == 200
    found = bot.installations.find_installation(enterprise_id=None, team_id=HOME.id)
    assert isinstance(found, Installation)
    assert (found.team_name, found.user_id, found.bot_user_id) == (HOME.name, "U0PERSON01", "U0BOT00001")
    assert found.bot_scopes == ["chat:write", "app_mentions:read"]
    assert (found.app_id, found.token_type, found.installed_at) == ("A0PLAYGRND", "bot", clock.now)
    assert bool(found.bot_refresh_token) == rotating
    assert found.bot_token_expires_at == (int(clock.now) + 43_200 if rotating else None)
    assert WebClient(found.bot_token, base_url=bot.api).auth_test()["ok"]


def test_an_installation_in_a_whole_grid_is_kept_and_its_admin_reads_what_is_left_to_do(flow: Begin):
    bot = flow()
    bot.begin()
    page = bot.finish(code=bot.oauth.code(GRID))
    assert page.status == 200
    assert "https://app.slack.com/manage/E0DOGS/integrations/profile/A0PLAYGRND/workspaces/add" in page.body
    found = bot.installations.find_bot(enterprise_id="E0DOGS", team_id="T0ANY")
    assert found is not None
    assert found.is_enterprise_install


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_is_in_the_bots_language_and_what_slack_calls_the_workspace_is_no_html(flow: Begin, language: str):
    bot = flow(language=language)
    bot.begin()
    page = bot.finish(code=bot.oauth.code(HOME))
    assert f'<html lang="{language}">' in page.body
    assert PAGES[language].installed[0].format(workspace="ポチの家 &amp; &lt;b&gt;庭&lt;/b&gt;") in page.body
    assert "<script" not in page.body
    assert "<b>" not in page.body


def test_no_page_hands_on_its_address_or_is_kept_or_framed(flow: Begin):
    bot = flow()
    bot.begin()
    for page in (bot.installing.begin(secure=True), bot.finish(), bot.finish(code=bot.oauth.code(HOME))):
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


def refused(bot: Flow, **changes: str) -> None:
    """This redirect is refused before Slack is asked, whose code stays unused."""
    code = bot.oauth.code(HOME)
    page = bot.finish(**{"code": code, **changes})
    assert page.status == 400
    assert STALE in page.body
    assert bot.kept() == []
    assert WebClient(base_url=bot.api).oauth_v2_access(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, code=code)[
        "ok"
    ]


def test_a_redirect_without_a_state_is_refused(flow: Begin):
    bot = flow()
    bot.begin()
    refused(bot, state="")


def test_a_redirect_without_the_browsers_cookie_is_refused(flow: Begin):
    bot = flow()
    bot.begin()
    refused(bot, cookies="")


def test_another_browsers_cookie_is_refused(flow: Begin):
    bot = flow()
    bot.begin()
    first = bot.cookies
    bot.begin()
    refused(bot, cookies=first)


def test_a_state_is_valid_for_ten_minutes(flow: Begin, clock: Clock):
    bot = flow()
    bot.begin()
    clock.pass_by(599)
    assert bot.finish(code=bot.oauth.code(HOME)).status == 200
    bot.installations.delete_all(enterprise_id=None, team_id=HOME.id)
    bot.begin()
    clock.pass_by(600)
    refused(bot)


def test_a_state_that_somebody_made_or_prolonged_is_refused(flow: Begin):
    bot = flow()
    bot.begin()
    expiry, _, code = bot.state.partition(".")
    other = Installing(client_id="1", client_secret="2", scopes=[], installations=bot.installations, clock=lambda: 0.0)
    of_another_app = parse_qs(urlsplit(other.begin(secure=True).headers["Location"]).query)["state"][0]
    for state in (
        f"{int(expiry) + 1}.{code}",
        f"{expiry}.{'0' * 64}",
        f"{expiry}.{code}0",
        f"{expiry}.{code.upper()}",
        f"{expiry}.",
        code,
        "ポチ",
        "0" * 10_000,
        of_another_app,
    ):
        refused(bot, state=state)


@pytest.mark.parametrize(
    "cookies",
    ["slack-install", "slack-install=", "slack-install=ポチ; x", "slack-install=\ud800", ";;;=", "=" * 10_000],
)
def test_a_cookie_that_somebody_made_is_refused(flow: Begin, cookies: str):
    bot = flow()
    bot.begin()
    refused(bot, cookies=cookies)


@pytest.mark.parametrize("padding", [{"x": "1" * 5_000}, {f"x{n}": "1" for n in range(30)}])
def test_a_query_that_is_none_of_slacks_is_refused(flow: Begin, padding: dict[str, str]):
    bot = flow()
    bot.begin()
    refused(bot, **padding)


def test_a_redirect_that_is_repeated_is_refused_by_the_browser_and_by_slack(flow: Begin):
    bot = flow()
    bot.begin()
    code = bot.oauth.code(HOME)
    page = bot.finish(code=code)
    cookie = page.headers["Set-Cookie"]
    assert cookie.startswith("slack-install=; Path=/slack; Max-Age=0;")
    assert bot.finish(code=code, cookies=cookie.partition(";")[0]).status == 400
    again = bot.finish(code=code)  # by one who has kept the cookie
    assert again.status == 400
    assert JAPANESE_PAGES.refused_code[1] in again.body
    assert bot.kept() == [HOME.id]


def test_what_a_person_cancels_is_told_and_offered_again(flow: Begin):
    bot = flow()
    bot.begin()
    page = bot.finish(error="access_denied")
    assert page.status == 403
    assert JAPANESE_PAGES.cancelled[1] in page.body
    assert 'href="/slack/install"' in page.body
    assert bot.kept() == []


@pytest.mark.parametrize("code", ["", "made-up", "x" * 3_000, "ポチ", "a b&c=d"])
def test_a_code_that_slack_does_not_know_installs_nothing(flow: Begin, code: str):
    bot = flow()
    bot.begin()
    page = bot.finish(code=code)
    assert page.status == 400
    assert JAPANESE_PAGES.refused_code[1] in page.body
    assert bot.kept() == []


def test_a_code_that_was_stolen_from_another_app_or_has_expired_installs_nothing(flow: Begin, clock: Clock):
    bot = flow()
    late = bot.oauth.code(HOME)
    clock.pass_by(600)
    bot.begin()
    for code in (bot.oauth.code(HOME, client_id="9.9"), late):
        assert bot.finish(code=code).status == 400
    assert bot.kept() == []


def test_a_wrong_client_secret_is_the_operators_to_mend(flow: Begin, caplog: pytest.LogCaptureFixture):
    bot = flow(client_secret="another")
    bot.begin()
    page = bot.finish(code=bot.oauth.code(HOME))
    assert page.status == 500
    assert JAPANESE_PAGES.misconfigured[1] in page.body
    assert "bad_client_secret: SLACK_CLIENT_ID or SLACK_CLIENT_SECRET is wrong" in caplog.text


def test_a_team_that_is_not_on_the_list_is_refused_and_its_token_given_back(flow: Begin, caplog):
    bot = flow(teams=[HOME.id])
    bot.begin()
    tokens: list[str] = []
    page = bot.finish(code=bot.oauth.code(STRANGER))
    tokens += bot.oauth.tokens(STRANGER)
    assert page.status == 403
    assert "たま" in page.body
    assert bot.kept() == []
    assert "T0TAMA is not in SLACK_TEAM_IDS" in caplog.text
    (token,) = tokens
    with pytest.raises(SlackApiError, match="token_revoked"):
        WebClient(token, base_url=bot.api).auth_test()
    bot.begin()
    assert bot.finish(code=bot.oauth.code(HOME)).status == 200


def test_a_grid_is_on_the_list_by_its_own_id_and_with_it_each_of_its_teams(flow: Begin):
    bot = flow(teams=["E0DOGS"])
    teams = (GRID, 200), (Team("T0POCHI", "ポチ", "E0DOGS", "犬の会"), 200), (Team("T0TAMA", "たま", "E0CATS"), 403)
    for team, status in teams:
        bot.begin()
        assert bot.finish(code=bot.oauth.code(team)).status == status
    assert bot.kept() == ["E0DOGS", "T0POCHI"]


def test_a_token_that_cannot_be_given_back_is_logged_without_it(flow: Begin, caplog, serve: Serve):
    def answer(request: Request) -> Response:
        if request.path_params["method"] == "auth.revoke":
            return JSONResponse({"ok": False, "error": "internal_error"})
        return JSONResponse(GRANT)

    url = serve(Starlette(routes=[Route("/api/{method}", answer, methods=["GET", "POST"])]))
    bot = flow(api_url=f"{url}/api/", teams=[HOME.id])
    bot.begin()
    assert bot.finish(code="c").status == 403
    assert "could not be revoked: Slack answered internal_error" in caplog.text
    assert "xoxb-secret" not in caplog.text


GRANT = {
    "ok": True,
    "app_id": "A1",
    "authed_user": {"id": "U1"},
    "scope": "chat:write",
    "token_type": "bot",
    "access_token": "xoxb-secret",
    "bot_user_id": "U2",
    "team": {"id": "T1", "name": "ポチ"},
    "enterprise": None,
    "is_enterprise_install": False,
}


def answering(serve: Serve, answer: Response) -> str:
    return f"{serve(Starlette(routes=[Route('/api/{method}', lambda _: answer, methods=['GET', 'POST'])]))}/api/"


@pytest.mark.parametrize(
    "wrong",
    [
        {"access_token": None},
        {"access_token": 7},
        {"token_type": "user"},
        {"team": None},
        {"team": {"id": "../T1"}},
        {"team": [1]},
        {"bot_user_id": ""},
        {"authed_user": None},
        {"is_enterprise_install": True},
        {"scope": None},
        {"app_id": '" onclick='},
    ],
)
def test_an_answer_of_slack_that_cannot_be_read_installs_nothing(flow: Begin, serve: Serve, wrong, caplog):
    bot = flow(api_url=answering(serve, JSONResponse(GRANT | wrong)))
    bot.begin()
    page = bot.finish(code="c")
    assert page.status == 503
    assert JAPANESE_PAGES.away[1] in page.body
    assert bot.kept() == []
    assert "xoxb-secret" not in caplog.text


def test_a_whole_answer_is_taken(flow: Begin, serve: Serve):
    bot = flow(api_url=answering(serve, JSONResponse(GRANT)))
    bot.begin()
    assert bot.finish(code="c").status == 200
    assert bot.kept() == ["T1"]


@pytest.mark.parametrize(
    "answer",
    [
        JSONResponse({"ok": False, "error": "internal_error"}),
        Response("<html>busy</html>", 503),
        Response("<html>a proxy</html>", 200, media_type="text/html"),
        JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "600"}),
    ],
)
def test_while_slack_is_away_the_person_is_asked_to_try_again(flow: Begin, serve: Serve, answer: Response):
    bot = flow(api_url=answering(serve, answer))
    bot.begin()
    page = bot.finish(code="c")
    assert page.status == 503
    assert JAPANESE_PAGES.away[1] in page.body


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("code_of_slack", ["invalid_code", "internal_error", "{quoted}"])
def test_what_slack_quotes_of_the_request_reaches_neither_log_nor_page(
    flow: Begin, serve: Serve, caplog, status: int, code_of_slack: str
):
    async def quote(request: Request) -> Response:
        quoted = f"{request.headers['Authorization']} {(await request.body()).decode()}"
        error = {"ok": False, "error": code_of_slack.format(quoted=quoted), "detail": quoted}
        return JSONResponse(error | {"response_metadata": {"messages": [quoted]}}, status)

    caplog.set_level(logging.DEBUG)
    bot = flow(api_url=f"{serve(Starlette(routes=[Route('/api/{method}', quote, methods=['POST'])]))}/api/")
    bot.begin()
    page = bot.finish(code="the-code-of-pochi")
    assert page.status == (400 if (code_of_slack, status) == ("invalid_code", 200) else 503)
    basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    written = caplog.text + page.body
    assert not [secret for secret in (CLIENT_SECRET, basic, "the-code-of-pochi") if secret in written]


def test_where_no_server_is_the_person_is_asked_to_try_again(flow: Begin):
    bot = flow(api_url="http://127.0.0.1:9/api/")
    bot.begin()
    assert bot.finish(code="c").status == 503


def test_a_store_that_is_out_of_reach_keeps_nothing_and_tells_the_person(flow: Begin, caplog):
    class Locked(Installations):
        def save(self, installation: Installation) -> None:
            raise StoreUnavailable("bot.sqlite3: database is locked")

    bot = flow(installations=Locked(None, None))  # type: ignore[arg-type]
    bot.begin()
    page = bot.finish(code=bot.oauth.code(HOME))
    assert page.status == 503
    assert "an installation failed: bot.sqlite3: database is locked" in caplog.text


def test_neither_log_nor_page_has_a_token_a_code_a_state_or_the_secret(flow: Begin, caplog):
    caplog.set_level(logging.DEBUG)
    bot = flow(rotating=True, teams=[HOME.id])
    secrets = [CLIENT_SECRET]
    for team in (HOME, STRANGER):
        bot.begin()
        code = bot.oauth.code(team)
        secrets += [code, bot.state, bot.cookies.partition("=")[2]]
        bot.finish(code=code)
        bot.finish(code=code)
        bot.finish(code=code, cookies="")
        secrets += bot.oauth.tokens(team)
    written = caplog.text + "".join(f"{page.body} {page.headers}" for page in bot.pages)
    assert len(secrets) == 9
    assert not [secret for secret in secrets if secret in written]
