"""Replies in Slack: a message that streams where Slack allows it, and one that is edited where it does not.

Streaming takes standard Markdown through ``chat.startStream``, ``appendStream`` and ``stopStream``.
Outside threads, and where Slack refuses a stream, a posted message is edited as the words come.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from adapters.slack.errors import (
    CLOSED_ERRORS,
    code_of,
    field,
    is_hopeless,
    is_outage,
    is_refusal,
    is_timeout,
    translated,
)
from adapters.slack.feedback import feedback_buttons
from adapters.slack.permalinks import Permalinks
from adapters.slack.recent_refusals import RecentRefusals
from adapters.slack.replying.edited_message import EditedMessage
from adapters.slack.replying.ephemeral import EphemeralReply
from adapters.slack.replying.forms import send_first_accepted
from adapters.slack.replying.mentions import neutralised, participants
from adapters.slack.replying.message_sequence import MessageSequence
from adapters.slack.replying.messages import Message, Target
from adapters.slack.replying.metadata import earlier_messages, metadata_for
from adapters.slack.replying.rate_limits import RateLimitedClient
from adapters.slack.replying.reply import SlackReply
from adapters.slack.replying.status import Status, StatusSetter
from adapters.slack.replying.stops import InMemoryStops, StopButton
from adapters.slack.replying.streamed_message import StreamedMessage
from adapters.slack.texts import Labels
from domain.deadline import Clock
from domain.place import Place, conversation_key
from domain.ports.stores import Stops
from domain.requests import Question
from domain.timestamp import Timestamp

PLACEHOLDER = "…"
"""The text of an edited reply until its first words come; Slack refuses an empty post."""


class SlackReplies:
    """Opens replies. ``username`` is the name they appear under, empty for the bot's own.

    ``sessions`` where the app is declared as an agent, so that people see a stop button: ``stops`` holds the presses
    that came without a stream. All its replies
    together keep to the rates that Slack promises a workspace. Safe to use from any thread.
    """

    def __init__(
        self,
        client: WebClient,
        *,
        clock: Clock,
        labels: Labels,
        username: str = "",
        sessions: bool = False,
        stops: Stops | None = None,
    ) -> None:
        self._client = client
        self._shared = RateLimitedClient(client, clock)
        self._permalinks = Permalinks(client)
        self._clock = clock
        self._stops = (stops or InMemoryStops()) if sessions else None
        self._labels = labels
        self._username = username or None
        self._statuses = StatusSetter(client, clock=clock, labels=labels, sessions=sessions, username=self._username)
        self._unstreamable = RecentRefusals(clock)  # audiences

    def open(self, question: Question, place: Place) -> SlackReply | EphemeralReply:
        if question.private:
            return self._ephemeral(question)
        with translated():
            # The status comes first: the reply itself would take it away, and shows by then that the bot is at work.
            status = self._statuses.show(question, place)
            try:
                first = self._begin(question, place)
            except Exception as error:
                if not is_timeout(error):  # a Slack that does not answer need not be waited for twice
                    status.clear()
                if isinstance(error, SlackApiError) and code_of(error) in CLOSED_ERRORS:
                    return self._ephemeral(question)  # in a locked thread, say
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

    def links(self, question: Question, place: Place, posts: Sequence[Timestamp]) -> Mapping[Timestamp, str]:
        return self._permalinks.of(question, place, posts)

    def send(self, question: Question, name: str, content: str) -> None:
        with translated():
            opened = field(self._client.conversations_open(users=question.person), "channel", dict)
            direct = field(opened, "id", str)
            self._client.files_upload_v2(channel=direct, filename=name, content=content)

    def _ephemeral(self, question: Question) -> EphemeralReply:
        return EphemeralReply(self._client, question, username=self._username, refusal=self._refusal(question))

    def _taken_up(self, question: Question, place: Place, timestamps: Sequence[str]) -> SlackReply:
        """A reply in these messages, whatever they say now."""
        target = self._target(question, place)
        messages = [self._edited(target, ts) for ts in timestamps]
        return self._reply(question, place, messages[0], messages[1:], self._statuses.left_on(question, place))

    def _reply(
        self, question: Question, place: Place, first: Message, leftovers: Sequence[EditedMessage], status: Status
    ) -> SlackReply:
        people = participants(question)
        return SlackReply(
            MessageSequence(
                first, partial(self._begin, question, place), leftovers, partial(neutralised, allowed=people)
            ),
            status=status,
            participants=people,
            feedback_buttons=lambda receipt: feedback_buttons(question.identity, receipt, self._labels).to_dict(),
            stop_pressed=self._stop_button(question, place, first.ts),
        )

    def _stop_button(self, question: Question, place: Place, ts: str) -> Callable[[], bool]:
        if self._stops is None or not place.thread:
            return lambda: False
        thread = conversation_key(question.team, question.channel, place.thread)
        return StopButton(self._stops, self._clock, thread=thread, since=ts).is_pressed

    def _target(self, question: Question, place: Place) -> Target:
        return Target(question.channel, place.thread or None, metadata_for(question), self._refusal(question))

    def _refusal(self, question: Question) -> str:
        return self._labels.refused.format(reference=question.reference)

    def _begin(self, question: Question, place: Place, *, streaming: bool = True, after: str = "") -> Message:
        """The next message of a reply, behind the one with the ts ``after``.

        It streams where that may be and Slack does so: a reply that is edited is better than none, and better than one
        that begins when a rate limit is over.
        """
        target = self._target(question, place)
        if not (streaming and place.thread and self._may_stream(question)):
            return self._post_placeholder(target)
        try:
            return self._start_stream(question, target)
        except SlackApiError as error:
            if is_hopeless(error):
                raise
            self._unstreamable.note(_audience(question), error)
            lost = self._lost_stream(question, place, after) if is_outage(error) else None
        except (SlackClientError, OSError, HTTPException) as error:
            if is_timeout(error):
                raise
            lost = self._lost_stream(question, place, after)
        return self._edited(target, lost) if lost else self._post_placeholder(target)

    def _may_stream(self, question: Question) -> bool:
        return _audience(question) not in self._unstreamable and self._shared.streams.take()

    def _start_stream(self, question: Question, target: Target) -> StreamedMessage:
        began = self._clock()
        stream = self._shared.without_retries.chat_startStream(
            channel=target.channel,
            thread_ts=target.thread or "",
            recipient_team_id=question.person_team or question.team,
            recipient_user_id=question.person,
            username=self._username,
        )
        return StreamedMessage(self._shared, target, field(stream, "ts", str), began)

    def _lost_stream(self, question: Question, place: Place, after: str) -> str | None:
        """The ts of a stream that Slack began without saying so, as it may in an outage; none where there is none."""
        return next((ts for ts in earlier_messages(self._client, question, place) if ts > after), None)

    def _edited(self, target: Target, ts: str) -> EditedMessage:
        """A message that is there, whatever it says now, to be edited."""
        try:
            self._client.chat_stopStream(channel=target.channel, ts=ts)
        except SlackApiError as error:
            # A refusal says that it was no stream, or has ended: either way it can be edited now.
            if not is_refusal(error):
                raise
        return EditedMessage(self._shared, target, ts)

    def _post_placeholder(self, target: Target) -> EditedMessage:
        post = partial(
            self._client.chat_postMessage,
            channel=target.channel,
            thread_ts=target.thread,
            unfurl_links=False,
            unfurl_media=False,
        )
        rich = {"markdown_text": PLACEHOLDER, "username": self._username, "metadata": target.metadata}
        _, posted = send_first_accepted(post, [rich, {"text": PLACEHOLDER}])
        return EditedMessage(self._shared, target, field(posted, "ts", str))


def _audience(question: Question) -> str:
    """What a refused stream says something of: in a shared channel the people of one team may get none."""
    return f"{question.channel}/{question.person_team or question.team}"
