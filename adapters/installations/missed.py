"""What was posted in any of several workspaces while the bot could not hear Slack."""

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from adapters.installations.bot_token import NotInstalled
from adapters.installations.clients import Clients, Workspace
from adapters.slack.receiving.missed import History, MissedEvents, Pause
from domain.errors import SlackRefused, SlackUnavailable, StoreCorrupt
from domain.timestamp import Timestamp

Json = dict[str, Any]

logger = logging.getLogger(__name__)


class MissedInAll:
    """The events of all workspaces. ``conversations`` and ``channels`` are as for ``MissedEvents``."""

    def __init__(
        self, clients: Clients, pause: Pause, conversations: Callable[[], Sequence[str]], channels: Collection[str]
    ) -> None:
        self._clients = clients
        self._pause = pause
        self._conversations = conversations
        self._channels = channels

    def since(self, oldest: float) -> Iterator[Json]:
        """Those later than this, oldest first. A workspace that cannot be read keeps no other from being read.

        Raises ``StoreUnavailable``, and after the events of all others ``SlackUnavailable`` where one workspace is out
        of reach, or what ``pause`` raises: then all are read again.
        """
        away: list[SlackUnavailable] = []
        events = [event for workspace in self._clients.all() for event in self._of(workspace, oldest, away)]
        yield from sorted(events, key=lambda payload: Timestamp(payload["event"]["ts"]))
        for error in away:
            raise error

    def _of(self, workspace: Workspace, oldest: float, away: list[SlackUnavailable]) -> Iterator[Json]:
        try:
            workspace.token.refresh()
            history = History(workspace.client, self._pause, team=workspace.team, enterprise=workspace.enterprise)
            yield from MissedEvents(history, self._conversations, self._channels).since(oldest)
        except (NotInstalled, SlackRefused, StoreCorrupt) as error:
            logger.warning("what was posted in %s meanwhile is not read: %s", workspace.team, error)
        except SlackUnavailable as error:
            logger.warning("what was posted in %s meanwhile is not read yet: %s", workspace.team, error)
            away.append(error)
