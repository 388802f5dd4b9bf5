"""Splits between the messages of one reply: nothing is lost or added there, and code and tables survive them."""

import re

import pytest

from adapters.slack.replying.splitting import FENCE_ROOM, showable_prefix, split, split_at, split_early
from tests.adapters.slack.wholeness import fences


def parts_of(text: str, limit: int) -> list[str]:
    parts = []
    while text:
        head, text = split(text, limit)
        assert len(head) <= limit
        parts.append(head)
    return parts


def test_a_text_that_fits_is_not_cut():
    assert split("ポチ" * 32, 64) == ("ポチ" * 32, "")


def test_the_split_is_the_end_of_a_paragraph():
    first, second = "一つ目の段落。\n" * 6, "二つ目の段落はこれより長い。\n" * 6
    assert split(f"{first}\n{second}", 80) == (first.rstrip("\n"), second)


def test_without_paragraphs_the_split_is_the_end_of_a_line():
    assert split("一行の文章です。\n" * 20, 64) == (("一行の文章です。\n" * 7).rstrip("\n"), "一行の文章です。\n" * 13)


def test_without_lines_the_split_is_between_words():
    head, tail = split("one two three four five " * 5, 64)
    assert head == "one two three four five one two three four five "
    assert head + tail == "one two three four five " * 5


def test_without_words_the_split_is_between_japanese_sentences():
    assert split("犬の話をします。" * 20, 64) == ("犬の話をします。" * 6, "犬の話をします。" * 14)


def test_a_paragraph_that_ends_near_the_beginning_does_not_leave_an_empty_message():
    head, _ = split("短い。\n\n" + "長い行。\n" * 30, 80)
    assert len(head) > 40


def test_a_code_fence_is_closed_before_the_split_and_opened_again_after_it():
    text = "```python\n" + "print('ポチ')\n" * 10 + "```\n終わり"
    parts = parts_of(text, 64)
    assert len(parts) > 2
    for each in parts[:-1]:
        assert each.startswith("```python\n")
        assert each.endswith("\n```")
    assert parts[-1].endswith("```\n終わり")
    assert sum(each.count("print('ポチ')") for each in parts) == 10


def test_a_fence_that_ends_at_the_split_is_not_opened_again():
    text = "```\n" + "x = 1\n" * 12 + "```\n終わりました。"
    assert parts_of(text, 80) == ["```\n" + "x = 1\n" * 12 + "```", "終わりました。"]
    assert split_at(text, text.index("```\n終"), 80) == ("```\n" + "x = 1\n" * 12 + "```", "終わりました。")
    assert split_at(text, text.index("\n```\n終"), 80) == ("```\n" + "x = 1\n" * 12 + "```", "終わりました。")


def test_only_a_fence_of_the_same_kind_and_length_without_words_ends_a_fence():
    text = "````\n" + "```py\n~~~~\n```` py\nx = 1\n```\n" * 8
    *parts, _ = parts_of(text, 80)
    assert all(each.startswith("````\n") and each.endswith("\n````") for each in parts)


def test_a_line_that_begins_and_ends_with_backticks_opens_nothing():
    assert not any("\n```\n" in f"\n{each}\n" for each in parts_of("```犬``` の話\n" * 20, 64))


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\x85", "\r"])
def test_only_a_line_feed_ends_a_line(separator):
    text = f"```\na{separator}```\n" + "x = 1\n" * 30 + "```\n"
    parts = parts_of(text, 64)
    assert all(fences(each) == "" for each in parts)
    assert sum(each.count("x = 1") for each in parts) == 30


@pytest.mark.parametrize("indent", ["   ", "    ", "        "])
def test_a_fence_in_a_list_is_a_fence_however_it_is_indented(indent):
    text = f"- 手順\n\n{indent}```py\n" + f"{indent}x = 1\n" * 20 + f"{indent}```\n- 次の手順です。\n"
    parts = parts_of(text, 80)
    assert len(parts) > 3
    assert all(each.count("```") in (0, 2) for each in parts)
    assert all(each.startswith(f"{indent}```py\n") for each in parts[1:] if "x = 1" in each)


