"""Sentences that were said: told apart, compared, and weighed, by rules that serve Japanese and English alike.

No understanding here, only spelling: two sentences are on one thing when they share runs of
a few characters, and one is worth keeping when it has numbers, dates, names or words of deciding and liking.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

LONGEST = 160
"""Characters of one sentence; what is written without a full stop is taken in lengths of this."""

_FULL_STOP = re.compile(r"(?<=[。！？])|(?<=[.!?])\s+")
_MARKDOWN = re.compile(r"^\s*(?:(?:[-*#>]+|\d+\.)\s+)+")
_QUESTION = re.compile(r"(?:[?？]|[うすたの]か。?|っけ。?|教えて(?:ください)?。?)$")
_GRAMMAR = re.compile(  # English words too common to tell what a sentence is about
    r"an?|and|are|at|be|can|could|did|do|does|for|from|ha[ds]|have|how|i|in|is|it|its|know|me|my|of|on|or|our|please"
    r"|remember|s|s?he|should|so|tell|that|the|their|them|there|they|this|to|us|was|we|were|what|when|where|which"
    r"|who|why|will|with|would|your?"
)
_TELLING = (
    (2.0, re.compile(r"\d|[一二三四五六七八九十]+[月日時年人個円]")),
    (1.5, re.compile(r"[ァ-ヴー]{2,}|「[^」]+」|(?<=[a-z,] )[A-Z][a-z]+")),  # names, as far as spelling shows them
    (1.5, re.compile(r"名前|名は|決め|決ま|予定|約束|頼|お願い|必ず|好き|嫌い|覚え")),
    (1.5, re.compile(r"(?i)\b(?:names?|called|decided?|plan|promised?|please|must|always|never|likes?|loves?)\b")),
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """``speaker`` is empty where nobody knows any more who said it."""

    speaker: str
    text: str

    @property
    def line(self) -> str:
        return f"{self.speaker}: {self.text}" if self.speaker else self.text

    @property
    def asks(self) -> bool:
        return bool(_QUESTION.search(self.text))

    @property
    def worth(self) -> float:
        """How much a summary loses without it: 0.3 for idle questions, 1 for idle talk, up to 7.5."""
        return (0.3 if self.asks else 1.0) * (1.0 + sum(worth for worth, sign in _TELLING if sign.search(self.text)))


def sentences(speaker: str, text: str) -> Iterator[Sentence]:
    """The sentences of one message, without the Markdown of lists, headings and quotations."""
    for line in text.splitlines():
        for sentence in _FULL_STOP.split(_MARKDOWN.sub("", line)):
            said = sentence.strip()
            for start in range(0, len(said), LONGEST):
                yield Sentence(speaker, said[start : start + LONGEST])


def nearest(question: str, said: Sequence[Sentence], most: int) -> list[Sentence]:
    """The sentences nearest to a question, best first and of equals the latest; those that ask are no answers."""
    wanted = _traits(question)
    traits = {sentence.text: _traits(sentence.text) for sentence in reversed(said) if not sentence.asks}
    speakers = {sentence.text: sentence.speaker for sentence in said}
    frequency = Counter(trait for each in traits.values() for trait in each)
    total = _weight(wanted, frequency) or 1.0
    nearness = {text: _weight(wanted & each, frequency) / total for text, each in traits.items()}
    least = max(0.3, 0.75 * max(nearness.values(), default=0.0))
    near = sorted((text for text in nearness if nearness[text] >= least), key=lambda text: -nearness[text])
    return [Sentence(speakers[text], text) for text in near[:most]]


def novelty(text: str, known: Set[str]) -> tuple[float, Set[str]]:
    """Which share of a text, from 0 to 1, is not among the traits known so far; and those traits with its own."""
    traits = _traits(text)
    return _weight(traits - known) / (_weight(traits) or 1.0), known | traits


def _traits(text: str) -> Set[str]:
    """Pairs of characters within words, threes where letters say less, and single kanji, which may be whole words."""
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())
    telling = [word for word in words if not _GRAMMAR.fullmatch(word)]
    traits = {letter for word in telling for letter in word if "\u4e00" <= letter <= "\u9fff"}
    for word in telling:
        length = 3 if word.isascii() else 2
        traits |= {word[start : start + length] for start in range(max(1, len(word) - length + 1))}
    return traits


def _weight(traits: Set[str], frequency: Counter[str] | None = None) -> float:
    """Hiragana is mostly grammar and weighs little.

    Among sentences of known frequencies, what many have weighs less than what one has, and what
    none has (the polite half of a question) tells least.
    """

    def rarity(trait: str) -> float:
        if frequency is None:
            return 1.0
        return 1.0 / (1.0 + math.log(frequency[trait])) if trait in frequency else 0.3

    return math.fsum((0.2 if re.fullmatch(r"[ぁ-ん]+", trait) else 1.0) * rarity(trait) for trait in traits)
