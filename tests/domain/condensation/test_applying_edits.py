"""The notes after a condensation: what stands stands to the letter, and nothing goes that was not named."""

import tracemalloc
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.condensation.applying_edits import Revision, revised
from domain.condensation.bounding import Bounding
from domain.condensation.condensation import Condensation
from domain.condensation.edit_lines import Drop, read_edits
from domain.conversations.conversation import Message, Speaker
from domain.conversations.notes import Note, Notes
from domain.correction.remembered_posts import rests_on
from domain.timestamp import Timestamp
from tests.notes import notes, texts

POCHI = Note("花子の犬はポチ。", 9, Timestamp("100.0"), Timestamp("200.0"))
WALK = Note("毎朝7時に散歩する。", 10, Timestamp("300.0"), Timestamp("400.0"), rewrites=2)
THUNDER = Note("ポチは雷が苦手。", 9, Timestamp("500.0"), Timestamp("600.0"))
KNOWN = (POCHI, WALK, THUNDER)
FOLDED = (
    Message(Speaker.PERSON, "ポチは三歳です", 8, "花子", Timestamp("700.0")),
    Message(Speaker.BOT, "三歳ですか", 6, ts=Timestamp("700.0")),
    Message(Speaker.PERSON, "柴犬です", 5, "花子", Timestamp("800.0")),
)


def measure(number: int, note: Note) -> int:
    return len(note.text) + 1


def after(answer: str, known: Notes = KNOWN) -> Revision:
    revision = revised(known, read_edits(answer, 1000), FOLDED, measure)
    assert revision
    return revision


def bounded(answer: str, known: Notes = KNOWN, bound: int = 60, *, cut: bool = False) -> Revision | None:
    return Bounding(bound, measure).bounded(Condensation(known, FOLDED, bound, ()), answer, cut=cut)


def test_a_new_note_comes_last_with_the_range_of_the_folded_posts():
    new = Note("ポチは三歳の柴犬。", 10, Timestamp("700.0"), Timestamp("800.0"))
    assert after("ADD ポチは三歳の柴犬。") == Revision((*KNOWN, new), standing=(1, 2, 3), added=1)


def test_a_merged_note_has_the_range_of_all_that_it_came_from_and_one_rewrite_more_than_the_most_of_them():
    merged = Note("花子の犬はポチで、毎朝散歩する。", 17, Timestamp("100.0"), Timestamp("800.0"), rewrites=3)
    assert after("MERGE 1 2: 花子の犬はポチで、毎朝散歩する。") == Revision(
        (THUNDER, merged), standing=(3,), merged=(1, 2), added=1
    )


def test_a_dropped_note_is_gone_and_the_others_stand():
    assert after("DROP 2") == Revision((POCHI, THUNDER), standing=(1, 3), dropped=(2,))


def test_numbers_that_no_note_has_are_told_and_the_text_of_such_a_merge_is_a_new_note():
    revision = after("DROP 9\nMERGE 0 44: ポチは三歳の柴犬。\nMERGE 3 99: 雷は大の苦手。")
    assert texts(revision.notes) == [POCHI.text, WALK.text, "ポチは三歳の柴犬。", "雷は大の苦手。"]
    assert (revision.merged, revision.dropped, revision.unknown) == ((3,), (), (0, 9, 44, 99))
    assert [each.rewrites for each in revision.notes] == [0, 2, 0, 1]


def test_a_note_that_is_withheld_from_the_model_is_none_that_it_can_name_or_say_again():
    hidden = replace(POCHI, withheld=True)
    for answer in ("DROP 1\nADD 猫はタマ。", "MERGE 1: 猫はタマ。", f"猫はタマ。\n{POCHI.text}", f"ADD {POCHI.text}"):
        revision = after(answer, (hidden, WALK))
        assert revision.notes[:2] == (hidden, WALK)
        assert (revision.standing, revision.merged, revision.dropped) == ((1, 2), (), ())
        assert texts(revision.notes[2:]) == [each.text for each in read_edits(answer, 100).edits if each != Drop((1,))]
        assert not any(each.withheld for each in revision.notes[2:])
    assert after("DROP 1\nDROP 2", (hidden, WALK)).unknown == (1,)


def test_a_note_that_is_merged_and_dropped_was_merged():
    revision = after("DROP 1\nMERGE 1: 花子の犬はポチ、三歳。")
    assert (revision.merged, revision.dropped) == ((1,), ())


