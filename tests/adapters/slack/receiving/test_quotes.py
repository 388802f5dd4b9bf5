"""What stands in a post outside its text: forwarded posts, tables, alerts, and text that is only in blocks."""

import json
from dataclasses import replace

import pytest

from adapters.slack.payloads.quotes import QUOTE_LIMIT, QUOTES, QUOTES_LIMIT
from domain.requests import Quote
from tests.adapters.slack.endpoint_harness import ASKED, EndpointHarness
from tests.adapters.slack.payloads import (
    ALERT,
    FORWARDED,
    TABLE,
    attached_table,
    event_callback,
    message,
    rich_text,
)

WALKS = "| 犬 | 散歩 |\n| --- | --- |\n| ポチ | 7:00 |\n| ハチ | 8:00 |"


@pytest.fixture
def harness(clock) -> EndpointHarness:
    return EndpointHarness(clock)


def mrkdwn(text: str) -> dict:
    return {"type": "mrkdwn", "text": text}


def quotes_of(harness: EndpointHarness, *attachments: object, **event: object) -> tuple[Quote, ...]:
    harness.post(event_callback(attachments=list(attachments), **event))
    (question,) = harness.queue.requests
    return question.quotes


def test_a_forwarded_post_comes_along_with_whose_it_is(harness: EndpointHarness):
    assert quotes_of(harness, FORWARDED) == (Quote("ポチの注射は金曜日です。", "花子"),)
    assert harness.queue.requests == [replace(ASKED, quotes=(Quote("ポチの注射は金曜日です。", "花子"),))]


def test_a_forwarded_post_is_read_from_its_blocks_where_it_has_no_text(harness: EndpointHarness):
    blocks = [{"team": "T1", "channel": "C9", "ts": "1.1", "message": {"blocks": [rich_text("ポチ & <ハチ>"), TABLE]}}]
    assert quotes_of(harness, FORWARDED | {"text": "", "message_blocks": blocks}) == (
        Quote("ポチ &amp; &lt;ハチ&gt;", "花子"),
        Quote(WALKS, "花子"),
    )


def test_what_stands_beside_a_forwarded_post_comes_along_and_its_files_are_named(harness: EndpointHarness):
    within = {"attachments": [ALERT], "files": [{"id": "F1", "name": "ポチ.pdf"}, {"id": "F2"}]}
    said, alert = quotes_of(harness, FORWARDED | within)
    assert said == Quote("ポチの注射は金曜日です。\n[ポチ.pdf]\n[file]", "花子")
    assert alert.author == "Monitor"


def test_a_forwarded_post_without_a_name_is_of_the_person_with_its_id(harness: EndpointHarness):
    (quote,) = quotes_of(harness, FORWARDED | {"author_name": "", "author_subname": "", "author_id": "UHANAKO"})
    assert quote.author == "<@UHANAKO>"


def test_another_apps_alert_comes_along_with_title_text_and_fields(harness: EndpointHarness):
    assert quotes_of(harness, ALERT) == (
        Quote(
            "Kennel 7\nWater is low (https://example.com/7)\nThe bowl of ポチ is 97 % empty.\nBowl: 7\nSince: noon",
            "Monitor",
        ),
    )


def test_an_alert_of_blocks_comes_along(harness: EndpointHarness):
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "Water <low>"}},
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "*ポチ*"},
            "fields": [{"type": "mrkdwn", "text": "7 &amp; 8"}],
        },
        {
            "type": "context",
            "elements": [{"type": "plain_text", "text": "noon"}, {"type": "image", "alt_text": "bowl"}],
        },
        {"type": "image", "alt_text": "a bowl", "title": {"type": "plain_text", "text": "Bowl"}},
        {"type": "markdown", "text": "**empty**"},
        {"type": "divider"},
        {"type": "actions", "elements": []},
    ]
    assert quotes_of(harness, {"color": "#f00", "blocks": blocks, "fallback": "[no preview available]"}) == (
        Quote("Water &lt;low&gt;\n*ポチ*\n7 &amp; 8\nnoon\nbowl\nBowl\na bowl\n**empty**"),
    )


def test_of_what_shows_nothing_the_fallback_is_read(harness: EndpointHarness):
    assert quotes_of(harness, {"fallback": "ポチ"}, {"fallback": "[no preview available]"}) == (Quote("ポチ"),)


@pytest.mark.parametrize("where", [{"attachments": [attached_table()]}, {"blocks": [rich_text("x"), TABLE]}])
def test_a_pasted_table_comes_along_as_a_table(harness: EndpointHarness, where: dict):
    harness.post(event_callback(**where))
    assert harness.queue.requests[0].quotes == (Quote(WALKS),)


