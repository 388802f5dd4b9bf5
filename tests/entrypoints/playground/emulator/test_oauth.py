"""Slack's side of OAuth, with the bot's real client: the page, codes, tokens that rotate, and their end."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from slack_sdk import WebClient
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.token_rotation import TokenRotator

from entrypoints.playground.emulator.oauth import OAuth, Team
from entrypoints.playground.emulator.workspace.model import TEAM
from entrypoints.playground.emulator.workspace.workspace import Workspace
from tests.entrypoints.playground.conftest import PERSON, Clock, Slack, refusal

ID, SECRET = "1.2", "a-client-secret"
REDIRECT = "https://bot.test/slack/oauth_redirect"
POCHI, TAMA = Team(TEAM, "ポチの家"), Team("T0TAMA", "たまの家")
APP = {"client_id": ID, "client_secret": SECRET}


@dataclass
class Scene:
    oauth: OAuth
    slack: Slack
    tama: Workspace
    clock: Clock

    @property
    def anybody(self) -> WebClient:
        return WebClient(base_url=f"{self.slack.url}/api/")

    def client(self, team: Team = POCHI) -> WebClient:
        granted = self.anybody.oauth_v2_access(**APP, code=self.oauth.code(team))
        return WebClient(granted["access_token"], base_url=f"{self.slack.url}/api/")


@pytest.fixture
def scene(begin) -> Callable[..., Scene]:
    def run(*, rotating: bool = False) -> Scene:
        clock, tama = Clock(), Workspace("ja")
        oauth = OAuth(**APP, redirect_url=REDIRECT, clock=clock, teams=(POCHI, TAMA), rotating=rotating)
        return Scene(oauth, begin(oauth=oauth, clock=clock, workspaces={"T0TAMA": tama}), tama, clock)

    return run


@pytest.mark.parametrize(("team", "name"), [(0, "ポチの家"), (1, "たまの家")])
def test_a_person_chooses_a_workspace_and_allows_the_app(scene, team, name):
    slack = scene()
    asked = f"{slack.slack.url}/oauth/v2/authorize?client_id={ID}&scope=chat:write,files:read&state=s%26t"
    page = httpx2.get(asked)
    assert "chat:write, files:read" in page.text
    assert f"<option value={team}>{name}</option>" in page.text
    sent_back = httpx2.post(asked, data={"decision": "allow", "team": str(team)})
    address = urlsplit(sent_back.headers["location"])
    assert (sent_back.status_code, address._replace(query="").geturl()) == (302, REDIRECT)
    query = parse_qs(address.query)
    assert query["state"] == ["s&t"]
    granted = slack.anybody.oauth_v2_access(**APP, code=query["code"][0])
    assert (granted["team"]["name"], granted["scope"]) == (name, "chat:write,files:read")
    assert (granted["enterprise"], granted["is_enterprise_install"]) == (None, False)


def test_who_cancels_is_sent_back_without_a_code(scene):
    asked = f"{scene().slack.url}/oauth/v2/authorize?client_id={ID}&state=s"
    sent_back = httpx2.post(asked, data={"decision": "cancel"})
    assert sent_back.headers["location"] == f"{REDIRECT}?error=access_denied&state=s"


@pytest.mark.parametrize("query", ["client_id=other", f"client_id={ID}&redirect_uri=https://tama.test/", ""])
def test_the_page_asks_for_no_other_app_and_sends_to_no_other_address(scene, query):
    assert httpx2.get(f"{scene().slack.url}/oauth/v2/authorize?{query}").status_code == 400


def test_a_code_is_exchanged_once_by_its_own_app_within_ten_minutes(scene):
    slack = scene()
    code = slack.oauth.code()
    access = slack.anybody.oauth_v2_access
    assert refusal(access, **APP | {"client_id": "9.9"}, code=code) == "invalid_client_id"
    assert refusal(access, **APP | {"client_secret": "x"}, code=code) == "bad_client_secret"
    assert refusal(access, **APP, code=slack.oauth.code(client_id="9.9")) == "invalid_code"
    assert refusal(access, **APP, code=code, grant_type="bone") == "invalid_grant_type"
    assert access(**APP, code=code)["ok"]
    assert refusal(access, **APP, code=code) == "code_already_used"
    late = slack.oauth.code()
    slack.clock.now += 600
    assert refusal(access, **APP, code=late) == "code_expired"


def test_a_token_that_rotates_expires_and_is_refreshed_once(scene):
    slack = scene(rotating=True)
    granted = slack.anybody.oauth_v2_access(**APP, code=slack.oauth.code())
    slack.clock.now += granted["expires_in"]
    assert refusal(WebClient(granted["access_token"], base_url=slack.anybody.base_url).auth_test) == "token_expired"
    installation = Installation(
        user_id=PERSON,
        bot_token=granted["access_token"],
        bot_id="B1",
        bot_user_id=granted["bot_user_id"],
        bot_refresh_token=granted["refresh_token"],
        bot_token_expires_at=1,
    )
    rotator = TokenRotator(**APP, client=slack.anybody)
    rotated = rotator.perform_token_rotation(installation=installation)
    assert WebClient(rotated.bot_token, base_url=slack.anybody.base_url).auth_test()["team_id"] == TEAM
    assert rotated.bot_refresh_token != installation.bot_refresh_token
    again = {**APP, "grant_type": "refresh_token", "refresh_token": granted["refresh_token"]}
    assert refusal(slack.anybody.oauth_v2_access, **again) == "invalid_refresh_token"


def test_a_token_that_is_given_back_is_valid_no_more_and_the_bot_is_told(scene, listener):
    slack = scene()
    client, other = slack.client(TAMA), slack.client(POCHI)
    assert client.auth_revoke()["revoked"]
    assert refusal(client.auth_test) == "token_revoked"
    payload = listener.next_of("tokens_revoked")
    assert (payload["team_id"], payload["event"]["tokens"]) == ("T0TAMA", {"oauth": [], "bot": ["U0BOT00001"]})
    assert other.auth_test()["ok"]


def test_an_app_that_is_uninstalled_loses_all_tokens_of_that_workspace(scene, listener):
    slack = scene()
    first, second, other = slack.client(TAMA), slack.client(TAMA), slack.client(POCHI)
    assert refusal(first.apps_uninstall, **APP | {"client_secret": "x"}) == "bad_client_secret"
    assert first.apps_uninstall(**APP)["ok"]
    assert refusal(second.auth_test) == "token_revoked"
    assert [listener.next_of(kind)["team_id"] for kind in ("app_uninstalled", "tokens_revoked")] == ["T0TAMA"] * 2
    assert other.auth_test()["ok"]
    assert refusal(slack.slack.client.apps_uninstall, **APP) == "not_allowed_token_type"


def test_each_workspace_has_posts_of_its_own_and_the_token_says_which_is_meant(scene, listener):
    slack = scene()
    client = slack.client(TAMA)
    assert client.auth_test()["team_id"] == "T0TAMA"
    asked = slack.tama.say(PERSON, "C0CHANNEL1", "@bot たまは?")
    payload = listener.next_of("app_mention")
    assert (payload["team_id"], payload["event"]["team"]) == ("T0TAMA", "T0TAMA")
    assert payload["authorizations"][0]["team_id"] == "T0TAMA"
    began = client.chat_startStream(
        channel="C0CHANNEL1", thread_ts=asked.ts, recipient_user_id=PERSON, recipient_team_id="T0TAMA"
    )
    client.chat_stopStream(channel="C0CHANNEL1", ts=began["ts"], markdown_text="寝ています")
    assert [post.text for post in slack.tama.messages.posts()] == ["<@U0BOT00001> たまは?", "寝ています"]
    assert list(slack.slack.workspace.messages.posts()) == []
