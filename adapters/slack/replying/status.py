"""What a thread shows while the bot thinks: an agent's session, with a stop button, or a line that says so.

Facts of November 2026, from docs.slack.dev: ``agents.sessions.setStatus`` is for apps declared as agents,
and a session stays ``processing`` until the app moves it on, by the same method or with the end of a
stream. ``assistant.threads.setStatus`` serves other apps; what it sets goes away after two minutes, with
the app's next message in the thread (Slack then shows by itself that a stream without words is at work),
or when it is set to nothing.
"""

import copy
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http.client import HTTPException
from threading import Thread

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from adapters.slack.errors import is_refusal
from adapters.slack.payloads.mrkdwn import plain_text
from adapters.slack.recent_refusals import RecentRefusals
from adapters.slack.replying.mentions import neutralised
from adapters.slack.replying.rate_limits import SlidingWindow
from adapters.slack.texts import Labels
from domain.conversations.place import Place
from domain.deliveries.deadline import Clock
from domain.requests import Question

TITLE_LIMIT = 200
"""Characters of a session's title. Slack uses it when the session begins."""

READ_FOR_TITLE = 1_000
"""Characters of a question in which its title is looked for."""

TIMEOUT = 3
"""Seconds for which a reply waits for its status to be shown."""

SESSIONS, THREADS = "agents.sessions.setStatus", "assistant.threads.setStatus"


class Status:
    """The status that one thread shows. ``clear`` removes it, unless the end of the reply has removed it.

    ``was_shown`` waits for Slack's answer, and is false where the thread shows nothing.
    """

    def __init__(
        self,
        take_away: Callable[[], object] | None = None,
        *,
        session: bool = False,
        was_shown: Callable[[], bool] = lambda: True,
    ) -> None:
        self._take_away = take_away
        self._session = session
        self._was_shown = was_shown

    @property
    def session_at_end(self) -> str | None:
        """What the session should become with the end of the reply's stream; none where there is no session."""
        return "active" if self._session and self._take_away and self._was_shown() else None

    def was_taken_away(self) -> None:
        """Slack has removed it already: a session with the end of a stream, a line with the stream's beginning."""
        self._take_away = None

    def clear(self) -> None:
        """Remove it. Raises nothing where Slack refuses: the answer is out."""
        take_away, self._take_away = self._take_away, None
        if take_away and self._was_shown():
            with suppress(SlackClientError, OSError, HTTPException):
                take_away()


class StatusSetter:
    """Sets the statuses of threads, as far as Slack lets it. ``sessions`` where the app is declared as an agent.

    A method that Slack refuses is left alone for some minutes; meanwhile a thread's line stands in for a session.
    """

    def __init__(
        self, client: WebClient, *, clock: Clock, labels: Labels, sessions: bool, username: str | None
    ) -> None:
        self._client = client
        self._quick_client = copy.copy(client)
        self._quick_client.retry_handlers = []
        self._quick_client.timeout = min(TIMEOUT, client.timeout)
        self._refusals = RecentRefusals(clock)
        self._labels = labels
        self._sessions = sessions
        self._username = username
        # Of the 50 calls a minute that Slack promises (tier 3) each session may need a second one, to end it.
        self._beginnings = SlidingWindow(clock, calls=25)

    def show(self, question: Question, place: Place) -> Status:
        """Show in the thread that the bot is at work. Raises nothing.

        A session is begun on a thread of its own: nothing waits for it but its end.
        """
        method = self._method
        if not place.thread or method is None:
            return Status()
        if method == SESSIONS and not self._beginnings.take():
            return Status()  # an answer is no worse without it
        if method == THREADS:
            # The reply would take away what is shown before it, and not what is shown after it.
            line = partial(self._set_line, self._quick_client, question, place, self._labels.thinking)
            return self.left_on(question, place) if self._is_shown(method, line) else Status()
        begin = partial(
            self._quick_client.agents_sessions_setStatus,
            channel_id=question.channel,
            thread_ts=place.thread,
            status="processing",
            title=_title(question.text),
            initiator_user_id=question.person,
            username=self._username,
        )
        beginning = _Beginning(lambda: self._is_shown(method, begin))
        return Status(self._end_session(question, place), session=True, was_shown=beginning.was_shown)

    def _is_shown(self, method: str, call: Callable[[], object]) -> bool:
        try:
            call()
        except SlackApiError as error:
            self._refusals.note(method, error)
            return not (is_refusal(error) or method in self._refusals)
        except (SlackClientError, OSError, HTTPException):
            pass  # it may have been shown
        return True

    def left_on(self, question: Question, place: Place) -> Status:
        """The status that an earlier delivery may have left there."""
        method = self._method
        if not place.thread or method is None:
            return Status()
        if method == SESSIONS:
            return Status(self._end_session(question, place), session=True)
        return Status(partial(self._set_line, self._client, question, place, ""))

    def _end_session(self, question: Question, place: Place) -> Callable[[], object]:
        return partial(
            self._client.agents_sessions_setStatus, channel_id=question.channel, thread_ts=place.thread, status="active"
        )

    @property
    def _method(self) -> str | None:
        wanted = (SESSIONS, THREADS) if self._sessions else (THREADS,)
        return next((method for method in wanted if method not in self._refusals), None)

    def _set_line(self, client: WebClient, question: Question, place: Place, line: str) -> None:
        client.assistant_threads_setStatus(
            channel_id=question.channel, thread_ts=place.thread, status=line, username=self._username
        )


class _Beginning(Thread):
    """The beginning of a session, beside the reply's."""

    def __init__(self, begin: Callable[[], bool]) -> None:
        super().__init__(name="session", daemon=True)
        self._begin = begin
        self._shown = True
        self.start()

    def run(self) -> None:
        self._shown = self._begin()

    def was_shown(self) -> bool:
        self.join(2 * TIMEOUT)
        return self._shown


def _title(text: str) -> str | None:
    """A session's title: the first line of its first question, without the ids that Slack writes."""
    line = plain_text(text[:READ_FOR_TITLE], lambda _: "…").strip().partition("\n")[0]
    return neutralised(" ".join(line.split()))[:TITLE_LIMIT] or None
