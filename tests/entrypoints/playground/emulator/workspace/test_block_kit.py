"""Blocks: what Slack takes, what it refuses, and what people read of them."""

import json

import pytest

from entrypoints.playground.emulator.workspace.block_kit import pressed
from entrypoints.playground.emulator.workspace.model import Refused
from tests.entrypoints.playground.conftest import CHANNEL, OTHER, PERSON, refusal
from tests.entrypoints.playground.emulator.workspace.blocks import (
    CONTEXT,
    DIVIDER,
    HEADER,
    actions,
    button,
    feedback,
    markdown,
    plain,
    section,
)

pytestmark = pytest.mark.filterwarnings("ignore:The top-level `text` argument is missing")


@pytest.mark.parametrize(
    "blocks",
    [
        [HEADER, DIVIDER, section("ポチ"), CONTEXT, actions(button())],
        [markdown("a" * 12_000)],
        [markdown("a" * 6_000), markdown("b" * 6_000)],
        [feedback(good="良" * 75, value="v" * 2_000, action_id="a" * 255)],
        [actions(button(text="消" * 75, value="v" * 2_000, style="danger"))],
        [section("a" * 3_000, accessory=button())],
        [{"type": "section", "fields": [plain("一"), plain("二")]}],
        [DIVIDER] * 50,
    ],
)
def test_a_message_may_have_blocks(slack, blocks):
    ts = slack.client.chat_postMessage(channel=CHANNEL, text="ポチ", blocks=blocks)["ts"]

    assert list(slack.workspace.messages.find(CHANNEL, ts).blocks) == blocks


@pytest.mark.parametrize(
    ("blocks", "error"),
    [
        ([DIVIDER] * 51, "invalid_blocks"),
        ([{"type": "poem"}], "invalid_blocks"),
        ([{"text": "no type"}], "invalid_blocks"),
        ([{"type": "divider", "colour": "red"}], "invalid_blocks"),
        ([markdown("a" * 12_001)], "invalid_blocks"),
        ([markdown("a" * 6_000), markdown("b" * 6_001)], "msg_blocks_too_long"),
        ([markdown("")], "invalid_blocks"),
        ([section("a" * 3_001)], "invalid_blocks"),
        ([section("")], "invalid_blocks"),
        ([{"type": "section"}], "invalid_blocks"),
        ([{"type": "section", "text": "bare"}], "invalid_blocks"),
        ([{"type": "header", "text": plain("a" * 151)}], "invalid_blocks"),
        ([{"type": "header", "text": {"type": "mrkdwn", "text": "a"}}], "invalid_blocks"),
        ([feedback(good="良" * 76)], "invalid_blocks"),
        ([feedback(value="v" * 2_001)], "invalid_blocks"),
        ([feedback(value="")], "invalid_blocks"),
        ([feedback(label="a" * 76)], "invalid_blocks"),
        ([feedback(good="")], "invalid_blocks"),
        ([feedback(action_id="a" * 256)], "invalid_blocks"),
        ([{"type": "context_actions", "elements": []}], "invalid_blocks"),
        ([{"type": "context_actions", "elements": [{"type": "feedback_buttons"}]}], "invalid_blocks"),
        ([{"type": "context_actions", "elements": [button()]}], "invalid_blocks"),
        ([{"type": "context", "elements": [{"type": "mrkdwn", "text": ""}]}], "invalid_blocks"),
        ([actions(*feedback()["elements"])], "invalid_blocks"),
        ([actions(button(text="a" * 76))], "invalid_blocks"),
        ([actions(button(value="v" * 2_001))], "invalid_blocks"),
        ([actions(button(accessibility_label="a" * 76))], "invalid_blocks"),
        ([actions({**button(), "text": {"type": "mrkdwn", "text": "a"}})], "invalid_blocks"),
        ([actions({"type": "button", "action_id": "a"})], "invalid_blocks"),
        ([actions({"type": "lever"})], "invalid_blocks"),
        ([actions(button(), button())], "invalid_blocks"),
        ([actions(*({**button(), "action_id": str(n)} for n in range(26)))], "invalid_blocks"),
        ([actions()], "invalid_blocks"),
        ([{**DIVIDER, "block_id": "b" * 256}], "invalid_blocks"),
        ([{**DIVIDER, "block_id": "twice"}, {**DIVIDER, "block_id": "twice"}], "invalid_blocks"),
        ("{", "invalid_blocks_format"),
        ('{"type": "divider"}', "invalid_blocks_format"),
        (["divider"], "invalid_blocks_format"),
    ],
)
def test_blocks_that_slack_would_not_show_are_refused(slack, blocks, error):
    ts = slack.client.chat_postMessage(channel=CHANNEL, text="前")["ts"]

    assert refusal(slack.client.chat_postMessage, channel=CHANNEL, text="ポチ", blocks=blocks) == error
    assert refusal(slack.client.chat_update, channel=CHANNEL, ts=ts, text="ポチ", blocks=blocks) == error
    ephemeral = slack.client.chat_postEphemeral
    assert refusal(ephemeral, channel=CHANNEL, user=PERSON, text="ポチ", blocks=blocks) == error
    assert refusal(slack.client.chat_stopStream, channel=CHANNEL, ts=slack.stream(), blocks=blocks) == error
    assert slack.text_of(ts) == "前"


