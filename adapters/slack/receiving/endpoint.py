"""The door: what Slack sends becomes a queued request, or one log line.

The signature is checked before anything is read, and only here: a request may wait in the queue
for longer than the five minutes that Slack's signature lasts.
"""

import json
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from slack_sdk.signature import Clock as SlackClock
from slack_sdk.signature import SignatureVerifier

from adapters.slack.receiving.events import request_in
from adapters.slack.receiving.interactions import question_in_command, request_in_interaction
from adapters.slack.receiving.validation import Dropped
from domain.ports import Clock, RequestQueue
from domain.requests import Question, Request, Scope, Tab, Visit, Vote

BODY_LIMIT = 1_000_000
"""Bytes. Slack's events are a few kilobytes; whatever is larger is not one."""

FORM = "application/x-www-form-urlencoded"
"""What slash commands and interactions come as; events come as JSON."""

FIELDS_LIMIT = 100
"""Slack's forms have some 15 fields."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What Slack's request gets back: a status and a JSON body, or an empty one."""

    status: int
    body: str = "{}"


class EventsEndpoint:
    """Lets what Slack sends in and nobody else's.

    ``teams`` and ``channels`` are allow-lists of ids; an empty one allows all. ``bot`` is the bot's own
    user id, for events in which Slack does not say it. With ``agent_view`` the app is an agent, with
    whom each direct message outside a thread begins one.
    """

    def __init__(
        self,
        *,
        signing_secret: str,
        questions: RequestQueue,
        scope: Scope,
        clock: Clock,
        teams: Collection[str] = (),
        channels: Collection[str] = (),
        bot: str = "",
        agent_view: bool = False,
    ) -> None:
        self._verifier = SignatureVerifier(signing_secret, clock=_SlackClock(clock))
        self._questions = questions
        self._scope = scope
        self._clock = clock
        self._teams = frozenset(teams)
        self._channels = frozenset(channels)
        self._bot = bot
        self._agent_view = agent_view

    def receive(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer one HTTP request: 200 once the request in it is durably queued or there was none.

        401 for a bad signature, 413 for a body over ``BODY_LIMIT``, 400 for a signed body that is neither
        a JSON object nor a form of Slack's. Raises ``StoreUnavailable`` where the queue cannot take it,
        so that Slack tries an event again, and tells the person of a command that it failed.
        """
        if len(body) > BODY_LIMIT:
            logger.warning("dropped a request: %d bytes", len(body))
            return Answer(413)
        headers = {name.lower(): value for name, value in headers.items()}
        if not self._is_signed(headers, body):
            logger.warning("dropped a request: bad or stale signature")
            return Answer(401)
        if headers.get("content-type", "").strip().lower().startswith(FORM):
            return self._receive_form(body)
        payload = _object_in(body)
        if payload is None:
            logger.warning("dropped a request: not a JSON object")
            return Answer(400)
        if payload.get("type") == "url_verification":
            return Answer(200, json.dumps({"challenge": str(payload.get("challenge", ""))}))
        self.accept(payload)
        return Answer(200)

    def accept(self, payload: Mapping[str, Any]) -> None:
        """Queue what an event asks for whose sender is known, by its signature or by Socket Mode."""
        self._let_in("an event", lambda: request_in(payload, self._bot, agent_view=self._agent_view))

    def accept_command(self, form: Mapping[str, Any]) -> None:
        """Queue a slash command."""
        self._let_in("a slash command", lambda: question_in_command(form, f"{self._clock():.6f}"))

    def accept_interaction(self, payload: Mapping[str, Any]) -> None:
        """Queue what a shortcut or a button asks for."""
        self._let_in("an interaction", lambda: request_in_interaction(payload, agent_view=self._agent_view))

    def _receive_form(self, body: bytes) -> Answer:
        try:
            fields = parse_qsl(body.decode(errors="replace"), keep_blank_values=True, max_num_fields=FIELDS_LIMIT)
        except ValueError:
            logger.warning("dropped a request: not a form of Slack's")
            return Answer(400)
        form = dict(fields)
        if "payload" not in form:
            self.accept_command(form)
        elif (payload := _object_in(form["payload"])) is not None:
            self.accept_interaction(payload)
        else:
            logger.warning("dropped a request: its payload is not a JSON object")
            return Answer(400)
        return Answer(200, "")  # a body would be shown to the person, or refused

    def _let_in(self, what: str, read: Callable[[], Request]) -> None:
        try:
            request = read()
            self._require_admitted(request)
        except Dropped as reason:
            logger.info("dropped %s: %s", what, reason)
            return
        new = self._questions.put(request, self._conversation(request))
        kind = type(request).__name__.lower()
        logger.info("%s %s %s", "queued" if new else "already had", kind, request.reference)

    def _conversation(self, request: Request) -> str:
        """Behind which others a request waits: votes and visits never behind a question, which may take long."""
        match request:
            case Question():
                return request.place(self._scope).conversation
            case Vote():
                return f"votes/{request.team}/{request.channel}"
            case _:
                return f"visits/{request.team}/{request.person}"

    def _require_admitted(self, request: Request) -> None:
        if self._teams and request.team not in self._teams:
            raise Dropped("its team is not on the allow-list")
        at_home = isinstance(request, Visit) and request.tab is Tab.HOME  # which is in no channel
        if self._channels and request.channel not in self._channels and not at_home:
            raise Dropped("its channel is not on the allow-list")
        if isinstance(request, Question) and not request.addressed and self._scope is not Scope.THREAD:
            raise Dropped("it does not mention the bot")

    def _is_signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        try:
            return self._verifier.is_valid(
                body, headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
            )
        # A timestamp that is no number, or too large for one; a signature that is not ASCII.
        except (ValueError, TypeError, ArithmeticError):
            return False


def _object_in(text: bytes | str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


class _SlackClock(SlackClock):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock()
