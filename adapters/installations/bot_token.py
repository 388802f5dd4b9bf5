"""The bot token of one team, as the team's client uses it."""

import logging
from threading import Lock

from slack_sdk.oauth.installation_store import Installation

from adapters.installations.rotation import LEASE_SECONDS, Rotation, changed
from adapters.installations.store import MOST_TRIES, Installations
from domain.deliveries.deadline import Clock
from domain.errors import AnsweringError, StoreUnavailable

CACHED_SECONDS = 300.0
"""For which a token is used before it is read again. One that Slack refuses is read again at once."""

TEAMS = "teams"
"""The custom value of an Enterprise Grid's installation with the teams in which the bot has been asked."""

logger = logging.getLogger(__name__)


class NotInstalled(Exception):
    """The team has not installed the app, or has removed it."""


class BotToken:
    """Read from the store, cached, and rotated in time. Safe to use from any thread.

    ``enterprise`` is the Enterprise Grid that has installed the app for all of its teams, empty where the team has.
    """

    def __init__(
        self, team: str, enterprise: str, installations: Installations, rotation: Rotation, clock: Clock
    ) -> None:
        self._team = team
        self._enterprise = enterprise
        self._installations = installations
        self._rotation = rotation
        self._clock = clock
        self._lock = Lock()
        self._installation: Installation | None = None
        self._read_again_at = 0.0
        self._rotate_again_at = 0.0

    @property
    def token(self) -> str:
        """As it is known now. Empty before the first ``refresh``."""
        installation = self._installation
        return (installation.bot_token or "") if installation else ""

    @property
    def of_enterprise(self) -> bool:
        """Is it that of a whole Enterprise Grid? Known after the first ``refresh``."""
        return bool(self._installation and self._installation.is_enterprise_install)

    def refresh(self) -> None:
        """Read it where it is not known or was read long ago, and rotate it where it expires soon.

        Raises ``NotInstalled``, and what the store and Slack raise: ``StoreUnavailable``, ``StoreCorrupt``,
        ``SlackUnavailable``.
        """
        with self._lock:
            if self._installation is None or self._clock() >= self._read_again_at:
                self._know(self._stored())
            if self._rotation.is_due(self._known()) and self._clock() >= self._rotate_again_at:
                self._know(self._stored())  # another worker may have rotated it
                self._rotate(self._known())

    def renew(self, refused: str) -> bool:
        """See ``Credentials``."""
        with self._lock:
            if self.token != refused:  # another thread was faster
                return bool(self.token)
            try:
                stored = self._stored()
                if stored and stored.bot_token == refused and stored.bot_refresh_token:
                    stored = self._rotation.rotated(stored)
            except AnsweringError as error:
                logger.warning("no other token for %s: %s", self._team, error)
                return False
            self._know(stored)
            return self.token not in ("", refused)

    def _rotate(self, known: Installation) -> None:
        try:
            if self._rotation.is_due(known):
                self._know(self._rotation.rotated(known))
        except AnsweringError as error:
            if self._rotation.is_over(known):
                raise
            logger.warning("the token of %s is not rotated yet: %s", self._team, error)
        self._rotate_again_at = self._clock() + LEASE_SECONDS
        self._known()

    def _known(self) -> Installation:
        if self._installation is None:
            raise NotInstalled(self._team)
        return self._installation

    def _know(self, installation: Installation | None) -> None:
        self._installation = installation
        self._read_again_at = self._clock() + CACHED_SECONDS

    def _stored(self) -> Installation | None:
        for _ in range(MOST_TRIES):
            stored = self._installations.serving(self._team, self._enterprise)
            is_for_team = stored and stored.is_enterprise_install and self._team != self._enterprise
            if not (stored and is_for_team) or self._is_noted(stored):
                return stored
        raise StoreUnavailable(f"{self._team} could not be noted: others wrote each time")

    def _is_noted(self, installation: Installation) -> bool:
        """Is it known of the team that an uninstallation concerns it, too? Where not, note it, to be read again."""
        teams = installation.custom_values.get(TEAMS, [])
        if self._team in teams:
            return True
        self._installations.replace(installation, changed(installation, **{TEAMS: [*teams, self._team]}))
        return False
