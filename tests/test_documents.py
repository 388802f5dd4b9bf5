"""The documents: both READMEs say the same, what they name exists, and what they tell happens."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from adapters.offline import OfflineLanguageModel
from adapters.tiktoken import count_tokens_for
from bench.__main__ import BOUNDS
from domain.answering import Answering
from domain.prompts import Prompts
from domain.requests import Question
from domain.texts import english, japanese
from domain.turn_events import Condensed
from entrypoints import manifest, operator
from entrypoints.playground.emulator.workspace import Workspace
from entrypoints.settings import Settings
from tests.fakes import Bulletin, InMemoryConversations, PlainResolver
from tests.variables import known_settings

ROOT = Path(__file__).parent.parent
LANGUAGES = {"en": english.ENGLISH, "ja": japanese.JAPANESE}


@dataclass(frozen=True)
class Block:
    language: str
    text: str


class Document:
    """A Markdown file, taken apart."""

    def __init__(self, name: str) -> None:
        self.path = ROOT / name
        self.text = self.path.read_text(encoding="utf-8")

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


ENGLISH, JAPANESE, SLACK = map(Document, ("README.md", "README.ja.md", "docs/slack.md"))
READMES = {"en": ENGLISH, "ja": JAPANESE}
DOCUMENTS = [ENGLISH, JAPANESE, SLACK, *map(Document, ("CONTRIBUTING.md", "CHANGELOG.md", "docs/design.md"))]

in_both = pytest.mark.parametrize("readme", READMES.values(), ids=READMES)
in_each = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.path.name)


def test_both_readmes_have_the_same_headings():
    assert [level for level, _ in ENGLISH.headings] == [level for level, _ in JAPANESE.headings]


def test_both_readmes_have_the_same_commands_in_the_same_order():
    def in_any_language(commands: list[str]) -> list[str]:
        return [re.sub(r"\bBOT_LANGUAGE=(ja|en)\b", "BOT_LANGUAGE=…", each) for each in commands]

    assert ENGLISH.commands
    assert in_any_language(ENGLISH.commands) == in_any_language(JAPANESE.commands)


@in_each
def test_the_manifest_is_printed_by_every_command_that_is_told_to(document, capsys):
    for options in re.findall(r"entrypoints\.operator manifest([^#\n]*)", "\n".join(document.commands)):
        assert operator.main(["manifest", *options.replace("…", "bot.example.com").split()]) == 0
        assert "app_mention" in capsys.readouterr().out


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

    assert SLACK.entries == [
        (entry[name], entry["feature"], entry["reason"]) for kind, name in names.items() for entry in source[kind]
    ]


def test_both_readmes_link_to_the_same_files_in_the_same_order():
    own = [[link for link in readme.links if not link.startswith("README")] for readme in READMES.values()]

    assert own[0] == own[1]


def test_the_first_commands_are_make_run_and_make_test():
    assert re.findall(r"^make \w+", ENGLISH.commands[0], re.MULTILINE) == ["make run", "make test"]


@in_both
def test_every_setting_has_a_row_and_every_row_is_a_setting(readme):
    assert set(readme.settings) == known_settings()


@in_both
def test_the_defaults_are_those_that_the_tables_tell(readme):
    told: Mapping[str, str] = {
        name: default.strip("`")
        for name, default in readme.settings.items()
        if re.fullmatch("`[^`]+`", default) and default.strip("`") not in readme.settings
    }

    assert len(told) > 10
    assert Settings.from_env(told) == Settings()


@in_each
def test_no_variable_is_named_that_nobody_reads(document):
    named = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", document.text))

    assert named <= known_settings()


@in_each
def test_every_make_target_that_is_named_exists(document):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = set(re.findall(r"(?:^|\s)make ([a-z]+)", re.sub(r"\s#.*", "", document.code), re.MULTILINE))

    assert named <= targets


@in_each
def test_every_file_that_is_linked_exists(document):
    for link in document.links:
        path, _, anchor = link.partition("#")
        if not link.startswith("https://"):
            assert (document.path.parent / path).exists() if path else anchor, link


@in_each
def test_every_link_within_a_document_leads_to_a_heading(document):
    anchors = {title.lower().replace(" ", "-") for _, title in document.headings}

    assert {link[1:] for link in document.links if link.startswith("#")} <= anchors


@in_each
def test_every_path_that_is_named_in_the_prose_exists(document):
    folders = "domain|adapters|entrypoints|tests|bench|docs|requirements|terraform"
    for path in re.findall(rf"`((?:{folders})/[\w./*]*)`", document.prose):
        assert list(ROOT.glob(path.rstrip("/"))), path


def test_the_figures_are_those_that_the_benchmark_bounds():
    bounds = [(meaning, f"{side} {shape.format(bound)}") for _, shape, bound, side, meaning in BOUNDS]

    assert [(meaning, bound) for meaning, bound, _ in ENGLISH.figures] == bounds
    assert [row[1:] for row in ENGLISH.figures] == [row[1:] for row in JAPANESE.figures]


@pytest.mark.parametrize(
    ("language", "condensed_after", "recalled"), [("en", 4, "allergic to chicken"), ("ja", 3, "鶏肉アレルギー")]
)
def test_the_conversation_to_try_goes_as_it_is_told(language, condensed_after, recalled):
    readme = READMES[language]
    (command,) = [each for each in readme.commands if "MEMORY_TOKEN_LIMIT" in each]
    settings = Settings.from_env(dict(each.split("=") for each in command.split() if "=" in each))
    count_tokens = count_tokens_for(settings.chat_model)
    conversations, channel, events = InMemoryConversations(), Bulletin(), []
    answering = Answering(
        conversations=conversations,
        model=OfflineLanguageModel(language=language, count_tokens=count_tokens, sleep=lambda _: None),
        channel=channel,
        reader=PlainResolver(Workspace(language).people[0].name),
        count_tokens=count_tokens,
        memory=settings.memory,
        prompts=Prompts(LANGUAGES[settings.bot_language]),
        scope=settings.conversation_scope,
        ttl_days=settings.conversation_ttl_days,
        report=events.append,
        clock=time.time,
    )
    said = [text.removeprefix("@bot ") for text in re.findall(r"^\d\. `(.+)`$", readme.text, re.MULTILINE)]
    asked = [Question("T1", "C1", f"1000.{n:06}", "U1", text, "1000.000001") for n, text in enumerate(said, 1)]

    for question in asked[:-1]:
        answering.answer(question)
    (stored,) = conversations.kept.values()
    answering.answer(asked[-1])

    first = next(event for event in events if isinstance(event, Condensed))
    assert first.question == asked[condensed_after - 1]
    assert first.messages == 4
    assert recalled in stored.conversation.summary
    assert recalled not in "".join(message.text for message in stored.conversation.buffer)
    assert recalled in list(channel.replies.values())[-1].text
