"""The documents: both languages say the same, what they name exists, and what they tell happens."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from adapters.offline import OfflineLanguageModel
from adapters.tiktoken import count_tokens_for
from bench.__main__ import BOUNDS
from domain.errors import EmptyQuestion, FilesUnreadable, QuestionDeleted, StoppedEarly
from domain.prompts import Prompts
from domain.requests import Question
from domain.texts import english, japanese
from domain.turn_events import Condensed
from entrypoints import manifest
from entrypoints.configuration.odd_settings import NAMES_ELSEWHERE
from entrypoints.configuration.settings import Settings
from entrypoints.operator.command_line import command_parser, main
from entrypoints.playground.emulator.workspace.workspace import Workspace
from tests.fakes import InMemoryConversations, InMemoryReplies, PlainResolver, answering
from tests.variables import OF_OTHERS, known_settings

ROOT = Path(__file__).parent.parent
LANGUAGES = {"en": english.ENGLISH, "ja": japanese.JAPANESE}


@dataclass(frozen=True)
class Block:
    language: str
    text: str


class Document:
    """A Markdown file, taken apart. Its language is that of its place: `ja` under docs/ja and in *.ja.md, else `en`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.path = ROOT / name
        self.text = self.path.read_text(encoding="utf-8")
        self.language = "ja" if name.startswith("docs/ja/") or name.endswith(".ja.md") else "en"

    @cached_property
    def blocks(self) -> list[Block]:
        return [Block(*found) for found in re.findall(r"^```(\w*)\n(.*?)^```$", self.text, re.MULTILINE | re.DOTALL)]

    @cached_property
    def prose(self) -> str:
        return re.sub(r"^```.*?^```$", "", self.text, flags=re.MULTILINE | re.DOTALL)

    @cached_property
    def headings(self) -> list[tuple[int, str]]:
        return [(len(marks), title) for marks, title in re.findall(r"^(#+) (.+)$", self.prose, re.MULTILINE)]

    @cached_property
    def anchors(self) -> list[str]:
        """What GitHub makes of the headings."""
        return [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for _, title in self.headings]

    @cached_property
    def commands(self) -> list[str]:
        return [block.text for block in self.blocks if block.language == "sh"]

    @cached_property
    def links(self) -> list[str]:
        return re.findall(r"\]\(([^)]+)\)", re.sub(r"`[^`\n]*`", "", self.prose))

    @cached_property
    def code(self) -> str:
        """Whatever is meant for a machine: blocks and spans."""
        return "\n".join([*(block.text for block in self.blocks), *re.findall(r"`([^`\n]+)`", self.prose)])

    @cached_property
    def settings(self) -> dict[str, str]:
        """Each variable that has a row in a table, and what its second column says."""
        return dict(re.findall(r"^\| `([A-Z_]+)` \| *(.*?) *\|", self.text, re.MULTILINE))

    @cached_property
    def entries(self) -> list[tuple[str, str, str]]:
        """The rows of the manifest's entries: name, feature, reason."""
        return re.findall(r"^\| `(\S+)` \| (.+?) \| (.+) \|$", self.text, re.MULTILINE)

    @cached_property
    def figures(self) -> list[tuple[str, str, str]]:
        """The rows of the measured figures: meaning, bound, measured."""
        return re.findall(r"^\| (.+) \| ([≤≥] .+) \| (.+) \|$", self.text, re.MULTILINE)


TERRAFORM = ROOT / "terraform/README.md"
DOCUMENTS = {
    str(path): Document(str(path))
    for path in sorted(path.relative_to(ROOT) for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), TERRAFORM])
}
FOR_CONTRIBUTORS = {"docs/design.md", "docs/reliability.md"}
"""Pages of docs/ that are in English only."""


def twin(name: str) -> str:
    """The Japanese page of an English one."""
    return "README.ja.md" if name == "README.md" else name.replace("docs/", "docs/ja/", 1)


PAIRS = {
    name: (page, DOCUMENTS[twin(name)])
    for name, page in DOCUMENTS.items()
    if page.language == "en" and twin(name) != name and twin(name) in DOCUMENTS
}
READMES = dict(zip(("en", "ja"), PAIRS["README.md"], strict=True))
SETTINGS = PAIRS["docs/configuration.md"]

