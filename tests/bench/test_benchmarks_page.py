"""The page of benchmarks, its charts and the READMEs say what is in docs/benchmarks.json."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench.peers import pages
from bench.peers.__main__ import asked_for
from bench.peers.comparing import Settings
from bench.peers.targets import Report
from tests.repository import ROOT

in_each_language = pytest.mark.parametrize("language", pages.PLACES)


@pytest.fixture(scope="module")
def report() -> Report:
    return pages.read(ROOT)


def written(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def plain(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with the READMEs alone."""
    (tmp_path / "docs/ja").mkdir(parents=True)
    (tmp_path / "docs/pictures").mkdir()
    for _, readme in pages.PLACES.values():
        (tmp_path / readme).write_text(written(readme), encoding="utf-8")
    return tmp_path


def test_without_arguments_all_is_compared_that_the_page_shows(report):
    settings = asked_for([])

    assert settings == Settings()
    assert [list(settings.turns), list(settings.conversations)] == [report.turns, report.conversations]
    assert {f"thread {each}" for each in settings.windows} < set(report.names)


@pytest.mark.parametrize("arguments", [["--turns", "0"], ["--limits", "100", "200", "300"], ["--windows", "ポチ"]])
def test_what_cannot_be_compared_is_refused_in_one_sentence(arguments, capsys):
    with pytest.raises(SystemExit):
        asked_for(arguments)

    assert "error:" in capsys.readouterr().err.splitlines()[-1]


@in_each_language
def test_the_page_and_its_chart_are_those_of_the_figures(report, language):
    document, _ = pages.PLACES[language]

    assert written(document) == pages.page(report, language)
    assert written(f"docs/pictures/{language}-benchmarks.svg") == pages.chart(report, language)


@in_each_language
def test_the_readme_says_what_was_measured(report, language):
    _, readme = pages.PLACES[language]

    assert plain(written(readme)).count(pages.sentence(report, language)) == 1


@in_each_language
def test_what_is_measured_anew_is_written_everywhere(report, language, copy):
    dearer = [replace(each, remembering=each.remembering * (1 + (each.name == "notes"))) for each in report.figures]
    again = replace(report, day="2027-01-05", figures=dearer)
    document, readme = pages.PLACES[language]

    pages.write(again, copy)

    assert pages.read(copy) == Report.from_json({**vars(again), "figures": [vars(each) for each in dearer]})
    assert "2027-01-05" in (copy / document).read_text(encoding="utf-8")
    assert pages.sentence(again, language) != pages.sentence(report, language)
    assert pages.sentence(again, language) in plain((copy / readme).read_text(encoding="utf-8"))


def test_a_target_that_is_missed_is_named(report):
    dearer = [
        replace(each, remembering=each.remembering * 3) if each.name == "notes" else each for each in report.figures
    ]
    missed = [each for each in replace(report, figures=dearer).targets() if each.missed]

    assert {each.kind for each in missed} == {"remembering"}
    assert all(each.missed == report.conversations for each in missed if each.other == "buffer")
    assert "(missed)" in "\n".join(pages.lines(replace(report, figures=dearer)))


def test_remembering_takes_a_seventh_of_langchains_memory_at_most_and_three_calls_of_five(report):
    targets = [each for each in report.targets() if each.other in ("buffer", "bare")]

    assert {each.kind for each in targets} == {"remembering", "calls", "time"}
    assert [each for each in targets if each.missed] == []


def test_both_ways_of_langchain_show_as_much_word_for_word_as_this_project(report):
    for conversation in report.conversations:
        ours, *others = [report.of(conversation, name, 100).verbatim for name in ("notes", "buffer", "middleware")]

        assert others == pytest.approx([ours] * 2, rel=0.05)


def test_the_chart_has_a_line_for_each_way_in_each_conversation(report):
    drawn = ElementTree.fromstring(pages.chart(report, "en"))
    lines = list(drawn.iter("{http://www.w3.org/2000/svg}polyline"))

    assert len(lines) == len(report.conversations) * len(report.names)
    looks = {(each.get("stroke"), each.get("stroke-dasharray")) for each in lines}
    assert len(looks) == len(report.names)  # of two lines that look alike nobody knows which is which
