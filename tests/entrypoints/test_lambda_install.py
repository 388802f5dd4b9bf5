"""The function in which workspaces install the app: what API Gateway hands it, and what it keeps where."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from starlette.applications import Starlette

from adapters.dynamodb import DynamoInstallations
from adapters.installations.store import Installations
from adapters.kms import KmsCipher, kms_client
from entrypoints import lambda_install
from entrypoints.configuration.settings import Settings
from entrypoints.manifest import scopes_for
from entrypoints.playground.emulator.oauth import OAuth, Team
from entrypoints.playground.emulator.server import SlackEmulator
from entrypoints.playground.emulator.workspace.workspace import Workspace
from tests.aws_on_loopback import PREFIX, TABLE, Aws
from tests.lambda_context import lambda_context

CLIENT_ID, CLIENT_SECRET = "1234567890.1234567890", "a-client-secret-of-pochi"
HOME, STRANGER = Team("T0POCHI", "ポチの家"), Team("T0TAMA", "たまの家")
HOST = "0123456789.execute-api.ap-northeast-1.amazonaws.com"


def visit(path: str, query: str = "", **changed: object) -> dict:
    """A browser's request as API Gateway hands it on by an HTTP API's payload 2.0, and the function's answer."""
    event = {
        "version": "2.0",
        "routeKey": f"GET {path}",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": HOST, "user-agent": "Mozilla/5.0"},
        "requestContext": {"requestId": "r1", "domainName": HOST, "http": {"method": "GET", "path": path}},
        "isBase64Encoded": False,
    }
    return lambda_install.handler(event | changed, lambda_context("install"))


@dataclass
class App:
    """The deployed function, and Slack's side of the app."""

    aws: Aws
    oauth: OAuth
    key: str
    said: Callable[[], str]
    cookie: str = ""
    state: str = ""

    def begin(self) -> dict:
        answer = visit("/slack/install")
        (cookie,) = answer["cookies"]
        self.cookie = cookie.partition(";")[0]
        (self.state,) = parse_qs(urlsplit(answer["headers"]["Location"]).query)["state"]
        return answer

    def finish(self, team: Team = HOME, **changed: object) -> dict:
        query = urlencode({"state": self.state, "code": self.oauth.code(team)})
        return visit("/slack/oauth_redirect", query, **({"cookies": ["other=1", self.cookie]} | changed))

    def token(self, team: Team = HOME) -> str | None:
        store = Installations(DynamoInstallations(TABLE), KmsCipher(self.key, kms_client()))
        found = store.find_bot(enterprise_id=None, team_id=team.id)
        return found.bot_token if found else None


@pytest.fixture
def app(aws, aws_environment, serve, log, clock) -> App:
    oauth = OAuth(
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        redirect_url=f"https://{HOST}/slack/oauth_redirect",
        clock=time.time,
        teams=(HOME, STRANGER),
    )
    slack = SlackEmulator(
        Workspace("ja"),
        bot_token="xoxb-made-up",
        signing_secret="s",
        events_url="http://127.0.0.1:1/events",
        oauth=oauth,
    )
    key = aws.create_key()
    for name, value in {
        "TABLE_NAME": aws.create_table(),
        "TOKEN_KMS_KEY": key,
        "PARAMETERS_PREFIX": PREFIX,
        "SLACK_API_URL": f"{serve(Starlette(routes=slack.routes))}/api/",
    }.items():
        aws_environment.setenv(name, value)
    aws.set_parameters(SlackClientId=CLIENT_ID, SlackClientSecret=CLIENT_SECRET)
    aws_environment.setattr(lambda_install.logger.logger_handler, "stream", log)
    aws_environment.setattr(lambda_install, "current", replace(lambda_install.current, clock=clock))
    return App(aws, oauth, key, log.getvalue)


def test_a_workspace_that_installs_the_app_has_its_token_kept_and_encrypted(app):
    begun = app.begin()
    assert begun["statusCode"] == 302
    assert parse_qs(urlsplit(begun["headers"]["Location"]).query)["scope"] == [",".join(scopes_for(Settings()))]
    answer = app.finish()
    assert (answer["statusCode"], "ポチの家" in answer["body"]) == (200, True)
    assert app.token() in app.oauth.tokens(HOME)
    assert "xoxb" not in app.aws.item("installations/T0POCHI")["installation"]["S"]
    assert "installed in T0POCHI" in app.said()
    assert "xoxb" not in app.said()


def test_cookies_come_and_go_where_api_gateway_has_them(app):
    (cookie,) = app.begin()["cookies"]
    assert "Secure" in cookie
    (deleted,) = app.finish()["cookies"]
    assert "Max-Age=0" in deleted
    assert "Set-Cookie" not in app.begin()["headers"]


def test_an_emulator_that_leaves_cookies_among_the_headers_is_understood(app):
    app.begin()
    assert app.finish(cookies=None, headers={"Cookie": app.cookie})["statusCode"] == 200


@pytest.mark.parametrize("changed", [{"cookies": None}, {"cookies": ["slack-install=0"]}, {"rawQueryString": None}])
def test_what_did_not_begin_in_this_browser_is_refused_and_nothing_is_kept(app, changed):
    app.begin()
    assert app.finish(**changed)["statusCode"] == 400
    assert app.token() is None


def test_a_workspace_that_is_not_among_those_in_ssm_is_refused(app):
    app.aws.set_parameters(SlackContextTeamId=HOME.id)
    app.begin()
    assert app.finish(STRANGER)["statusCode"] == 403
    assert app.token(STRANGER) is None
    app.begin()
    assert app.finish(HOME)["statusCode"] == 200


def test_it_asks_for_what_its_role_allows_and_for_nothing_else(app):
    app.begin()
    app.finish()
    assert app.aws.asked == {"ssm:GetParameters", "kms:Encrypt", "dynamodb:PutItem"}


@pytest.mark.parametrize(("status", "language", "sentence"), [(500, "", "運用者"), (500, "en", "The operator")])
def test_a_credential_that_is_not_set_is_named_in_the_log_and_the_person_gets_a_page(
    app, aws_environment, status, language, sentence
):
    app.aws.set_parameters(SlackClientSecret="placeholder")
    aws_environment.setenv("BOT_LANGUAGE", language)
    answer = visit("/slack/install")
    assert (answer["statusCode"], answer["cookies"]) == (status, [])
    assert sentence in answer["body"]
    assert f"{PREFIX}/SlackClientSecret in SSM must be set" in app.said()


def test_where_the_key_is_out_of_reach_the_person_is_asked_to_try_again(app, aws_environment):
    aws_environment.setenv("TOKEN_KMS_KEY", "00000000-0000-0000-0000-000000000000")
    app.begin()
    assert app.finish()["statusCode"] == 503
    assert "KMS answered NotFoundException" in app.said()


def test_where_ssm_is_out_of_reach_the_person_is_asked_to_try_again(app, dead_port, aws_environment):
    aws_environment.setattr("botocore.endpoint.time.sleep", lambda _: None)
    assert visit("/slack/install")["statusCode"] == 503


def test_a_failure_that_nobody_foresaw_has_a_page_and_a_line_without_what_it_quotes(app, aws_environment):
    def fails() -> None:
        raise RuntimeError("xoxb-of-somebody")

    aws_environment.setattr(lambda_install, "current", fails)
    assert visit("/slack/install")["statusCode"] == 500
    assert "an installation failed" in app.said()
    assert "xoxb-of-somebody" not in app.said()
