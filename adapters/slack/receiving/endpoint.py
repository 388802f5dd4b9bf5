"""The events endpoint: puts each request of Slack's on the queue, or logs one line that says why not.

The signature is checked before the body is parsed, and only here: a request may wait in the queue
for longer than the five minutes for which Slack's signature is valid.
"""

import json
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from adapters.slack.payloads.validation import Dropped
from adapters.slack.receiving.events import IsAgent, request_in_event
from adapters.slack.receiving.external_people import ExternalPeople
from adapters.slack.receiving.interactions import request_in_command, request_in_interaction
from adapters.slack.receiving.signature import is_fresh, is_signed
from adapters.slack.receiving.teams import enterprise_of, installed_enterprise
from domain.conversations.place import Scope
from domain.deliveries.deadline import Clock
from domain.requests import Question, Request, Tab, Uninstall, Visit

if TYPE_CHECKING:
    from domain.ports.stores import RequestQueue

BODY_LIMIT = 1_000_000
"""Bytes. Slack's events have a few kilobytes; a larger body is none of them."""

FORM = "application/x-www-form-urlencoded"
"""The media type of slash commands and interactions; events are JSON."""

FIELDS_LIMIT = 100
"""Slack's forms have about 15 fields."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Response:
    """The HTTP response to Slack: a status and a body of JSON, or an empty one."""

    status: int
    body: str = "{}"


class EventsEndpoint:
    """Verifies, reads and queues what Slack sends.

    ``teams`` and ``channels`` are allow-lists of ids; an empty one allows all, and an Enterprise Grid's id among
    ``teams`` all teams of the Grid. ``bot`` is the bot's user id, for events in which Slack does not name it.
    ``agent_view`` says whether the app is an agent, or asks it: then a direct message outside a thread begins one.
    People of other companies in shared channels are answered only with ``external_people``.
    """

    def __init__(
        self,
        *,
        signing_secret: str,
        queue: "RequestQueue",
        scope: Scope,
        clock: Clock,
        teams: Collection[str] = (),
        channels: Collection[str] = (),
        bot: str = "",
        agent_view: bool | IsAgent = False,
        external_people: bool = False,
    ) -> None:
        self._signing_secret = signing_secret
        self._queue = queue
        self._scope = scope
        self._clock = clock
        self._teams = frozenset(teams)
        self._channels = frozenset(channels)
        self._bot = bot
        self._is_agent = agent_view if callable(agent_view) else lambda _channel: agent_view
        self._external_people = ExternalPeople(clock, answered=external_people)

    def refusal(self, headers: Mapping[str, str]) -> Response | None:
        """The response that a request's headers deserve without its body; ``None`` where the body must be read.

        401 where there is no signature or the timestamp is stale, 413 where ``Content-Length`` is over the limit.
        """
        headers = {name.lower(): value for name, value in headers.items()}
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length[:20]) > BODY_LIMIT:
            logger.warning("dropped a request: more than %d bytes", BODY_LIMIT)
            return Response(413)
        if not (headers.get("x-slack-signature") and self._is_fresh(headers)):
            logger.warning("dropped a request: bad or stale signature")
            return Response(401)
        return None

    def receive(self, headers: Mapping[str, str], body: bytes) -> Response:
        """Answer one HTTP request: 200 once the request in it is durably queued, or where there is none.

        401 for a bad signature, 413 for a body over ``BODY_LIMIT``, 400 for a signed body that is neither
        a JSON object nor one of Slack's forms.

        Raises:
            StoreUnavailable: The queue is out of reach. The caller answers 5xx, so that Slack sends an event
                again, and tells the person of a command that it failed.
        """
        if len(body) > BODY_LIMIT:
            logger.warning("dropped a request: %d bytes", len(body))
            return Response(413)
        headers = {name.lower(): value for name, value in headers.items()}
        if not self._is_signed(headers, body):
            logger.warning("dropped a request: bad or stale signature")
            return Response(401)
        if headers.get("content-type", "").strip().lower().startswith(FORM):
            return self._receive_form(body, float(headers["x-slack-request-timestamp"]))
        payload = _object_in(body)
        if payload is None:
            logger.warning("dropped a request: not a JSON object")
            return Response(400)
        if payload.get("type") == "url_verification":
            return Response(200, json.dumps({"challenge": str(payload.get("challenge", ""))}))
        self.accept(payload)
        return Response(200)

    def accept(self, payload: Mapping[str, Any]) -> bool:
        """Queue the request in an event whose sender is verified, by its signature or by Socket Mode.

        Returns whether there is one and it is new.
        """
        return self._queue_request(
            "an event", payload, lambda: request_in_event(payload, self._bot, is_agent=self._is_agent)
        )

    def accept_command(self, form: Mapping[str, Any], given_at: float | None = None) -> None:
        """Queue a slash command that was given at this time, in seconds since the epoch; now where it is missing."""
        seconds = self._clock() if given_at is None else given_at
        self._queue_request("a slash command", form, lambda: request_in_command(form, seconds))

    def accept_interaction(self, payload: Mapping[str, Any], given_at: float | None = None) -> None:
        """Queue the request in a shortcut, a button press or a modal; ``given_at`` as for a slash command."""
        seconds = self._clock() if given_at is None else given_at
        self._queue_request(
            "an interaction", payload, lambda: request_in_interaction(payload, seconds, is_agent=self._is_agent)
        )

    def _receive_form(self, body: bytes, signed_at: float) -> Response:
        try:
            fields = parse_qsl(body.decode(errors="replace"), keep_blank_values=True, max_num_fields=FIELDS_LIMIT)
        except ValueError:
            logger.warning("dropped a request: not one of Slack's forms")
            return Response(400)
        form = dict(fields)
        if "payload" not in form:
            self.accept_command(form, signed_at)
        elif (payload := _object_in(form["payload"])) is not None:
            self.accept_interaction(payload, signed_at)
        else:
            logger.warning("dropped a request: its payload is not a JSON object")
            return Response(400)
        return Response(200, "")  # Slack would show a body to the person, or refuse it

    def _queue_request(self, what: str, payload: Mapping[str, Any], read: Callable[[], Request]) -> bool:
        try:
            request = self._external_people.judged(read())
            if enterprise := installed_enterprise(payload, request.team):
                request = replace(request, enterprise=enterprise)
            self._require_allowed(request, enterprise_of(payload, request.team))
        except Dropped as reason:
            logger.debug("dropped %s: %s", what, reason)
            return False
        is_new = self._queue.put(request, request.group(self._scope))
        kind = type(request).__name__.lower()
        logger.info("%s %s %s", "queued" if is_new else "already had", kind, request.reference)
        return is_new

    def _require_allowed(self, request: Request, enterprise: str) -> None:
        if isinstance(request, Uninstall):
            return  # a team that was on the allow-list once may remove the app, too
        if self._teams and self._teams.isdisjoint((request.team, enterprise)):
            raise Dropped("its team is not on the allow-list")
        is_home = isinstance(request, Visit) and request.tab is Tab.HOME  # the Home tab is in no channel
        if self._channels and request.channel not in self._channels and not is_home:
            raise Dropped("its channel is not on the allow-list")
        if isinstance(request, Question) and not request.addressed and self._scope is not Scope.THREAD:
            raise Dropped("it does not mention the bot")

    def _is_fresh(self, headers: Mapping[str, str]) -> bool:
        return is_fresh(headers.get("x-slack-request-timestamp", ""), self._clock())

    def _is_signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        timestamp, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
        return self._is_fresh(headers) and is_signed(self._signing_secret, timestamp, body, signature)


def _object_in(text: bytes | str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
