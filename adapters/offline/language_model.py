"""A stand-in for the language model on a machine without a key. It is no AI and says so in every answer.

It quotes the remembered sentences that are nearest to a question, and its notes are the sentences that have numbers,
names or decisions in them. It understands nothing.
"""

import time
from collections.abc import Callable, Generator, Sequence, Set

from adapters.offline.note_keeping import edits_of, redactions_of
from adapters.offline.quotations import documents_apart, in_message, in_notes
from adapters.offline.sentences import Sentence, nearest
from adapters.offline.voices import VOICES, Voice
from domain.condensation.condensation import Condensation
from domain.conversations.conversation import Speaker
from domain.deliveries.deadline import NO_DEADLINE, Deadline
from domain.ports.model import Completed, CountTokens
from domain.prompts import Part, Prompt, Role
from domain.spending.usage import Usage

QUOTED = 3
"""Most earlier sentences in one answer."""


class OfflineLanguageModel:
    """A ``LanguageModel`` without a model. Deterministic; it raises nothing.

    ``language`` is ``"ja"`` or ``"en"``; any other is a ``ValueError``. A prompt in the other one, as in a channel that
    has a language of its own, is answered in that. ``pace`` is the pause between two pieces
    of an answer in seconds, so that streaming can be watched.
    """

    def __init__(
        self,
        *,
        language: str,
        count_tokens: CountTokens,
        pace: float = 0.03,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if language not in VOICES:
            raise ValueError(f"the stand-in speaks {' and '.join(VOICES)}, not {language!r}")
        self.name = self.summary_name = "offline"
        self._voice = VOICES[language]
        self._names = self._voice.language.names
        self._count_tokens = count_tokens
        self._pace = pace
        self._sleep = sleep

    def name_of(self, model: str) -> str:  # noqa: ARG002 - there is no choice
        return self.name

    def reply(
        self,
        prompt: Prompt,
        deadline: Deadline = NO_DEADLINE,
        conversation: str = "",  # noqa: ARG002 - nothing is cached
        model: str = "",  # noqa: ARG002 - it is the only one
    ) -> Generator[str | Completed, None, None]:
        """What the prompt holds about the words of its last part, quoted as Markdown with who said it."""
        voice = self._voice_of(prompt)
        answer = f"{voice.disclaimer}\n\n{_answer(prompt, voice)}"
        for number, piece in enumerate(voice.pieces.findall(answer)):
            if number:
                self._sleep(self._pace)
            if deadline.is_over:
                return
            yield piece
        yield Completed(self._usage(prompt, answer))  # counted last: counting must not delay the first word

    def summarise(
        self,
        condensation: Condensation,
        deadline: Deadline = NO_DEADLINE,  # noqa: ARG002 - it takes milliseconds
    ) -> tuple[str, Completed]:
        """Adds the sentences most worth keeping of the folded messages, and drops notes that are worth less."""
        if condensation.removed:
            answer = redactions_of(condensation)
            return answer, Completed(self._usage(condensation.prompt, answer))
        edits = edits_of(condensation, self._names, self._count_tokens)
        if not edits:  # nothing is new: the last note once more changes nothing
            known = condensation.notes[-1].text if condensation.notes else self._voice.empty
            edits = f"ADD {' '.join(known.splitlines())}"
        return edits, Completed(self._usage(condensation.prompt, edits))

    def _voice_of(self, prompt: Prompt) -> Voice:
        """The voice in whose language the prompt begins, whatever its persona; else the bot's."""
        spoken = (each for each in VOICES.values() if _instruction_of(each) in prompt[0].text)
        return next(spoken, self._voice)

    def _usage(self, prompt: Prompt, words: str) -> Usage:
        return Usage(
            sent=sum(self._count_tokens(part.text_with_name) for part in prompt), received=self._count_tokens(words)
        )


def _answer(prompt: Prompt, voice: Voice) -> str:
    *earlier, question = prompt
    words, written = documents_apart(question.text)
    for picture in question.pictures:  # its name stands among the words
        words = words.replace(voice.language.picture.fill(name=picture.name), "")
    near = nearest(words, [*_remembered(earlier, {part.name for part in prompt}, voice), *written], QUOTED)
    telling = sorted(written, key=lambda sentence: -sentence.worth)[:QUOTED]
    if near or telling:
        quotes = [f"- {sentence.speaker or voice.record}: {sentence.text}" for sentence in near or telling]
        found = "\n".join([voice.found if near else voice.excerpt, "", *quotes])
    else:
        found = voice.nothing
    return f"{voice.blind}\n\n{found}" if question.pictures else found


def _remembered(earlier: Sequence[Part], people: Set[str], voice: Voice) -> list[Sentence]:
    before, after = voice.language.record.fill(notes="\0").split("\0")
    above, below = voice.language.thread.fill(lines="\0").split("\0")
    names = {Role.PERSON: voice.language.names[Speaker.PERSON], Role.BOT: voice.language.names[Speaker.BOT]}
    remembered: list[Sentence] = []
    for part in earlier:
        if part.role is Role.RECORD and part.text.startswith(above):
            lines = part.text.removeprefix(above).removesuffix(below)
            remembered += in_notes(lines.splitlines(), {line.partition(": ")[0] for line in lines.splitlines()})
        elif part.role is Role.RECORD:
            remembered += in_notes(part.text.removeprefix(before).removesuffix(after).splitlines(), people)
        elif part.role in names:
            remembered += in_message(part.name or names[part.role], part.text)
    return remembered


def _instruction_of(voice: Voice) -> str:
    """What follows the persona."""
    return voice.language.instruction.fill(persona="\0").partition("\0")[2]
