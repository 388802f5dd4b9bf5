"""Dispatches a queued request to its handler."""

from domain.answering import Answering
from domain.apologising import Apologising
from domain.channels.changing import ChangingSettings
from domain.channels.requests import ChangeSettings, OpenSettings
from domain.condensing import Condensing
from domain.correction.correcting import Correcting
from domain.correction.edits_and_deletions import Deletion, Edit, Redact
from domain.correction.redacting import Redacting
from domain.delivery import FIRST_DELIVERY, Delivery
from domain.ports.slack import AppHome
from domain.ports.stores import Feedback, RequestQueue, Stops
from domain.requests import Apology, Condense, Question, Request, Stop, Visit, Vote


class Dispatcher:
    """Handles requests of every kind, each safely repeatable."""

    def __init__(
        self,
        *,
        answering: Answering,
        apologising: Apologising,
        condensing: Condensing,
        changing_settings: ChangingSettings,
        correcting: Correcting,
        redacting: Redacting,
        feedback: Feedback,
        app_home: AppHome,
        stops: Stops,
    ) -> None:
        self._answering = answering
        self._apologising = apologising
        self._condensing = condensing
        self._changing_settings = changing_settings
        self._correcting = correcting
        self._redacting = redacting
        self._feedback = feedback
        self._app_home = app_home
        self._stops = stops

    def dispatch(self, request: Request, delivery: Delivery = FIRST_DELIVERY) -> None:
        """Handle one request. Raises whatever its handler raises, so that the request is delivered again."""
        match request:
            case Apology():
                self._apologising.apologise(request.question)
            case Condense():
                self._condensing.condense(request, delivery)
            case Edit() | Deletion():
                self._correcting.correct(request, delivery)
            case Redact():
                self._redacting.redact(request, delivery)
            case OpenSettings() | ChangeSettings():
                self._changing_settings.handle(request)
            case Question():
                self._answering.answer(request, delivery)
            case Vote():
                self._feedback.keep(request)
            case Visit():
                self._app_home.show(request)
            case Stop():
                self._stops.keep(request)
            case _:
                raise TypeError(f"no handler for a {type(request).__name__}")


class StopsFirst:
    """A queue on one machine: a stop waits for no worker, as all of them may be busy with what it is to stop."""

    def __init__(self, queue: RequestQueue, stops: Stops) -> None:
        self._queue = queue
        self._stops = stops

    def put(self, request: Request, group: str) -> bool:
        if isinstance(request, Stop):
            self._stops.keep(request)
            return True
        return self._queue.put(request, group)