in_both = pytest.mark.parametrize("page", SETTINGS, ids=("en", "ja"))
in_each = pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
in_each_pair = pytest.mark.parametrize(("page", "japanese"), PAIRS.values(), ids=PAIRS)


def in_any_language(commands: str) -> str:
    """The commands without what makes the bot speak the language of their page, and without the words of comments."""
    commands = re.sub(r"\b(BOT_LANGUAGE|TF_VAR_bot_language)=(ja|en) ?", "", commands)
    return re.sub(r"(^| +)# .*$", " #", commands, flags=re.MULTILINE)


def test_every_page_for_people_who_use_or_run_the_bot_is_in_both_languages():
    pages = {name for name in DOCUMENTS if name.startswith("docs/")}
    japanese = {name for name in pages if name.startswith("docs/ja/")}

    assert {twin(name) for name in pages - japanese - FOR_CONTRIBUTORS} == japanese


@in_each_pair
def test_both_pages_have_the_same_headings(page, japanese):
    assert [level for level, _ in page.headings] == [level for level, _ in japanese.headings]


@in_each
def test_the_contents_of_a_page_lead_to_every_section_of_it_in_order(document):
    contents = re.search(r"^(?:Contents: |目次:)((?:.+\n)+)", document.prose, re.MULTILINE)
    if contents is None:
        return
    sections = [place for (level, _), place in zip(document.headings, document.anchors, strict=True) if level == 2]

    assert re.findall(r"\]\(#([^)]+)\)", contents[1]) == sections


@in_each_pair
def test_both_pages_have_the_same_commands_in_the_same_order(page, japanese):
    assert [in_any_language(each) for each in page.commands] == [in_any_language(each) for each in japanese.commands]


@in_each_pair
def test_both_pages_have_tables_of_the_same_length(page, japanese):
    tables = [re.findall(r"(?:^\|.*\n)+", each.text, re.MULTILINE) for each in (page, japanese)]

    assert [len(table.splitlines()) for table in tables[0]] == [len(table.splitlines()) for table in tables[1]]


@in_each_pair
def test_both_pages_lead_to_the_same_places_in_the_same_order(page, japanese):
    def places(document: Document) -> list[str | tuple[str, int | None]]:
        return [place(document, link) for link in document.links if not is_twin(document, link)]

    assert places(page) == places(japanese)


def is_twin(document: Document, link: str) -> bool:
    """Whether the link leads to the same page in the other language."""
    return place(document, link) == (document.name.replace("docs/ja/", "docs/").replace(".ja.md", ".md"), None)


def place(document: Document, link: str) -> str | tuple[str, int | None]:
    """Where a link leads, the same for both languages: the English page and the number of the heading."""
    if ":" in link:
        return link
    path, _, anchor = link.partition("#")
    file = (document.path.parent / path).resolve().relative_to(ROOT).as_posix() if path else document.name
    heading = DOCUMENTS[file].anchors.index(anchor) if anchor else None
    return re.sub(r"^docs/ja/|^docs/(pictures/)(?:en|ja)\b", r"docs/\1", file).replace(".ja.md", ".md"), heading


@in_each
def test_every_block_that_starts_or_makes_a_bot_makes_it_speak_the_language_of_its_page(document):
    for commands in document.commands:
        named = re.findall(r"\b(?:BOT_LANGUAGE|TF_VAR_bot_language)=(\w+)", commands)
        starts = re.search(
            r"\bmake (run|deploy)\b|terraform apply$|(operator|bin/bot) manifest", commands, re.MULTILINE
        )

        assert set(named) <= {document.language}, commands
        assert named or not starts or document.language == Settings().bot_language, commands


@in_each
def test_a_command_within_a_sentence_makes_the_bot_speak_the_language_of_its_page_too(document):
    spans = re.findall(r"`([^`\n]+)`", document.prose)
    # A bare `make run` names the command; one with a variable or an option is there to be copied.
    for span in (each for each in spans if re.search(r"=.*\b(?:run|deploy)\b|\bmake deploy .|\bapply -", each)):
        named = re.findall(r"\b(?:BOT_LANGUAGE|TF_VAR_bot_language)=(\w+)", span)

        assert named == [document.language], span


