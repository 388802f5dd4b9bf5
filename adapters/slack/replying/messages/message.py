"""What Slack's two kinds of message that can still change have in common: one streams, and one is edited."""

from dataclasses import dataclass
from typing import Any, Protocol

from slack_sdk.models.metadata import Metadata

from adapters.slack.replying.rate_limits import RateLimit


@dataclass(frozen=True, slots=True)
class Ending:
    """What the last message of a reply ends with besides words: blocks below them, and its session's next status."""

    blocks: tuple[dict[str, Any], ...] = ()
    session: str | None = None


NO_ENDING = Ending()


@dataclass(frozen=True, slots=True)
class Target:
    """Where the messages of one reply are sent, and what tells them from others.

    ``thread`` is none outside threads. ``refusal`` is the sentence for an answer that Slack takes in no form.
    """

    channel: str
    thread: str | None
    metadata: Metadata
    refusal: str


class Message(Protocol):
    """One Slack message of a reply. Raises what slack_sdk raises."""

    ts: str
    limit: int
    """The most characters it can have."""
    shown: str
    """The text that is known to have arrived."""
    stopped: bool
    """Has a reader ended it with the stop button?"""
    deleted: bool
    """Has somebody deleted it? Nothing can be shown any more, and nothing need be: all counts as done."""
    ending: Ending
    """What was asked to be below the shown text."""

    @property
    def rate_limit(self) -> RateLimit:
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

    def as_edited(self, ending: Ending = NO_ENDING) -> "Message":
        """The same message, to be edited: its stream is ended with this ending."""
        ...

    def as_rewritable(self, ending: Ending = NO_ENDING) -> "Message":
        """The same message, so that its whole text can be replaced. A stream that shows nothing yet goes on."""
        ...

    def took_status(self, session: str | None) -> bool:
        """Has its stream taken the thread's status away? ``session`` is what a session should become at its end.

        A session ends with the end of a stream that says so, a line with the stream's beginning.
        """
        ...

    def delete(self) -> None:
        """Take it back, as if it had never been. Where Slack refuses, it stays."""
        ...
