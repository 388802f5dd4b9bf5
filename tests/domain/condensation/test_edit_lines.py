"""What a model answers to a condensation, read line by line: edits, prose, and what is no note."""

import pytest

from domain.condensation.edit_lines import CHARACTERS_READ, LEAST_LINES, Add, Drop, Merge, NoteEdits, read_edits

POCHI = "花子の犬はポチ、三歳の柴犬。"


def edits(answer: str) -> tuple[Add | Merge | Drop, ...]:
    return read_edits(answer, 1000).edits


def test_an_answer_adds_merges_and_drops_notes():
    answer = f"ADD {POCHI}\nMERGE 3 5: 毎朝7時に川沿いを散歩する。\nDROP 7"
    merged = Merge((3, 5), "毎朝7時に川沿いを散歩する。")
    assert read_edits(answer, 1000) == NoteEdits((Add(POCHI), merged, Drop((7,))), prose=False)


@pytest.mark.parametrize(
    "line",
    [
        "add " + POCHI, "ADD: " + POCHI, "ＡＤＤ　" + POCHI, "ａｄｄ：" + POCHI, "ADD" + POCHI, "- ADD " + POCHI,
        "* **ADD** " + POCHI, "**ADD:** " + POCHI, f"**ADD {POCHI}**", "`ADD` " + POCHI, "> ADD " + POCHI,
        "・ADD " + POCHI, "• ADD " + POCHI, "1. ADD " + POCHI, "2) Add: " + POCHI, "### ADD " + POCHI,
        "[ADD] " + POCHI, "  ADD\t" + POCHI,
    ],
)  # fmt: skip
def test_case_width_bullets_and_markdown_before_the_keyword_do_not_matter(line):
    assert read_edits(line, 1000) == NoteEdits((Add(POCHI),), prose=False)


@pytest.mark.parametrize(
    "marks",
    [
        "MERGE 3 5:", "merge 3, 5:", "ＭＥＲＧＥ ３　５：", "MERGE 3、5：", "Merge 3 and 5:", "MERGE 3 と 5:",
        "MERGE [3] [5]:", "MERGE [3, 5]:", "MERGE (3, 5):", "MERGE #3 #5:", "MERGE 3-5:", "MERGE 3+5 -",
        "**MERGE 3 5:**", "MERGE: 3 5:", "- `MERGE 3 5`:", "MERGE notes 3 and 5:", "MERGE 3 5", "MERGE 3 3 5:",
        "MERGE 3 5 →", "MERGE 3 5 ->",
    ],
)  # fmt: skip
def test_notes_are_named_by_their_numbers_however_these_are_set_apart(marks):
    assert edits(f"{marks} {POCHI}") == (Merge((3, 5), POCHI),)


@pytest.mark.parametrize(
    "line",
    ["DROP 7", "drop ７", "DROP: 7", "- **DROP** 7", "`DROP 7`", "DROP [7].", "DROP 7 (no longer true)", "DROP 7: old"],
)
def test_a_note_is_dropped_by_its_number_alone(line):
    assert edits(line) == (Drop((7,)),)


def test_a_number_that_begins_the_text_names_no_note():
    assert edits("MERGE 3 5 12月5日に予防接種をする。") == (Merge((3, 5), "12月5日に予防接種をする。"),)
    assert edits(f"MERGE 3 5 2026-11-26 {POCHI}") == (Merge((3, 5), f"2026-11-26 {POCHI}"),)
    assert edits("DROP 3 2026-11-26") == (Drop(()),)


@pytest.mark.parametrize(
    "sentence",
    ["Added walks are good for Pochi.", "Merge requests go to Hanako.", "Drop 7 kilos, said the vet to Pochi?"],
)
def test_a_sentence_that_begins_with_such_a_word_is_prose(sentence):
    assert read_edits(sentence, 1000) == NoteEdits((Add(sentence),), prose=True)


def test_an_answer_without_a_keyword_is_a_summary_in_prose_a_note_a_line():
    assert read_edits(f"- {POCHI}\n\n2. 毎朝散歩する。\n3. 2026-11-26 雷が苦手。", 1000) == NoteEdits(
        (Add(POCHI), Add("毎朝散歩する。"), Add("雷が苦手。")), prose=True
    )


def test_beside_keywords_a_line_without_one_is_a_note_too():
    assert edits(f"ADD:\n- {POCHI}\n- 雷が苦手。") == (Add(POCHI), Add("雷が苦手。"))


@pytest.mark.parametrize(
    "line",
    [
        "", "-", "* ", "1.", "---", "***", "```", "```text", "|---|---|", "…", "🐕", "\u200b\u200b",
        "# 要約", "## About the dog", "**Title** **Description** *How many*", "**概要**", "__Summary__", "`Notes`",
        "Summary", "None", "なし", "Here is the new summary:", "次のとおりです：",
        "dog dog dog dog dog dog dog dog", "ポチポチポチポチポチポチポチポチ", "the dog is the dog is the dog is " * 9,
        "I'm sorry, but I cannot help with that.", "Sorry, no.", "申し訳ありませんが、お答えできません。",
        "ADD", "ADD …", "ADD **Title**", "MERGE 3 5:", "MERGE 3 5: …", "ADD None",
    ],
)  # fmt: skip
def test_what_is_visibly_no_sentence_about_the_talk_is_no_note(line):
    assert edits(line) == ()


@pytest.mark.parametrize(
    "line",
    ["**ポチは柴犬です。**", "**Pochi is allergic to chicken and fish**", "## ポチは柴犬です。", "三月に3.5 km 走った"],
)
def test_an_emphasised_sentence_is_a_note(line):
    assert edits(f"ADD {line}") == (Add(line),)


def test_a_line_of_the_request_that_a_model_copies_names_no_note():
    copied = "ADD …\nMERGE number number: …\nDROP number\nMERGE 番号 番号: …\nDROP 番号\n- KEEP 3 5"
    assert read_edits(copied, 1000) == NoteEdits((Drop(()),) * 5, prose=False)


def test_a_line_that_is_there_already_is_not_read_again():
    assert edits(f"ADD {POCHI}\nADD {POCHI}\n- **{POCHI}**\nMERGE 3: {POCHI}") == (Add(POCHI),)


def test_of_a_million_lines_no_more_are_read_than_notes_could_have_tokens():
    lines = (f"ADD ポチの話、その{n}。" for n in range(1_000_000))
    endless = "\n".join(lines)
    assert len(read_edits(endless, 200).edits) == 200
    assert len(read_edits(endless, 1).edits) == LEAST_LINES
    assert len("".join(edit.text for edit in read_edits("犬" * (CHARACTERS_READ + 1), 10**9).edits)) <= CHARACTERS_READ
