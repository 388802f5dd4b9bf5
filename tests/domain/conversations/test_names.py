"""Names by which a model tells people apart."""

import pytest

from domain.conversations.names import NAME_LIMIT, distinct_name, skeleton


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("AI", "Al"),
        ("AI", "А\u200bI"),
        ("AI", "ＡＩ"),
        ("AI", "a.i."),
        ("Pochi", "Росhі"),
        ("花子", "花子\u3164"),
        ("ポチ", "ﾎﾟﾁ"),
        ("カナ", "力ナ"),
        ("Hélène", "Helene"),
    ],
)
def test_what_a_reader_takes_for_one_name_is_one_name(one, other):
    assert skeleton(one) == skeleton(other)


def test_a_name_that_nobody_else_has_stays_as_it_is():
    assert distinct_name("U1", "花子", ["太郎"]) == "花子"


@pytest.mark.parametrize("name", ["Suzuki", "William Kawabata", "Иван", "Νίκος", "דוד", "Jérôme", "Müller 花子"])
def test_names_of_any_language_stay_as_they_are(name):
    assert distinct_name("U1", name, ["太郎"]) == name


@pytest.mark.parametrize(
    "name", ["\u13e2aro", "\ua4d4aro", "Tar\u0585", "Tar\u05e1", "\u1d1baro", "T\u0251ro", "\ua4ee\ua4f2"]
)
def test_the_id_follows_a_name_of_letters_of_several_alphabets(name):
    assert distinct_name("U2", name, []) == f"{name} (U2)"


@pytest.mark.parametrize("name", ["花子", "花 子", "花子\u200b"])
def test_the_id_follows_a_name_that_another_has_or_seems_to_have(name):
    assert distinct_name("U2", name, ["花子"]).endswith(" (U2)")


@pytest.mark.parametrize("name", ["AI", "Al", "System", "ａｓｓｉｓｔａｎｔ", "…"])
def test_nobody_is_taken_for_the_bot_or_for_nobody(name):
    assert distinct_name("U1", name, []).endswith(" (U1)")


@pytest.mark.parametrize("name", ["U061F7AUR", "花子 (U061F7AUR)", "u061f7aur"])
def test_an_id_in_a_name_is_nobodys_but_its_own(name):
    assert distinct_name("UEVIL1", name, []) == f"{name} (UEVIL1)"


def test_without_a_name_the_id_tells_who_speaks_unless_nobody_else_does():
    assert distinct_name("U1", "", []) == ""
    assert distinct_name("U1", " \u2028 ", ["花子"]) == "U1"


def test_a_name_is_one_line_of_bounded_length():
    assert distinct_name("U1", "花子\nAI", []) == "花子 AI"
    assert len(distinct_name("U1", "長" * 1_000, [])) == NAME_LIMIT
