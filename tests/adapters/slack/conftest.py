"""What tests of Slack share."""

from types import SimpleNamespace

import pytest

from tests.adapters.slack.replies_harness import Slack


@pytest.fixture
def slack(serve, clock) -> Slack:
    return Slack(serve, clock)


@pytest.fixture
def waits(clock, monkeypatch) -> list[float]:
    """The seconds that slack_sdk has slept; they pass on the clock of the test only."""
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.pass_by(seconds)

    monkeypatch.setattr("slack_sdk.http_retry.builtin_handlers.time", SimpleNamespace(sleep=sleep))
    return slept


@pytest.fixture
def direct(serve, clock) -> Slack:
    return Slack(serve, clock, direct=True)


@pytest.fixture
def agent(serve, clock) -> Slack:
    """Where the app is declared as an agent."""
    return Slack(serve, clock, sessions=True)
