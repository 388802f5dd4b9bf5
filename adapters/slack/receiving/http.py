"""Slack's events by HTTP, as the heartbeat sees them."""

import itertools


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
