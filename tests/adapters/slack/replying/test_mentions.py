"""What the model writes, made fit for Slack: nothing notifies people, and nothing else is touched."""

import html
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.slack.replying.mentions import (
    NOTIFICATION_LIMIT,
    ZERO_WIDTH_SPACE,
    MentionNeutraliser,
    notification_text,
    participants,
)
from adapters.slack.replying.mentions import neutralised as neutralised_whole
from domain.requests import Question

LOUD = re.compile(
    r"<!(?:channel|here|everyone|subteam\^)|(?<![A-Za-z0-9_])@(?:channel|here|everyone)(?![A-Za-z0-9_])", re.IGNORECASE
)


def neutralised(*pieces: str, allowed=frozenset()) -> str:
    neutraliser = MentionNeutraliser(allowed)
    return "".join(neutraliser.feed(piece) for piece in pieces) + neutraliser.rest()


@pytest.mark.parametrize(
    "loud",
    ["<!channel>", "<!here|here>", "<!Everyone>", "<!subteam^S012|team>", "@channel", "@Here", "@EVERYONE"],
)
def test_a_loud_mention_loses_its_voice_but_stays_readable(loud):
    said = neutralised(f"みなさん {loud} 集合")
    assert not LOUD.search(said)
    assert said.replace(ZERO_WIDTH_SPACE, "") == f"みなさん {loud} 集合"


@pytest.mark.parametrize("around", ["{}", "みなさん{}集合", "({})", "{}.", "{}, all", "**{}**", "{}\n{}", "@{}", "<{}"])
@pytest.mark.parametrize("loud", ["@here", "<!here>"])
def test_a_loud_mention_is_found_whatever_is_around_it(around, loud):
    text = around.replace("{}", loud)
    assert LOUD.search(text)
    assert not LOUD.search(neutralised(text))
    assert not LOUD.search(neutralised(*text))
    assert not LOUD.search(neutralised_whole(text))


@pytest.mark.parametrize(
    "text",
    [
        "```html\n<!DOCTYPE html>\n<!-- 犬 -->\n```",
        "info@here.com",
        "me_@channel.example",
        "@hereabouts",
        "@channels",
        "@everyone_else",
        "<! channel>",
        "<!subteam>",
        "<!date^1^{date}|今日>",
        "a @ here",
        "@",
        "<",
    ],
)
def test_what_notifies_nobody_is_left_as_it_is(text):
    assert neutralised(text) == neutralised(*text) == neutralised_whole(text) == text


def test_an_address_split_over_two_pieces_is_left_as_it_is():
    assert neutralised("info", "@here", ".com") == "info@here.com"
    assert neutralised("info", "@he", "re") == "info@here"


def test_a_loud_mention_split_over_two_pieces_is_found():
    assert not LOUD.search(neutralised("みなさん <", "!channel> と @he", "re"))


def test_text_that_only_begins_like_a_loud_mention_arrives_whole():
    assert neutralised("a <", "b と @he", "llo と @ch") == "a <b と @hello と @ch"


def test_people_who_take_part_and_channels_may_still_be_named():
    text = "<@U061F7AUR> <@U061F7AUR|sakura> <#C0LAN2Q65> <https://example.com>"
    assert neutralised(text, allowed={"U061F7AUR"}) == neutralised(*text, allowed={"U061F7AUR"}) == text


@pytest.mark.parametrize(
    "mention", ["<@U0KENJI01>", "<@U0KENJI01|kenji>", "<@W0KENJI01>", "<@u0kenji01>", "<@U061F7AUR2>", "<@U061F7AU>"]
)
def test_nobody_else_is_notified(mention):
    text = f"これは {mention} に"
    for said in (
        neutralised(text, allowed={"U061F7AUR"}),
        neutralised(*text, allowed={"U061F7AUR"}),
        neutralised(text),
    ):
        assert said == f"これは <{ZERO_WIDTH_SPACE}{mention[1:]} に"


def test_who_asked_and_whom_they_mentioned_take_part():
    question = Question("T1", "C1", "1.000001", "USAKURA", "<@UKENJI> と <@W0HANA|hana> の犬は? &lt;@UNOBODY&gt;")
    assert participants(question) == {"USAKURA", "UKENJI", "W0HANA"}