def test_what_a_note_says_already_is_not_noted_again_and_the_note_stands_to_the_letter():
    assert after("ADD 花子の犬は、ポチ\nADD ポチは三歳の柴犬。").notes[:3] == KNOWN
    assert after("ADD 花子の犬は、ポチ") == Revision(KNOWN, standing=(1, 2, 3))


def test_a_merge_with_the_words_of_one_of_its_notes_leaves_that_note_as_it_is():
    assert after(f"MERGE 1 3: {POCHI.text}") == Revision((POCHI, WALK), standing=(1, 2), merged=(3,))


def test_a_summary_in_prose_takes_the_place_of_the_notes_that_it_says_again():
    prose = "花子の犬はポチ、三歳の柴犬。\n毎朝7時に川沿いを散歩する。"
    revision = after(prose)
    assert texts(revision.notes) == [THUNDER.text, *prose.splitlines()]
    assert (revision.merged, revision.standing, revision.prose) == ((1, 2), (3,), True)
    assert {(each.first, each.last, each.rewrites) for each in revision.notes[1:]} == {("100.0", "800.0", 3)}


def test_prose_costs_no_note_that_it_leaves_out_and_no_number_that_it_changes():
    revision = after("ふたりは犬の話をした。\n毎朝8時に散歩する。")
    assert revision.notes[:3] == KNOWN
    assert texts(revision.notes[3:]) == ["ふたりは犬の話をした。", "毎朝8時に散歩する。"]


def test_prose_that_repeats_the_notes_to_the_letter_leaves_them_as_they_are():
    listed = "\n".join(f"{n}. 2026-11-26 {each.text}" for n, each in enumerate(KNOWN, 1))
    assert after(f"{listed}\n4. 2026-11-26 柴犬の話をした。").notes[:3] == KNOWN


def test_of_messages_from_before_they_had_a_ts_the_range_is_not_known():
    folded = (Message(Speaker.PERSON, "ポチは三歳です", 8),)
    revision = revised(notes("犬の話。"), read_edits("ADD ポチは三歳。", 100), folded, measure)
    assert revision
    assert [(each.first, each.last) for each in revision.notes] == [(None, None)] * 2


def test_what_is_made_of_a_summary_of_an_earlier_release_may_rest_on_any_older_post_too():
    revision = after("MERGE 1 2: 犬はポチで、毎朝7時に散歩する。", (*notes("犬の話。"), WALK))
    (note,) = revision.notes
    assert (note.first, note.last) == (None, "800.0")
    assert rests_on(note, Timestamp("1.0"))
    assert not rests_on(note, Timestamp("900.0"))


def test_an_answer_with_nothing_but_unknown_numbers_is_none():
    for answer in ("DROP 99", "DROP", "", "**Title**", "MERGE 1 2: …"):
        assert revised(KNOWN, read_edits(answer, 100), FOLDED, measure) is None


# Bounds


def test_over_the_bound_whole_notes_go_the_oldest_first():
    revision = bounded("ADD ポチは三歳の柴犬。", bound=31)
    assert revision
    assert texts(revision.notes) == [WALK.text, THUNDER.text, "ポチは三歳の柴犬。"][-len(revision.notes) :]
    assert (revision.gone, revision.standing, revision.tokens <= 31) == ((1,), (2, 3), True)


def test_new_notes_that_do_not_fit_together_go_too_and_the_newest_stays():
    revision = bounded("ADD ポチは三歳の柴犬。\nADD 花子は川沿いに住む。", bound=14)
    assert revision
    assert texts(revision.notes) == ["花子は川沿いに住む。"]
    assert (revision.gone, revision.overflow) == ((1, 2, 3), 1)


def test_one_note_larger_than_the_bound_is_cut_after_a_whole_sentence_and_does_not_take_the_others_place():
    endless = "".join(f"ポチは{n}回ほえた。" for n in range(3_000))
    revision = bounded(f"ADD {endless}", bound=60)
    assert revision
    assert revision.notes[:3] == KNOWN
    assert endless.startswith(revision.notes[3].text)
    assert revision.notes[3].text.endswith("。")
    assert (revision.tokens <= 60, revision.shortened, revision.gone) == (True, 1, ())


