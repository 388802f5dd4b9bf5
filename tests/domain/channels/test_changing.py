"""Who may see and change the settings of a channel, and what they are told."""

from dataclasses import replace

import pytest

from domain.channels.changing import ChangingSettings
from domain.channels.channel_settings import NO_SETTINGS, ChannelSettings
from domain.channels.settings_requests import ChangeSettings, OpenSettings
from domain.conversations.place import Scope
from domain.errors import TemplateError
from domain.prompts import Prompts
from domain.texts.english import ENGLISH
from domain.texts.japanese import JAPANESE
from domain.turn_events import SettingsChanged
from tests.fakes import InMemoryReplies

POCHI = ChannelSettings("ポチの話だけをします。\n短く。", "gpt-5.4", "ja", Scope.CHANNEL, 100_000)
OPEN = OpenSettings("T1", "C1", "1000.000001", "USAKURA", "https://hooks.slack.com/1", "1.2.3")
CHANGE = ChangeSettings("T1", "C1", "1000.000002", "USAKURA", "https://hooks.slack.com/1", {"budget": "5"})


class Store:
    """Settings in a dictionary."""

    def __init__(self, settings=NO_SETTINGS):
        self.kept = {("T1", "C1"): settings}

    def load(self, team, channel):
        return self.kept.get((team, channel), NO_SETTINGS)

    def change(self, team, channel, change):
        self.kept[team, channel] = change(self.load(team, channel))
        return self.kept[team, channel]


class Modal:
    """Writes down what it was opened with."""

    def __init__(self):
        self.opened = []

    def open(self, request, settings, language):
        self.opened.append((request, settings, language))


class Office:
    """Where さくら may change the settings."""

    def __init__(self, settings=NO_SETTINGS, people=("USAKURA",)):
        self.store, self.modal, self.replies, self.events = Store(settings), Modal(), InMemoryReplies(), []
        self.changing = ChangingSettings(
            store=self.store,
            modal=self.modal,
            replies=self.replies,
            prompts=Prompts(JAPANESE, languages={"ja": JAPANESE, "en": ENGLISH}),
            people=people,
            report=self.events.append,
        )

    @property
    def told(self):
        assert self.replies.only.private
        return self.replies.only.text


def test_whoever_may_change_the_settings_gets_the_form_with_them():
    office = Office(POCHI)
    office.changing.handle(OPEN)
    assert office.modal.opened == [(OPEN, POCHI, JAPANESE)]
    assert not office.replies.by_ts


@pytest.mark.parametrize("people", [(), ("UKENTA",)])
def test_the_others_see_them_and_are_told_who_may(people):
    office = Office(POCHI, people)
    office.changing.handle(OPEN)
    assert not office.modal.opened
    assert office.told == (
        "**このチャンネルの設定**\n\n- 指示: ポチの話だけをします。 短く。\n- モデル: gpt-5.4\n- 言語: 日本語\n"
        "- 記憶: チャンネル全体で一つ\n- 月のトークンの上限: 100,000\n\n"
        "変えられるのは、管理者と、管理者が決めた人だけです。"
    )


def test_where_nobody_is_named_and_everybody_may_the_form_opens_for_everybody():
    office = Office(people=None)
    office.changing.handle(replace(OPEN, person="UKENTA"))
    assert len(office.modal.opened) == 1


def test_what_was_changed_is_saved_and_told_and_reported():
    office = Office(POCHI)
    office.changing.handle(replace(CHANGE, texts={"budget": "5", "instructions": "", "language": "en"}))
    assert office.store.load("T1", "C1") == ChannelSettings("", "gpt-5.4", "en", Scope.CHANNEL, 5)
    assert office.told == (
        "Saved. From the next question on, in this channel: "
        "Model: gpt-5.4 · Language: English · Memory: one for the whole channel · Monthly budget in tokens: 5."
    )
    (event,) = office.events
    assert event == SettingsChanged(event.request, "T1/C1", ("budget", "instructions", "language"))


def test_when_all_is_unset_it_is_as_everywhere():
    office = Office(ChannelSettings(budget=5))
    office.changing.handle(replace(CHANGE, texts={"budget": ""}))
    assert office.told.endswith("次のようになります。ほかと同じ。")


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ({"budget": "lots"}, JAPANESE.settings_refused["budget"]),
        ({"model": "犬"}, JAPANESE.settings_refused["model"]),
        ({"language": "en", "scope": "dog"}, JAPANESE.settings_refused["scope"]),
    ],
)
def test_what_cannot_be_meant_is_told_and_nothing_is_saved(texts, sentence):
    office = Office(POCHI)
    office.changing.handle(replace(CHANGE, texts=texts))
    assert office.told == sentence
    assert office.store.load("T1", "C1") == POCHI
    assert not office.events


def test_whoever_may_not_change_them_changes_nothing():
    """A form that was opened for somebody is submitted after they were struck from the list."""
    office = Office(POCHI, people=())
    office.changing.handle(CHANGE)
    assert office.told == JAPANESE.settings_of_others
    assert office.store.load("T1", "C1") == POCHI


@pytest.mark.parametrize("request_", [OPEN, CHANGE])
def test_a_request_about_settings_waits_for_no_question(request_):
    assert request_.group(Scope.THREAD) == request_.group(Scope.CHANNEL) == "settings/T1/C1"


def test_to_ask_for_the_settings_and_to_change_them_are_two_requests():
    assert OPEN.identity != replace(CHANGE, ts=OPEN.ts).identity


def test_a_budget_of_nothing_is_called_no_limit_and_a_model_what_it_is():
    office = Office()
    office.changing.handle(replace(CHANGE, texts={"budget": "0", "model": "0"}))
    assert "モデル: 0 · 月のトークンの上限: 上限なし" in office.told


@pytest.mark.parametrize("name", ["settings_names", "settings_refused", "settings_values"])
def test_a_language_has_a_text_for_each_setting(name):
    texts = dict(getattr(JAPANESE, name))
    missing = texts.popitem()[0]
    with pytest.raises(TemplateError, match=f"{name} need a text for {missing}"):
        replace(JAPANESE, **{name: texts})