@pytest.mark.parametrize("table", [{"attachments": [attached_table()]}, {"blocks": [TABLE]}])
def test_a_table_alone_in_a_direct_message_is_a_question(harness: EndpointHarness, table: dict):
    harness.post(message(text="", channel="D024BE91L", channel_type="im", **table))
    assert harness.queue.requests == [replace(ASKED, channel="D024BE91L", direct=True, text="", quotes=(Quote(WALKS),))]


def test_cells_of_every_kind_are_read_and_none_breaks_its_row(harness: EndpointHarness):
    cells = [
        {"type": "raw_text", "text": "a|b\nc"},
        {"type": "raw_number", "value": 1200},
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
            {"type": "user", "user_id": "U1"}, {"type": "text", "text": " & "}, {"type": "link", "url": "https://x.example"},
        ]}]},
        7, None, {"type": "raw_text"}, {"type": "raw_text", "text": ["no"]},
    ]  # fmt: skip
    rows = [cells, [], 7, [{"type": "raw_text", "text": "d"}]]
    assert quotes_of(harness, attached_table(rows=rows))[0].text.split("\n") == [
        "| a\\|b c | 1200 | <@U1> &amp; <https://x.example> |  |  |  |  |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        "|  |  |  |  |  |  |  |",
        "| d |  |  |  |  |  |  |",
    ]


def test_a_post_whose_text_is_only_in_its_blocks_is_read_from_them(harness: EndpointHarness):
    inline = [
        {"type": "text", "text": "ポチ < 3"}, {"type": "emoji", "name": "dog"}, {"type": "channel", "channel_id": "C1"},
        {"type": "broadcast", "range": "here"}, {"type": "date", "fallback": "noon"},
        {"type": "usergroup", "usergroup_id": "S1"}, {"type": "link", "url": "https://x.example", "text": "map"},
        {"type": "color", "value": "#fff"}, {"type": "new"}, {"type": ["text"]},
    ]  # fmt: skip
    elements = [
        {"type": "rich_text_section", "elements": inline},
        {
            "type": "rich_text_list",
            "indent": 1,
            "elements": [{"type": "rich_text_section", "elements": inline[1:2]}] * 2,
        },
        {"type": "rich_text_quote", "elements": inline[:1]},
        {"type": "rich_text_preformatted", "elements": inline[:1]},
    ]
    harness.post(
        message(text="", channel="D1", channel_type="im", blocks=[{"type": "rich_text", "elements": elements}])
    )
    assert harness.queue.requests[0].text.split("\n") == [
        "ポチ &lt; 3:dog:<#C1><!here>noon<!subteam^S1><https://x.example|map>#fff",
        "  • :dog:", "  • :dog:", "> ポチ &lt; 3", "```", "ポチ &lt; 3", "```",
    ]  # fmt: skip


def test_blocks_that_repeat_the_text_are_not_read_twice(harness: EndpointHarness):
    harness.post(event_callback(blocks=[rich_text("犬の名前は?")]))
    assert harness.queue.requests == [ASKED]


def test_of_many_or_long_quotes_the_first_are_passed_on_and_it_is_said_that_there_is_more(harness: EndpointHarness):
    long = FORWARDED | {"text": "a" * 15_000}
    quotes = quotes_of(harness, *[long] * 50)
    assert [len(each.text) for each in quotes] == [QUOTE_LIMIT, QUOTE_LIMIT, QUOTES_LIMIT - 2 * QUOTE_LIMIT]
    assert all(each.cut for each in quotes)
    harness.queue.requests.clear()
    assert len(quotes_of(harness, *[FORWARDED] * 50)) == QUOTES


@pytest.mark.parametrize(
    "odd", [7, None, "x", [], {}, [[]], {"text": 7}, {"blocks": 7}, {"fields": [7]}, {"attachments": 7}]
)
def test_what_is_no_attachment_quotes_nothing(harness: EndpointHarness, odd: object):
    assert quotes_of(harness, odd) == ()


def test_attachments_within_each_other_end_somewhere(harness: EndpointHarness):
    nested: dict = {"text": "0"}
    for number in range(1, 100):
        nested = {"text": str(number), "attachments": [nested]}
    assert [each.text for each in quotes_of(harness, nested)] == ["99", "98", "97"]
    deep: object = {"type": "text", "text": "ポチ"}
    for _ in range(300):
        deep = {"type": "rich_text_section", "elements": [deep]}
    harness.queue.requests.clear()
    assert quotes_of(harness, {"blocks": [{"type": "rich_text", "elements": [deep]}]}) == ()


def test_half_a_surrogate_pair_in_a_quote_becomes_a_replacement_character(harness: EndpointHarness):
    harness.post(
        json.dumps(event_callback(attachments=[FORWARDED | {"text": "\ud83d", "author_name": "\ud83d"}])).encode()
    )
    assert harness.queue.requests[0].quotes == (Quote("\ufffd", "\ufffd"),)
