"""A stand-in for the language model on a machine without a key. It is no AI and says so in every answer.

It does two things honestly: it finds again what was said or written in a file, and it chooses what is worth keeping.
"""

import re
import time
from collections.abc import Callable, Generator, Iterator, Sequence, Set
from dataclasses import dataclass

from adapters.sentences import Sentence, nearest, novelty, sentences
from domain.conversation import Speaker
from domain.language import Language
from domain.ports import Completed, Condensation, CountTokens
from domain.prompts import Part, Prompt, Role
from domain.texts.english import ENGLISH
from domain.texts.japanese import JAPANESE
from domain.usage import Usage

QUOTED = 3
"""At most so many earlier sentences in one answer."""


@dataclass(frozen=True)
class _Voice:
    """What the stand-in itself says in one language, and the pieces in which it speaks."""

    language: Language
    disclaimer: str
    found: str
    nothing: str
    excerpt: str
    blind: str
    record: str
    empty: str
    pieces: re.Pattern[str]


_VOICES = {
    "ja": _Voice(
        JAPANESE,
        disclaimer="(APIキーがないため、AIの代わりの簡易な応答です。覚えている発言を探すことだけができます。)",
        found="記憶の中に、近い発言がありました。",
        nothing="覚えている範囲には、これに関する発言が見つかりませんでした。いまの発言は、このあと記憶に加わります。",
        excerpt="ファイルから、目立つ文を抜き出します。",
        blind="画像を見ることはできません。",
        record="記録",
        empty="(書き留める発言はありませんでした)",
        pieces=re.compile(r".{1,3}", re.DOTALL),
    ),
    "en": _Voice(
        ENGLISH,
        disclaimer="(A stand-in answers because there is no API key. It is no AI: it can only look up what was said.)",
        found="This is what I remember that comes close:",
        nothing="I find nothing about this in what I remember. What you just wrote will be remembered too.",
        excerpt="These sentences stand out in the file:",
        blind="I cannot look at pictures.",
        record="Record",
        empty="(nothing was said that needs noting)",
        pieces=re.compile(r"\S+\s*"),
    ),
}
# In every language, because the bot's language may be changed over the same memory.
_DISCLAIMERS = tuple(voice.disclaimer for voice in _VOICES.values())
_EMPTY = {voice.empty for voice in _VOICES.values()}
_NAMES = frozenset(name for voice in _VOICES.values() for name in voice.language.names.values())
_DOCUMENTS = [
    re.compile(
        re.escape(voice.language.document.fill(name="\1", text="\2"))
        .replace("\1", r"(?P<name>[^\n]*)")
        .replace("\2", r"(?P<text>.*?)"),
        re.DOTALL,
    )
    for voice in _VOICES.values()
]