def test_blocks_may_come_as_json(slack):
    answer = slack.client.chat_postMessage(channel=CHANNEL, text="ポチ", blocks=json.dumps([DIVIDER]))

    assert answer["message"]["blocks"] == [{"type": "divider", "block_id": "b0"}]


def test_what_markdown_blocks_say_is_the_text_that_people_read(slack):
    blocks = [markdown("**一**"), DIVIDER, markdown("二")]
    ts = slack.client.chat_postMessage(channel=CHANNEL, text="通知", blocks=blocks)["ts"]
    post = slack.workspace.messages.find(CHANNEL, ts)
    assert (post.text, post.markdown) == ("**一**\n\n二", True)

    slack.client.chat_update(channel=CHANNEL, ts=ts, text="通知", blocks=[markdown("a" * 12_000)])
    assert slack.text_of(ts) == "a" * 12_000

    slack.client.chat_update(channel=CHANNEL, ts=ts, text="はい")
    post = slack.workspace.messages.find(CHANNEL, ts)
    assert (post.text, post.markdown, post.blocks) == ("はい", False, ())


def test_of_other_blocks_the_text_is_what_notifications_say(slack):
    ts = slack.client.chat_postMessage(channel=CHANNEL, text="通知", blocks=[section("ポチ")])["ts"]

    assert slack.text_of(ts) == "通知"
    assert slack.client.chat_postMessage(channel=CHANNEL, blocks=[section("ポチ")])["ok"]


def test_the_text_beside_blocks_is_bounded_too(slack):
    call = slack.client.chat_postMessage
    assert refusal(call, channel=CHANNEL, text="a" * 4_001, blocks=[markdown("ポチ")]) == "msg_too_long"


@pytest.mark.parametrize("more", [{"blocks": [DIVIDER]}, {"text": "はい"}])
def test_markdown_text_goes_with_neither_text_nor_blocks(slack, more):
    ts = slack.client.chat_postMessage(channel=CHANNEL, text="前")["ts"]
    for call, arguments in (
        (slack.client.chat_postMessage, {}),
        (slack.client.chat_update, {"ts": ts}),
        (slack.client.chat_postEphemeral, {"user": PERSON}),
    ):
        assert refusal(call, channel=CHANNEL, markdown_text="はい", **arguments, **more) == "markdown_text_conflict"


