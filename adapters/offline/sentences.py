"""Sentences that were said: cut apart, compared and weighed by their spelling alone.

Two sentences are near when they share runs of a few characters, which serves Japanese and English alike.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

LONGEST = 160
"""Most characters of one sentence; a longer one is cut into pieces of this length."""

_FULL_STOP = re.compile(r"(?<=[。！？])|(?<=[.!?])\s+")
_MARKDOWN = re.compile(r"^\s*(?:(?:[-*#>]+|\d+\.)\s+)+")
_QUESTION = re.compile(r"(?:[?？]|[うすたの]か。?|っけ。?|教えて(?:ください)?。?)$")
_GRAMMAR = re.compile(  # English words that do not tell what a sentence is about
    r"an?|and|are|at|be|can|could|did|do|does|for|from|ha[ds]|have|how|i|in|is|it|its|know|me|my|of|on|or|our|please"
    r"|remember|s|s?he|should|so|tell|that|the|their|them|there|they|this|to|us|was|we|were|what|when|where|which"
    r"|who|why|will|with|would|your?"
)
_WORTH_KEEPING = re.compile(
    r"\d|[一二三四五六七八九十]+[月日時年人個円]"
    r"|[ァ-ヴー]{2,}|「[^」]+」|(?<=[a-z,] )[A-Z][a-z]+"  # names, as far as spelling shows them
    r"|名前|名は|決め|決ま|予定|約束|頼|お願い|必ず|好き|嫌い|覚え"
    r"|(?i:\b(?:names?|called|decided?|plan|promised?|please|must|always|never|likes?|loves?)\b)"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a message. ``speaker`` is empty where it is not known who said it."""

    speaker: str
    text: str

    @property
    def line(self) -> str:
        return f"{self.speaker}: {self.text}" if self.speaker else self.text

    @property
    def asks(self) -> bool:
        return bool(_QUESTION.search(self.text))

    @property
    def worth(self) -> int:
        """How many words it has that are worth keeping; a question is worth less than any other sentence."""
        return -1 if self.asks else len(_WORTH_KEEPING.findall(self.text))


def sentences(speaker: str, text: str) -> Iterator[Sentence]:
    """The sentences of one message, without the Markdown of lists, headings and quotations."""
    for line in text.splitlines():
        for sentence in map(str.strip, _FULL_STOP.split(_MARKDOWN.sub("", line))):
            for start in range(0, len(sentence), LONGEST):
                yield Sentence(speaker, sentence[start : start + LONGEST])


def nearest(question: str, said: Sequence[Sentence], most: int) -> list[Sentence]:
    """The sentences nearest to a question, best first and of equals the latest; those that ask are no answers."""
    latest = {sentence.text: sentence for sentence in said if not sentence.asks}
    traits = {text: _traits(text) for text in reversed(latest)}
    frequency = Counter(trait for each in traits.values() for trait in each)
    wanted = _traits(question)
    whole = _weight(wanted, frequency) or 1.0
    nearness = {text: _weight(wanted & each, frequency) / whole for text, each in traits.items()}
    least = max(0.3, 0.75 * max(nearness.values(), default=0.0))
    near = sorted((text for text in nearness if nearness[text] >= least), key=lambda text: -nearness[text])
    return [latest[text] for text in near[:most]]


def repeats(text: str, other: str) -> bool:
    """Does the other text say nearly all that the first one does?"""
    traits = _traits(text)
    return len(traits & _traits(other)) > 0.7 * len(traits)


def _traits(text: str) -> Set[str]:
    """Pairs of characters within words, threes where letters say less, and single kanji, which may be whole words."""
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())
    telling = [word for word in words if not _GRAMMAR.fullmatch(word)]
    traits = {letter for word in telling for letter in word if "\u4e00" <= letter <= "\u9fff"}
    for word in telling:
        length = 3 if word.isascii() else 2
        traits |= {word[start : start + length] for start in range(max(1, len(word) - length + 1))}
    return traits


def _weight(traits: Set[str], frequency: Counter[str]) -> float:
    """What many sentences have weighs less than what one has; hiragana, which is mostly grammar, weighs little.

    What no sentence has (the polite half of a question) says least.
    """
    return sum(
        (0.2 if re.fullmatch(r"[ぁ-ん]+", trait) else 1.0) * (1 / frequency[trait] if trait in frequency else 0.3)
        for trait in sorted(traits)  # in one order: sums of floats depend on it
    )
