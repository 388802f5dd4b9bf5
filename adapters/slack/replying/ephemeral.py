"""Ephemeral replies, which one person sees: to a slash command, a shortcut, or a question that needs no public answer.

Slack gives such a request a URL of its own, to which five messages may be posted within half an hour.
Where there is none, or it is used up, ``chat.postEphemeral`` serves, as long as the person is in the channel.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.webhook import WebhookClient

from adapters.slack.client import NO_LOG
from adapters.slack.errors import translated
from adapters.slack.replying.mentions import neutralised
from adapters.slack.replying.messages.fallbacks import (
    Content,
    in_blocks,
    in_plain_text,
    is_refused_form,
    send_first_accepted,
)
from adapters.slack.replying.splitting import split
from domain.errors import SlackRefused
from domain.requests import Question
from domain.spending.usage import Receipt

POST_LIMIT = 11_500
"""Characters of one post: the ``markdown`` blocks of a message may have 12,000."""

PLAIN_LIMIT = 3_900
"""Characters of a post without blocks: Slack cuts or refuses a ``text`` over 4,000."""

POSTS_TO_URL = 5
"""How often Slack lets one such URL be used."""

WEBHOOKS = ("https", "hooks.slack.com")
"""Scheme and host of Slack's response URLs. No other server may receive an answer, or be called for a stranger."""


class EphemeralReply:
    """A reply that shows nothing until it is complete, and that nobody can find again.

    ``refusal`` is the sentence for an answer that Slack takes in no form. ``below`` are blocks under each of its posts.

    Raises ``SlackRefused`` at once for a question with a URL that is not Slack's.
    """

    ts = ""
    stopped = False

    def __init__(
        self,
        client: WebClient,
        question: Question,
        *,
        username: str | None,
        refusal: str,
        below: Sequence[dict[str, Any]] = (),
    ) -> None:
        self._client = client
        self._question = question
        self._username = username
        self._refusal = refusal
        self._below = below
        self._text = ""
        if question.respond_to:
            self._require_slack_url(question.respond_to)

    def write(self, words: str) -> None:
        self._text += words

    def close(self, receipt: Receipt | None = None) -> None:  # noqa: ARG002 - what nobody finds again has no feedback buttons
        text, self._text = neutralised(self._text, {self._question.person}).strip(), ""
        with translated():
            for number, post in enumerate(self._posts(text, POST_LIMIT)):
                if number >= POSTS_TO_URL or not self._respond(post):
                    self._post_ephemeral(post)

    def replace(self, text: str, receipt: Receipt | None = None) -> None:
        self._text = text
        self.close(receipt)

    def _respond(self, post: str) -> bool:
        """Post to the URL; false where there is none, or it is of no use any more."""
        if not self._question.respond_to:
            return False
        webhook = WebhookClient(
            self._question.respond_to, timeout=self._client.timeout, logger=NO_LOG, retry_handlers=[]
        )
        thread = {"thread_ts": self._question.thread} if self._question.thread else {}
        try:
            answer = webhook.send_dict(
                {
                    "response_type": "ephemeral",
                    "replace_original": False,
                    "unfurl_links": False,
                    "unfurl_media": False,
                    **in_blocks(post, self._below),
                    **thread,
                }
            )
        except (SlackClientError, OSError, HTTPException, LookupError, ValueError):
            return False
        return answer.status_code == 200

    def _post_ephemeral(self, post: str) -> None:
        # Slack shows an ephemeral post only in a thread that has begun: the question's own place if it is in one,
        # not the place where its reply would have begun a thread.
        send = partial(self._client.chat_postEphemeral, channel=self._question.channel, user=self._question.person)
        try:
            rich = in_blocks(post, self._below) | {"username": self._username}
            send_first_accepted(send, self._inside_and_outside(rich))
        except SlackApiError as error:
            if not is_refused_form(error):
                raise
            for plain in self._posts(post, PLAIN_LIMIT):
                contents = self._inside_and_outside(in_plain_text(plain))
                send_first_accepted(send, [*contents, in_plain_text(self._refusal)])

    def _inside_and_outside(self, content: Content) -> list[Content]:
        """The content inside the question's thread, if it has one, and outside, as the thread may be locked."""
        thread = self._question.thread
        return [content | {"thread_ts": thread}, content] if thread else [content]

    def _posts(self, text: str, limit: int) -> Iterator[str]:
        while text:
            post, text = split(text, limit)
            text = neutralised(text, {self._question.person})  # what was part of a longer word may begin a post
            yield post

    def _require_slack_url(self, url: str) -> None:
        api = self._client.base_url
        allowed = [WEBHOOKS] if api == WebClient.BASE_URL else [WEBHOOKS, urlsplit(api)[:2]]
        try:
            where = urlsplit(url)[:2]
        except ValueError:
            where = ("", "")
        if where not in allowed:
            raise SlackRefused("a response URL that is not Slack's")