SPELLINGS = [
    "&lt;!channel&gt;",
    "&lt!here",
    "&#60;!everyone>",
    "&#x3C;!channel>",
    "<&#33;here>",
    "<&excl;here>",
    "&commat;channel",
    "&#64;here",
    "&#064;everyone",
    "&lt;&commat;U0KENJI01&gt;",
    "<&#64;U0KENJI01>",
    "<\\!channel>",
    "\\<!channel>",
    "\\@here",
    "<!\u200dchannel>",
    "<!chan\u00adnel>",
    "@he\ufeffre",
    "@\u2060everyone",
    "@\u3164here",
    "<!chan\uffa0nel>",
    "<@\U000e0041U0KENJI01>",
    "<\u200d@U0KENJI01>",
    "<!subteam\u200d^S012>",
    "\uff20channel",
    "\uff1c!here\uff1e",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_mention_is_found_however_it_is_spelled(spelling):
    for said in (neutralised(spelling), neutralised(*spelling), neutralised_whole(spelling)):
        assert said.count(ZERO_WIDTH_SPACE) == 1
        assert said.replace(ZERO_WIDTH_SPACE, "") == spelling


@pytest.mark.parametrize(
    "around", ["`{}`", "```\n{}\n```", "[{}](https://inu.example)", "<https://inu.example|{}>", "| {} |"]
)
@pytest.mark.parametrize("mention", ["<!channel>", "@here", "<@U0KENJI01>", "<!subteam^S012>"])
def test_a_mention_is_found_in_code_links_and_tables(around, mention):
    said = neutralised(around.replace("{}", mention))
    assert said == around.replace("{}", f"{mention[0]}{ZERO_WIDTH_SPACE}{mention[1:]}")


@pytest.mark.parametrize(
    "text", ["a &lt;b&gt; &amp; c", "&", "&l", "犬 & 猫", "<@", "<@U", "a < b", "if a <@ b", "&#60; 犬"]
)
def test_an_end_that_only_looks_like_a_beginning_arrives_whole(text):
    assert neutralised(text) == neutralised(*text) == text


def test_what_is_neutralised_already_stays_as_it_is():
    once = neutralised("<!channel> @here <@U0KENJI01> &lt;!here&gt;")
    assert neutralised(once) == neutralised(*once) == once


def test_ordinary_words_are_not_held_back():
    assert MentionNeutraliser().feed("ポチは元気です") == "ポチは元気です"


alphabet = st.sampled_from(
    [
        "<",
        "!",
        "channel",
        ">",
        "@",
        "here",
        "every",
        "one",
        "犬",
        " ",
        "h",
        "HERE",
        "subteam^S1",
        "subteam",
        "_",
        "@here",
    ]
)


@given(st.lists(st.lists(alphabet, max_size=4).map("".join), max_size=12))
def test_however_text_is_split_nothing_loud_comes_through_and_nothing_is_lost(pieces):
    said = neutralised(*pieces)
    assert not LOUD.search(said)
    assert said.replace(ZERO_WIDTH_SPACE, "") == "".join(pieces)
    assert said == neutralised_whole("".join(pieces))
    assert said.count(ZERO_WIDTH_SPACE) == len(LOUD.findall("".join(pieces)))


def test_what_notifications_say_mentions_nobody_and_has_no_markup_of_slacks():
    assert notification_text("<!here> <@U1> <https://inu.example|犬> & @channel") == (
        "&lt;\u200b!here&gt; &lt;\u200b@U1&gt; &lt;https://inu.example|犬&gt; &amp; @\u200bchannel"
    )


@given(st.integers(NOTIFICATION_LIMIT - 70, NOTIFICATION_LIMIT), st.text(st.sampled_from("<>&犬a;"), max_size=60))
@example(NOTIFICATION_LIMIT - 3, "&")
def test_what_notifications_say_is_cut_where_slack_bounds_it_and_in_no_escape(before, text):
    said = notification_text("犬" * before + text)
    assert len(said) <= NOTIFICATION_LIMIT
    assert re.fullmatch(r"(?:[^<>&]|&(?:amp|lt|gt);)*", said)
    assert said.endswith("…") or html.unescape(said) == "犬" * before + text


SIGNS = [
    "<",
    "&lt;",
    "&#60;",
    "&",
    "lt;",
    "!",
    "&#33;",
    "@",
    "&#64;",
    "\\",
    "\u200d",
    "U0KENJI01",
    "USAKURA",
    "U0",
    "1",
]
WORDS = ["U0", "1", "channel", "he", "re", "subteam^S1", ">", "&gt;", "|", " ", "犬", "_", "\u200b"]
signs = st.sampled_from([*SIGNS, *WORDS])


def unspelled(text: str) -> str:
    """What Markdown and a client that drops what is unseen might make of a text."""
    return html.unescape(re.sub("[\\\\\u200d]", "", text))


@settings(max_examples=500)
@example(["<@U0", "\u200dKENJI01>"])
@example(["<@USAKURA", "\u200d", "1>"])
@given(st.lists(st.lists(signs, max_size=4).map("".join), max_size=8))
def test_however_mentions_are_spelled_and_split_nobody_who_does_not_take_part_is_notified(pieces):
    said = neutralised(*pieces, allowed={"USAKURA"})
    assert said == neutralised("".join(pieces), allowed={"USAKURA"})
    assert said.replace(ZERO_WIDTH_SPACE, "") == "".join(pieces).replace(ZERO_WIDTH_SPACE, "")
    mentions = LOUD.findall(unspelled(said)) + re.findall(r"<@(?!USAKURA\b)[UW][A-Z0-9]{2,}", unspelled(said))
    assert not mentions, said
