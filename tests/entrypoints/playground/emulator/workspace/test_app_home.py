"""The Home tab, suggested prompts, and what the bot learns when somebody opens its place."""

import pytest

from entrypoints.playground.emulator.workspace.model import Refused
from tests.entrypoints.playground.conftest import CHANNEL, DIRECT, OTHER, PERSON, refusal
from tests.entrypoints.playground.emulator.workspace.blocks import (
    CONTEXT,
    DIVIDER,
    HEADER,
    actions,
    button,
    feedback,
    markdown,
    section,
)

HOME = {"type": "home", "blocks": [HEADER, section("ポチ"), DIVIDER, CONTEXT, actions(button())]}


def publish(slack, view=HOME, **more):
    return slack.client.views_publish(**{"user_id": PERSON, "view": view, **more})["view"]


def test_a_home_tab_is_one_persons_and_can_be_replaced(slack):
    first = publish(slack)
    second = publish(slack, {"type": "home", "blocks": [DIVIDER]}, hash=first["hash"])

    assert first["blocks"][0] == {"block_id": "b0", **HEADER}
    assert (second["id"], second["type"]) == (first["id"], "home")
    assert slack.workspace.home.homes() == {PERSON: [{"block_id": "b0", **DIVIDER}]}
    assert refusal(slack.client.views_publish, user_id=PERSON, view=HOME, hash=first["hash"]) == "hash_conflict"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (
            {"view": {"type": "modal", "blocks": [DIVIDER], "title": {"type": "plain_text", "text": "a"}}},
            "invalid_arguments",
        ),
        ({"view": {"type": "home", "blocks": [DIVIDER] * 101}}, "invalid_arguments"),
        ({"view": {"type": "home", "blocks": [{"type": "poem"}]}}, "invalid_arguments"),
        ({"view": {"type": "home", "blocks": [markdown("ポチ")]}}, "invalid_arguments"),
        ({"view": {"type": "home", "blocks": [feedback()]}}, "invalid_arguments"),
        ({"view": {"type": "home", "blocks": [section("a" * 3_001)]}}, "invalid_arguments"),
        ({"view": {"type": "home"}}, "invalid_arguments"),
        ({"view": {**HOME, "private_metadata": "a" * 3_001}}, "invalid_arguments"),
        ({"view": "{"}, "invalid_arguments"),
        ({"user_id": "U0NOBODY"}, "user_not_found"),
        ({"user_id": ""}, "invalid_arguments"),
    ],
)
def test_a_home_tab_that_slack_would_not_show_is_refused(slack, arguments, error):
    assert refusal(slack.client.views_publish, **{"user_id": PERSON, "view": HOME, **arguments}) == error
    assert slack.workspace.home.homes() == {}


def test_a_hundred_blocks_fit(slack):
    assert len(publish(slack, {"type": "home", "blocks": [DIVIDER] * 100})["blocks"]) == 100


# --- opening ---------------------------------------------------------------------------------------


def test_the_bot_is_told_who_opens_its_home(slack, listener):
    slack.stand_in.open_tab(PERSON, "home")
    event = listener.next_of("app_home_opened")["event"]

    assert event == {
        "type": "app_home_opened",
        "user": PERSON,
        "channel": DIRECT,
        "tab": "home",
        "event_ts": event["event_ts"],
    }


def test_a_published_home_comes_along_when_it_is_opened(slack, listener):
    view = publish(slack)
    slack.stand_in.open_tab(PERSON, "home")
    assert listener.next_of("app_home_opened")["event"]["view"] == view

    slack.stand_in.open_tab(PERSON, "messages")
    event = listener.next_of("app_home_opened")["event"]
    assert (event["tab"], "view" in event) == ("messages", False)
    slack.stand_in.open_tab(OTHER, "home")
    assert "view" not in listener.next_of("app_home_opened")["event"]


@pytest.mark.parametrize(
    ("person", "tab", "error"),
    [
        (PERSON, "about", "invalid_tab"),
        ("U0NOBODY", "home", "channel_not_found"),
        (CHANNEL, "home", "user_not_found"),
    ],
)
def test_only_tabs_that_are_there_can_be_opened(slack, person, tab, error):
    with pytest.raises(Refused, match=error):
        slack.workspace.open_tab(person, tab)


# --- prompts ---------------------------------------------------------------------------------------

PROMPT = {"title": "犬", "message": "犬の話をして"}


def suggest(slack, **arguments):
    usual = {"channel_id": DIRECT, "prompts": [PROMPT], **arguments}
    return slack.client.assistant_threads_setSuggestedPrompts(**usual)


def test_prompts_are_suggested_in_direct_messages(slack):
    suggest(slack, title="たとえば", prompts=[PROMPT] * 4)
    assert slack.workspace.home.prompts() == {DIRECT: {"title": "たとえば", "prompts": [PROMPT] * 4}}

    suggest(slack)
    assert slack.workspace.home.prompts() == {DIRECT: {"title": "", "prompts": [PROMPT]}}


def test_prompts_for_a_thread_come_to_nothing_without_a_word(slack):
    assert suggest(slack, thread_ts="1790000000.000001")["ok"]
    assert slack.workspace.home.prompts() == {}


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"prompts": []}, "invalid_arguments"),
        ({"prompts": [PROMPT] * 5}, "invalid_arguments"),
        ({"prompts": [{"title": "犬"}]}, "invalid_arguments"),
        ({"prompts": [{**PROMPT, "message": ""}]}, "invalid_arguments"),
        ({"prompts": ["犬"]}, "invalid_arguments"),
        ({"channel_id": CHANNEL}, "channel_not_found"),
        ({"channel_id": "D0NOWHERE"}, "channel_not_found"),
    ],
)
def test_prompts_that_slack_would_not_show_are_refused(slack, arguments, error):
    usual = {"channel_id": DIRECT, "prompts": [PROMPT], **arguments}

    assert refusal(slack.client.assistant_threads_setSuggestedPrompts, **usual) == error
