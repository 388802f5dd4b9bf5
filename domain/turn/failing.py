"""Turns that fail: what is reported, and when the person hears of it."""

from domain.errors import AnsweringError, PersonNotNotified, SlackRefused
from domain.ports.slack import Replies
from domain.turn.turns import OpenTurn, Turn
from domain.turn_events import Failed, Report


class Failing:
    """Handles the errors of turns."""

    def __init__(self, replies: Replies, report: Report) -> None:
        self._replies = replies
        self._report = report

    def fail(self, turn: Turn, error: Exception) -> None:
        """Report the error, after the last delivery to the person too.

        Raises ``PersonNotNotified`` where Slack is away.
        """
        is_last = turn.delivery.is_last(error)
        notified = is_last and self._notify(turn, error)
        self._report(Failed(turn.question, turn.key, error, notified, retried=not is_last))
        is_awaited = turn.question.addressed or isinstance(turn, OpenTurn)
        if is_last and is_awaited and not notified and not isinstance(error, SlackRefused):
            raise PersonNotNotified("the person is told as soon as Slack can be reached") from error

    def _notify(self, turn: Turn, error: Exception) -> bool:
        """Put the error's sentence in place of the reply; true where that succeeded."""
        if turn.is_answered:
            return False  # the answer is saved: whoever replays the question finishes its reply
        if not (turn.question.addressed or isinstance(turn, OpenTurn)):
            return False  # nobody may be waiting for an answer
        try:
            reply = turn.reply if isinstance(turn, OpenTurn) else self._replies.open(turn.question, turn.place)
            reply.replace(turn.language.trouble(error, turn.question.reference))
        except AnsweringError:
            return False  # Slack is what fails; the error that is raised says what happened first
        return True
