"""What is run: each way over each conversation, and what that is expected to take."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import product

from bench.eval.journal import Journal, JournaledModel
from bench.eval.results import Run, remember
from bench.eval.scripted.summarisers import PromptReader, Rewriter, Summariser
from bench.eval.talks.generator import WORDINGS, Talk, talk
from bench.eval.ways.buffered import Buffered, Circumstances, Way, WholeThread
from bench.eval.ways.langchain import LangChainMemory
from bench.eval.ways.notes import Notes
from bench.eval.ways.rewritten import RewrittenSummary
from domain.memory import Memory
from domain.ports.model import CountTokens, LanguageModel
from domain.prompts import Prompts
from domain.texts import english, japanese
from domain.texts.language import Language

LANGUAGES: dict[str, Language] = {"en": english.ENGLISH, "ja": japanese.JAPANESE}


@dataclass(frozen=True)
class Contender:
    """A way by its name, what makes it for a language, and the script that stands for its model in an estimate."""

    title: str
    make: Callable[[Circumstances, str], Way]
    script: type[Summariser]


WAYS = {
    "notes": Contender("notes", lambda circumstances, _: Notes(circumstances), Summariser),
    "rewritten": Contender("rewritten summary", RewrittenSummary, Rewriter),
    "langchain": Contender(
        "LangChain's summary buffer", lambda circumstances, _: LangChainMemory(circumstances), PromptReader
    ),
    "thread": Contender("whole thread, cut", lambda circumstances, _: WholeThread(circumstances), Summariser),
    "buffer": Contender("buffer alone", lambda circumstances, _: Buffered(circumstances), Summariser),
}


@dataclass(frozen=True)
class Plan:
    """Conversations and ways. ``names`` are those of the ``wanted`` ways that are installed.

    ``continuing`` where the model that answers condenses too, as in ``Prompts``.
    """

    languages: Sequence[str]
    lengths: Sequence[int]
    memory: Memory
    window: int
    count_tokens: CountTokens
    wanted: Sequence[str] = tuple(WAYS)
    continuing: bool = True
    seed: int = 1

    @property
    def names(self) -> list[str]:
        return [name for name in self.wanted if name != "langchain" or find_spec("langchain_classic")]

    def estimates(self) -> Iterator[Run]:
        """The same by scripts in place of the model: as many calls and about as many tokens."""
        return self._runs(lambda name, made: WAYS[name].script(made, self.count_tokens), Journal(), lambda: None)

    def runs(self, model: LanguageModel, place: str, journal: Journal, asked: Callable[[], None]) -> Iterator[Run]:
        """With the model, which is at this ``place``."""
        return self._runs(lambda *_: model, journal, asked, f"{place} {model.name}")

    def _runs(
        self,
        model_for: Callable[[str, Talk], LanguageModel],
        journal: Journal,
        asked: Callable[[], None],
        called: str = "",
    ) -> Iterator[Run]:
        for length, language in product(self.lengths, self.languages):
            made = talk(WORDINGS[language], length, self.seed)
            for name in self.names:
                # A script's answers are kept in memory, where those of two ways must not meet.
                model = JournaledModel(model_for(name, made), journal, called or f"{name} {language} {length}", asked)
                way = WAYS[name].make(self._circumstances(model, language), language)
                yield remember(name, way, made, model, model.account)

    def _circumstances(self, model: LanguageModel, language: str) -> Circumstances:
        prompts = Prompts(LANGUAGES[language], continuing=self.continuing)
        return Circumstances(model, self.count_tokens, self.memory, prompts, self.window)
