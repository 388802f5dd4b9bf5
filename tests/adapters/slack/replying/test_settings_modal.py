"""The modal with a channel's settings, from the command that asks for it to what a person submits."""

import json
from dataclasses import replace

import pytest
from starlette.responses import JSONResponse

from adapters.slack.receiving.interactions import request_in_command, request_in_interaction
from adapters.slack.replying.settings_modal import SlackSettingsModal
from adapters.slack.texts import ENGLISH_LABELS, JAPANESE_LABELS
from domain.channels.channel_settings import NAMES, NO_SETTINGS, ChannelSettings
from domain.channels.settings_requests import ChangeSettings, OpenSettings
from domain.conversations.place import Scope
from domain.errors import SlackRefused, SlackUnavailable
from domain.texts.english import ENGLISH
from domain.texts.japanese import JAPANESE
from entrypoints.playground.emulator.workspace.modals import TRIGGER_SECONDS
from tests.adapters.slack.replies_harness import Slack

POCHI = ChannelSettings("ポチの話だけをします。\n短く。", "gpt-5.4", "ja", Scope.CHANNEL, 100_000)
CASES = [(JAPANESE, JAPANESE_LABELS), (ENGLISH, ENGLISH_LABELS)]


@pytest.fixture
def asked(slack: Slack) -> OpenSettings:
    """A person asks for the settings."""
    form = slack.stand_in.slash(slack.question.person, slack.question.channel, "設定").payload
    return request_in_command(form, slack.clock())


@pytest.fixture
def modal(slack: Slack) -> SlackSettingsModal:
    return SlackSettingsModal(slack.client, labels=JAPANESE_LABELS)


def _refusal(code: str) -> JSONResponse:
    return JSONResponse({"ok": False, "error": code})


def view_of(slack: Slack):
    (view,) = slack.workspace.modals.views().values()
    return view


def as_shown(slack: Slack) -> dict[str, str]:
    """What the person leaves in the form who touches nothing."""
    values = {}
    for block in view_of(slack)["blocks"][1:]:
        element = block["element"]
        values[block["block_id"]] = element.get("initial_value") or element.get("initial_option", {}).get("value", "")
    return values


def submit(slack: Slack, **texts: str) -> ChangeSettings:
    values = json.dumps(as_shown(slack) | texts)
    payload = slack.stand_in.submit(slack.question.person, view_of(slack)["id"], values).payload
    return request_in_interaction(payload, slack.clock())


@pytest.mark.parametrize(("language", "labels"), CASES, ids=["ja", "en"])
@pytest.mark.parametrize("settings", [NO_SETTINGS, POCHI, ChannelSettings("犬" * 2_000, budget=0)])
def test_the_modal_shows_the_settings_and_slack_takes_it(slack: Slack, asked, language, labels, settings):
    SlackSettingsModal(slack.client, labels=labels).open(asked, settings, language)
    assert NO_SETTINGS.with_texts({name: text.strip("-") for name, text in as_shown(slack).items()}) == settings
    assert slack.calls == ["views.open"]


def test_only_what_the_person_changes_is_changed(slack: Slack, asked, modal):
    modal.open(asked, POCHI, JAPANESE)
    change = submit(slack, instructions="猫の話も。", scope="-", budget="")
    assert change.texts == {"instructions": "猫の話も。", "scope": "", "budget": ""}
    assert (change.team, change.channel, change.person) == (asked.team, asked.channel, asked.person)
    assert change.respond_to == asked.respond_to


def test_a_form_that_is_submitted_as_it_was_changes_nothing(slack: Slack, asked, modal):
    for settings in (POCHI, NO_SETTINGS):
        asked = replace(asked, trigger=slack.workspace.modals.trigger(asked.person))
        modal.open(asked, settings, JAPANESE)
        assert submit(slack).texts == {}


def test_where_slacks_time_is_over_a_button_brings_the_modal(slack: Slack, asked, modal):
    slack.clock.pass_by(TRIGGER_SECONDS + 1)
    modal.open(asked, POCHI, JAPANESE)
    assert not slack.workspace.modals.views()
    (offered,) = slack.workspace.messages.ephemerals()
    assert offered.only_for == asked.person
    assert JAPANESE_LABELS.settings_late in str(offered.blocks)

    pressed = slack.stand_in.click(asked.person, asked.channel, offered.ts, "settings").payload
    again = request_in_interaction(pressed, slack.clock())
    assert (again.channel, again.person) == (asked.channel, asked.person)
    modal.open(again, POCHI, JAPANESE)
    assert as_shown(slack)["model"] == "gpt-5.4"


@pytest.mark.parametrize("trigger", ["", "1.2.3"])
def test_a_trigger_that_slack_does_not_know_brings_the_button_too(slack: Slack, asked, modal, trigger):
    modal.open(replace(asked, trigger=trigger), POCHI, JAPANESE)
    assert len(slack.workspace.messages.ephemerals()) == 1


def test_a_modal_that_an_earlier_delivery_opened_is_not_opened_again(slack: Slack, asked, modal):
    modal.open(asked, POCHI, JAPANESE)
    modal.open(asked, POCHI, JAPANESE)
    assert len(slack.workspace.modals.views()) == 1
    assert not slack.workspace.messages.ephemerals()


@pytest.mark.parametrize(("code", "error"), [("invalid_auth", SlackRefused), ("internal_error", SlackUnavailable)])
def test_another_refusal_is_raised(slack: Slack, asked, modal, code, error):
    slack.fail("views.open", _refusal(code))
    with pytest.raises(error, match=code):
        modal.open(asked, POCHI, JAPANESE)


def test_in_direct_messages_the_modal_names_no_channel(slack: Slack, modal):
    person = slack.question.person
    form = slack.stand_in.slash(person, person, "settings").payload
    modal.open(request_in_command(form, slack.clock()), NO_SETTINGS, JAPANESE)
    assert "このダイレクトメッセージ での設定です" in view_of(slack)["blocks"][0]["text"]["text"]


def test_every_setting_has_a_field(slack: Slack, asked, modal):
    modal.open(asked, NO_SETTINGS, JAPANESE)
    assert tuple(as_shown(slack)) == NAMES
