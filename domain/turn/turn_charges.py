"""What a turn is charged, whether it has an answer or not."""

from collections.abc import Iterator
from contextlib import contextmanager

from domain.deliveries.deadline import Clock
from domain.errors import AnsweringError, StoreUnavailable
from domain.ports.model import LanguageModel
from domain.spending.charging import Charging
from domain.spending.ledger import Charge, Kind
from domain.spending.usage import NO_USAGE, Usage
from domain.turn.streaming import Answer
from domain.turn.turns import OpenTurn


class TurnCharging:
    """Makes the charges of turns. ``clock`` is the deadline's: by it they ``began``."""

    def __init__(self, charging: Charging, model: LanguageModel, clock: Clock) -> None:
        self._charging = charging
        self._model = model
        self._clock = clock

    def answer(self, turn: OpenTurn, answer: Answer, began: float) -> Charge:
        """The charge for an answer."""
        usage, first_word, seconds = answer.usage + Usage(turns=1), answer.first_word - began, self._clock() - began
        model = self._model_of(turn)
        return self._charging.charge(turn.question, Kind.ANSWER, model, usage, seconds=seconds, first_word=first_word)

    def error(self, turn: OpenTurn, error: AnsweringError, began: float) -> Charge | None:
        """The charge for what the model has used though there is no answer; none where that is nothing."""
        if error.usage == NO_USAGE or error.charged:
            return None
        seconds, model = self._clock() - began, self._model_of(turn)
        return self._charging.charge(turn.question, Kind.REFUSAL, model, error.usage, seconds=seconds)

    def _model_of(self, turn: OpenTurn) -> str:
        """What the model that answers this turn is called."""
        return self._model.name_of(turn.model) if turn.model else self._model.name


@contextmanager
def marked_paid() -> Iterator[None]:
    """Marks an error inside as ``paid``."""
    try:
        yield
    except AnsweringError as error:
        error.paid = True
        raise


@contextmanager
def owed(usage: Usage) -> Iterator[None]:
    """Gives an error inside the usage that is still to be charged, as of an answer that others kept from being saved.

    What an unreachable store did not confirm may have been saved all the same, with its charge.
    """
    try:
        yield
    except StoreUnavailable:
        raise
    except AnsweringError as error:
        error.usage = usage
        raise
