"""What happens to the questions of people of other companies in shared channels."""

from collections import OrderedDict
from dataclasses import replace
from threading import Lock

from adapters.slack.payloads.validation import Dropped
from domain.deliveries.deadline import Clock
from domain.requests import Question, Request

TOLD_SECONDS = 24 * 3600.0
"""Once in this time a person is told that they are not answered, in each channel."""

KEPT = 1_000
"""People of whom that is known; the one who was told longest ago is dropped first."""


class ExternalPeople:
    """Lets them be answered, or be refused once each, to them alone. Safe to use from any thread."""

    def __init__(self, clock: Clock, *, answered: bool) -> None:
        self._clock = clock
        self._answered = answered
        self._lock = Lock()
        self._told: OrderedDict[tuple[str, str, str], tuple[str, float]] = OrderedDict()

    def judged(self, request: Request) -> Request:
        """The request as it is to be served. Raises ``Dropped`` for one that gets no answer, not even a refusal."""
        if not isinstance(request, Question) or not request.external:
            return request
        if self._answered:
            return replace(request, external=False)
        if not request.addressed:
            raise Dropped("a person of another company did not mention the bot")
        if not self._is_to_be_told(request):
            raise Dropped("a person of another company has been told that they are not answered")
        return request

    def _is_to_be_told(self, question: Question) -> bool:
        """Is this their first question, or another arrival of it?"""
        person, now = (question.team, question.channel, question.person), self._clock()
        with self._lock:
            ts, until = self._told.get(person, ("", 0.0))
            if now < until:
                return ts == question.ts
            self._told.pop(person, None)
            self._told[person] = question.ts, now + TOLD_SECONDS
            if len(self._told) > KEPT:
                self._told.popitem(last=False)
        return True
