"""Asking a model what becomes of the notes."""

from dataclasses import replace

from domain.condensation.applying_edits import Revision
from domain.condensation.bounding import Bounding
from domain.condensation.condensation import Condensation
from domain.conversations.notes import Note
from domain.deliveries.deadline import Deadline
from domain.errors import AnsweringError, ModelRefused, SummaryTooSlow, TokenLimitTooLow
from domain.memory import Memory
from domain.ports.model import Completed, CountTokens, LanguageModel
from domain.prompts import Prompts
from domain.spending.estimating import with_estimate
from domain.spending.usage import NO_USAGE, Usage

ROOM_TO_THINK = 8_000
"""Tokens beyond a summary's limit for a model that spends them on thoughts first. Limits of up to 2,400 in all are
reported to come back empty."""

PAID = (ModelRefused, TokenLimitTooLow)
"""Errors after which the prompt has been read, and which tell of what it took where the server has counted that."""

Made = tuple[Revision, Completed]
"""The notes after a condensation, what it took, and whether the answer that they come from was cut."""


class NothingNoted(ModelRefused):
    """The model's answer has no note."""

    def __init__(self, message: str, usage: Usage) -> None:
        super().__init__(message)
        self.usage = usage


class Summarising:
    """Has a model revise the notes, within ``memory.summary`` tokens."""

    def __init__(self, model: LanguageModel, prompts: Prompts, memory: Memory, count_tokens: CountTokens) -> None:
        self._model = model
        self._prompts = prompts
        self._bound = memory.summary
        self._count_tokens = count_tokens
        self._bounding = Bounding(memory.summary, self._measure)

    def revise(self, condensation: Condensation, deadline: Deadline) -> Made:
        """What the model makes of the notes. It is asked once more where they have too many tokens then.

        What is still too much goes: see ``Bounding``. Raises what the model raises, and ``NothingNoted`` where its
        answer has no note, or none that could be kept within the bound.
        """
        answer, completed = summarised(self._model, condensation, deadline, self._count_tokens)
        revision = self._bounding.revised(condensation, answer)
        if not revision:
            raise NothingNoted("the model's summary has no note", completed.usage)
        if not completed.cut and revision.tokens <= self._bound:
            return revision, completed
        prompt = self._prompts.shorter(condensation.prompt, revision.tokens, self._bound)
        try:
            shorter = self._answer(replace(condensation, prompt=prompt), deadline)
        except AnsweringError as error:
            error.usage += completed.usage
            raise
        return self._bounded(condensation, [shorter, (answer, completed)])

    def _answer(self, condensation: Condensation, deadline: Deadline) -> tuple[str, Completed]:
        """The model's second answer; an empty one leaves the first."""
        try:
            return summarised(self._model, condensation, deadline, self._count_tokens)
        except ModelRefused as error:
            return "", Completed(error.usage)

    def _bounded(self, condensation: Condensation, answers: list[tuple[str, Completed]]) -> Made:
        """The notes after the first of these answers that leaves any within the bound."""
        usage = sum((completed.usage for _, completed in answers), NO_USAGE)
        for answer, completed in answers:
            if revision := self._bounding.bounded(condensation, answer, cut=completed.cut):
                return revision, Completed(usage, completed.cut)
        raise NothingNoted(f"no sentence of the model's notes fits into {self._bound} tokens", usage)

    def _measure(self, number: int, note: Note) -> int:
        return self._count_tokens(f"{self._prompts.note(number, note)}\n")


def summarised(
    model: LanguageModel, condensation: Condensation, deadline: Deadline, count_tokens: CountTokens
) -> tuple[str, Completed]:
    """The model's answer, and what it took. It is asked with more room where its thoughts have used up the first.

    Never empty. Raises what the model raises, and ``NothingNoted`` for an empty answer.
    """
    try:
        return _asked(model, condensation, deadline, count_tokens)
    except TokenLimitTooLow as error:
        spent = error.usage
    roomy = replace(condensation, token_limit=condensation.token_limit + ROOM_TO_THINK)
    try:
        text, completed = _asked(model, roomy, deadline, count_tokens)
    except AnsweringError as error:
        error.usage += spent
        raise
    return text, replace(completed, usage=spent + completed.usage)


def _asked(
    model: LanguageModel, condensation: Condensation, deadline: Deadline, count_tokens: CountTokens
) -> tuple[str, Completed]:
    """The answer to one request. An error after which the model is to be paid has a usage too."""
    prompt = condensation.prompt
    try:
        text, completed = model.summarise(condensation, deadline)
    except SummaryTooSlow as error:
        error.usage += with_estimate(NO_USAGE, prompt, "", count_tokens)
        raise
    except AnsweringError as error:
        if error.paid or isinstance(error, PAID):
            error.usage = with_estimate(error.usage, prompt, "", count_tokens)
        raise
    usage = with_estimate(completed.usage, prompt, text, count_tokens)
    if not text.strip():
        raise NothingNoted("the model's summary is empty", usage)
    return text, replace(completed, usage=usage)
