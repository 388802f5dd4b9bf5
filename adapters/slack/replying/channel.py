"""Replies in Slack: a message that streams where Slack allows it, and one that is edited where it does not.

Streaming takes standard Markdown through ``chat.startStream``, ``appendStream`` and ``stopStream``.
Outside threads, and where Slack refuses a stream, a posted message is edited as the words come.
"""

from collections.abc import Sequence
from contextlib import suppress

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from adapters.slack.errors import PERMANENT_ERRORS, RecentRefusals, code_of, translated
from adapters.slack.feedback import feedback_buttons
from adapters.slack.replying.edited_message import EditedMessage
from adapters.slack.replying.ephemeral import EphemeralReply
from adapters.slack.replying.message_sequence import MessageSequence
from adapters.slack.replying.messages import Message
from adapters.slack.replying.metadata import earlier_messages, metadata_for
from adapters.slack.replying.rate_limits import RateLimitedClient
from adapters.slack.replying.reply import SlackReply
from adapters.slack.replying.status import Status, StatusSetter
from adapters.slack.replying.streamed_message import StreamedMessage
from adapters.slack.texts import Labels
from domain.ports import Clock
from domain.requests import Place, Question

PLACEHOLDER = "…"
"""The text of an edited reply until its first words come; Slack refuses an empty post."""


class SlackChannel:
    """Opens replies. ``username`` is the name they appear under, empty for the bot's own.

    ``sessions`` where the app is declared as an agent, so that people see a stop button. All its replies
    together keep to the rates that Slack promises a workspace. Safe to use from any thread.
    """

    def __init__(
        self, client: WebClient, *, clock: Clock, labels: Labels, username: str = "", sessions: bool = False
    ) -> None:
        self._client = client
        self._shared = RateLimitedClient(client, clock)
        self._clock = clock
        self._labels = labels
        self._username = username or None
        self._statuses = StatusSetter(client, clock=clock, labels=labels, sessions=sessions, username=self._username)
        self._unstreamable = RecentRefusals(clock)  # channels

    def open(self, question: Question, place: Place) -> SlackReply | EphemeralReply:
        if question.private:
            return self._ephemeral(question)
        with translated():
            # The status comes first: the reply itself would take it away, and shows by then that the bot is at work.
            status = self._statuses.show(question, place)
            try:
                first = self._begin(question, place)
            except SlackApiError:
                status.clear()
                raise
            return self._reply(question, place, first, [], status)

    def resume(self, question: Question, place: Place, ts: str) -> SlackReply | EphemeralReply:
        if not ts:
            return self._ephemeral(question)
        with translated():
            later = [each for each in earlier_messages(self._client, question, place) if each > ts]
            return self._taken_up(question, place, [ts, *later])

    def find(self, question: Question, place: Place) -> SlackReply | None:
        if question.private:
            return None
        with translated():
            timestamps = earlier_messages(self._client, question, place)
            return self._taken_up(question, place, timestamps) if timestamps else None

    def send(self, question: Question, name: str, content: str) -> None:
        with translated():
            direct = self._client.conversations_open(users=question.person)["channel"]["id"]
            self._client.files_upload_v2(channel=direct, filename=name, content=content)

    def _ephemeral(self, question: Question) -> EphemeralReply:
        return EphemeralReply(self._client, question, self._username)

    def _taken_up(self, question: Question, place: Place, timestamps: Sequence[str]) -> SlackReply:
        """A reply in these messages, whatever they say now."""
        messages = []
        for ts in timestamps:
            # Slack's own error says that it was no stream, or has ended: either way it can be edited now.
            with suppress(SlackApiError):
                self._client.chat_stopStream(channel=question.channel, ts=ts)
            messages.append(EditedMessage(self._shared, question.channel, ts, metadata_for(question)))
        return self._reply(question, place, messages[0], messages[1:], self._statuses.left_on(question, place))

    def _reply(
        self, question: Question, place: Place, first: Message, leftovers: Sequence[EditedMessage], status: Status
    ) -> SlackReply:
        return SlackReply(
            MessageSequence(first, lambda streaming: self._begin(question, place, streaming=streaming), leftovers),
            status=status,
            feedback_buttons=lambda receipt: feedback_buttons(question.identity, receipt, self._labels).to_dict(),
        )

    def _begin(self, question: Question, place: Place, *, streaming: bool = True) -> Message:
        stream = self._begin_stream(question, place) if streaming and place.thread else None
        return stream or self._begin_edited(question, place)

    def _begin_stream(self, question: Question, place: Place) -> StreamedMessage | None:
        """A message that streams; none where Slack takes no stream: a reply that is edited is better than none."""
        if question.channel in self._unstreamable or not self._shared.streams.take():
            return None
        began = self._clock()
        try:
            # A reply that is edited is also better than one that begins when a rate limit is over.
            stream = self._shared.without_retries.chat_startStream(
                channel=question.channel,
                thread_ts=place.thread,
                recipient_team_id=question.team,
                recipient_user_id=question.person,
                username=self._username,
            )
        except SlackApiError as error:
            if code_of(error) in PERMANENT_ERRORS:
                raise
            self._unstreamable.note(question.channel, error)
            return None
        return StreamedMessage(self._shared, question.channel, stream["ts"], metadata_for(question), began)

    def _begin_edited(self, question: Question, place: Place) -> EditedMessage:
        metadata = metadata_for(question)
        posted = self._client.chat_postMessage(
            channel=question.channel,
            thread_ts=place.thread or None,
            markdown_text=PLACEHOLDER,
            username=self._username,
            unfurl_links=False,
            unfurl_media=False,
            metadata=metadata,
        )
        return EditedMessage(self._shared, question.channel, posted["ts"], metadata)
