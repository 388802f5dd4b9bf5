"""Thumbs under an answer, and the votes that a press of them sends."""

import json
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from slack_sdk.models.blocks import MarkdownBlock

from adapters.slack.feedback import feedback_buttons
from adapters.slack.payloads.votes import VALUE_LIMIT, parse_vote
from adapters.slack.replying.messages.edited_message import EDITED_LIMIT
from adapters.slack.replying.messages.streamed_message import STREAMED_LIMIT
from adapters.slack.texts import JAPANESE_LABELS, LABELS
from domain.spending.usage import Receipt, Usage
from entrypoints.playground.emulator.workspace.messages import STREAM_SECONDS
from tests.adapters.slack.replies_harness import RECEIPT, Slack, refusing

IDENTITY = "T0PLAYGRND/C0CHANNEL1/1790000000.000001"


def buttons(receipt=RECEIPT, labels=JAPANESE_LABELS) -> list[dict]:
    block = feedback_buttons(IDENTITY, receipt, labels)
    block.validate_json()
    (element,) = block.to_dict()["elements"]
    assert element["action_id"] == "vote"
    return [element["positive_button"], element["negative_button"]]


def test_a_press_says_which_answer_was_good_or_bad_and_what_it_took():
    good, bad = buttons()
    assert parse_vote(good["value"]) == (IDENTITY, True, RECEIPT)
    assert parse_vote(bad["value"]) == (IDENTITY, False, RECEIPT)
    assert json.loads(good["value"]) == {
        "q": IDENTITY, "v": 1, "m": "gpt-6-mini", "p": "0123abcd", "s": 120, "r": 34, "c": 100, "t": 2.5,
    }  # fmt: skip


@pytest.mark.parametrize("labels", LABELS.values())
def test_the_thumbs_have_names_for_those_who_do_not_see_them(labels):
    good, bad = buttons(labels=labels)
    assert (good["accessibility_label"], bad["accessibility_label"]) == (labels.good, labels.bad)
    assert (good["text"]["text"], bad["text"]["text"]) == ("👍", "👎")


@given(st.text(), st.text(), st.integers(0, 10**9), st.floats())
@example("犬\n", "\ud800", 0, -0.5)
@example("\u200b", "犬\u3000", 0, math.nan)
@example("犬", "犬", 0, math.inf)
def test_any_receipt_fits_into_a_button_and_comes_back(name, version, count, seconds):
    receipt = Receipt(name * 40, version * 40, Usage(sent=count), seconds)
    value = buttons(receipt)[0]["value"]
    assert len(value) <= VALUE_LIMIT
    identity, good, receipt = parse_vote(value)
    assert (identity, good, receipt.usage.sent) == (IDENTITY, True, count)
    if name.isprintable():
        assert receipt.model == (name * 40)[:200]
    if version.isprintable():
        assert receipt.prompts == (version * 40)[:200]
    if 0 <= seconds <= 10**9:
        assert receipt.seconds == seconds


def test_a_vote_may_come_without_a_receipt():
    assert parse_vote(json.dumps({"q": IDENTITY, "v": 0})) == (IDENTITY, False, None)


WHOLE = json.loads(buttons()[0]["value"])


@pytest.mark.parametrize(
    "changed",
    [
        {"q": 1}, {"q": "C1/1.0"}, {"q": "T1/C1/1.0/2.0"}, {"q": "T1/C1/x"}, {"q": None},
        {"v": 2}, {"v": -1}, {"v": True}, {"v": "1"}, {"v": 0.5},
        {"m": 1}, {"m": "a" * 201}, {"m": "\ud800"}, {"m": "a\n"}, {"p": None},
        {"s": -1}, {"s": 1.5}, {"s": True}, {"r": "1"}, {"c": 10**12},
        {"t": -0.1}, {"t": float("nan")}, {"t": float("inf")}, {"t": "1"}, {"t": False}, {"t": 10**400},
        {"x": 1},
    ],
)  # fmt: skip
def test_a_vote_that_the_bot_did_not_write_is_refused(changed):
    with pytest.raises(ValueError, match=r"."):
        parse_vote(json.dumps(WHOLE | changed))


@pytest.mark.parametrize("name", WHOLE)
def test_a_vote_that_lacks_a_part_is_refused(name):
    with pytest.raises(ValueError, match="parts"):
        parse_vote(json.dumps({key: value for key, value in WHOLE.items() if key != name}))


@pytest.mark.parametrize(
    "value", ["", "good", "[]", "1", "null", "{", "[" * 1_900, '{"q":1e999}', " " * 2_001, "9" * 1_999]
)
def test_what_is_no_vote_at_all_is_refused(value):
    with pytest.raises(ValueError, match=r"."):
        parse_vote(value)


