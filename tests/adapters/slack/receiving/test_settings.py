"""Requests about a channel's settings at the endpoint: the command, the button, and the modal."""

import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.payloads.validation import Dropped
from adapters.slack.receiving.interactions import request_in_interaction
from domain.channels.settings_requests import ChangeSettings, OpenSettings
from domain.timestamp import Timestamp
from tests.adapters.slack.endpoint_harness import EndpointHarness
from tests.adapters.slack.payloads import CARRIED, RESPOND_TO, press, settings_button, slash, submission

TRIGGER = "13345224609.738474920.8088930838d88f008e0"
PLACE = ("T061EG9R6", "C0LAN2Q65")
CHANGED = {"instructions": "ポチの話だけをします。\n短く。", "language": "ja", "budget": "100000"}


@pytest.fixture
def harness(clock) -> EndpointHarness:
    return EndpointHarness(clock)


@pytest.mark.parametrize("text", ["settings", " SETTINGS ", "設定", "設定。"])
def test_the_command_asks_for_the_settings_beside_the_channels_questions(harness: EndpointHarness, text):
    answer = harness.post_form(slash(text=text))
    assert (answer.status, answer.body) == (200, "")
    (request,) = harness.queue.requests
    assert request == OpenSettings(*PLACE, request.ts, "U061F7AUR", RESPOND_TO, TRIGGER)
    assert int(request.ts.seconds) == int(harness.clock())
    assert harness.queue.conversations == ["settings/T061EG9R6/C0LAN2Q65"]


@pytest.mark.parametrize("trigger", [None, "", 7, "a b", "x" * 300])
def test_a_trigger_that_is_none_is_left_out(harness: EndpointHarness, trigger):
    payload = settings_button(trigger_id=trigger)
    harness.post_interaction(payload)
    assert harness.queue.requests[0].trigger == ""


def test_the_button_asks_for_them_too(harness: EndpointHarness):
    harness.post_interaction(settings_button())
    pressed_at = Timestamp("1515449700.000008")
    assert harness.queue.requests == [OpenSettings(*PLACE, pressed_at, "U061F7AUR", RESPOND_TO, TRIGGER)]


def test_what_the_person_has_changed_is_queued_and_the_modal_closes(harness: EndpointHarness):
    answer = harness.post_interaction(submission())
    assert (answer.status, answer.body) == (200, "")  # anything else would be shown in the modal
    (request,) = harness.queue.requests
    assert request == ChangeSettings(*PLACE, request.ts, "U061F7AUR", RESPOND_TO, CHANGED | {"model": "", "scope": ""})


def test_a_field_that_the_form_lacked_is_not_unset(harness: EndpointHarness):
    payload = submission()
    del payload["view"]["state"]["values"]["budget"], payload["view"]["state"]["values"]["scope"]
    harness.post_interaction(payload)
    assert set(harness.queue.requests[0].texts) == {"instructions", "model", "language"}


def test_the_modals_channel_counts_and_not_the_team_of_whoever_submits_it(harness: EndpointHarness):
    payload = submission() | {"team": {"id": "TOTHER", "domain": "other"}}
    harness.post_interaction(payload)
    assert (harness.queue.requests[0].team, harness.queue.requests[0].channel) == PLACE


def test_a_signed_modal_is_one_change_however_often_it_arrives(harness: EndpointHarness):
    for _ in range(3):
        harness.post_interaction(submission())
    harness.post_interaction(submission(id="VNHU13V37"))
    assert len(harness.queue.requests) == 2


def test_a_channel_that_the_bot_does_not_listen_to_has_no_settings(clock):
    harness = EndpointHarness(clock, channels=["C0OTHER"])
    harness.post_form(slash(text="settings"))
    harness.post_interaction(settings_button())
    harness.post_interaction(submission())
    assert harness.queue.requests == []


@pytest.mark.parametrize(
    "payload",
    [
        submission(callback_id="other"),
        submission("{"),
        submission("[" * 10_000),
        submission([]),
        submission(CARRIED | {"team": "秘密"}),
        submission(CARRIED | {"channel": None}),
        submission() | {"user": {}},
        submission() | {"view": None},
        press(action={"action_id": "other"}),
    ],
)
def test_what_is_not_the_bots_own_is_dropped(harness: EndpointHarness, payload, caplog):
    caplog.set_level(logging.DEBUG)
    assert harness.post_interaction(payload).status == 200
    assert harness.queue.requests == []
    assert "秘密" not in caplog.text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@given(JSON, JSON)
def test_whatever_stands_in_a_modal_it_is_read_or_dropped(metadata, values):
    payload = submission(json.dumps(metadata), values)
    payload["view"]["private_metadata"] = json.dumps(metadata)
    try:
        request = request_in_interaction(payload, 1.0)
    except Dropped:
        return
    assert all(isinstance(text, str) for text in request.texts.values())


@given(JSON)
def test_whatever_is_written_into_the_fields_is_text(values):
    request = request_in_interaction(submission(values=values), 1.0)
    assert all(isinstance(text, str) for text in request.texts.values())
