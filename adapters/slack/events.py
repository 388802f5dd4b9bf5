"""The door: what Slack posts becomes a queued question, or one log line.

The signature is checked before anything is read, and only here: a question may wait in the queue
for longer than the five minutes that Slack's signature lasts.
"""

import json
import logging
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.signature import Clock as SlackClock
from slack_sdk.signature import SignatureVerifier

from domain.ports import Clock, Questions
from domain.question import Question, Scope

BODY_LIMIT = 1_000_000
"""Bytes. Slack's events are a few kilobytes; whatever is larger is not one."""

SPOKEN = (None, "file_share", "me_message", "thread_broadcast")
"""The subtypes of ``message`` in which a person says something; the others are edits, joins and the like."""

ESCAPES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
"""All that Slack escapes; the ampersand comes last, so that what it was escaped with is not taken for another."""

logger = logging.getLogger(__name__)


class Dropped(Exception):
    """An event that asks the bot nothing; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What Slack's request gets back: a status and a JSON body."""

    status: int
    body: str = "{}"


class Door:
    """Lets Slack's events in and nobody else's.

    ``teams`` and ``channels`` are allow-lists of ids; an empty one allows all. ``bot`` is the bot's own
    user id, for events in which Slack does not say it.
    """

    def __init__(
        self,
        *,
        signing_secret: str,
        questions: Questions,
        scope: Scope,
        clock: Clock,
        teams: Collection[str] = (),
        channels: Collection[str] = (),
        bot: str = "",
    ) -> None:
        self._verifier = SignatureVerifier(signing_secret, clock=_SlackClock(clock))
        self._questions = questions
        self._scope = scope
        self._teams = frozenset(teams)
        self._channels = frozenset(channels)
        self._bot = bot

    def receive(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer one HTTP request: 200 once the question is durably queued or was none.

        401 for a bad signature, 413 for a body over ``BODY_LIMIT``, 400 for a signed body that is no
        JSON object. Raises ``StoreUnavailable`` where the queue cannot take the question, so that
        Slack tries again.
        """
        if len(body) > BODY_LIMIT:
            logger.warning("dropped a request: %d bytes", len(body))
            return Answer(413)
        if not self._is_signed({name.lower(): value for name, value in headers.items()}, body):
            logger.warning("dropped a request: bad or stale signature")
            return Answer(401)
        try:
            payload = json.loads(body)
        except (ValueError, RecursionError):
            payload = None
        if not isinstance(payload, dict):
            logger.warning("dropped a request: not a JSON object")
            return Answer(400)
        if payload.get("type") == "url_verification":
            return Answer(200, json.dumps({"challenge": str(payload.get("challenge", ""))}))
        self.accept(payload)
        return Answer(200)

    def accept(self, payload: Mapping[str, Any]) -> None:
        """Queue the question in an event whose sender is known, by its signature or by Socket Mode."""
        try:
            question = question_in(payload, self._bot)
            self._require_admitted(question)
        except Dropped as reason:
            logger.info("dropped an event: %s", reason)
            return
        new = self._questions.put(question, question.place(self._scope).conversation)
        logger.info("%s question %s", "queued" if new else "already had", question.reference)

    def _is_signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        try:
            return self._verifier.is_valid(
                body, headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
            )
        # A timestamp that is no number, or too large for one; a signature that is not ASCII.
        except (ValueError, TypeError, ArithmeticError):
            return False

    def _require_admitted(self, question: Question) -> None:
        if self._teams and question.team not in self._teams:
            raise Dropped("its team is not on the allow-list")
        if self._channels and question.channel not in self._channels:
            raise Dropped("its channel is not on the allow-list")
        if not question.addressed and self._scope is not Scope.THREAD:
            raise Dropped("it does not mention the bot")


def question_in(payload: Mapping[str, Any], known_bot: str = "") -> Question:
    """The question in an ``event_callback`` to the bot of this user id. Raises ``Dropped`` where there is none."""
    event = payload.get("event")
    if payload.get("type") != "event_callback" or not isinstance(event, dict):
        raise Dropped("not an event callback")
    if event.get("type") not in ("app_mention", "message"):
        raise Dropped("its type is not subscribed to")
    if event.get("subtype") not in SPOKEN or event.get("edited") or event.get("hidden"):
        raise Dropped("an edit, a deletion or a notice")
    if event.get("bot_id") or event.get("bot_profile"):
        raise Dropped("a bot said it")

    team, channel, person = _id(payload.get("team_id")), _id(event.get("channel")), _id(event.get("user"))
    ts, thread = _ts(event.get("ts")), _ts(event.get("thread_ts")) if "thread_ts" in event else ""
    text = event.get("text")
    if not isinstance(text, str) or not text:
        raise Dropped("it has no text")

    bot = _bot(payload) or known_bot
    if person == bot:
        raise Dropped("the bot said it")
    direct = event.get("channel_type") == "im" or channel.startswith("D")
    mentioned = event["type"] == "app_mention" or bool(bot and f"<@{bot}>" in text)
    if not mentioned and not direct and (not thread or (not bot and "<@" in text)):
        # Without the bot's id a mention in a thread cannot be told from any other; its app_mention twin can.
        raise Dropped("it does not mention the bot")
    return Question(
        team=team,
        channel=channel,
        ts=ts,
        person=person,
        text=_spoken(text, bot, leading=event["type"] == "app_mention"),
        thread=thread,
        direct=direct,
        addressed=mentioned or direct,
    )


def _bot(payload: Mapping[str, Any]) -> str:
    """The bot's own user id, which Slack sends along with every event; empty where it did not."""
    authorizations = payload.get("authorizations")
    for each in authorizations if isinstance(authorizations, list) else ():
        if isinstance(each, dict) and each.get("is_bot"):
            return _id(each.get("user_id"))
    return ""


def _spoken(text: str, bot: str, *, leading: bool) -> str:
    """What was said, without the mention and without Slack's escapes for ``&``, ``<`` and ``>``."""
    if bot:
        text = text.replace(f"<@{bot}>", "")
    elif leading:
        text = re.sub(r"^\s*<@[UW][A-Z0-9]+>", "", text)
    for escape, character in ESCAPES.items():
        text = text.replace(escape, character)
    # JSON can escape half of a surrogate pair, which no store and no model can take.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").strip()


def _id(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"[A-Z0-9]{1,32}", value):
        return value
    raise Dropped("an id is missing or malformed")


def _ts(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}\.[0-9]{1,8}", value):
        return value
    raise Dropped("a timestamp is missing or malformed")


class _SlackClock(SlackClock):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock()
