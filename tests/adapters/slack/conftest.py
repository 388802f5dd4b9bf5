"""The stage for what is said in Slack."""

from types import SimpleNamespace

import pytest

from tests.adapters.slack.channel_harness import Stage


@pytest.fixture
def stage(serve, clock) -> Stage:
    return Stage(serve, clock)


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
def direct(serve, clock) -> Stage:
    return Stage(serve, clock, direct=True)


@pytest.fixture
def agent(serve, clock) -> Stage:
    """Where the app is declared as an agent."""
    return Stage(serve, clock, sessions=True)
