"""How a request reaches a worker: one of several times, until a deadline."""

from dataclasses import dataclass

from domain.deliveries.deadline import NO_DEADLINE, Deadline
from domain.deliveries.retries import NO_ATTEMPTS, Attempts, cause_of
from domain.errors import PersonNotNotified


@dataclass(frozen=True, slots=True)
class Delivery:
    """One arrival of a request at a worker: ``number`` counts from 1; after the ``last`` nobody tries again.

    ``attempts`` are the failed deliveries before this one, by which the error decides whether this one is the last.
    ``replayed`` where an operator took the question from the dead letters, so that the count began anew.
    ``deadline`` is when the worker must let go: what is said by then is the answer.
    """

    number: int = 1
    last: bool = False
    replayed: bool = False
    deadline: Deadline = NO_DEADLINE
    attempts: Attempts = NO_ATTEMPTS

    def is_last(self, error: Exception) -> bool:
        """Does nobody try again if this delivery fails with this error?"""
        return self.delay_after(error) is None

    def delay_after(self, error: Exception, *, persistent: bool = False) -> float | None:
        """Seconds until the next delivery if this one fails with this error; none where nobody tries again."""
        if self.last or isinstance(error, PersonNotNotified):
            return None
        return self.attempts.delay(cause_of(error), persistent=persistent)

    @property
    def repeated(self) -> bool:
        """May an earlier delivery of this request have left traces?"""
        return self.number > 1 or self.replayed


FIRST_DELIVERY = Delivery()
