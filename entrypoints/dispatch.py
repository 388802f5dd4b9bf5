"""Whatever is delivered, to the one who sees to it."""

from domain.answering import Answering
from domain.ports import AppHome, Feedback
from domain.requests import FIRST_DELIVERY, Delivery, Question, Request, Visit, Vote


class Dispatcher:
    """Sees to requests of every kind, each safely repeatable."""

    def __init__(self, *, answering: Answering, votes: Feedback, pages: AppHome) -> None:
        self._answering = answering
        self._votes = votes
        self._pages = pages

    def serve(self, request: Request, delivery: Delivery = FIRST_DELIVERY) -> None:
        """See to one request. Raises whatever kept it from being seen to, so that it is delivered again."""
        match request:
            case Question():
                self._answering.answer(request, delivery)
            case Vote():
                self._votes.keep(request)
            case Visit():
                self._pages.show(request)
            case _:
                raise TypeError(f"nobody sees to a {type(request).__name__}")
