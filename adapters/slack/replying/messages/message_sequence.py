"""The Slack messages of one reply, in order: its text fills one until it is full or old, and goes on in the next."""

import enum
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Protocol

from slack_sdk.errors import SlackApiError

from adapters.slack.replying.mentions import neutralised
from adapters.slack.replying.messages.edited_message import EDITED_LIMIT
from adapters.slack.replying.messages.message import NO_ENDING, Ending, Message
from adapters.slack.replying.messages.streamed_message import DEAD, OLD, VERY_OLD
from adapters.slack.replying.splitting import showable_prefix, split, split_at, split_early


class BeginMessage(Protocol):
    """Begins the next message of a reply, behind the one with the ts ``after``."""

    def __call__(self, *, streaming: bool, after: str) -> Message: ...


class State(enum.Enum):
    """What becomes of the text that is still to be shown."""

    WRITING = "it goes into the current message"
    BETWEEN = "the current message is complete: it begins the next one"
    DELETED = "somebody has deleted the current message: it is dropped"


class Step(enum.Enum):
    """What ``MessageSequence.step`` did in Slack."""

    NOTHING = "there is nothing to show yet"
    SHOWED = "the current message shows more"
    MOVED = "the next message was begun, or the current one ended"


class MessageSequence:
    """The messages of one reply, and the text that they do not show yet. Raises what slack_sdk raises.

    | from    | to      | when |
    | ------- | ------- | ---- |
    | WRITING | BETWEEN | the current message is full, or its stream is old or over: the text is cut there |
    | BETWEEN | WRITING | there is more text |
    | WRITING | DELETED | Slack says that somebody has deleted the message |
    | all     | WRITING | ``restart`` |

    Before a message ends, the next one is begun: only what streams can be stopped. ``leftovers`` are messages
    that an earlier delivery wrote after the first: they are used before new ones are begun.
    """

    def __init__(
        self,
        first: Message,
        begin: BeginMessage,
        leftovers: Iterable[Message] = (),
        neutralise: Callable[[str], str] = neutralised,
    ) -> None:
        self.state = State.WRITING
        self.stopped = False  # has a reader pressed the stop button?
        self._text = ""  # of the current message: shown or not
        self._messages = [first]
        self._next: Message | None = None
        self._leftovers = deque(leftovers)
        self._begin = begin
        self._neutralise = neutralise

    @property
    def current(self) -> Message:
        """The message that is being written, or was written last."""
        return self._messages[-1]

    def add(self, text: str) -> None:
        """Add text that is still to be shown."""
        self._text += text

    def step(self) -> Step:
        """Show more of the text, with one call to Slack unless a stream proves to be over."""
        if not self._goes_on:
            return Step.NOTHING
        if self.state is State.BETWEEN:
            self._enter_next()
            return Step.MOVED
        self._strip_start()
        if parts := self._parts():
            # One call at a time, and first the next one's beginning.
            if self._next or self._leftovers:
                self._move_on(*parts)
            else:
                self._prepare_next()
            return Step.MOVED
        return self._show(showable_prefix(self._text, self.current.limit))

    def finish(self, ending: Ending) -> None:
        """Show all of the text, with this ending below it."""
        while self._goes_on:
            if self.state is State.BETWEEN:
                self._enter_next()
            self._strip_start()
            parts = self._parts() if self._is_full or self._next else None
            if parts:
                self._move_on(*parts)
            elif self._complete(self._text.rstrip(), ending):
                return

    def restart(self, ending: Ending) -> Message:
        """Begin anew in the first message, whose stream is ended with this ending if it shows anything.

        Returns that message as it was before. The others are leftovers now.
        """
        first, *others = [*self._messages, self._next] if self._next else self._messages
        fresh = first.as_rewritable(ending)
        for each in reversed(others):
            with suppress(SlackApiError):  # what matters is what the first message says
                self._leftovers.appendleft(each.as_edited())
        self._messages, self._next, self._text = [fresh], None, ""
        self.state = State.WRITING  # the deleted one may have been another
        return first

    def delete_unused(self) -> None:
        """Delete the messages that are not needed. Where somebody deleted the last, leftovers may be."""
        if self._next:
            self._next.delete()
        while self._leftovers and self.state is not State.DELETED:
            self._leftovers.popleft().delete()

    def add_missing(self, ending: Ending) -> None:
        """Put the ending below the last message, if its text went out without. Raises nothing: the text is there."""
        last = self.current
        if self.state is not State.DELETED and last.shown and last.ending.blocks != ending.blocks:
            with suppress(SlackApiError):
                last.as_edited().finish(last.shown, ending)

    @property
    def _goes_on(self) -> bool:
        return self.state is State.WRITING or (self.state is State.BETWEEN and bool(self._text.strip()))

    @property
    def _is_full(self) -> bool:
        return len(self._text.rstrip()) > self.current.limit

    def _parts(self) -> tuple[str, str] | None:
        """What the current message ends with and the next begins with, if that must be now."""
        message = self.current
        if self._is_full:
            return split(self._text, message.limit, message.fixed)
        if OLD <= message.age < DEAD:
            return split_early(self._text, message.fixed, message.limit, within_a_line=message.age >= VERY_OLD)
        return None

    def _strip_start(self) -> None:
        if not self.current.shown:
            self._text = self._text.lstrip("\n")

    def _show(self, text: str) -> Step:
        if not text[len(self.current.shown) :].strip():
            return Step.NOTHING
        alive = self.current.show(text)
        self._note_changes()
        if not alive:
            self._leave_stream()
        return Step.SHOWED

    def _complete(self, text: str, ending: Ending = NO_ENDING) -> bool:
        """Finish the current message. False where its stream was over: the text goes on elsewhere."""
        done = self.current.finish(text, ending)
        self._note_changes()
        if not done:
            self._leave_stream()
        return done

    def _note_changes(self) -> None:
        """Note what people have done to the message meanwhile."""
        self.stopped |= self.current.stopped
        if self.current.deleted:
            self.state = State.DELETED

    def _move_on(self, head: str, tail: str) -> None:
        if self._complete(head) and self.state is not State.DELETED:
            self._go_on_with(tail)

    def _leave_stream(self) -> None:
        """Go on although the stream is over: by editing its message, else in the next."""
        dead = self.current
        if len(dead.shown) <= EDITED_LIMIT:
            self._messages[-1] = dead.as_edited()
        else:
            _, tail = split_at(self._text, len(dead.shown), dead.limit)
            self._go_on_with(tail)

    def _go_on_with(self, tail: str) -> None:
        # What was part of a longer word or an address may begin the next message, and notify people there.
        self._text, self.state = self._neutralise(tail), State.BETWEEN
        if self._next and tail.strip():
            self._enter_next()

    def _prepare_next(self) -> Message:
        """Begin the next message, if it has not begun, while the current one goes on."""
        if not self._next:
            self._next = (
                self._leftovers.popleft()
                if self._leftovers
                else self._begin(streaming=not self.stopped, after=self.current.ts)
            )
        return self._next

    def _enter_next(self) -> None:
        self._messages.append(self._prepare_next())
        self._next, self.state = None, State.WRITING
