"""How a message of a reply begins: it streams where Slack allows it, and is posted to be edited where it does not.

Streaming takes standard Markdown through ``chat.startStream``, ``appendStream`` and ``stopStream``.
Outside threads, and where Slack refuses a stream, a posted message is edited as the words come.
"""

from functools import partial
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from adapters.slack.errors import field, is_hopeless, is_outage, is_refusal, is_timeout
from adapters.slack.recent_refusals import RecentRefusals
from adapters.slack.replying.messages.edited_message import EditedMessage
from adapters.slack.replying.messages.fallbacks import send_first_accepted
from adapters.slack.replying.messages.message import Message, Target
from adapters.slack.replying.messages.metadata import earlier_messages, metadata_for
from adapters.slack.replying.messages.streamed_message import StreamedMessage
from adapters.slack.replying.rate_limits import RateLimitedClient
from adapters.slack.texts import Labels
from domain.conversations.place import Place
from domain.deliveries.deadline import Clock
from domain.requests import Question

PLACEHOLDER = "…"
"""The text of an edited reply until its first words come; Slack refuses an empty post."""


class NewMessages:
    """Begins messages of replies, which together keep to the rates that Slack promises a workspace."""

    def __init__(self, client: WebClient, clock: Clock, labels: Labels, username: str | None) -> None:
        self._client = client
        self._shared = RateLimitedClient(client, clock)
        self._clock = clock
        self._labels = labels
        self._username = username
        self._unstreamable = RecentRefusals(clock)  # audiences

    def begin(self, question: Question, place: Place, *, streaming: bool = True, after: str = "") -> Message:
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
        return self._to_be_edited(target, lost) if lost else self._post_placeholder(target)

    def edited(self, question: Question, place: Place, ts: str) -> EditedMessage:
        """A message that is there, whatever it says now, to be edited."""
        return self._to_be_edited(self._target(question, place), ts)

    def _to_be_edited(self, target: Target, ts: str) -> EditedMessage:
        try:
            self._client.chat_stopStream(channel=target.channel, ts=ts)
        except SlackApiError as error:
            # A refusal says that it was no stream, or has ended: either way it can be edited now.
            if not is_refusal(error):
                raise
        return EditedMessage(self._shared, target, ts)

    def _target(self, question: Question, place: Place) -> Target:
        refusal = self._labels.refused.format(reference=question.reference)
        return Target(question.channel, place.thread or None, metadata_for(question), refusal)

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
