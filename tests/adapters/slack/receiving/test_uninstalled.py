"""Events of Slack that say that an installation has ended, as its reference shows them."""

import pytest

from domain.requests import Uninstall
from tests.adapters.slack.endpoint_harness import EndpointHarness

TIME = 1234567890


def event(**changed: object) -> dict:
    """``app_uninstalled`` with these fields of its own; Slack names no authorizations there."""
    return {
        "token": "XXYYZZ",
        "team_id": "T061EG9R6",
        "api_app_id": "A0MDYCDME",
        "event": {"type": "app_uninstalled"} | changed,
        "type": "event_callback",
        "event_id": "Ev9UQ52YNA",
        "event_time": TIME,
    }


def revoked(**tokens: object) -> dict:
    return event(type="tokens_revoked", tokens=tokens)


def test_a_team_that_removes_the_app_is_to_be_forgotten_also_where_it_is_on_no_list_any_more(clock):
    harness = EndpointHarness(clock, teams={"T1"}, channels={"C1"})
    assert harness.post(event()).status == 200
    harness.post(revoked(bot=["U0LAN0Z89"], oauth=[]))
    assert harness.queue.requests == [
        Uninstall("T061EG9R6", "A0MDYCDME", f"{TIME}.000000", "", "app_uninstalled"),
        Uninstall("T061EG9R6", "A0MDYCDME", f"{TIME}.000000", "", "tokens_revoked"),
    ]


def test_the_end_of_a_whole_enterprises_installation_is_the_enterprises(clock):
    harness = EndpointHarness(clock)
    harness.post(event() | {"team_id": None, "enterprise_id": "E1", "is_enterprise_install": True})
    assert [(each.team, each.enterprise) for each in harness.queue.requests] == [("E1", "E1")]


@pytest.mark.parametrize(
    "payload",
    [
        revoked(oauth=["U061F7AUR"]),
        revoked(bot=[]),
        event(type="tokens_revoked"),
        event(type="tokens_revoked", tokens="all"),
        event() | {"team_id": None},
        event() | {"api_app_id": None},
        event() | {"event_time": None},
        event() | {"event_time": "soon"},
        event() | {"event_time": True},
    ],
)
def test_what_ends_no_installation_for_certain_forgets_nobody(clock, payload):
    harness = EndpointHarness(clock)
    assert harness.post(payload).status == 200
    assert harness.queue.requests == []