def test_blocks_stand_below_a_stream_that_ends_with_them(slack):
    ts = slack.stream(markdown_text="こん")
    slack.client.chat_stopStream(channel=CHANNEL, ts=ts, markdown_text="にちは", blocks=[feedback()])
    post = slack.workspace.messages.find(CHANNEL, ts)

    assert (post.text, post.markdown, post.blocks) == ("こんにちは", True, (feedback(),))
    assert not slack.workspace.messages.is_live(post)


@pytest.mark.parametrize("name", ["startStream", "appendStream"])
def test_a_stream_takes_no_blocks_before_its_end(slack, name):
    arguments = {"channel": CHANNEL, "blocks": json.dumps([DIVIDER])}
    if name == "startStream":
        arguments |= {"thread_ts": slack.ask(), "recipient_user_id": PERSON, "recipient_team_id": "T0PLAYGRND"}
    else:
        arguments |= {"ts": slack.stream(), "markdown_text": "a"}

    assert refusal(slack.client.api_call, api_method=f"chat.{name}", params=arguments) == "invalid_blocks"


def test_a_button_is_found_by_its_id_and_value():
    blocks = [section("ポチ", accessory=button(value="one")), {**feedback(), "block_id": "votes"}]

    assert pressed(blocks, "reset", "one") == {
        "type": "button",
        "action_id": "reset",
        "block_id": "b0",
        "text": {"type": "plain_text", "text": "消す", "emoji": True},
        "value": "one",
    }
    vote = pressed(blocks, "feedback", "bad")
    assert (vote["type"], vote["block_id"], vote["text"]["text"]) == ("feedback_buttons", "votes", "悪い")
    for action_id, value in (("reset", "two"), ("feedback", ""), ("nothing", "one")):
        with pytest.raises(Refused, match="action_not_found"):
            pressed(blocks, action_id, value)


# --- ephemeral messages ----------------------------------------------------------------------------


def test_an_ephemeral_message_is_for_one_person_and_in_no_history(slack, listener):
    asked = slack.ask("一")
    posted = slack.client.chat_postEphemeral(channel=CHANNEL, user=OTHER, text="ひみつ", thread_ts=asked)
    slack.ask("二")

    post = slack.workspace.messages.find(CHANNEL, posted["message_ts"], OTHER)
    assert (post.text, post.thread, post.only_for) == ("ひみつ", asked, OTHER)
    assert slack.workspace.messages.ephemerals() == [post]
    assert post not in slack.workspace.messages.posts()
    history = slack.client.conversations_history(channel=CHANNEL)["messages"]
    replies = slack.client.conversations_replies(channel=CHANNEL, ts=asked)["messages"]
    assert [each["text"] for each in (*history, *replies)] == ["二", "一", "一"]
    assert [listener.next().event["text"] for _ in range(2)] == ["一", "二"]
    with pytest.raises(Refused, match="message_not_found"):
        slack.workspace.messages.find(CHANNEL, posted["message_ts"], PERSON)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "D0DIRECT02"}, "user_not_in_channel"),
        ({"user": "U0NOBODY"}, "user_not_in_channel"),
        ({"channel": "C0NOWHERE"}, "channel_not_found"),
        ({"text": ""}, "no_text"),
        ({"text": "a" * 4_001}, "msg_too_long"),
        ({"user": ""}, "invalid_arguments"),
    ],
)
def test_an_ephemeral_message_that_slack_would_not_take_is_refused(slack, arguments, error):
    call = slack.client.chat_postEphemeral

    assert refusal(call, **{"channel": CHANNEL, "user": PERSON, "text": "ひみつ", **arguments}) == error
    assert slack.workspace.messages.ephemerals() == []


def test_an_ephemeral_message_cannot_be_updated_by_its_timestamp(slack):
    ts = slack.client.chat_postEphemeral(channel=CHANNEL, user=PERSON, text="ひみつ")["message_ts"]

    assert refusal(slack.client.chat_update, channel=CHANNEL, ts=ts, text="a") == "message_not_found"
    assert refusal(slack.client.chat_delete, channel=CHANNEL, ts=ts) == "message_not_found"
