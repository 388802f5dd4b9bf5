"""The worked example of docs/memory.md goes as it is told."""

import re

import pytest

from adapters.offline import OfflineLanguageModel
from adapters.tiktoken import count_tokens_for
from bench.eval.plan import LANGUAGES
from bench.eval.talks.generator import Turn
from bench.eval.ways.buffered import Circumstances
from bench.eval.ways.notes import Notes
from domain.condensation.condensation import Condensation
from domain.deliveries.deadline import NO_DEADLINE, Deadline
from domain.memory import Memory
from domain.ports.model import Completed
from domain.prompts import Prompts
from domain.spending.usage import NO_USAGE
from tests.repository import ROOT

PAGES = {"en": ("README.md", "docs/memory.md"), "ja": ("README.ja.md", "docs/ja/memory.md")}
COUNT = count_tokens_for("gpt-5.4-mini")


class Scripted(OfflineLanguageModel):
    """The stand-in for a model, but for later condensations: those it answers by a script."""

    def __init__(self, language: str, later: list[str]) -> None:
        super().__init__(language=language, count_tokens=COUNT, sleep=lambda _: None)
        self.later = later
        self.condensed: list[str] = []

    def summarise(self, condensation: Condensation, deadline: Deadline = NO_DEADLINE) -> tuple[str, Completed]:
        if self.condensed and self.later:
            answer = self.later.pop(0)
        else:
            answer, _ = super().summarise(condensation, deadline)
        self.condensed.append(answer)
        return answer, Completed(NO_USAGE)


@pytest.mark.parametrize("language", PAGES)
def test_the_worked_example_goes_as_the_page_tells(language):
    readme, page = [(ROOT / name).read_text(encoding="utf-8") for name in PAGES[language]]
    first, first_notes, *later, last_notes = re.findall(r"^```text\n(.*?)\n```$", page, re.MULTILINE | re.DOTALL)
    story = re.findall(r"^\d\. `(?:@bot )?(.+)`$", readme, re.MULTILINE)
    person = first.removeprefix("ADD ").partition(":")[0]
    model = Scripted(language, list(later))
    prompts = Prompts(LANGUAGES[language])
    way = Notes(Circumstances(model, COUNT, Memory(limit=230, keep=120), prompts))

    shown = []
    for said in [*story, *story]:
        before = len(model.condensed)
        answer = "".join(each for each in model.reply(way.prompt(person, said)) if isinstance(each, str))
        way.take(Turn(person, said, answer))
        shown += [prompts.notes(way.conversation.notes)] * (len(model.condensed) - before)

    assert model.condensed[: len(later) + 1] == [first, *later]
    assert (shown[0], shown[len(later)]) == (first_notes, last_notes)
