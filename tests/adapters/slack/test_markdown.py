"""What the model writes, made fit for Slack: nothing notifies people, and nothing is cut off at a seam."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.slack.markdown import FENCE_ROOM, ZERO_WIDTH_SPACE, Quiet, cut

LOUD = re.compile(r"<!|@channel|@here|@everyone", re.IGNORECASE)


def quieted(*pieces: str) -> str:
    quiet = Quiet()
    return "".join(quiet.feed(piece) for piece in pieces) + quiet.rest()


@pytest.mark.parametrize(
    "loud", ["<!channel>", "<!here|here>", "<!subteam^S012|team>", "@channel", "@Here", "@EVERYONE"]
)
def test_a_loud_mention_loses_its_voice_but_stays_readable(loud):
    said = quieted(f"みなさん {loud} 集合")
    assert not LOUD.search(said)
    assert said.replace(ZERO_WIDTH_SPACE, "") == f"みなさん {loud} 集合"


def test_a_loud_mention_split_over_two_pieces_is_found():
    assert not LOUD.search(quieted("みなさん <", "!channel> と @he", "re"))


def test_text_that_only_begins_like_a_loud_mention_arrives_whole():
    assert quieted("a <", "b と @he", "llo と @ch") == "a <b と @hello と @ch"


def test_people_and_channels_may_still_be_named():
    assert (
        quieted("<@U061F7AUR> <#C0LAN2Q65> <https://example.com>") == "<@U061F7AUR> <#C0LAN2Q65> <https://example.com>"
    )


def test_ordinary_words_are_not_held_back():
    assert Quiet().feed("ポチは元気です") == "ポチは元気です"


alphabet = st.sampled_from(
    ["<", "!", "channel", ">", "@", "here", "every", "one", "犬", " ", "h", "HERE", "subteam^S1"]
)


@given(st.lists(st.lists(alphabet, max_size=4).map("".join), max_size=12))
def test_however_text_is_split_nothing_loud_comes_through_and_nothing_is_lost(pieces):
    said = quieted(*pieces)
    assert not LOUD.search(said)
    assert said.replace(ZERO_WIDTH_SPACE, "") == "".join(pieces)


def parts_of(text: str, limit: int) -> list[str]:
    parts = []
    while text:
        part, text = cut(text, limit)
        parts.append(part)
    return parts


def test_a_text_that_fits_is_not_cut():
    assert cut("ポチ", 2) == ("ポチ", "")


def test_the_seam_is_the_end_of_a_paragraph():
    text = "一つ目の段落。\n続き。\n\n二つ目の段落はこれより長いのです。\n続き。"
    assert cut(text, 24) == ("一つ目の段落。\n続き。", "二つ目の段落はこれより長いのです。\n続き。")


def test_without_paragraphs_the_seam_is_the_end_of_a_line():
    assert cut("一行目の文章です。\n二行目の文章です。", 18) == ("一行目の文章です。", "二行目の文章です。")


def test_without_lines_the_seam_is_between_words():
    assert cut("one two three four five", 20) == ("one two ", "three four five")


def test_a_paragraph_that_ends_near_the_beginning_does_not_leave_an_empty_message():
    head, _ = cut("短い。\n\n" + "長い行。\n" * 30, 60)
    assert len(head) > 25


def test_a_code_fence_is_closed_before_the_seam_and_opened_again_after_it():
    text = "```python\n" + "print('ポチ')\n" * 10 + "```\n終わり"
    parts = parts_of(text, 60)
    assert len(parts) > 2
    for part in parts[:-1]:
        assert part.startswith("```python\n")
        assert part.endswith("\n```")
    assert parts[-1].endswith("```\n終わり")
    assert sum(part.count("print('ポチ')") for part in parts) == 10


def test_a_table_repeats_its_head_after_the_seam():
    head = "| 名前 | 年 |\n| --- | --- |\n"
    text = head + "".join(f"| 犬{n} | {n} |\n" for n in range(10))
    parts = parts_of(text, 90)
    assert len(parts) > 1
    assert all(part.startswith(head) for part in parts)
    assert re.findall(r"犬(\d)", "".join(parts)) == list("0123456789")


def test_a_seam_before_a_table_or_a_fence_is_better_than_one_inside():
    text = "表の前の長めの説明文です。ここまでで半分です。\n\n| a | b |\n| - | - |\n| 1 | 2 |\n| 3 | 4 |\n"
    assert cut(text, 60)[1].startswith("| a | b |\n| - | - |\n| 1 |")


def test_what_has_been_sent_stays_in_the_first_part():
    head, tail = cut("一つ目の段落。\n\n二つ目の段落。\n\n三つ目の段落。", 24, shown=12)
    assert head.startswith("一つ目の段落。\n\n二つ目")
    assert tail.endswith("三つ目の段落。")


pieces = st.sampled_from(
    ["犬", "猫の話。", "word ", "\n", "\n\n", "```\n", "```py\n", "| a | b |\n", "| - | - |\n", "~~~\n"]
)


@given(st.lists(pieces, max_size=60).map("".join), st.integers(20, 80), st.integers(0, 12))
@example("| a | b |\n" * 8, 20, 0)
def test_every_part_is_within_the_limit_and_no_word_is_lost(text, limit, shown):
    def words(said: str) -> str:
        return re.sub("[^犬猫の話。word]", "", said)  # fences and tables' heads may be repeated

    shown = min(shown, max(0, limit - FENCE_ROOM), len(text))
    seen = []
    rest, first = text, True
    while rest:
        part, following = cut(rest, limit, shown if first else 0)
        assert len(part) <= limit
        assert not first or part.startswith(text[:shown])
        assert following != rest
        seen.append(part)
        rest, first = following, False
    assert words("".join(seen)) == words(text)
