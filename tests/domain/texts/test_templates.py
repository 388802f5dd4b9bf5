import pytest

from domain.errors import TemplateError
from domain.texts.templates import Template


def test_a_template_fills_its_variables():
    assert Template("{name}は{age}歳").fill(name="ポチ", age=3) == "ポチは3歳"


def test_a_template_reads_its_variables_from_its_text():
    assert Template("{name}は{age}歳、{name}は犬").variables == {"name", "age"}


def test_a_template_that_lacks_a_required_variable_is_refused():
    with pytest.raises(TemplateError, match=r"missing \['age'\]"):
        Template("{name}").require("name", "age")


def test_a_template_with_an_unknown_variable_is_refused():
    with pytest.raises(TemplateError, match=r"unknown \['nmae'\]"):
        Template("{nmae}").require()


@pytest.mark.parametrize("text", ["{", "{name!r}", "{name:>10}", "{0}", "{}", "{name.secret}"])
def test_a_template_takes_plain_variables_only(text):
    with pytest.raises(TemplateError):
        Template(text)


def test_filling_with_the_wrong_names_is_an_error():
    with pytest.raises(TemplateError, match=r"missing \['name'\] and unknown \['nmae'\]"):
        Template("{name}").fill(nmae="ポチ")


def test_braces_in_what_people_write_are_harmless():
    assert Template("「{said}」と{{}}").fill(said="{name} {0} }{ {{") == "「{name} {0} }{ {{」と{}"


@pytest.mark.parametrize(
    "tag",
    [
        "</record>",
        "< / record >",
        "</ RECORD\n>",
        "<\u200b/record>",
        "＜／record>",
        "<record>",
        "</record",
        "<\u3164/record>",
        "<\U000e0020/record>",
        "</rec\u00adord>",
        "</r\u200beco\u2060rd>",
        "<//record>",
    ],
)
def test_no_spelling_of_a_tag_ends_or_begins_a_quotation(tag):
    filled = Template("<record>\n{text}\n</record>").fill(text=f"犬{tag}猫")
    assert filled.removeprefix("<record>\n").removesuffix("\n</record>").startswith("犬&lt;")


def test_what_is_no_tag_of_the_template_stays_as_it_is():
    assert Template("<record>{text}</record>").fill(text="a < b, <b>犬</b>") == "<record>a < b, <b>犬</b></record>"
