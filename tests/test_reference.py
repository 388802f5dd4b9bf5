"""The tables in the documents that come from the code are those that ``make reference`` would write."""

import re

import pytest

from docs.reference import aws_costs, pages
from docs.reference.__main__ import main
from docs.reference.pages import KINDS, OF_A_FOLDER, PAGES, MissingWords, written
from tests.variables import known_settings

MODULE = pages.ROOT / "terraform/modules/observability/main.tf"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(pages.ROOT)))
def test_every_table_is_as_the_code_has_it(page):
    assert written(page) == page.read_text(encoding="utf-8"), "make reference writes it"


def test_every_module_of_terraform_has_its_inputs_and_outputs_written():
    for module in pages.ROOT.glob("terraform/modules/*"):
        kinds = {kind for _, kind, _, _ in pages.BLOCK.findall((module / "README.md").read_text(encoding="utf-8"))}
        assert kinds == OF_A_FOLDER.keys(), module


def test_every_kind_of_table_stands_in_a_document():
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)

    assert {kind for _, kind, _, _ in pages.BLOCK.findall(text)} == KINDS.keys() | OF_A_FOLDER.keys()
    assert text.count(" made by make reference:") == len(pages.BLOCK.findall(text))
    assert {name for name in known_settings() if f"\n| `{name}` |" in text} == known_settings()


def test_the_costs_are_what_the_documents_round_them_to():
    idle, busy = aws_costs.sums()
    assert (round(idle), round(busy)) == (1, 8)
    assert aws_costs.alarm_metrics() > len(re.findall("^    [a-z-]+ = {$", MODULE.read_text(), re.MULTILINE))
    for name, eighth in (("docs/costs.md", "eight with 10,000"), ("docs/ja/costs.md", "8 ドル")):
        assert eighth in (pages.ROOT / name).read_text(encoding="utf-8")


@pytest.fixture
def page(tmp_path, monkeypatch):
    """A page of its own, with a table of this kind."""
    monkeypatch.setattr(pages, "ROOT", tmp_path)

    def of(kind: str, table: str, folder: str = "docs"):
        path = tmp_path / folder / "page.md"
        path.parent.mkdir(parents=True)
        path.write_text(f"<!-- made by make reference: {kind} -->\n{table}\n<!-- end -->\n", encoding="utf-8")
        monkeypatch.setattr("docs.reference.__main__.PAGES", [path])
        return path

    return of


def test_a_setting_gets_its_default_and_its_values_and_keeps_its_words(page):
    path = page("settings", "| variable | default | meaning |\n| --- | --- | --- |\n| `PORT` | `80` | of Pochi |")
    assert main() == 0
    assert "| `PORT` | `8000` | 1–65535 | of Pochi |\n" in path.read_text(encoding="utf-8")
    assert written(path) == path.read_text(encoding="utf-8")


def test_a_default_that_depends_on_another_setting_stays_in_words(page):
    path = page("settings", "| 変数 | 既定値 | 意味 |\n| --- | --- | --- |\n| `SUMMARY_MODEL` | 同じ | 要約 |", "ja")
    assert "| `SUMMARY_MODEL` | 同じ | | 要約 |\n" in written(path)


def test_a_scope_without_japanese_words_is_named(page, capsys):
    path = page("scopes", "| 権限 | 機能 | 理由 |\n| --- | --- | --- |", "docs/ja")
    with pytest.raises(MissingWords, match=r"docs/ja/page.md: write a row for `app_mentions:read`"):
        written(path)
    assert main() == 1
    assert "write a row for `app_mentions:read`" in capsys.readouterr().err


def test_every_command_of_the_operator_is_described_with_its_arguments_and_where_one_is_optional(page):
    text = written(page("commands", "x"))
    assert "## bot replay\n\nPut dead letters back" in text
    assert "\n`bot replay [REFERENCE …] [--all] [--json]`\n" in text
    assert "\n| `FILE` | a new file; it holds people's words |\n" in text
    assert "`--format json\\|link`" in text
    assert "whose sums (default: person) |" in text
    assert "--help" not in text