def test_a_fence_may_begin_on_the_line_of_its_list_item():
    parts = parts_of("1. ```py\n" + "   x = 1\n" * 20 + "   ```\n2. 次", 64)
    assert all(each.count("```") in (0, 2) for each in parts)
    assert all(each.startswith("   ```py\n") for each in parts[1:] if "x = 1" in each)


def test_four_spaces_outside_a_list_are_no_fence():
    parts = parts_of("例:\n\n    ```\n" + "普通の行です。\n" * 20, 64)
    assert [each.count("```") for each in parts] == [1, *[0] * (len(parts) - 1)]


def test_a_list_ends_where_text_is_no_longer_indented():
    parts = parts_of("- 項目\n例:\n\n    ```\n" + "普通の行です。\n" * 20, 64)
    assert sum(each.count("```") for each in parts) == 1


def test_a_table_repeats_its_head_after_the_split():
    head = "| 名前 | 年 |\n| --- | --- |\n"
    text = head + "".join(f"| 犬{n} | {n} |\n" for n in range(30))
    parts = parts_of(text, 100)
    assert len(parts) > 3
    assert all(each.startswith(head) for each in parts)
    assert re.findall(r"犬(\d+)", "".join(parts)) == [str(n) for n in range(30)]


def test_a_table_that_ends_at_the_split_is_not_begun_again():
    head = "| 名 | 年 |\n| - | - |\n"
    text = head + "| 犬 | 1 |\n" * 6 + "\n" + "次の段落です。" * 4
    assert parts_of(text, 88) == [(head + "| 犬 | 1 |\n" * 6).rstrip("\n"), "次の段落です。" * 4]
    assert split_at(text, text.index("\n\n") + 1, 88)[1] == "次の段落です。" * 4


def test_a_row_that_had_to_be_shown_in_part_is_not_made_a_table():
    text = "| 名 | 年 |\n| - | - |\n| 犬 | 1 |\n"
    assert split_at(text, len(text) - 2, 88) == (text[:-2], text[-2:])
    assert split_at(text, text.index("| 犬"), 88) == (text[:-10].rstrip("\n"), text)


def test_lines_with_bars_but_no_rule_are_no_table():
    after_one = "| 名 | 年 |\n| - | - |\n| 犬 | 1 |\n次の段落です。\n| 猫 |\n| 鳥 |\n"
    assert split_at(f"{after_one}| 魚 |\n", len(after_one), 88)[1] == "| 魚 |\n"
    around_code = "| 犬 |\n```\n```\n| - |\n"
    assert split_at(f"{around_code}| 猫 |\n", len(around_code), 64)[1] == "| 猫 |\n"
    parts = parts_of("| 犬の話 |\n" * 20, 64)
    assert "".join(parts).count("犬") == 20


def test_a_split_before_a_table_or_a_fence_is_better_than_one_inside():
    prose = "表の前の長めの説明文です。" * 4
    text = f"{prose}\n\n| a | b |\n| - | - |\n| 1 | 2 |\n| 3 | 4 |\n"
    assert split(text, 88) == (prose, text.removeprefix(f"{prose}\n\n"))


