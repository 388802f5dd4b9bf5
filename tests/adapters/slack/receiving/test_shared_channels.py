"""Channels that are shared with another company, and an Enterprise Grid of several teams."""

import logging
from dataclasses import replace

import pytest

from adapters.slack.receiving.external_people import TOLD_SECONDS
from tests.adapters.slack.endpoint_harness import ASKED, EndpointHarness
from tests.adapters.slack.payloads import BOT, event_callback, message, opened, press, slash

THEIRS = {"team_id": "TEXT", "is_ext_shared_channel": True, "context_team_id": "T061EG9R6"}
EXTERNAL = {"user": "UEXT", "team": "TEXT", "user_team": "TEXT", "source_team": "TEXT"}
ASKED_BY_THEM = replace(ASKED, person="UEXT", person_team="TEXT")
GRID = [{"enterprise_id": "E1", "team_id": None, "user_id": "U0LAN0Z89", "is_bot": True, "is_enterprise_install": True}]


@pytest.fixture
def harness(clock) -> EndpointHarness:
    return EndpointHarness(clock)


def test_the_installations_team_is_the_identity_whoever_asks(clock):
    harness = EndpointHarness(clock, external_people=True, teams={"T061EG9R6"})
    harness.post(event_callback(team="T061EG9R6") | {"is_ext_shared_channel": True})
    follow_up = {"ts": "1515449523.000001", "thread_ts": ASKED.ts, "text": "散歩は?"}
    harness.post(message(**follow_up, **EXTERNAL) | THEIRS)
    assert harness.queue.requests == [
        ASKED,
        replace(ASKED_BY_THEM, ts="1515449523.000001", thread=ASKED.ts, text="散歩は?", addressed=False),
    ]
    assert len(set(harness.queue.conversations)) == 1


def test_without_authorizations_the_context_says_which_installation_it_is(harness: EndpointHarness):
    harness.post(event_callback(authorizations=None) | {"team_id": "TEXT", "context_team_id": "T061EG9R6"})
    assert [each.team for each in harness.queue.requests] == ["T061EG9R6"]


def test_a_person_of_another_company_is_refused_once_in_a_day_and_channel(harness: EndpointHarness, clock, caplog):
    def ask(number: int, **event: object) -> None:
        ts = f"1515449522.{number:06}"
        harness.post(event_callback(ts=ts, **EXTERNAL, **event) | THEIRS)

    with caplog.at_level(logging.DEBUG, logger="adapters"):
        ask(1)
        ask(1)  # a retry of Slack's
        ask(2)
        ask(3, channel="C2")
    assert [(each.ts[-1], each.channel, each.external) for each in harness.queue.requests] == [
        ("1", "C0LAN2Q65", True),
        ("3", "C2", True),
    ]
    assert "has been told that they are not answered" in caplog.text
    clock.pass_by(TOLD_SECONDS)
    ask(4)
    assert [each.ts[-1] for each in harness.queue.requests] == ["1", "3", "4"]


def test_what_a_person_of_another_company_says_without_a_mention_gets_no_refusal(harness: EndpointHarness):
    harness.post(message(thread_ts=ASKED.ts, ts="1515449523.000001", **EXTERNAL) | THEIRS)
    assert harness.queue.requests == []


def test_of_many_people_who_were_refused_the_latest_are_known(harness: EndpointHarness, monkeypatch):
    monkeypatch.setattr("adapters.slack.receiving.external_people.KEPT", 2)
    for number, person in enumerate(("U1", "U2", "U3", "U3", "U1")):
        harness.post(event_callback(ts=f"1.{number}", **EXTERNAL | {"user": person}) | THEIRS)
    assert [each.person for each in harness.queue.requests] == ["U1", "U2", "U3", "U1"]


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ({"team": "T061EG9R6"}, {"is_ext_shared_channel": True}),
        ({"team": "T2", "user_team": "T2"}, {"is_ext_shared_channel": False}),
        ({"team": "T2", "authorizations": GRID}, {"context_team_id": "T061EG9R6"}),
        ({"team": "E1", "authorizations": GRID}, {"context_team_id": "T061EG9R6", "is_ext_shared_channel": True}),
        ({"team": 7}, {"is_ext_shared_channel": True}),
        ({"team": "../.."}, {}),
    ],
)
def test_colleagues_are_no_people_of_another_company(harness: EndpointHarness, event: dict, payload: dict):
    harness.post(event_callback(**event) | payload)
    assert [each.external for each in harness.queue.requests] == [False]


