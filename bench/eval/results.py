"""What the ways to remember have recalled, and the figures of it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from bench.eval.scoring import is_admission, is_right
from bench.eval.spending import Account
from bench.eval.talks.facts import Kind
from bench.eval.talks.generator import Talk
from bench.eval.ways.buffered import OWN_FAILURES, Way
from domain.ports.model import Completed, LanguageModel
from domain.prompts import Prompt


@dataclass(frozen=True)
class Result:
    """One answer to one probe. ``admitted`` where it says that this is not known."""

    way: str
    language: str
    turns: int
    kind: Kind
    age: int
    expected: str
    answer: str
    right: bool
    admitted: bool


@dataclass(frozen=True)
class Run:
    """One way over one conversation."""

    way: str
    language: str
    turns: int
    results: tuple[Result, ...]
    account: Account

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def remember(name: str, way: Way, talk: Talk, model: LanguageModel, account: Account) -> Run:
    """Take in every turn, and ask each probe when its turn has come. What is asked is not remembered."""
    wording, results = talk.wording, []
    for number, turn in enumerate(talk.turns, 1):
        way.take(turn)
        for probe in (each for each in talk.probes if each.at == number):
            answer = _answer(model, way.prompt(wording.people[0], probe.question))
            right, admitted = is_right(wording, probe, answer), is_admission(wording, answer)
            what = (probe.kind, probe.age, probe.expected, answer, right, admitted)
            results.append(Result(name, wording.language, len(talk.turns), *what))
    return Run(name, wording.language, len(talk.turns), tuple(results), account)


def _answer(model: LanguageModel, prompt: Prompt) -> str:
    """Empty where the model does not take the prompt."""
    try:
        return "".join(piece for piece in model.reply(prompt) if not isinstance(piece, Completed)).strip()
    except OWN_FAILURES:
        return ""


def share(results: Iterable[Result]) -> float | None:
    """How many of the answers are right; none where nothing was asked."""
    scores = [each.right for each in results]
    return sum(scores) / len(scores) if scores else None


def recall_by_age(results: Iterable[Result]) -> dict[int, float | None]:
    told = [each for each in results if each.kind is not Kind.UNTOLD]
    return {age: share(each for each in told if each.age == age) for age in sorted({each.age for each in told})}


def recall_by_kind(results: Iterable[Result]) -> dict[Kind, float | None]:
    """``CORRECTION`` is the share of corrected facts that are right, ``UNTOLD`` of those honestly not known."""
    kept = list(results)
    return {kind: share(each for each in kept if each.kind is kind) for kind in Kind}
