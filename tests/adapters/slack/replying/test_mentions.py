"""What the model writes, made fit for Slack: nothing notifies people, and nothing else is touched."""

import html
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.slack.replying.mentions import NOTIFICATION_LIMIT, ZERO_WIDTH_SPACE, MentionNeutraliser, notification_text
from adapters.slack.replying.mentions import neutralised as neutralised_whole

LOUD = re.compile(
    r"<!(?:channel|here|everyone|subteam\^)|(?<![A-Za-z0-9_])@(?:channel|here|everyone)(?![A-Za-z0-9_])", re.IGNORECASE
)


def neutralised(*pieces: str) -> str:
    quiet = MentionNeutraliser()
    return "".join(quiet.feed(piece) for piece in pieces) + quiet.rest()


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


def test_people_and_channels_may_still_be_named():
    assert (
        neutralised("<@U061F7AUR> <#C0LAN2Q65> <https://example.com>")
        == "<@U061F7AUR> <#C0LAN2Q65> <https://example.com>"
    )


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
        "&lt;\u200b!here&gt; &lt;@U1&gt; &lt;https://inu.example|犬&gt; &amp; @\u200bchannel"
    )


@given(st.integers(NOTIFICATION_LIMIT - 70, NOTIFICATION_LIMIT), st.text(st.sampled_from("<>&犬a;"), max_size=60))
@example(NOTIFICATION_LIMIT - 3, "&")
def test_what_notifications_say_is_cut_where_slack_bounds_it_and_in_no_escape(before, text):
    said = notification_text("犬" * before + text)
    assert len(said) <= NOTIFICATION_LIMIT
    assert re.fullmatch(r"(?:[^<>&]|&(?:amp|lt|gt);)*", said)
    assert said.endswith("…") or html.unescape(said) == "犬" * before + text