@pytest.mark.parametrize(
    ("payload", "team"),
    [
        ({"context_team_id": "T2", "team_id": "T3"}, "T2"),
        ({"team_id": "T3", "context_team_id": None}, "T3"),
        ({"team_id": None, "enterprise_id": "E1"}, "E1"),
        ({"team_id": None}, "E1"),
    ],
)
def test_where_a_whole_grid_has_installed_the_app_the_event_names_the_team(
    harness: EndpointHarness, payload: dict, team: str
):
    harness.post(event_callback(authorizations=GRID) | payload)
    harness.post(opened() | {"authorizations": GRID} | payload)
    assert [each.team for each in harness.queue.requests] == [team, team]


def test_a_bot_that_belongs_to_no_team_is_known_by_its_id_all_the_same(harness: EndpointHarness):
    harness.post(event_callback(authorizations=[BOT[0] | {"team_id": None}]))
    assert harness.queue.requests == [ASKED]


def test_a_request_says_which_enterprise_has_installed_the_app_for_all_of_its_teams(harness: EndpointHarness):
    harness.post(event_callback(authorizations=[{**GRID[0], "team_id": "T061EG9R6"}]))
    harness.post_form(slash(is_enterprise_install="true", enterprise_id="E1"))
    harness.post_interaction(press(is_enterprise_install=True, enterprise={"id": "E1", "name": "犬の会"}))
    assert [(each.team, each.enterprise) for each in harness.queue.requests] == [("T061EG9R6", "E1")] * 3


def test_a_team_of_an_enterprise_that_has_installed_the_app_itself_stands_for_itself(harness: EndpointHarness):
    harness.post(event_callback(authorizations=[{**BOT[0], "enterprise_id": "E1"}]))
    harness.post_form(slash(is_enterprise_install="false", enterprise_id="E1"))
    assert [(each.team, each.enterprise) for each in harness.queue.requests] == [("T061EG9R6", "")] * 2


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "team"])
def test_all_teams_of_an_enterprise_on_the_list_are_allowed_whoever_installed_the_app(clock, whole):
    harness = EndpointHarness(clock, teams={"E1"})
    whose = {"enterprise_id": "E1", "is_enterprise_install": whole}
    harness.post(event_callback(authorizations=[{**BOT[0], **whose}]))
    harness.post_form(slash(enterprise_id="E1", is_enterprise_install=str(whole).lower()))
    harness.post_interaction(press(is_enterprise_install=whole, enterprise={"id": "E1", "name": "犬の会"}))
    assert [each.team for each in harness.queue.requests] == ["T061EG9R6"] * 3


def test_the_enterprise_of_whoever_speaks_allows_nothing(clock):
    harness = EndpointHarness(clock, teams={"E2"}, external_people=True)
    outer = THEIRS | {"enterprise_id": "E2", "context_enterprise_id": "E1"}
    harness.post(event_callback(authorizations=[{**BOT[0], "enterprise_id": "E1"}], **EXTERNAL) | outer)
    harness.post(event_callback(authorizations=None, **EXTERNAL) | outer)
    harness.post_interaction(press(team={"id": "TEXT"}, enterprise={"id": "E2"}))
    assert harness.queue.requests == []


def test_a_vote_of_another_enterprises_person_is_not_of_their_installation(harness: EndpointHarness):
    theirs = {"team": {"id": "TEXT"}, "enterprise": {"id": "E2"}, "is_enterprise_install": True}
    harness.post_interaction(press(**theirs))
    assert [(each.team, each.enterprise) for each in harness.queue.requests] == [("T061EG9R6", "")]


def test_an_enterprise_whose_id_is_none_is_nobody(harness: EndpointHarness):
    harness.post(event_callback(authorizations=[{**BOT[0], "enterprise_id": "犬", "is_enterprise_install": True}]))
    assert [each.enterprise for each in harness.queue.requests] == [""]
