"""Modals: when the app may open one, what it may show, and what comes back."""

import json

import pytest

from entrypoints.playground.emulator.workspace import modals
from tests.entrypoints.playground.conftest import CHANNEL, OTHER, PERSON, refusal


def plain(text: str) -> dict:
    return {"type": "plain_text", "text": text}


def field(name: str, optional: bool = True, **element) -> dict:
    return {
        "type": "input",
        "block_id": name,
        "label": plain(name),
        "optional": optional,
        "element": {"type": "plain_text_input", "action_id": "value"} | element,
    }


LANGUAGES = [{"text": plain(each), "value": each} for each in ("-", "ja")]
FORM = {
    "type": "modal",
    "callback_id": "settings",
    "private_metadata": "for the app alone",
    "title": plain("設定"),
    "submit": plain("保存"),
    "close": plain("やめる"),
    "blocks": [
        {"type": "section", "text": {"type": "mrkdwn", "text": "*ポチ*"}},
        field("words", max_length=10, multiline=True),
        field("language", type="static_select", options=LANGUAGES, initial_option=LANGUAGES[0]),
        field("budget", type="number_input", is_decimal_allowed=False, min_value="0", max_value="9"),
    ],
}


@pytest.fixture
def trigger(slack) -> str:
    return slack.stand_in.slash(PERSON, CHANNEL, "settings").payload["trigger_id"]


def open_view(slack, trigger, **changed) -> dict:
    return slack.client.views_open(trigger_id=trigger, view=FORM | changed)["view"]


def test_a_modal_is_opened_for_whoever_gave_the_command(slack, trigger):
    notices = []
    slack.workspace.observe_notices(lambda kind, now: notices.append((kind, now)))
    view = open_view(slack, trigger)
    assert slack.workspace.modals.views() == {PERSON: view}
    assert notices == [("modal", {"user": PERSON, "view": view})]
    assert (view["callback_id"], view["private_metadata"]) == ("settings", "for the app alone")


def test_a_trigger_opens_one_modal(slack, trigger):
    open_view(slack, trigger)
    assert refusal(slack.client.views_open, trigger_id=trigger, view=FORM) == "exchanged_trigger_id"


def test_a_trigger_is_over_after_three_seconds(slack, trigger, monkeypatch):
    monkeypatch.setattr(modals, "TRIGGER_SECONDS", -1)
    assert refusal(slack.client.views_open, trigger_id=trigger, view=FORM) == "expired_trigger_id"
    assert refusal(slack.client.views_open, trigger_id="1.2.3", view=FORM) == "invalid_trigger_id"


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "home"},
        {"title": plain("x" * 25)},
        {"title": {"type": "mrkdwn", "text": "設定"}},
        {"title": None},
        {"submit": None},
        {"close": plain("")},
        {"private_metadata": "x" * 3_001},
        {"callback_id": "x" * 256},
        {"blocks": [{"type": "markdown", "text": "犬"}]},
        {"blocks": [field("words", type="email_text_input")]},
        {"blocks": "{"},
        {"dog": "ポチ"},
    ],
)
def test_what_is_no_modal_is_refused_and_leaves_the_trigger(slack, trigger, changed):
    assert refusal(slack.client.views_open, trigger_id=trigger, view=FORM | changed) == "invalid_arguments"
    open_view(slack, trigger)


def submit(slack, view, **texts):
    return slack.stand_in.submit(PERSON, view["id"], json.dumps(texts))


def test_what_is_submitted_comes_back_in_the_form_of_each_field(slack, listener, trigger):
    view = open_view(slack, trigger)
    submit(slack, view, words="ポチ", language="ja", budget="7")
    payload = listener.next_of("view_submission")
    assert payload["user"]["id"] == PERSON
    assert payload["view"]["private_metadata"] == "for the app alone"
    assert payload["view"]["state"]["values"] == {
        "words": {"value": {"type": "plain_text_input", "value": "ポチ"}},
        "language": {"value": {"type": "static_select", "selected_option": LANGUAGES[1]}},
        "budget": {"value": {"type": "number_input", "value": "7"}},
    }


def test_an_empty_field_comes_back_as_none(slack, trigger):
    values = submit(slack, open_view(slack, trigger)).payload["view"]["state"]["values"]
    assert [each["value"].get("value", each["value"].get("selected_option")) for each in values.values()] == [None] * 3


@pytest.mark.parametrize(
    "texts",
    [{"words": "x" * 11}, {"language": "fr"}, {"budget": "10"}, {"budget": "-1"}, {"budget": "犬"}, {"words": 7}],
)
def test_what_slacks_form_would_not_take_is_refused(slack, trigger, texts):
    view = open_view(slack, trigger)
    with pytest.raises(modals.Refused, match="invalid_value"):
        submit(slack, view, **texts)


@pytest.mark.parametrize("values", ["{", "[]", "7"])
def test_what_is_no_form_at_all_is_refused(slack, trigger, values):
    view = open_view(slack, trigger)
    with pytest.raises(modals.Refused, match="invalid_value"):
        slack.stand_in.submit(PERSON, view["id"], values)


def test_what_is_asked_for_must_be_filled_in(slack, trigger):
    view = open_view(slack, trigger, blocks=[field("words", optional=False)])
    with pytest.raises(modals.Refused, match="invalid_value"):
        submit(slack, view)


def test_a_modal_is_submitted_by_whoever_has_it_open(slack, trigger):
    view = open_view(slack, trigger)
    for person, which in ((OTHER, view["id"]), (PERSON, "V0")):
        with pytest.raises(modals.Refused, match="view_not_found"):
            slack.stand_in.submit(person, which, "{}")


def test_a_modal_that_is_dismissed_is_gone_and_another_one_stays(slack, trigger):
    view = open_view(slack, trigger)
    slack.stand_in.dismiss(PERSON, "V0")
    assert slack.workspace.modals.views() == {PERSON: view}
    slack.stand_in.dismiss(PERSON, view["id"])
    slack.stand_in.dismiss(PERSON, view["id"])
    assert slack.workspace.modals.views() == {}


def test_what_is_known_of_triggers_is_bounded(slack, monkeypatch):
    monkeypatch.setattr(modals, "TRIGGERS_KEPT", 1)
    first, second = (slack.workspace.modals.trigger(PERSON) for _ in range(2))
    assert refusal(slack.client.views_open, trigger_id=first, view=FORM) == "invalid_trigger_id"
    open_view(slack, second)
    open_view(slack, slack.workspace.modals.trigger(PERSON))
    assert refusal(slack.client.views_open, trigger_id=second, view=FORM) == "invalid_trigger_id"
