"""Dispatches a queued request to its handler."""

from domain.answering import Answering
from domain.ports import AppHome, Feedback
from domain.requests import FIRST_DELIVERY, Delivery, Question, Request, Visit, Vote


class Dispatcher:
    """Handles requests of every kind, each safely repeatable."""

    def __init__(self, *, answering: Answering, feedback: Feedback, app_home: AppHome) -> None:
        self._answering = answering
        self._feedback = feedback
        self._app_home = app_home

    def dispatch(self, request: Request, delivery: Delivery = FIRST_DELIVERY) -> None:
        """Handle one request. Raises whatever its handler raises, so that the request is delivered again."""
        match request:
            case Question():
                self._answering.answer(request, delivery)
            case Vote():
                self._feedback.keep(request)
            case Visit():
                self._app_home.show(request)
            case _:
                raise TypeError(f"no handler for a {type(request).__name__}")
