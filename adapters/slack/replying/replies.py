"""Replies in Slack: opened, taken up again after a crash, or seen by one person alone."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from adapters.slack.errors import (
    CLOSED_ERRORS,
    code_of,
    field,
    is_timeout,
    translated,
)
from adapters.slack.feedback import feedback_buttons
from adapters.slack.permalinks import Permalinks
from adapters.slack.replying.ephemeral import EphemeralReply
from adapters.slack.replying.mentions import neutralised, participants
from adapters.slack.replying.messages.edited_message import EditedMessage
from adapters.slack.replying.messages.message import Message
from adapters.slack.replying.messages.message_sequence import MessageSequence
from adapters.slack.replying.messages.metadata import earlier_messages
from adapters.slack.replying.messages.new_messages import NewMessages
from adapters.slack.replying.reply import SlackReply
from adapters.slack.replying.status import Status, StatusSetter
from adapters.slack.replying.stops import InMemoryStops, StopButton
from adapters.slack.texts import Labels
from domain.conversations.place import Place, conversation_key
from domain.deliveries.deadline import Clock
from domain.ports.stores import Stops
from domain.requests import Question
from domain.timestamp import Timestamp


class SlackReplies:
    """Opens replies. ``username`` is the name they appear under, empty for the bot's own.

    ``sessions`` where the app is declared as an agent, so that people see a stop button: ``stops`` holds the presses
    that came without a stream. All its replies together keep to the rates that Slack promises a workspace. Safe to use
    from any thread.
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
        self._permalinks = Permalinks(client)
        self._clock = clock
        self._stops = (stops or InMemoryStops()) if sessions else None
        self._labels = labels
        self._username = username or None
        self._statuses = StatusSetter(client, clock=clock, labels=labels, sessions=sessions, username=self._username)
        self._new_messages = NewMessages(client, clock, labels, self._username)

    def open(self, question: Question, place: Place) -> SlackReply | EphemeralReply:
        if question.private:
            return self._ephemeral(question)
        with translated():
            # The status comes first: the reply itself would take it away, and shows by then that the bot is at work.
            status = self._statuses.show(question, place)
            try:
                first = self._new_messages.begin(question, place)
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
        refusal = self._labels.refused.format(reference=question.reference)
        return EphemeralReply(self._client, question, username=self._username, refusal=refusal)

    def _taken_up(self, question: Question, place: Place, timestamps: Sequence[str]) -> SlackReply:
        """A reply in these messages, whatever they say now."""
        messages = [self._new_messages.edited(question, place, ts) for ts in timestamps]
        return self._reply(question, place, messages[0], messages[1:], self._statuses.left_on(question, place))

    def _reply(
        self, question: Question, place: Place, first: Message, leftovers: Sequence[EditedMessage], status: Status
    ) -> SlackReply:
        people = participants(question)
        return SlackReply(
            MessageSequence(
                first,
                partial(self._new_messages.begin, question, place),
                leftovers,
                partial(neutralised, allowed=people),
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
