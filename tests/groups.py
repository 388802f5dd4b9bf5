"""Tests of one group run in one process, one after the other: the tests of a file, or of the files named here.

pytest-xdist 3.8 reads a mark for it, and hands it on in an attribute that pytest 9.2 no longer has: there each test of
a group may run in any process, and nobody says so. So the groups are the scheduler's own here, which xdist lets a
project choose.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

GROUPS = {
    "stack/test_stack.py": "stack",
    "terraform": "terraform",
    "entrypoints/playground/page/browser/test_slack_features.py": "browser, Slack's features",
    "entrypoints/playground/page/browser": "browser",
    "followed": "followed",
    "stack/test_container.py": "container",
}
"""Group of every test of a folder or file, those that take longest first. Those of ``terraform`` share one plan, those
of ``followed`` one clone with its environment, those of ``stack`` one deployment. The tests in a browser are two
groups, each with a browser of its own. The first place that a test is in is its group's."""


def group_of(nodeid: str) -> str:
    """The group that this test is in: one of those above, or its file."""
    file = nodeid.partition("::")[0]
    return next((group for place, group in GROUPS.items() if _is_in(file, place)), file)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: rank_of(item.nodeid))


def rank_of(nodeid: str) -> int:
    """The place of this test's group in the order in which they begin: none is to begin when all others are done."""
    groups = list(dict.fromkeys(GROUPS.values()))
    group = group_of(nodeid)
    return groups.index(group) if group in groups else len(groups)


def _is_in(file: str, place: str) -> bool:
    return f"{file}/".startswith(f"tests/{place}/")


class GroupScheduling(LoadScopeScheduling):
    """The groups in the order of their tests. One for each test would take xdist 4 ms a test, at 5,000 of them."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> GroupScheduling:
    config.option.loadscopereorder = False
    return GroupScheduling(config, log)
