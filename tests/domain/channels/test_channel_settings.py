"""What may be set for one channel."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.channels.channel_settings import (
    BUDGET_LIMIT,
    LANGUAGES,
    MODEL_LIMIT,
    NAMES,
    NO_SETTINGS,
    ChannelSettings,
    UnusableSetting,
)
from domain.conversations.place import Scope

POCHI = ChannelSettings("ポチの散歩の話だけをします。", "gpt-5.4", "ja", Scope.CHANNEL, 100_000)

SETTINGS = st.builds(
    ChannelSettings,
    instructions=st.text(max_size=40).map(str.strip).filter(lambda text: "\r\n" not in text),
    model=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=MODEL_LIMIT),
    language=st.sampled_from(["", *LANGUAGES]),
    scope=st.sampled_from([None, *Scope]),
    budget=st.none() | st.integers(0, BUDGET_LIMIT),
)


@given(SETTINGS)
def test_what_is_shown_can_be_written_again(settings):
    assert NO_SETTINGS.with_texts(settings.texts()) == settings


@given(SETTINGS)
def test_an_empty_text_unsets_what_was_set(settings):
    assert settings.with_texts(dict.fromkeys(NAMES, " ")) == NO_SETTINGS


@given(st.sampled_from(NAMES), st.text(max_size=30))
def test_whatever_is_written_is_taken_or_refused_in_one_sentence_that_names_the_setting(name, text):
    try:
        taken = NO_SETTINGS.with_texts({name: text})
    except UnusableSetting as error:
        named, sentence, taken = error.name, str(error), NO_SETTINGS
    else:
        named, sentence = name, f"{name} must be "
    assert (named, sentence.startswith(f"{name} must be "), len(sentence.splitlines())) == (name, True, 1)
    assert set(taken.texts()) <= {name}


def test_one_setting_is_changed_and_the_others_stay():
    assert POCHI.with_texts({"budget": "５０，０００"}) == ChannelSettings(
        "ポチの散歩の話だけをします。", "gpt-5.4", "ja", Scope.CHANNEL, 50_000
    )
    assert POCHI.with_texts({}) == POCHI


def test_case_and_width_do_not_matter_where_nobody_would_expect_it():
    written = NO_SETTINGS.with_texts({"language": " JA ", "scope": "Ｃhannel", "budget": "100_000"})
    assert written == ChannelSettings(language="ja", scope=Scope.CHANNEL, budget=100_000)


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ({"budget": "lots"}, "budget must be a whole number from 0 to 1,000,000,000,000, not 'lots'"),
        ({"budget": "-1"}, "budget must be a whole number from 0 to 1,000,000,000,000, not '-1'"),
        ({"budget": "9" * 20}, f"budget must be a whole number from 0 to 1,000,000,000,000, not '{'9' * 20}'"),
        ({"language": "fr"}, "language must be one of ja, en, not 'fr'"),
        ({"scope": "dog"}, "scope must be one of thread, channel, not 'dog'"),
        ({"model": "two words"}, "model must be at most 100 visible ASCII characters, not 'two words'"),
        ({"model": "犬"}, "model must be at most 100 visible ASCII characters, not '犬'"),
        ({"model": "m" * 101}, "model must be at most 100 visible ASCII characters, not 101 characters"),
        ({"instructions": "犬" * 2_001}, "instructions must be at most 2,000 characters, not 2,001 characters"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(texts, sentence):
    with pytest.raises(UnusableSetting) as refused:
        NO_SETTINGS.with_texts(texts)
    assert str(refused.value) == sentence


def test_half_of_a_character_is_replaced():
    assert NO_SETTINGS.with_texts({"instructions": "犬\ud800"}).instructions == "犬\ufffd"


def test_a_budget_of_nothing_is_no_limit_and_is_set_all_the_same():
    assert NO_SETTINGS.with_texts({"budget": "0"}).texts() == {"budget": "0"}
    assert ChannelSettings(budget=0)
    assert not NO_SETTINGS
