"""Charts and the progress bar."""

import io
from xml.etree import ElementTree

import pytest

from bench.eval.chart import Panel, svg
from bench.eval.progress import Progress
from bench.eval.scripted import curve
from tests.conftest import Clock

SVG = "{http://www.w3.org/2000/svg}"
WALKS = Panel(
    "Pochi's walks & naps", "minutes", {"rain <3": [(10, 0.0), (100, 0.5)], "sun": [(10, 1.0), (1_000, 1.0)]}, True
)


def lines(drawn: str) -> list[list[tuple[float, float]]]:
    found = ElementTree.fromstring(drawn).iter(f"{SVG}polyline")
    return [[tuple(map(float, point.split(","))) for point in each.get("points").split()] for each in found]


def test_a_chart_is_xml_that_names_its_lines():
    texts = [each.text for each in ElementTree.fromstring(svg([WALKS])).iter(f"{SVG}text")]

    assert {"Pochi's walks & naps", "minutes", "rain <3", "sun", "100%", "0%"} <= set(texts)


def test_a_share_of_all_stands_above_a_half_and_ten_times_as_much_is_as_far_everywhere():
    rain, sun = lines(svg([WALKS]))

    assert rain[0][1] > rain[1][1] > sun[0][1] == 0.0
    assert sun[1][0] - rain[1][0] == rain[1][0] - rain[0][0]


def test_panels_stand_side_by_side():
    assert svg([WALKS, WALKS]).count("<g transform") == 2


def test_a_chart_of_one_point_or_of_none_can_be_drawn():
    assert lines(svg([Panel("", "", {"Pochi": [(50, 0.0)]})])) == [[(0.0, 300.0)]]
    assert lines(svg([Panel("", "", {"Pochi": []})])) == [[]]


def test_the_bar_says_how_many_calls_are_made_and_how_long_the_rest_may_take():
    clock, stream = Clock(), io.StringIO()
    progress = Progress(4, stream, clock)

    clock.now += 60
    progress.advance()
    progress.close()

    assert "1 of about 4 calls, 3 min left" in stream.getvalue()


def test_more_calls_than_expected_are_no_fault():
    stream = io.StringIO()
    progress = Progress(0, stream, Clock())

    progress.advance()
    progress.advance()
    progress.close()

    assert "2 of about 1 calls, 0 min left" in stream.getvalue()


@pytest.mark.parametrize("language", curve.TITLES)
def test_the_charts_of_the_documents_say_what_the_script_would_say(language):
    drawn = ElementTree.fromstring((curve.PICTURES / f"{language}-memory.svg").read_text(encoding="utf-8"))
    texts = {each.text for each in drawn.iter(f"{SVG}text")}
    (*cost, keeps), lasting, names = curve.TITLES[language]

    assert {*cost, *lasting, *names, *map(keeps.format, curve.KEPT)} <= texts


def test_the_charts_of_both_languages_have_the_same_lines():
    one, other = [(curve.PICTURES / f"{language}-memory.svg").read_text(encoding="utf-8") for language in curve.TITLES]

    assert lines(one) == lines(other)
    assert [len(line) for line in lines(one)] == [len(curve.LIMITS)] * 3 + [len(curve.SUMMARIES)] * 2
