"""Which kind of app it is: Slack is asked, once."""

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route

from adapters.slack.app_kind import AppKind
from adapters.slack.client import web_client
from adapters.slack.texts import JAPANESE_LABELS
from tests.adapters.slack.endpoint_harness import ASKED, EndpointHarness
from tests.adapters.slack.payloads import message, opened


class Slack:
    def __init__(self, serve) -> None:
        self.error = ""
        self.asked: list[dict] = []
        methods = [Route("/api/assistant.threads.setSuggestedPrompts", self._set_prompts, methods=["POST"])]
        self.kind = AppKind(web_client("xoxb-1", f"{serve(Starlette(routes=methods))}/api/"), JAPANESE_LABELS)

    async def _set_prompts(self, request):
        self.asked.append(await request.json())
        if self.error == "a web page":
            return HTMLResponse("<html>oops</html>", 503)
        return JSONResponse({"ok": not self.error, "error": self.error})


@pytest.fixture
def slack(serve) -> Slack:
    return Slack(serve)


@pytest.mark.parametrize(("error", "agent"), [("", True), ("not_agent_app", False), ("missing_scope", False)])
def test_slack_says_once_which_kind_of_app_it_is(slack: Slack, error: str, agent: bool):
    slack.error = error
    assert [slack.kind.is_agent("D1") for _ in range(3)] == [agent] * 3
    (asked,) = slack.asked
    assert asked["channel_id"] == "D1"
    assert "thread_ts" not in asked  # with one, the call of an agent fails in silence


@pytest.mark.parametrize("error", ["a web page", "internal_error", "channel_not_found", "ratelimited"])
def test_from_an_outage_nothing_is_learned(slack: Slack, error: str):
    slack.error = error
    assert slack.kind.is_agent("D1")
    slack.error = "not_agent_app"
    assert not slack.kind.is_agent("D1")
    assert len(slack.asked) == 2


@pytest.mark.parametrize(("error", "thread"), [("", ASKED.ts), ("not_agent_app", "")])
def test_the_endpoint_asks_where_it_matters_and_nowhere_else(slack: Slack, clock, error: str, thread: str):
    slack.error = error
    harness = EndpointHarness(clock, agent_view=slack.kind.is_agent)
    harness.post(message(text="<@U0LAN0Z89> 犬の名前は?"))
    harness.post(opened())
    assert slack.asked == []
    harness.post(message(channel="D024BE91L", channel_type="im", ts="1515449523.000001"))
    assert harness.queue.requests[-1].thread == ("1515449523.000001" if thread else "")
    assert len(slack.asked) == 1
