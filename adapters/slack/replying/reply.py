"""How a reply is written: words go into a message until it is full or old, and on into the next."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from slack_sdk.errors import SlackApiError

from adapters.slack.errors import seconds_to_wait, translated
from adapters.slack.replying.edited_message import EDITED_LIMIT, EditedMessage
from adapters.slack.replying.ending import Ending
from adapters.slack.replying.mentions import Quiet, quieted
from adapters.slack.replying.messages import Message
from adapters.slack.replying.splitting import cut, cut_soon, part, settled
from adapters.slack.replying.status import Status
from adapters.slack.replying.streamed_message import StreamedMessage
from domain.usage import Receipt

OLD, VERY_OLD, DEAD = 270, 285, 300
"""Seconds that a message has streamed. An old one ends with the next line, a very old one in the middle of it.

Slack ends a dead one by itself, after about five minutes, and may show that it timed out.
"""

BeginNext = Callable[[bool], Message]
"""Begins a reply's next message, which may stream or not."""

Thumbs = Callable[[Receipt], dict[str, Any]]
"""The block with which an answer of this receipt is voted on."""


class SlackReply:
    """One reply, in as many messages as its text needs. ``ts`` is the first one's.

    ``later`` are messages that an earlier delivery wrote after the first: they are used before new ones
    are begun, and those that are not needed are taken back. ``status`` is what the thread shows until the
    reply is complete.

    Where somebody has deleted the message that is being written, the reply is over: nothing more is shown, and
    nothing fails, so that the answer is not asked for again.
    """

    def __init__(
        self,
        first: Message,
        begin_next: BeginNext,
        later: Sequence[EditedMessage] = (),
        *,
        status: Status,
        thumbs: Thumbs,
    ) -> None:
        self.ts = first.ts
        self.stopped = False
        self._later = deque(later)
        self._begin_next = begin_next
        self._status = status
        self._thumbs = thumbs
        self._used = [first]
        self._message: Message | None = first  # none after one that is over, until there is more to show
        self._ahead: Message | None = None  # the next one, begun before this one ends
        self._gone = False
        self._pace = first.pace
        self._due: float | None = None
        self._quiet = Quiet()
        self._text = ""  # of this message, and not cut yet: shown or not

    def write(self, words: str) -> None:
        """The first words are shown at once, further ones as often as Slack allows: one call at a time."""
        if self._gone:
            return
        self._text += self._quiet.feed(words)
        if not self._pace.ready(self._due):
            return
        with translated():
            try:
                self._show()
            except SlackApiError as error:
                seconds = seconds_to_wait(error)
                if seconds is None:
                    raise
                self._pace.postpone(seconds)  # the words stay, and the model is not kept waiting

    def close(self, receipt: Receipt | None = None) -> None:
        self._text += self._quiet.rest()
        ending = Ending((self._thumbs(receipt),) if receipt else (), self._status.at_the_end)
        with self._ending():
            while message := self._with_room():
                done = message.finish(self._text.rstrip(), ending)
                self._notice(message)
                if done:
                    break
                self._leave(message)
            self._take_back()
            self._end(ending)

    def replace(self, text: str, receipt: Receipt | None = None) -> None:
        with self._ending():
            first, *later = [*self._used, self._ahead] if self._ahead else self._used
            fresh = isinstance(first, StreamedMessage) and not (first.shown or first.ended)
            self._message = first if fresh else first.editable(Ending(session=self._status.at_the_end))
            self._pace = self._message.pace
            if not fresh:
                self._settle_status(first)
            for each in reversed(later):
                with suppress(SlackApiError):  # what matters is what the first message says
                    self._later.appendleft(each.editable())
            self._used, self._ahead = [self._message], None
        self._gone = False  # another message may have been
        self._quiet = Quiet()
        self._text = self._quiet.feed(text)
        self.close(receipt)

    @contextmanager
    def _ending(self) -> Iterator[None]:
        """Translate errors. Whatever fails, the thread is not left thinking: nobody may try again."""
        try:
            with translated():
                yield
        except Exception:
            self._status.clear()
            raise

    def _show(self) -> None:
        message = self._message
        if not message:
            if self._text.strip():
                self._due = self._enter().pace.after_another()
            return
        if not message.shown:
            self._text = self._text.lstrip("\n")
        if parts := self._parts(message):
            # One call at a time, and first the next one's beginning: only what streams can be stopped.
            if self._ahead or self._later:
                self._turn_over(message, *parts)
            else:
                self._prepare()
            self._due = self._pace.after_another()
            return
        text = settled(self._text, message.limit)
        if text[len(message.shown) :].strip():
            alive = message.show(text)
            self._due = message.pace.count()
            self._notice(message)
            if not alive:
                self._leave(message)

    def _parts(self, message: Message) -> tuple[str, str] | None:
        """What this message ends with and the next begins with, if that must be now."""
        if len(self._text.rstrip()) > message.limit:
            return cut(self._text, message.limit, message.fixed)
        if OLD <= message.age < DEAD:
            return cut_soon(self._text, message.fixed, message.limit, within_a_line=message.age >= VERY_OLD)
        return None

    def _with_room(self) -> Message | None:
        """The message that the text ends in, after those that are full; none where there is no more text."""
        while not self._gone and (self._message or self._text.strip()):
            message = self._message or self._enter()
            if not message.shown:
                self._text = self._text.lstrip("\n")
            full = len(self._text.rstrip()) > message.limit
            parts = self._parts(message) if full or self._ahead else None
            if not parts:
                return message
            self._turn_over(message, *parts)
        return None

    def _prepare(self) -> Message:
        """See that there is a next message, while the one before it goes on."""
        if not self._ahead:
            self._ahead = self._later.popleft() if self._later else self._begin_next(not self.stopped)
        return self._ahead

    def _enter(self) -> Message:
        """Go on in the next message."""
        message, self._ahead = self._prepare(), None
        self._used.append(message)
        self._message, self._pace = message, message.pace
        return message

    def _turn_over(self, message: Message, head: str, tail: str) -> None:
        done = message.finish(head)
        self._notice(message)
        if self._gone:
            return
        if done:
            self._go_on(tail)
        else:
            self._leave(message)

    def _leave(self, dead: Message) -> None:
        """Go on although this message's stream is over: by editing it, else in the next."""
        if len(dead.shown) <= EDITED_LIMIT:
            self._used[-1] = self._message = dead.editable()
            self._pace = self._message.pace
        else:
            _, tail = part(self._text, len(dead.shown), dead.limit)
            self._go_on(tail)

    def _go_on(self, tail: str) -> None:
        # What was part of a longer word or an address may begin the next message, and be loud there.
        self._text, self._message = quieted(tail), None
        if self._ahead and tail.strip():
            self._enter()

    def _notice(self, message: Message) -> None:
        """What people have done to a message meanwhile."""
        self.stopped |= message.stopped
        self._gone |= message.gone

    def _take_back(self) -> None:
        """Remove the messages that are not needed. Those of earlier deliveries may be, where the one before is gone."""
        if self._ahead:
            with suppress(SlackApiError):  # a stream without words is no harm
                self._ahead.editable().take_back()
        while self._later and not self._gone:
            self._later.popleft().take_back()

    def _end(self, ending: Ending) -> None:
        """See that the last message has its ending and that the status is gone, whichever way the text went out."""
        last = self._used[-1]
        if not self._gone and last.shown and last.ending.blocks != ending.blocks:
            with suppress(SlackApiError):  # the whole answer is there
                last.editable().finish(last.shown, ending)
        self._settle_status(last)
        self._status.clear()

    def _settle_status(self, message: Message) -> None:
        if isinstance(message, StreamedMessage) and message.ending.session == self._status.at_the_end:
            self._status.went()
