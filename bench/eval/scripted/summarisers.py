"""Summarisers by a script in place of a model: one that obeys, one that loses facts, one that writes too much.

What they take for worth noting is the same for all: each planted fact, and one line on the rest of what is folded.
"""

from collections.abc import Generator
from random import Random

from bench.eval.scripted.prefixes import Prefixes, as_text
from bench.eval.talks.facts import Fact, Kind
from bench.eval.talks.generator import Talk
from bench.eval.ways.buffered import number_of
from domain.condensation.condensation import Condensation
from domain.conversations.conversation import Message, Speaker
from domain.conversations.notes import Notes
from domain.deliveries.deadline import NO_DEADLINE, Deadline
from domain.ports.model import Completed, CountTokens
from domain.prompts import Prompt
from domain.spending.usage import Usage

FRAME = 16
"""Tokens that a note's number and date may take in a prompt, generously."""


class Summariser:
    """A ``LanguageModel`` that edits notes as it is asked to.

    ``loss`` is the probability with which it loses a fact whenever it writes it again. ``written`` are the tokens of
    its summaries, ``named`` the numbers of the notes that its answers merge or drop, until somebody clears them.
    """

    name = summary_name = "scripted"

    def __init__(self, talk: Talk, count_tokens: CountTokens, loss: float = 0.0, seed: int = 1) -> None:
        self.made = talk
        self._facts = {turn.note: turn.fact for turn in talk.turns if turn.fact}
        self._count_tokens = count_tokens
        self._prefixes = Prefixes(count_tokens)
        self._loss = loss
        self._random = Random(seed)
        self._told: set[str] = set()
        self.written: list[int] = []
        self.named: set[int] = set()

    def reply(
        self,
        prompt: Prompt,
        deadline: Deadline = NO_DEADLINE,  # noqa: ARG002
        conversation: str = "",  # noqa: ARG002
        model: str = "",  # noqa: ARG002
    ) -> Generator[str | Completed, None, None]:
        yield "…"
        yield Completed(self._usage(prompt, "…"))

    def summarise(self, condensation: Condensation, deadline: Deadline = NO_DEADLINE) -> tuple[str, Completed]:  # noqa: ARG002
        text = "\n".join(self.lines(condensation))
        usage = self._usage(condensation.prompt, text)
        self.written.append(usage.received)
        return text, Completed(usage)

    def lines(self, condensation: Condensation) -> list[str]:
        """The lines of the answer."""
        new = [line for line in self.new(condensation.folded) if line not in self._told or self.survives()]
        self._told.update(new)
        edits = [self._edit(condensation.notes, line) for line in new]
        return [*self._dropped(condensation, new), *edits]

    def new(self, folded: tuple[Message, ...]) -> list[str]:
        """What is worth noting of the folded messages, a line each."""
        said = [self.made.turns[number_of(each)] for each in folded if each.speaker is Speaker.PERSON]
        rest = [f"{each.person}: {each.question}" for each in said if not each.fact]
        return [*rest[:1], *(each.note for each in said if each.fact)]

    def survives(self) -> bool:
        """Is a line that is written again there the second time too?"""
        return self._random.random() >= self._loss

    def _edit(self, notes: Notes, line: str) -> str:
        """``ADD``, or ``MERGE`` where the line corrects a note."""
        fact = self.fact(line)
        for number, note in enumerate(notes, 1):
            if fact and fact.kind is Kind.CORRECTION and self.fact(note.text) is fact and number not in self.named:
                self.named.add(number)
                return f"MERGE {number}: {line}"
        return f"ADD {line}"

    def _dropped(self, condensation: Condensation, new: list[str]) -> list[str]:
        """Makes room for what is new: notes without a fact go first, the oldest first."""
        notes = list(enumerate(condensation.notes, 1))
        excess = sum(note.tokens for _, note in notes) - condensation.token_limit
        excess += sum(self._count_tokens(line) + FRAME for line in new)
        dropped = []
        for number, note in sorted(notes, key=lambda each: bool(self.fact(each[1].text))):
            if excess > 0 and number not in self.named:
                self.named.add(number)
                dropped.append(f"DROP {number}")
                excess -= note.tokens
        return dropped

    def fact(self, line: str) -> Fact | None:
        """The planted fact that a line tells."""
        return self._facts.get(line)

    def _usage(self, prompt: Prompt, text: str) -> Usage:
        sent, cached = self._prefixes.measure(prompt)
        return Usage(sent, self._count_tokens(text), cached)


class Rewriter(Summariser):
    """Writes the whole summary anew, as prose: what stood in it, and then what is new."""

    def lines(self, condensation: Condensation) -> list[str]:
        self.named.update(range(1, len(condensation.notes) + 1))
        known = [line for note in condensation.notes for line in note.text.splitlines()]
        kept = [line for line in known if self.survives()]
        return self._fitting([*kept, *self.new(condensation.folded)], condensation.token_limit)

    def _fitting(self, lines: list[str], limit: int) -> list[str]:
        """Without the oldest lines that do not fit, those without a fact first."""
        tokens = {line: self._count_tokens(line) + 1 for line in lines}
        for line in sorted(tokens, key=lambda each: bool(self.fact(each))):
            if sum(tokens.values()) > limit:
                del tokens[line]
        return list(tokens)


class PromptReader(Rewriter):
    """A rewriter that reads its prompt alone, as LangChain shows it."""

    def lines(self, condensation: Condensation) -> list[str]:
        asked = as_text(condensation.prompt)
        known = [note for note in self._facts if note in asked]
        return self._fitting(known, condensation.token_limit)


class Wordy(Summariser):
    """Writes too much: every folded message as a note, however often it is asked for less."""

    def lines(self, condensation: Condensation) -> list[str]:
        return [f"ADD {each.name}: {each.text}" for each in condensation.folded]
