"""A reply in Slack: words as they come, as often as Slack allows, in as many messages as they need."""

from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from typing import Any

from slack_sdk.errors import SlackApiError

from adapters.slack.errors import seconds_to_wait, translated
from adapters.slack.replying.mentions import MentionNeutraliser
from adapters.slack.replying.messages.message import Ending, Message
from adapters.slack.replying.messages.message_sequence import MessageSequence, State, Step
from adapters.slack.replying.rate_limits import Pacing
from adapters.slack.replying.status import Status
from domain.spending.usage import Receipt

FeedbackButtons = Callable[[Receipt], dict[str, Any]]
"""The block with which an answer of this receipt is voted on."""


class SlackReply:
    """One reply. ``ts`` is its first message's; ``status`` is what the thread shows until the reply is complete.

    Its mentions notify the ``participants`` alone. A reader may stop it by the button of its stream, or by
    ``stop_pressed`` where it does not stream.

    Where somebody has deleted the message that is being written, the reply is over: nothing more is shown, and
    nothing fails, so that the answer is not asked for again.
    """

    def __init__(
        self,
        messages: MessageSequence,
        *,
        status: Status,
        feedback_buttons: FeedbackButtons,
        participants: Set[str] = frozenset(),
        stop_pressed: Callable[[], bool] = lambda: False,
    ) -> None:
        self.ts = messages.current.ts
        self._messages = messages
        self._status = status
        self._feedback_buttons = feedback_buttons
        self._stop_pressed = stop_pressed
        self._pacing = Pacing()
        self._participants = participants
        self._neutraliser = MentionNeutraliser(participants)

    @property
    def stopped(self) -> bool:
        return self._messages.stopped or self._stop_pressed()

    def write(self, words: str) -> None:
        """Show the first words at once, further ones as often as Slack allows: one call at a time."""
        if self._messages.state is State.DELETED:
            return
        self._messages.add(self._neutraliser.feed(words))
        if self._pacing.is_due(self._messages.current.rate_limit):
            with translated():
                self._show_more()

    def close(self, receipt: Receipt | None = None) -> None:
        self._messages.add(self._neutraliser.rest())
        buttons = (self._feedback_buttons(receipt),) if receipt else ()
        ending = Ending(buttons, self._status.session_at_end)
        with self._clearing_status():
            self._messages.finish(ending)
            self._messages.delete_unused()
            self._messages.add_missing(ending)
            self._note_status(self._messages.current)
            self._status.clear()

    def replace(self, text: str, receipt: Receipt | None = None) -> None:
        with self._clearing_status():
            self._note_status(self._messages.restart(Ending(session=self._status.session_at_end)))
        self._neutraliser = MentionNeutraliser(self._participants)
        self._messages.add(self._neutraliser.feed(text))
        self.close(receipt)

    def _show_more(self) -> None:
        rate_limit = self._messages.current.rate_limit
        try:
            step = self._messages.step()
        except SlackApiError as error:
            seconds = seconds_to_wait(error)
            if seconds is None:
                raise
            rate_limit.postpone(seconds)  # the words stay, and the model is not kept waiting
            return
        if step is Step.SHOWED:
            self._pacing.count(rate_limit)
        elif step is Step.MOVED:
            self._pacing.wait(self._messages.current.rate_limit)

    def _note_status(self, message: Message) -> None:
        if message.took_status(self._status.session_at_end):
            self._status.was_taken_away()

    @contextmanager
    def _clearing_status(self) -> Iterator[None]:
        """Translate errors. Whatever fails, the thread is not left thinking: nobody may try again."""
        try:
            with translated():
                yield
        except Exception:
            self._status.clear()
            raise
