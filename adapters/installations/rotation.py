"""Rotates bot tokens, each by one worker at a time.

With token rotation a bot token expires after 12 hours. A refresh token is exchanged once for the next pair, and is
revoked by that (docs.slack.dev, Using token rotation). Two exchanges at the same moment have given two pairs, of which
one was dead (node-slack-sdk's issue 2504): so a worker takes a lease in the store before it asks Slack.
"""

import logging

from slack_sdk import WebClient
from slack_sdk.errors import SlackTokenRotationError
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.token_rotation import TokenRotator

from adapters.installations.store import Installations
from adapters.slack.errors import code_of, is_refusal, translated
from domain.deliveries.deadline import Clock
from domain.errors import SlackUnavailable, StoreUnavailable

EARLY_SECONDS = 2 * 3600.0
"""Before a token expires it is exchanged, as slack_sdk does by default."""

LEASE_SECONDS = 60.0
"""Slack answers within 10 seconds, or 40 where it limits the rate once. Of a worker that was killed others wait so
long."""

LEASE = "rotating_until"
"""The custom value of an installation with the end of its lease, in seconds since the epoch."""

SAVES = 5
"""Tries to save a new pair, which nobody gets again. Each that fails means that the store is away, or that another
worker has written in between."""

ANY_MINUTES = 10**6
"""Whether it is time has been decided here."""

logger = logging.getLogger(__name__)


class Rotation:
    """Exchanges refresh tokens. ``client`` needs no token of its own."""

    def __init__(
        self, installations: Installations, client: WebClient, *, client_id: str, client_secret: str, clock: Clock
    ) -> None:
        self._installations = installations
        self._rotator = TokenRotator(client_id=client_id, client_secret=client_secret, client=client)
        self._clock = clock

    def is_due(self, installation: Installation) -> bool:
        """Does its token expire soon?"""
        expires_at = installation.bot_token_expires_at
        return expires_at is not None and self._clock() >= expires_at - EARLY_SECONDS

    def rotated(self, installation: Installation) -> Installation | None:
        """The installation as it is stored after this: with a new token, unless another worker is about to get one.

        None where it is stored no more. Raises ``SlackUnavailable`` and ``StoreUnavailable``, and
        ``SlackUnavailable`` too where the token has expired and another worker has not got the next one yet.
        """
        leased = self._lease(installation)
        if leased is None:
            return self._of_others(installation)
        bot = self._exchanged(leased)
        return self._saved(leased, bot) if bot else same_owner(self._installations, leased)

    def is_under_way(self, installation: Installation) -> bool:
        """Does a worker exchange its refresh token now?"""
        return float(installation.custom_values.get(LEASE, 0)) > self._clock()

    def _lease(self, installation: Installation) -> Installation | None:
        if self.is_under_way(installation):
            return None
        leased = changed(installation, **{LEASE: self._clock() + LEASE_SECONDS})
        return leased if self._installations.replace(installation, leased) else None

    def _of_others(self, installation: Installation) -> Installation | None:
        stored = same_owner(self._installations, installation)
        if stored and stored.bot_token == installation.bot_token and self.is_over(stored):
            raise SlackUnavailable("the bot's token has expired, and the next one has not come yet")
        return stored

    def is_over(self, installation: Installation) -> bool:
        """Has its token expired?"""
        expires_at = installation.bot_token_expires_at
        return expires_at is not None and self._clock() >= expires_at

    def _exchanged(self, leased: Installation) -> Bot | None:
        """The next pair; none where Slack refuses the refresh token, as it does one that was used."""
        with translated():
            try:
                return self._rotator.perform_bot_token_rotation(
                    bot=leased.to_bot(), minutes_before_expiration=ANY_MINUTES
                )
            except SlackTokenRotationError as error:
                if not is_refusal(error.api_error):
                    raise error.api_error from error
                code = code_of(error.api_error)
        owner = leased.team_id or leased.enterprise_id
        logger.error("the token of %s cannot be rotated, Slack answered %s: have the app installed anew", owner, code)
        return None

    def _saved(self, leased: Installation, bot: Bot) -> Installation | None:
        """The installation with the new pair, unless the team has installed the app anew, or removed it, meanwhile.

        What else has changed in it stays, such as the teams that are noted of an Enterprise Grid.
        """
        for tries in range(1, SAVES + 1):
            try:
                stored = same_owner(self._installations, leased)
                if not stored or stored.bot_refresh_token != leased.bot_refresh_token:
                    return stored
                rotated = changed(stored, **{LEASE: 0})
                rotated.bot_token, rotated.bot_refresh_token = bot.bot_token, bot.bot_refresh_token
                rotated.bot_token_expires_at = bot.bot_token_expires_at
                if self._installations.replace(stored, rotated):
                    logger.info("the token of %s was rotated", rotated.team_id or rotated.enterprise_id)
                    return rotated
            except StoreUnavailable:
                if tries == SAVES:
                    raise
        raise StoreUnavailable("the bot's new token could not be saved: others wrote each time")


def changed(installation: Installation, **custom_values: object) -> Installation:
    """A copy with these custom values."""
    copied = Installation(**installation.to_dict_for_copying())
    copied.custom_values = {**installation.custom_values, **custom_values}
    return copied


def same_owner(installations: Installations, installation: Installation) -> Installation | None:
    """What is stored of the team, or the Enterprise Grid, that this is the installation of."""
    return installations.find_installation(
        enterprise_id=installation.enterprise_id,
        team_id=installation.team_id,
        is_enterprise_install=installation.is_enterprise_install,
    )
