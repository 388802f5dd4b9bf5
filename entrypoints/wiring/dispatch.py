"""Dispatches a queued request to its handler."""

import logging

from domain.answering import Answering
from domain.apologising import Apologising
from domain.channels.changing import ChangingSettings
from domain.channels.settings_requests import ChangeSettings, OpenSettings
from domain.condensing import Condensing
from domain.correction.correcting import Correcting
from domain.correction.edits_and_deletions import Deletion, Edit, Redact
from domain.correction.redacting import Redacting
from domain.deliveries.delivery import FIRST_DELIVERY, Delivery
from domain.ports.slack import AppHome
from domain.ports.stores import Feedback, RequestQueue, Stops
from domain.requests import Apology, Condense, Question, Request, Stop, Uninstall, Visit, Vote

logger = logging.getLogger(__name__)


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
            case Edit() | Deletion() | Redact():
                self._correct(request, delivery)
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
            case Uninstall():  # the one workspace is the operator's own, who has made its token
                logger.warning("%s has removed the app: bot forget %s deletes what is kept", request.team, request.team)
            case _:
                raise TypeError(f"no handler for a {type(request).__name__}")

    def _correct(self, request: Edit | Deletion | Redact, delivery: Delivery) -> None:
        if isinstance(request, Redact):
            self._redacting.redact(request, delivery)
        else:
            self._correcting.correct(request, delivery)


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