@in_each
def test_every_command_of_the_operator_is_one(document, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_PATH", str(tmp_path / "none.sqlite3"))
    for name in known_settings() - {"DATABASE_PATH"}:
        monkeypatch.delenv(name, raising=False)
    for command, options in re.findall(r"\.venv/bin/bot ([\w-]+)([^#\n]*)", "\n".join(document.commands)):
        # A wrong command ends the process here; one that is right misses the database, and one of AWS its account.
        if command == "adopt":
            command_parser().parse_args([command, *options.split()])
            continue
        code = main([command, *options.replace("…", "bot.example.com").split()])
        if command == "manifest":
            assert "app_mention" in capsys.readouterr().out
        assert code == (0 if command in ("manifest", "doctor") else 2)


@in_each
def test_every_output_of_terraform_that_is_named_exists(document):
    outputs = set(
        re.findall(r'^output "(\w+)"', (ROOT / "terraform/outputs.tf").read_text(encoding="utf-8"), re.MULTILINE)
    )

    assert set(re.findall(r"output -raw (\w+)", document.text)) <= outputs


@in_each
def test_no_document_has_a_slack_manifest_of_its_own(document):
    assert not [block for block in document.blocks if "oauth_config" in block.text]


def test_every_scope_event_and_command_has_a_row_with_its_feature_and_reason():
    names = {"scopes": "name", "events": "name", "slash_commands": "command", "shortcuts": "callback_id"}
    source = manifest.parts()
    page, japanese = PAIRS["docs/slack.md"]

    assert page.entries == [
        (entry[name], entry["feature"], entry["reason"]) for kind, name in names.items() for entry in source[kind]
    ]
    assert [name for name, _, _ in japanese.entries] == [name for name, _, _ in page.entries]


@in_each
def test_every_block_of_commands_is_one_that_a_shell_can_read(document):
    for commands in document.commands:
        read = subprocess.run(["sh", "-n"], input=commands, capture_output=True, text=True, check=False)

        assert read.stderr == "", commands


@in_each
def test_a_page_shows_pictures_in_its_own_language(document):
    for language in re.findall(r"\(\S*pictures/(\w+)\.", document.text):
        assert language == document.language


@pytest.mark.parametrize("readme", READMES.values(), ids=READMES)
def test_a_readme_leads_to_every_page_of_its_language(readme):
    led_to = {(readme.path.parent / link.partition("#")[0]).resolve() for link in readme.links if ":" not in link}
    pages = [page for name, page in DOCUMENTS.items() if name.startswith("docs/") and page.language == readme.language]

    assert {page.path for page in pages} <= led_to


def test_the_first_commands_are_make_run_and_make_test():
    assert re.findall(r"make (\w+)", READMES["en"].commands[0]) == ["run", "test"]


@in_both
def test_every_setting_has_a_row_and_every_row_is_a_setting(page):
    assert set(page.settings) == known_settings()


@in_both
def test_the_defaults_are_those_that_the_tables_tell(page):
    told: Mapping[str, str] = {
        name: default.strip("`")
        for name, default in page.settings.items()
        if re.fullmatch("`[^`]+`", default) and default.strip("`") not in page.settings
    }

    assert len(told) > 10
    assert Settings.from_env(told) == Settings()


@in_each
def test_no_variable_is_named_that_nobody_reads(document):
    named = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", document.text))

    assert named <= known_settings() | OF_OTHERS | NAMES_ELSEWHERE.keys()


@in_each
def test_every_module_that_a_tree_of_rooms_names_exists(document):
    modules = {path.name for folder in ("domain", "adapters", "entrypoints") for path in (ROOT / folder).rglob("*.*")}
    trees = "\n".join(block.text for block in document.blocks if block.language in ("", "mermaid"))

    assert set(re.findall(r"\b\w+\.(?:py|json)\b", trees)) <= modules


@in_each_pair
def test_the_sentences_that_a_page_explains_are_those_of_the_bot(page, japanese):
    for document in (page, japanese):
        explained = re.findall(r"^\| ([^|]*[.。]) \|", document.text, re.MULTILINE)
        language = LANGUAGES[document.language]
        limits = (
            language.budget_used_up["person"].fill(date="…"),
            language.too_many_questions.fill(limit="…", seconds="…"),
        )
        sentences = (*language.troubles.values(), *limits)

        for each in explained:
            assert [sentence for sentence in sentences if sentence.startswith(each)], each


def test_troubleshooting_explains_every_sentence_that_is_not_plain_by_itself():
    plain = {EmptyQuestion, FilesUnreadable, QuestionDeleted, StoppedEarly}
    for document in PAIRS["docs/troubleshooting.md"]:
        explained = re.findall(r"^\| ([^|]*[.。]) \|", document.text, re.MULTILINE)
        troubles = LANGUAGES[document.language].troubles

        for error, sentence in troubles.items():
            assert error in plain or [each for each in explained if sentence.startswith(each)], sentence


@pytest.mark.parametrize("readme", READMES.values(), ids=READMES)
def test_a_readme_is_short(readme):
    assert len(readme.text.splitlines()) <= 200


@in_each
def test_every_make_target_that_is_named_exists(document):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = set(re.findall(r"(?:^|\s)make ([a-z-]+)", re.sub(r"\s#.*", "", document.code), re.MULTILINE))

    assert named <= targets


@in_each
def test_every_path_that_is_named_in_the_prose_exists(document):
    folders = "domain|adapters|entrypoints|tests|bench|docs|requirements|terraform"
    for path in re.findall(rf"`((?:{folders})/[\w./*]*)`", document.prose):
        assert list(ROOT.glob(path.rstrip("/"))) or (document.path.parent / path).exists(), path


def test_the_figures_are_those_that_the_benchmark_bounds():
    page, japanese = PAIRS["docs/measured.md"]
    bounds = [(meaning, f"{side} {shape.format(bound)}") for _, shape, bound, side, meaning in BOUNDS]

    assert [(meaning, bound) for meaning, bound, _ in page.figures] == bounds
    assert [row[1:] for row in page.figures] == [row[1:] for row in japanese.figures]


@pytest.mark.parametrize(
    ("language", "condensed_after", "recalled"), [("en", 4, "allergic to chicken"), ("ja", 3, "鶏肉アレルギー")]
)
def test_the_conversation_to_try_goes_as_it_is_told(language, condensed_after, recalled):
    readme = READMES[language]
    (command,) = [each for each in readme.commands if "MEMORY_TOKEN_LIMIT" in each]
    settings = Settings.from_env(dict(each.split("=") for each in command.split() if "=" in each))
    count_tokens = count_tokens_for(settings.chat_model)
    conversations, replies, events = InMemoryConversations(), InMemoryReplies(), []
    bot = answering(
        conversations=conversations,
        model=OfflineLanguageModel(language=language, count_tokens=count_tokens, sleep=lambda _: None),
        replies=replies,
        resolver=PlainResolver(Workspace(language).directory.people[0].name),
        count_tokens=count_tokens,
        memory=settings.memory,
        prompts=Prompts(LANGUAGES[settings.bot_language]),
        scope=settings.conversation_scope,
        ttl_days=settings.conversation_ttl_days,
        report=events.append,
    )
    said = [text.removeprefix("@bot ") for text in re.findall(r"^\d\. `(.+)`$", readme.text, re.MULTILINE)]
    asked = [Question("T1", "C1", f"1000.{n:06}", "U1", text, "1000.000001") for n, text in enumerate(said, 1)]

    for question in asked[:-1]:
        bot.answer(question)
    (stored,) = conversations.kept.values()
    bot.answer(asked[-1])

    first = next(event for event in events if isinstance(event, Condensed))
    assert first.request.ts == asked[condensed_after - 1].ts
    assert first.messages == 4
    assert any(recalled in note.text for note in stored.conversation.notes)
    assert recalled not in "".join(message.text for message in stored.conversation.buffer)
    assert recalled in list(replies.by_ts.values())[-1].text
