"""How Slack's events come, as the heartbeat sees it."""

import itertools
from typing import Protocol


class Connection(Protocol):
    """How Slack's events come."""

    @property
    def session(self) -> str:
        """What this connection is called, another one each time it is made; empty while there is none."""
        ...

    @property
    def signs(self) -> tuple[object, object]:
        """Changes when Slack is heard; the second part when it delivers something."""
        ...

    def connect(self) -> None:
        """Raises ``SlackUnavailable``."""
        ...

    def renew(self) -> None:
        """Make the connection anew, if that can be done now."""
        ...

    def close(self) -> None: ...


class HttpEvents:
    """Slack calls, so there is no connection to watch. It is heard as long as the process runs."""

    session = "http"

    def __init__(self) -> None:
        self._looks = itertools.count()

    @property
    def signs(self) -> tuple[object, object]:
        """Heard at every look, and not suspected in a silence: Slack itself tries again what it could not deliver."""
        look = next(self._looks)
        return look, look

    def connect(self) -> None:
        """There is nothing to connect."""

    def renew(self) -> None:
        """There is nothing to renew."""

    def close(self) -> None:
        """There is nothing to close."""
