"""Addresses of posts in Slack's own apps."""

from collections.abc import Mapping, Sequence
from http.client import HTTPException
from urllib.parse import quote

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from adapters.slack.errors import field
from domain.conversations.place import Place
from domain.requests import Question
from domain.timestamp import Timestamp


class Permalinks:
    """Composes addresses as ``chat.getPermalink`` does, which would be a call for each.

    https://docs.slack.dev/reference/methods/chat.getPermalink
    """

    def __init__(self, client: WebClient) -> None:
        self._client = client
        self._workspace = ""

    def of(self, question: Question, place: Place, posts: Sequence[Timestamp]) -> Mapping[Timestamp, str]:
        """The addresses of posts of this place; none where Slack does not say what the workspace's own is."""
        try:
            self._workspace = self._workspace or field(self._client.auth_test(), "url", str)
        except (SlackClientError, OSError, HTTPException):
            return {}
        channel = quote(question.channel, safe="")
        within = f"?thread_ts={quote(place.thread, safe='')}&cid={channel}" if place.is_thread_with_own_memory else ""
        archive = f"{self._workspace.rstrip('/')}/archives/{channel}"
        return {ts: f"{archive}/p{ts.replace('.', '')}{within}" for ts in posts}