def test_a_note_of_thousands_of_sentences_takes_no_memory_for_each_of_its_beginnings():
    endless = "".join(f"ポチは{n}回ほえた。" for n in range(3_000))
    tracemalloc.start()
    try:
        bounded(f"ADD {endless}", cut=True)
        bounded("ADD ポチは三歳の柴犬。", (Note(endless, 33_000),))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 100 * len(endless)


def test_a_note_larger_than_the_bound_without_a_whole_sentence_that_fits_is_none_and_what_it_names_stands():
    endless = "".join(map(chr, range(0x4E00, 0x5E00)))
    assert bounded(f"MERGE 1 2: {endless}") is None
    revision = bounded(f"MERGE 1 2: {endless}\nADD ポチは三歳の柴犬。")
    assert revision
    assert texts(revision.notes) == [*texts(KNOWN), "ポチは三歳の柴犬。"]


def test_of_an_answer_that_was_cut_the_unfinished_sentence_is_left_out():
    revision = bounded("ADD ポチは三歳。柴犬で、鶏肉の\n", cut=True)
    assert revision
    assert texts(revision.notes[3:]) == ["ポチは三歳。柴犬で、鶏肉の"]  # the line has an end
    for cut, kept in (
        ("ADD ポチは三歳。柴犬で、鶏肉の", ["ポチは三歳。"]),
        ("ADD ポチは三歳。\nDROP 1", ["ポチは三歳。"]),
    ):
        revision = bounded(cut, cut=True)
        assert revision
        assert texts(revision.notes) == [*texts(KNOWN), *kept]
    assert bounded("", cut=True) is None


def test_a_summary_of_an_earlier_release_loses_its_oldest_sentences_and_not_all_of_them():
    old = notes("花子は東京に住む。犬はポチ。\n毎朝7時に散歩する。")
    revision = bounded("ADD ポチは三歳の柴犬。", old, bound=32)
    assert revision
    assert texts(revision.notes) == ["犬はポチ。\n毎朝7時に散歩する。", "ポチは三歳の柴犬。"]
    assert (revision.shortened, revision.gone, revision.tokens <= 32) == (1, (), True)
    revision = bounded("ADD ポチは三歳の柴犬。", old, bound=15)
    assert revision
    assert (texts(revision.notes), revision.gone) == (["ポチは三歳の柴犬。"], (1,))


def test_a_bound_that_was_lowered_holds_for_the_last_note_too():
    long = Note("花子は東京に住む。犬はポチ。", 30, Timestamp("1.0"), Timestamp("2.0"))
    revision = bounded("DROP 1", (POCHI, long), bound=10)
    assert revision
    assert texts(revision.notes) == ["犬はポチ。"]


# Whatever comes back

SENTENCES = [
    "ポチは三歳の柴犬。", "花子の犬はポチ。", "毎朝8時に散歩する。", "鶏肉は食べない!", "Pochi is afraid of thunder.",
    "**Title** **Description**", "犬", "", "---", "犬" * 200, "長い話。" + "ポチの話が続く" * 30 + "。おわり。",
]  # fmt: skip
lines = st.one_of(
    st.builds("{} {}".format, st.sampled_from(["ADD", "add:", "・ＡＤＤ", "-"]), st.sampled_from(SENTENCES)),
    st.builds(
        "MERGE {} {}: {}".format, st.integers(0, 9), st.sampled_from(["", "2", "99"]), st.sampled_from(SENTENCES)
    ),
    st.builds("{} {}".format, st.sampled_from(["DROP", "＊ drop"]), st.integers(0, 9)),
    st.sampled_from(SENTENCES),
    st.text(max_size=20),
)


@given(st.lists(st.lists(lines, max_size=6), max_size=12), st.integers(1, 150), st.booleans())
def test_every_note_stands_to_the_letter_or_was_named_or_is_reported_as_gone_and_the_bound_holds(answers, bound, cut):
    known: Notes = ()
    for answer in answers:
        revision = bounded("\n".join(answer), known, bound, cut=cut)
        if revision is None:
            continue
        groups = [revision.standing, revision.merged, revision.dropped, revision.gone]
        assert sorted(number for group in groups for number in group) == list(range(1, len(known) + 1))
        standing = [known[number - 1] for number in revision.standing]
        changed = [new for old, new in zip(standing, revision.notes, strict=False) if old != new]
        assert len(changed) <= revision.shortened
        assert len(revision.notes) == len(standing) + revision.added - revision.overflow
        assert revision.tokens <= bound
        assert all(note.tokens == measure(0, note) for note in revision.notes)
        known = revision.notes