class OfflineLanguageModel:
    """A ``LanguageModel`` without a model: deterministic, and never in trouble.

    ``language`` is ``"ja"`` or ``"en"``; any other is a ``ValueError``. ``pace`` is the seconds it
    pauses between two pieces of an answer, so that streaming can be watched.
    """

    def __init__(
        self,
        *,
        language: str,
        count_tokens: CountTokens,
        pace: float = 0.03,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if language not in _VOICES:
            raise ValueError(f"the stand-in speaks {' and '.join(_VOICES)}, not {language!r}")
        self.name = "offline"
        self._voice = _VOICES[language]
        self._names = self._voice.language.names
        self._count_tokens = count_tokens
        self._pace = pace
        self._sleep = sleep

    def reply(self, prompt: Prompt) -> Generator[str | Completed, None, None]:
        """What the prompt holds about the words of its last part, quoted as Markdown with who said it."""
        answer = f"{self._voice.disclaimer}\n\n{self._said_to(prompt)}"
        for number, piece in enumerate(self._voice.pieces.findall(answer)):
            if number:
                self._sleep(self._pace)
            yield piece
        yield Completed(self._usage(prompt, answer))  # counted last: counting must not delay the first word

    def summarise(self, condensation: Condensation) -> tuple[str, Completed]:
        """The sentences most worth keeping of the old summary and the folded messages, in the order they were said."""
        kept = _from_summary(condensation.summary, {message.name for message in condensation.folded})
        new = [
            sentence
            for message in condensation.folded
            for sentence in _said(message.name or self._names[message.speaker], message.text)
        ]
        summary = self._chosen(kept, new, condensation.token_limit) or self._voice.empty
        return summary, Completed(self._usage(condensation.prompt, summary))

    def _said_to(self, prompt: Prompt) -> str:
        voice = self._voice
        *earlier, question = prompt
        words, written = _documents_apart(question.text)
        for picture in question.pictures:  # its name stands among the words
            words = words.replace(voice.language.picture.fill(name=picture.name), "")
        near = nearest(words, [*self._remembered(earlier, {part.name for part in prompt}), *written], QUOTED)
        telling = sorted(written, key=lambda sentence: -sentence.worth)[:QUOTED]
        if near or telling:
            quotes = [f"- {sentence.speaker or voice.record}: {sentence.text}" for sentence in near or telling]
            found = "\n".join([voice.found if near else voice.excerpt, "", *quotes])
        else:
            found = voice.nothing
        return f"{voice.blind}\n\n{found}" if question.pictures else found

    def _remembered(self, earlier: Sequence[Part], people: Set[str]) -> list[Sentence]:
        before, after = self._voice.language.record.fill(summary="\0").split("\0")
        names = {Role.PERSON: self._names[Speaker.PERSON], Role.BOT: self._names[Speaker.BOT]}
        remembered: list[Sentence] = []
        for part in earlier:
            if part.role is Role.RECORD:
                remembered += _from_summary(part.text.removeprefix(before).removesuffix(after), people)
            elif part.role in names:
                remembered += _said(part.name or names[part.role], part.text)
        return remembered

    def _chosen(self, kept: list[Sentence], new: list[Sentence], token_limit: int) -> str:
        said = [*kept, *new]
        # What a summary held before counts as the newest does: age alone loses nothing.
        recency = [1.0] * len(kept) + [(number + 1) / len(new) for number in range(len(new))]
        worth = [sentence.worth + 0.5 * recent for sentence, recent in zip(said, recency, strict=True)]
        ranking = sorted(range(len(said)), key=lambda number: (-worth[number], -number))
        chosen: list[int] = []
        known: Set[str] = set()
        tokens = 0
        for number in ranking:
            new_share, known_with_it = novelty(said[number].text, known)
            cost = self._count_tokens(said[number].line + "\n")
            if new_share >= 0.3 and tokens + cost <= token_limit:  # a summary that says it once says enough
                chosen.append(number)
                known = known_with_it
                tokens += cost

        def text() -> str:
            return "\n".join(said[number].line for number in sorted(chosen))

        while self._count_tokens(text()) > token_limit:
            chosen.pop()  # the tokens of lines need not add up to those of their text
        return text() or self._beginning([said[number].line for number in ranking[:1]], token_limit)

    def _beginning(self, lines: list[str], token_limit: int) -> str:
        """As much of the best line as fits where no whole one does, and never nothing of it."""
        text = "".join(lines)
        while len(text) > 1 and self._count_tokens(text) > token_limit:
            text = text[:-1]
        return text

    def _usage(self, prompt: Prompt, words: str) -> Usage:
        return Usage(sent=sum(self._count_tokens(part.said) for part in prompt), received=self._count_tokens(words))


def _said(speaker: str, text: str) -> Iterator[Sentence]:
    """A message's sentences, and those of its documents as said by the file.

    The stand-in's own answers have none: all they hold was said by someone else.
    """
    if not text.startswith(_DISCLAIMERS):
        words, written = _documents_apart(text)
        yield from sentences(speaker, words)
        yield from written


def _documents_apart(text: str) -> tuple[str, list[Sentence]]:
    """The words of a message, and the sentences of the documents that came with it."""
    written: list[Sentence] = []
    for quotation in _DOCUMENTS:
        for document in quotation.finditer(text):
            written += sentences(document["name"], document["text"])
        text = quotation.sub("", text)
    return text, written


def _from_summary(summary: str, names: Set[str]) -> list[Sentence]:
    """A summary's sentences, with their speakers where it is one of the stand-in's own and they are called so."""
    found: list[Sentence] = []
    for line in summary.splitlines():
        speaker, _, text = line.partition(": ")
        found += sentences(speaker, text) if speaker in _NAMES | names else sentences("", line)
    return [sentence for sentence in found if sentence.text not in _EMPTY]
