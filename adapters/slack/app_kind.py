"""Which kind of app this is: one of Slack's agents, or an ordinary one."""

import copy
import logging
from http.client import HTTPException
from threading import Lock

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from adapters.slack.errors import code_of
from adapters.slack.texts import Labels

TIMEOUT_SECONDS = 2
"""Slack waits 3 seconds for the answer to an event."""

NO_AGENT = frozenset({"not_agent_app", "missing_scope", "not_allowed_token_type"})
"""Slack's errors for an app that is no agent: an agent has ``assistant:write`` by its manifest."""

logger = logging.getLogger(__name__)


class AppKind:
    """Asks Slack once, as soon as it matters. Safe to use from any thread.

    ``assistant.threads.setSuggestedPrompts`` without a ``thread_ts`` answers ``not_agent_app`` where the app is none
    (docs.slack.dev, November 2026). Where it is one, the prompts are shown, as they are where people write to it.
    """

    def __init__(self, client: WebClient, labels: Labels) -> None:
        self._client = copy.copy(client)
        self._client.retry_handlers = []
        self._client.timeout = TIMEOUT_SECONDS
        self._prompts = [{"title": title, "message": message} for title, message in labels.suggestions]
        self._lock = Lock()
        self._known: bool | None = None

    def is_agent(self, channel: str) -> bool:
        """Is the app an agent? ``channel`` is some direct message with it. While Slack does not say, it is."""
        with self._lock:
            if self._known is None:
                self._known = self._asked(channel)
                if self._known is not None:
                    logger.info("the app is %s", "one of Slack's agents" if self._known else "no agent of Slack's")
            return self._known is not False

    def _asked(self, channel: str) -> bool | None:
        try:
            self._client.assistant_threads_setSuggestedPrompts(channel_id=channel, prompts=self._prompts)
        except SlackApiError as error:
            return False if code_of(error) in NO_AGENT else None
        except (SlackClientError, HTTPException, OSError, ValueError):
            return None
        return True