@given(st.text())
def test_nothing_else_is_ever_raised(value):
    with pytest.raises(ValueError, match=r"."):
        parse_vote(value)


@pytest.mark.parametrize("direct", [False, True])
def test_an_answer_with_a_receipt_can_be_voted_on(serve, clock, direct):
    slack = Slack(serve, clock, direct=direct)
    reply = slack.open()
    reply.write("ポチです。")
    reply.close(RECEIPT)
    assert slack.texts == ["ポチです。"]
    assert [parse_vote(each) for each in slack.votes] == [(slack.question.identity, True, RECEIPT)]
    pressed = slack.stand_in.click(
        slack.question.person, slack.question.channel, slack.posts[0].ts, "vote", slack.votes[0]
    )
    assert pressed.payload["actions"][0]["value"] == slack.votes[0]


@pytest.mark.parametrize("direct", [False, True])
def test_what_took_nothing_is_not_voted_on(serve, clock, direct):
    slack = Slack(serve, clock, direct=direct)
    for end in ("close", "replace"):
        reply = slack.open()
        reply.write("ポチです。")
        reply.close() if end == "close" else reply.replace("ヘルプ")
    assert slack.votes == ["", ""]


@pytest.mark.parametrize("direct", [False, True])
def test_of_a_long_answer_only_the_last_message_is_voted_on(serve, clock, direct):
    slack = Slack(serve, clock, direct=direct)
    reply = slack.open()
    slack.write_slowly(reply, "犬の話。\n\n" * 3_000)
    reply.close(RECEIPT)
    assert len(slack.posts) > 1
    assert [bool(each) for each in slack.votes] == [*[False] * (len(slack.posts) - 1), True]


@pytest.mark.parametrize("direct", [False, True])
def test_an_answer_that_is_finished_again_keeps_its_thumbs(serve, clock, direct):
    slack = Slack(serve, clock, direct=direct)
    reply = slack.open()
    reply.write("ポチ")
    reply.close(RECEIPT)
    slack.replies.resume(slack.question, slack.place, reply.ts).replace("ポチです。", RECEIPT)
    assert slack.texts == ["ポチです。"]
    assert all(slack.votes)


@pytest.mark.parametrize("direct", [False, True])
def test_a_reply_that_is_rewritten_without_a_receipt_loses_its_thumbs(serve, clock, direct):
    slack = Slack(serve, clock, direct=direct)
    reply = slack.open()
    reply.write("ポチ")
    reply.close(RECEIPT)
    reply.replace("ポチ")
    assert (slack.texts, slack.votes) == (["ポチ"], [""])
    reply.replace("シロ", RECEIPT)
    assert (slack.texts, all(slack.votes)) == (["シロ"], True)
    slack.replies.resume(slack.question, slack.place, reply.ts).replace("すみません。")
    assert (slack.texts, slack.votes) == (["すみません。"], [""])


@pytest.mark.parametrize("words", [10, STREAMED_LIMIT // 2 - 800])
def test_an_answer_whose_stream_has_died_is_voted_on_too(slack: Slack, words):
    reply = slack.open()
    reply.write("犬。" * words)
    slack.clock.pass_by(STREAM_SECONDS + 1)
    reply.close(RECEIPT)
    assert slack.texts == ["犬。" * words]
    assert all(slack.votes)


def test_every_block_keeps_slacks_bounds_and_so_does_the_text_beside_it(direct: Slack):
    reply = direct.open()
    reply.replace("<&>" * 5_000, RECEIPT)
    for update in direct.arguments("chat.update"):
        assert len(update["text"]) <= 4_000
        assert not update["text"].rstrip("…").endswith(("&", "&l", "&lt", "&a", "&am", "&amp", "&g", "&gt"))
        MarkdownBlock.parse(update["blocks"][0]).validate_json()
        assert len(update["blocks"][0]["text"]) <= EDITED_LIMIT


def test_thumbs_that_slack_does_not_take_keep_no_answer_back(serve, clock, monkeypatch):
    for direct in (False, True):
        slack = Slack(serve, clock, direct=direct)
        for name in ("stop_stream", "update"):
            method, refuse = getattr(slack.workspace.bot, name), refusing("invalid_blocks")

            def take(*said, method=method, refuse=refuse, blocks=(), **more):
                feedback_buttons = any(each["type"] == "context_actions" for each in blocks)
                return (refuse if feedback_buttons else method)(*said, blocks=blocks, **more)

            monkeypatch.setattr(slack.workspace.bot, name, take)
        reply = slack.open()
        reply.write("ポチです。")
        reply.close(RECEIPT)
        assert (slack.texts, slack.votes) == (["ポチです。"], [""])
