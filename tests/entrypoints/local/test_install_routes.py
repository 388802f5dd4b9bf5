"""The pages of the app's installation over HTTP."""

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from adapters.slack.installing import Page
from entrypoints.local.install_routes import AT_ONCE, install_routes
from tests.stand_ins import SOON

STRANGERS = 50
"""More than the threads that a server has."""


class SlowInstalling:
    """Waits as it does while Slack is slow."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.asked: list[tuple[str, str, bool]] = []
        self.waiting = threading.Semaphore(0)

    def begin(self, *, secure: bool) -> Page:
        return Page(302, {"Location": "https://slack.test/", "Set-Cookie": f"secure={secure}"})

    def finish(self, query: str, cookies: str, *, secure: bool) -> Page:
        self.asked.append((query, cookies, secure))
        self.waiting.release()
        assert self.go_on.wait(SOON)
        return Page(200, {"Content-Type": "text/html; charset=utf-8"}, "ポチ")


@pytest.fixture
def installing():
    made = SlowInstalling()
    yield made
    made.go_on.set()


@pytest.mark.parametrize(("headers", "secure"), [({}, False), ({"X-Forwarded-Proto": "https"}, True)])
def test_behind_a_proxy_with_https_the_cookie_is_for_https_alone(serve, installing, headers, secure):
    url = serve(Starlette(routes=install_routes(installing)))
    installing.go_on.set()
    begun = httpx2.get(f"{url}/slack/install", headers=headers)
    assert (begun.status_code, begun.headers["location"]) == (302, "https://slack.test/")
    assert begun.headers["set-cookie"] == f"secure={secure}"
    ended = httpx2.get(
        f"{url}/slack/oauth_redirect?code=a%20b&state=s", headers={**headers, "Cookie": "slack-install=1"}
    )
    assert (ended.status_code, ended.text) == (200, "ポチ")
    assert installing.asked == [("code=a%20b&state=s", "slack-install=1", secure)]


def test_strangers_who_have_slack_asked_again_and_again_leave_threads_to_its_events(serve, installing):
    async def event(_: Request) -> PlainTextResponse:
        return PlainTextResponse(await run_in_threadpool(lambda: "queued"))

    url = serve(Starlette(routes=[*install_routes(installing), Route("/events", event)]))
    with ThreadPoolExecutor(STRANGERS) as strangers:
        answers = [strangers.submit(httpx2.get, f"{url}/slack/oauth_redirect", timeout=SOON) for _ in range(STRANGERS)]
        for _ in range(AT_ONCE):
            assert installing.waiting.acquire(timeout=SOON)
        assert httpx2.get(f"{url}/events", timeout=SOON).text == "queued"
        assert len(installing.asked) == AT_ONCE
        installing.go_on.set()
        assert {each.result().status_code for each in answers} == {200}
