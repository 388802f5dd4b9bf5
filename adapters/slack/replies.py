"""Replies in Slack: a message that streams where Slack allows it, and one that is edited where it does not.

Streaming takes standard Markdown through ``chat.startStream``, ``appendStream`` and ``stopStream``.
Outside threads, and where Slack refuses a stream, a posted message is edited as the words come.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from typing import Protocol

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry import RateLimitErrorRetryHandler

from adapters.slack.markdown import Quiet, cut
from domain.errors import ChannelRefused, ChannelUnavailable
from domain.ports import Clock
from domain.question import Place, Question

EDITED_LIMIT = 3_900
"""Characters: ``chat.update`` refuses over 4,000."""

STREAMED_LIMIT = 11_500
"""Characters: a stream is treated as bounded by 12,000 in all."""

STREAM_ENDED = "message_not_in_streaming_state"
"""Slack's error for a stream that it has ended by itself, as it does about five minutes after the start."""

PLACEHOLDER = "…"
"""What an edited reply says until its first words come; Slack refuses an empty post."""

FINAL = frozenset(
    {
        "account_inactive",
        "cannot_reply_to_message",
        "channel_not_found",
        "ekm_access_denied",
        "invalid_auth",
        "is_archived",
        "missing_scope",
        "no_permission",
        "not_authed",
        "not_in_channel",
        "restricted_action",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    }
)
"""Slack's errors that a later try would meet again."""


def web_client(token: str, url: str | None, *, timeout: int = 10) -> WebClient:
    """Slack's client. It waits out a rate limit once, and repeats nothing that Slack may have accepted.

    ``url`` is the Web API's base address, none for Slack's own; ``timeout`` is in seconds per call.
    """
    return WebClient(
        token=token,
        base_url=url or WebClient.BASE_URL,
        timeout=timeout,
        retry_handlers=[RateLimitErrorRetryHandler(max_retry_count=1)],
    )


class SlackChannel:
    """Opens replies. ``username`` is the name they appear under, empty for the bot's own."""

    def __init__(self, client: WebClient, *, clock: Clock, username: str = "") -> None:
        self._client = client
        self._clock = clock
        self._username = username or None

    def open(self, question: Question, place: Place) -> "SlackReply":
        return SlackReply(self._begin(question, place), lambda: self._begin(question, place), self._clock)

    def resume(self, question: Question, place: Place, ts: str) -> "SlackReply":
        # Slack's own error says that it was no stream, or has ended: either way it can be edited now.
        with _translated(), suppress(SlackApiError):
            self._client.chat_stopStream(channel=question.channel, ts=ts)
        message = _EditedMessage(self._client, question.channel, ts)
        return SlackReply(message, lambda: self._begin(question, place), self._clock)

    def _begin(self, question: Question, place: Place) -> "_Message":
        with _translated():
            if place.thread:
                try:
                    stream = self._client.chat_startStream(
                        channel=question.channel,
                        thread_ts=place.thread,
                        recipient_team_id=question.team,
                        recipient_user_id=question.person,
                        username=self._username,
                    )
                    return _StreamedMessage(self._client, question.channel, stream["ts"])
                except SlackApiError as error:
                    if _code(error) in FINAL:
                        raise
            return self._post(question.channel, place.thread, PLACEHOLDER)

    def _post(self, channel: str, thread: str, text: str) -> "_EditedMessage":
        posted = self._client.chat_postMessage(
            channel=channel,
            thread_ts=thread or None,
            markdown_text=text,
            username=self._username,
            unfurl_links=False,
            unfurl_media=False,
        )
        return _EditedMessage(self._client, channel, posted["ts"])


class _Message(Protocol):
    """One Slack message of a reply: at most ``limit`` characters, and a call every ``interval`` seconds at most."""

    limit: int
    interval: float
    ts: str

    def append(self, words: str) -> None: ...
    def finish(self, words: str) -> None: ...
    def editable(self) -> "_EditedMessage": ...


@dataclass
class _StreamedMessage:
    client: WebClient
    channel: str
    ts: str
    limit = STREAMED_LIMIT
    interval = 0.5  # chat.appendStream allows 100 calls a minute and more

    def append(self, words: str) -> None:
        self.client.chat_appendStream(channel=self.channel, ts=self.ts, markdown_text=words)

    def finish(self, words: str) -> None:
        self.client.chat_stopStream(channel=self.channel, ts=self.ts, markdown_text=words or None)

    def editable(self) -> "_EditedMessage":
        self.finish("")
        return _EditedMessage(self.client, self.channel, self.ts)


@dataclass
class _EditedMessage:
    client: WebClient
    channel: str
    ts: str
    text: str = ""
    limit = EDITED_LIMIT
    interval = 1.2  # chat.update allows 50 calls a minute and more

    def append(self, words: str) -> None:
        self.text += words
        self.client.chat_update(channel=self.channel, ts=self.ts, markdown_text=self.text)

    def finish(self, words: str) -> None:
        if words:
            self.append(words)

    def editable(self) -> "_EditedMessage":
        return _EditedMessage(self.client, self.channel, self.ts)


class SlackReply:
    """One reply, in as many messages as its text needs. ``ts`` is the first one's."""

    def __init__(self, message: _Message, begin_next: Callable[[], _Message], clock: Clock) -> None:
        self.ts = message.ts
        self._message = message
        self._first = message
        self._begin_next = begin_next
        self._clock = clock
        self._quiet = Quiet()
        self._shown = ""
        self._pending = ""
        self._due = 0.0

    def write(self, words: str) -> None:
        """The first words are shown at once, further ones as often as Slack allows."""
        self._pending += self._quiet.feed(words)
        if self._pending and self._clock() >= self._due:
            with _translated():
                self._continue_in_next()
                self._send(lambda: self._message.append(self._pending))
            self._shown += self._pending
            self._pending = ""
            self._due = self._clock() + self._message.interval

    def close(self) -> None:
        self._pending += self._quiet.rest()
        with _translated():
            self._continue_in_next()
            self._send(lambda: self._message.finish(self._pending))
        self._pending = ""

    def replace(self, text: str) -> None:
        with _translated():
            self._message = self._first.editable()
        self._quiet, self._shown, self._pending = Quiet(), "", ""
        self._pending = self._quiet.feed(text)
        self.close()

    def _send(self, call: Callable[[], None]) -> None:
        try:
            call()
        except SlackApiError as error:
            if _code(error) != STREAM_ENDED:
                raise
            if self._pending:  # a stream that has died keeps what it shows; the rest goes on in the next message
                self._message, self._shown = self._begin_next(), ""
                call()

    def _continue_in_next(self) -> None:
        while len(self._shown) + len(self._pending) > self._message.limit:
            head, tail = cut(self._shown + self._pending, self._message.limit, len(self._shown))
            self._message.finish(head[len(self._shown) :])
            self._message = self._begin_next()
            self._shown, self._pending = "", tail


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except SlackApiError as error:
        code = _code(error)
        failure = ChannelRefused if code in FINAL else ChannelUnavailable
        raise failure(f"Slack answered {code}") from error
    except (SlackClientError, OSError, HTTPException) as error:
        raise ChannelUnavailable(f"Slack could not be reached: {type(error).__name__}") from error


def _code(error: SlackApiError) -> str:
    return str(error.response.get("error", "no error code"))
