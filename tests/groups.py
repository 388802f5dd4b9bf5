"""Tests of one group run in one process, one after the other.

pytest-xdist 3.8 reads a mark for it, and hands it on in an attribute that pytest 9.2 no longer has: there each test of
a group may run in any process, and nobody says so. So the groups are the scheduler's own here, which xdist lets a
project choose.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

GROUPS = {
    "adapters/openai/test_third_parties.py": "model servers",
    "entrypoints/playground/page/browser/test_slack_features.py": "browser, Slack's features",
    "entrypoints/playground/page/browser": "browser",
    "followed": "followed",
    "stack": "stack",
    "terraform": "terraform",
}
"""Group of every test of a folder or file. Those of ``terraform`` share one plan, those of ``followed`` one clone with
its environment, those of ``stack`` one deployment, those of ``model servers`` the servers. The tests in a browser are
two groups, each with a browser of its own. The first place that a test is in is its group's."""


def group_of(nodeid: str) -> str:
    """The group that this test is in: a test that is in none is one by itself."""
    file = nodeid.partition("::")[0]
    groups = (group for place, group in GROUPS.items() if f"{file}/".startswith(f"tests/{place}/"))
    return next(groups, nodeid)


class GroupScheduling(LoadScopeScheduling):
    """The groups with the most tests first, then test by test."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> GroupScheduling:
    return GroupScheduling(config, log)