@pytest.mark.parametrize(
    ("begin", "line"),
    [
        ("```" + "a" * 3_870 + "\n", "b\n"),
        ("```" + "a" * 970 + "\n", "b\n"),
        ("|" + "h" * 1_900 + "|\n|" + "-" * 1_900 + "|\n", "|r|\n"),
        ("|" + "h" * 480 + "|\n|" + "-" * 480 + "|\n", "|r|\n"),
    ],
)
def test_what_is_repeated_at_split_does_not_flood_the_channel(begin, line):
    text = begin + line * 4_000
    parts = parts_of(text, 3_900)
    assert len(parts) <= 1 + -(-len(text) // (3_900 * 3 // 4 - FENCE_ROOM))
    assert "\n".join(parts).count(line) >= 4_000


def test_a_fence_whose_opening_is_too_long_is_opened_again_without_its_words():
    parts = parts_of("```" + "a" * 30 + "\n" + "b\n" * 100 + "```", 80)
    assert all(each.startswith("```\nb") and each.endswith("\n```") for each in parts[1:])


def test_a_fence_that_cannot_be_closed_in_the_room_kept_free_is_taken_for_text():
    text = "`" * 20 + "\n" + "x = 1\n" * 30
    assert "".join(parts_of(text, 64)).count("`") == 20


def test_what_is_fixed_stays_in_the_first_part():
    text = "一つ目の段落。\n\n" + "二つ目の段落。" * 4 + "\n\n" + "三つ目の段落。" * 4
    head, tail = split(text, 64, fixed=44)
    assert head.startswith(text[:44])
    assert head + tail == text


def test_a_cut_that_must_be_soon_is_at_the_best_place_after_what_is_fixed():
    text = "一つ目。\n\n二つ目。\n三つ目。\n\n四つ目。\n五つ"
    assert split_early(text, 0, 100) == ("一つ目。\n\n二つ目。\n三つ目。", "四つ目。\n五つ")
    assert split_early(text, text.index("四"), 100) == ("一つ目。\n\n二つ目。\n三つ目。", "四つ目。\n五つ")
    assert split_early(text, text.index("四") + 1, 100) == (text.removesuffix("\n五つ"), "五つ")
    assert split_early(text, text.index("五") + 1, 100) is None
    assert split_early(text, text.index("五") + 1, 100, within_a_line=True) == (text[:-1], "つ")


@pytest.mark.parametrize("text", ["", "\n", "\n\n犬", "犬\n", "犬\n\n"])
def test_a_cut_leaves_something_on_either_side(text):
    assert split_early(text, 0, 100) is None


@pytest.mark.parametrize("text", ["", "犬", "\n\n", "犬\n"])
def test_what_is_too_little_for_two_is_not_cut_even_within_a_line(text):
    assert split_early(text, len(text.rstrip()), 100, within_a_line=True) is None


def test_a_split_within_a_line_does_not_part_a_name():
    text = "あ" * 44 + "@hereabouts" + "い" * 40
    assert split(text, 64) == ("あ" * 44, "@hereabouts" + "い" * 40)


def test_what_a_line_was_not_before_it_does_not_become_by_beginning_a_message():
    text = "あ" * 46 + "```" + "い" * 40
    assert split(text, 64) == ("あ" * 45, "あ```" + "い" * 40)
    assert split("word " * 9 + "- " * 20, 64) == ("word " * 8, "word " + "- " * 20)


@pytest.mark.parametrize("line", ["`", "``", "```", "```py", "- ```", "~~", "~~~ x", "| 犬 |", "   ", ""])
def test_a_line_that_may_become_a_fence_or_a_row_is_shown_when_it_is_whole(line):
    assert showable_prefix(f"犬\n{line}", 64) == "犬\n"
    assert showable_prefix(f"犬\n{line}\nい", 64) == f"犬\n{line}\nい"


@pytest.mark.parametrize("line", ["`犬` の", "```犬``` の", "~犬", "- 犬", "犬"])
def test_ordinary_words_are_shown_as_they_come(line):
    assert showable_prefix(f"犬\n{line}", 64) == f"犬\n{line}"


def test_near_the_end_of_a_message_words_and_lines_of_code_are_shown_when_they_are_whole():
    assert showable_prefix("one two three " * 3 + "four fi", 64) == "one two three " * 3 + "four "
    assert showable_prefix("```\n" + "x = 1\n" * 6 + "y = z", 64) == "```\n" + "x = 1\n" * 6
