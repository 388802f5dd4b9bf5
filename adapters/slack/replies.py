"""Replies in Slack: a message that streams where Slack allows it, and one that is edited where it does not.

Streaming takes standard Markdown through ``chat.startStream``, ``appendStream`` and ``stopStream``.
Outside threads, and where Slack refuses a stream, a posted message is edited as the words come.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry import HttpRequest, HttpResponse, RateLimitErrorRetryHandler, RetryState
from slack_sdk.models.metadata import Metadata

from adapters.slack.markdown import Quiet, quieted
from adapters.slack.messages import EDITED_LIMIT, Connection, EditedMessage, Message, StreamedMessage
from adapters.slack.refusals import FINAL, code_of, retry_after, seconds_to_wait, translated
from adapters.slack.seams import cut, part, settled
from domain.ports import Clock
from domain.question import Place, Question

MARK = "slack_gpt_backend_reply"
"""The event type of the metadata on every finished message."""

PLACEHOLDER = "…"
"""What an edited reply says until its first words come; Slack refuses an empty post."""

LONGEST_WAIT = 30
"""Seconds that a call waits out a rate limit at most. Where Slack asks for more, the queue has its turn."""


def web_client(token: str, url: str | None, *, timeout: int = 10) -> WebClient:
    """Slack's client. It waits out a short rate limit once, and repeats nothing that Slack may have accepted.

    ``url`` is the Web API's base address, none for Slack's own; ``timeout`` is in seconds per call.
    """
    return WebClient(
        token=token,
        base_url=url or WebClient.BASE_URL,
        timeout=timeout,
        retry_handlers=[_ShortRateLimits(max_retry_count=1)],
    )


class _ShortRateLimits(RateLimitErrorRetryHandler):
    def _can_retry(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        limited = super()._can_retry(state=state, request=request, response=response, error=error)
        return limited and response is not None and retry_after(response.headers) <= LONGEST_WAIT


class SlackChannel:
    """Opens replies. ``username`` is the name they appear under, empty for the bot's own.

    All its replies together keep to the rates that Slack promises a workspace. Safe to use from any thread.
    """

    def __init__(self, client: WebClient, *, clock: Clock, username: str = "") -> None:
        self._connection = Connection(client, clock)
        self._username = username or None

    def open(self, question: Question, place: Place) -> "SlackReply":
        with translated():
            return SlackReply(self._begin(question, place), lambda: self._begin(question, place))

    def resume(self, question: Question, place: Place, ts: str) -> "SlackReply":
        with translated():
            later = [each for each in self._left_behind(question, place) if each > ts]
            return self._taken_up(question, place, [ts, *later])

    def find(self, question: Question, place: Place) -> "SlackReply | None":
        with translated():
            left_behind = self._left_behind(question, place)
            return self._taken_up(question, place, left_behind) if left_behind else None

    def _taken_up(self, question: Question, place: Place, timestamps: Sequence[str]) -> "SlackReply":
        """A reply in these messages, whatever they say now."""
        messages = []
        for ts in timestamps:
            # Slack's own error says that it was no stream, or has ended: either way it can be edited now.
            with suppress(SlackApiError):
                self._connection.patient.chat_stopStream(channel=question.channel, ts=ts)
            messages.append(EditedMessage(self._connection, question.channel, ts, _mark(question)))
        return SlackReply(messages[0], lambda: self._begin(question, place), messages[1:])

    def _left_behind(self, question: Question, place: Place) -> list[str]:
        """The timestamps of this question's messages that earlier deliveries posted, oldest first.

        They are marked with its identity, but for streams that were never finished: those bear no mark
        at all, and belong to this question because a conversation's questions are answered one by one.
        """
        client = self._connection.patient
        read = partial(client.conversations_replies, ts=place.thread) if place.thread else client.conversations_history
        try:
            own = client.auth_test()["bot_id"]
            told = read(channel=question.channel, oldest=question.ts, include_all_metadata=True, limit=200)
        except SlackApiError as error:
            if seconds_to_wait(error) is not None:
                raise
            return []  # without the scope to read there, what is known by its timestamp has to do
        ours = (each for each in told["messages"] if each.get("bot_id") == own and each["ts"] > question.ts)
        mark = _mark(question)
        return sorted(each["ts"] for each in ours if _mark_of(each) in (None, mark.event_payload["question"]))

    def _begin(self, question: Question, place: Place) -> Message:
        mark = _mark(question)
        if place.thread:
            try:
                # A reply that is edited is better than one that begins when a rate limit is over.
                stream = self._connection.hasty.chat_startStream(
                    channel=question.channel,
                    thread_ts=place.thread,
                    recipient_team_id=question.team,
                    recipient_user_id=question.person,
                    username=self._username,
                )
                return StreamedMessage(self._connection, question.channel, stream["ts"], mark)
            except SlackApiError as error:
                if code_of(error) in FINAL:
                    raise
        posted = self._connection.patient.chat_postMessage(
            channel=question.channel,
            thread_ts=place.thread or None,
            markdown_text=PLACEHOLDER,
            username=self._username,
            unfurl_links=False,
            unfurl_media=False,
            metadata=mark,
        )
        return EditedMessage(self._connection, question.channel, posted["ts"], mark)


def _mark(question: Question) -> Metadata:
    """What tells whose answer a message is, to whoever must find it again."""
    return Metadata(event_type=MARK, event_payload={"question": question.identity})


def _mark_of(message: Mapping[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    return metadata.get("event_payload", {}).get("question", "") if metadata.get("event_type") == MARK else None


class SlackReply:
    """One reply, in as many messages as its text needs. ``ts`` is the first one's.

    ``later`` are messages that an earlier delivery wrote after the first: they are used before new ones
    are begun, and those that are not needed are taken back.
    """

    def __init__(self, first: Message, begin_next: Callable[[], Message], later: Sequence[EditedMessage] = ()) -> None:
        self.ts = first.ts
        self._later = deque(later)
        self._begin_next = begin_next
        self._used = [first]
        self._message: Message | None = first  # none between two messages, until there is something to show
        self._pace = first.pace
        self._due = 0.0
        self._quiet = Quiet()
        self._text = ""  # of this message, and not cut yet: shown or not

    def write(self, words: str) -> None:
        """The first words are shown at once, further ones as often as Slack allows."""
        self._text += self._quiet.feed(words)
        if self._pace.ready(self._due):
            with translated():
                self._show()

    def close(self) -> None:
        self._text += self._quiet.rest()
        with translated():
            while message := self._with_room():
                if message.finish(self._text.rstrip()):
                    break
                self._leave(message)
            while self._later:
                self._later.popleft().take_back()

    def replace(self, text: str) -> None:
        with translated():
            first, *later = self._used
            self._message = first.editable()
            for each in reversed(later):
                with suppress(SlackApiError):  # what matters is what the first message says
                    self._later.appendleft(each.editable())
            self._used = [first]
        self._quiet, self._text = Quiet(), ""
        self._text = self._quiet.feed(text)
        self.close()

    def _show(self) -> None:
        try:
            message = self._with_room()
            text = settled(self._text, message.limit) if message else ""
            if not message or not text[len(message.shown) :].strip():
                return
            alive = message.show(text)
            self._due = message.pace.count()
            if not alive:
                self._leave(message)
        except SlackApiError as error:
            seconds = seconds_to_wait(error)
            if seconds is None:
                raise
            self._pace.postpone(seconds)  # the words stay, and the model is not kept waiting

    def _with_room(self) -> Message | None:
        """The message that the text goes on in, after those that are full; none where there is no more text."""
        while self._message or self._text.strip():
            message = self._message = self._message or self._next()
            self._pace = message.pace
            if not message.shown:
                self._text = self._text.lstrip("\n")
            if len(self._text.rstrip()) <= message.limit:
                return message
            head, tail = cut(self._text, message.limit, message.fixed)
            if message.finish(head):
                self._go_on(tail)
            else:
                self._leave(message)
        return None

    def _next(self) -> Message:
        self._used.append(self._later.popleft() if self._later else self._begin_next())
        return self._used[-1]

    def _leave(self, dead: Message) -> None:
        """Go on although Slack has ended this message's stream: by editing it, else in the next."""
        if len(dead.shown) <= EDITED_LIMIT:
            self._message = dead.editable()
        else:
            _, tail = part(self._text, len(dead.shown), dead.limit)
            self._go_on(tail)

    def _go_on(self, tail: str) -> None:
        # What was part of a longer word or an address may begin the next message, and be loud there.
        self._text, self._message = quieted(tail), None
