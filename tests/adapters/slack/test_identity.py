"""Who the bot is in its Slack: Slack is asked, and an answer of any form is an identity or an error of ours."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route

from adapters.slack.client import web_client
from adapters.slack.identity import Identity, _time, identity_of
from domain.errors import SlackRefused, SlackUnavailable
from entrypoints.playground.emulator.workspace.model import BOT_NAME, BOT_USER, TEAM
from tests.stand_ins import SlackServer


def test_slack_knows_the_bot_and_its_workspace_by_the_token(serve):
    url = f"{serve(SlackServer('http://127.0.0.1:9/').app)}/api/"
    who = identity_of(web_client("xoxb-own", url))
    assert (who.user_name, who.user, who.team_name, who.team) == (BOT_NAME, BOT_USER, "Playground", TEAM)
    assert {"chat:write", "files:read"} <= who.scopes
    assert who.now > 1_790_000_000
    with pytest.raises(SlackRefused, match="invalid_auth"):
        identity_of(web_client("xoxb-other", url))


@pytest.mark.parametrize(
    "answer",
    [
        JSONResponse({"ok": True, "team": "ポチの会", "user": "bot", "user_id": None}),
        JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "1"}),
        HTMLResponse("<html>oops</html>", 503),
    ],
)
def test_an_answer_that_does_not_say_so_is_asked_for_once(serve, answer):
    asked: list[str] = []

    async def slack(request):
        asked.append(request.url.path)
        return answer

    with pytest.raises(SlackUnavailable):
        identity_of(web_client("xoxb-1", f"{serve(Starlette(routes=[Route('/auth.test', slack, methods=['POST'])]))}/"))
    assert asked == ["/auth.test"]


def test_an_answer_without_scopes_is_an_identity_too(serve):
    async def slack(_):
        said = {"ok": True, "team": "ポチの会", "user": "bot", "user_id": "U1", "team_id": "T1", "enterprise_id": "E1"}
        return JSONResponse(said)

    url = f"{serve(Starlette(routes=[Route('/auth.test', slack, methods=['POST'])]))}/"
    expected = Identity("bot", "U1", "ポチの会", "T1", enterprise="E1")
    assert replace(identity_of(web_client("xoxb-1", url)), now=None) == expected


@pytest.mark.parametrize("headers", [{}, {"Date": "soon"}, {"date": ["soon"]}])
def test_a_time_that_cannot_be_read_is_none(headers):
    assert _time(SimpleNamespace(headers=headers)) is None
