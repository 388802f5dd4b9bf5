"""What Slack's two kinds of message that can still change have in common: one streams, and one is edited."""

from typing import Protocol

from adapters.slack.replying.edited_message import EditedMessage
from adapters.slack.replying.ending import NO_ENDING, Ending
from adapters.slack.replying.rate_limits import Pace


class Message(Protocol):
    """One Slack message of a reply. Raises what slack_sdk raises."""

    ts: str
    limit: int
    """The most characters it can have."""
    shown: str
    """The text that is known to have arrived."""
    stopped: bool
    """Has a reader ended it with the stop button?"""
    gone: bool
    """Has somebody deleted it? Nothing can be shown any more, and nothing need be: all counts as done."""
    ending: Ending
    """What was asked to be below the shown text."""

    @property
    def pace(self) -> Pace:
        """That of ``show``."""
        ...

    @property
    def fixed(self) -> int:
        """How many characters of the shown text cannot be taken back."""
        ...

    @property
    def age(self) -> float:
        """Seconds that it has streamed; 0 where it does not."""
        ...

    def show(self, text: str) -> bool:
        """Make this the text, at once or not at all. False where the stream is over: nothing has changed."""
        ...

    def finish(self, text: str, ending: Ending = NO_ENDING) -> bool:
        """Make this the final text, after waiting out a rate limit if need be. False as with ``show``.

        Where Slack takes the text but not what is to end it, the text alone has to do.
        """
        ...

    def editable(self, ending: Ending = NO_ENDING) -> EditedMessage:
        """The same message, ended as a stream."""
        ...
