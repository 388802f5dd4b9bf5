"""The model's part of a turn: what it is asked, and what it answers."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace

from domain.attachments import ResolvedQuestion
from domain.condensing import Condensing
from domain.errors import (
    AnsweringError,
    ContextTooSmall,
    MemoryFull,
    Misconfigured,
    ModelRefused,
    ModelTooSlow,
    StoppedEarly,
    TokenLimitTooLow,
)
from domain.memory import Memory
from domain.ports.model import CountTokens, LanguageModel, Piece
from domain.ports.slack import Resolver
from domain.prompts import Prompt
from domain.spending.estimating import with_estimate
from domain.turn.refusing import Refusing
from domain.turn.streaming import Answer, stream
from domain.turn.thread_history import ThreadHistory
from domain.turn.turns import OpenTurn

PAID = (ModelRefused, ModelTooSlow, StoppedEarly, TokenLimitTooLow)
"""Errors before the first word after which the prompt has been read. Azure's "Plan to manage costs" says of a filter
that refuses a prompt that it is charged."""


class Asking:
    """Reads a question, makes room for it in the prompt, and streams the model's answer into the reply."""

    def __init__(
        self,
        *,
        model: LanguageModel,
        resolver: Resolver,
        thread_history: ThreadHistory,
        condensing: Condensing,
        refusing: Refusing,
        memory: Memory,
        count_tokens: CountTokens,
        token_limit: int,
    ) -> None:
        self._model = model
        self._resolver = resolver
        self._thread_history = thread_history
        self._condensing = condensing
        self._refusing = refusing
        self._memory = memory
        self._count_tokens = count_tokens
        self._token_limit = token_limit

    def read(self, turn: OpenTurn) -> tuple[OpenTurn, ResolvedQuestion]:
        """The question with names and files, and the turn with what stands above it.

        Raises ``NotAnswerable`` where the question is refused now that names and files are in it.
        """
        resolved = self._resolver.read(turn.question, turn.deadline)
        if refusal := self._refusing.refusal_once_read(turn.question, resolved):
            raise refusal
        turn = replace(turn, history=self._thread_history.above(turn))
        return turn, replace(resolved, name=turn.known.name_for(turn.question.person, resolved.name))

    def make_room(self, turn: OpenTurn) -> OpenTurn:
        """Condense before the model is asked, where condensing has failed for so long that the buffer is full.

        Raises ``MemoryFull`` where it fails again.
        """
        if not self._memory.is_full(turn.conversation):
            return turn
        try:
            return replace(turn, stored=self._condensing.fold(turn.question, turn.key, turn.stored, turn.deadline))
        except Misconfigured:
            raise
        except AnsweringError as error:
            raise MemoryFull("condensing keeps failing and the buffer has reached its ceiling") from error

    def ask(self, turn: OpenTurn, resolved: ResolvedQuestion) -> tuple[OpenTurn, Answer]:
        """The answer. Where the prompt does not fit the model's context, older turns are folded and posts left out."""
        while True:
            try:
                return turn, self._answer(turn, turn.prompts.reply(turn.known, resolved))
            except ContextTooSmall:
                turn = self._shortened(turn)

    def _answer(self, turn: OpenTurn, prompt: Prompt) -> Answer:
        """The answer to a prompt with its usage, which is estimated where nobody has counted it.

        An error after which the model is to be paid has a usage too.
        """
        words: list[str] = []
        try:
            with closing(self._model.reply(prompt, turn.deadline, turn.key, turn.model)) as pieces:
                answer = stream(_noted(pieces, words), turn.reply, turn.deadline, self._token_limit)
        except AnsweringError as error:
            if words or isinstance(error, PAID):
                error.usage = with_estimate(error.usage, prompt, "".join(words), self._count_tokens)
            raise
        return replace(answer, usage=with_estimate(answer.usage, prompt, "".join(words), self._count_tokens))

    def _shortened(self, turn: OpenTurn) -> OpenTurn:
        """With less for the model to read. Raises ``ContextTooSmall`` where the question is all that is left."""
        if turn.conversation.buffer:
            stored = self._condensing.fold_half(turn.question, turn.key, turn.stored, turn.deadline)
            return replace(turn, stored=stored)
        if turn.history.messages:
            return replace(turn, history=self._thread_history.newer_half(turn))
        raise ContextTooSmall("the question alone is too long for the model")


def _noted(pieces: Iterable[Piece], words: list[str]) -> Iterator[Piece]:
    """The same pieces; the words among them are written down, also those that are taken back."""
    for piece in pieces:
        if isinstance(piece, str):
            words.append(piece)
        yield piece
