"""slack_sdk's installation store over whatever keeps texts by their owner."""

import logging
from collections.abc import Iterator
from typing import Protocol

from slack_sdk.oauth.installation_store import Bot, Installation, InstallationStore

from adapters.installations.cipher import Cipher
from adapters.installations.installation_records import (
    installation_from_json,
    installation_to_json,
    owner_of,
    public_part_of,
)
from domain.errors import StoreCorrupt

logger = logging.getLogger(__name__)

MOST_TRIES = 10
"""Of a conditional write. Each that fails means that another process has written in between."""


class Records(Protocol):
    """Texts by their owner's id, a team's or an Enterprise Grid's. All of them raise ``StoreUnavailable``."""

    where: str
    """The file or the table, for error messages."""

    def load(self, owner: str) -> str | None: ...

    def save(self, owner: str, content: str) -> None:
        """Keep it in place of whatever is there."""
        ...

    def replace(self, owner: str, before: str, content: str | None) -> bool:
        """Keep ``content``, or nothing where it is ``None``, if there still is ``before``. Returns whether it was."""
        ...

    def delete(self, owner: str) -> None: ...

    def all(self) -> Iterator[tuple[str, str]]:
        """Owners and texts."""
        ...


class Installations(InstallationStore):
    """One installation for each owner: the last one, whoever made it. The bot's token alone is asked for and kept.

    An installation of a whole Enterprise Grid is found for each of its teams that has none of its own. What it finds
    it reads anew each time.

    Raises:
        StoreUnavailable: The store or the key is out of reach.
        StoreCorrupt: What is stored cannot be read, or not with this key.
    """

    def __init__(self, records: Records, cipher: Cipher) -> None:
        self._records = records
        self._cipher = cipher

    def save(self, installation: Installation) -> None:
        """Keep it in place of an earlier one of the same owner."""
        self._records.save(owner_of(installation), installation_to_json(installation, self._cipher))

    def save_bot(self, bot: Bot) -> None:
        """Change the bot's part of the installation there is. Does nothing where there is none."""
        for _ in range(MOST_TRIES):
            before = self.find_installation(
                enterprise_id=bot.enterprise_id,
                team_id=bot.team_id,
                is_enterprise_install=bot.is_enterprise_install,
            )
            if before is None or self.replace(before, _with_bot(before, bot)):
                return

    def replace(self, before: Installation, after: Installation) -> bool:
        """Keep ``after`` if the owner still has ``before``. Returns whether it had.

        Of several processes that rotate one token, one succeeds. The others read what it has kept.
        """
        owner = owner_of(before)
        text = self._records.load(owner)
        if text is None or self._read(owner, text).to_dict() != before.to_dict():
            return False
        return self._records.replace(owner, text, installation_to_json(after, self._cipher))

    def find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        found = self.find_installation(
            enterprise_id=enterprise_id, team_id=team_id, is_enterprise_install=is_enterprise_install
        )
        return found.to_bot() if found else None

    def find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        """The team's own installation, or else that of its Enterprise Grid. With ``user_id`` only if they made it."""
        owners = (None if is_enterprise_install else team_id, enterprise_id)
        for owner in filter(None, owners):
            if text := self._records.load(owner):
                found = self._read(owner, text)
                return found if user_id in (None, found.user_id) else None
        return None

    def serving(self, team: str, enterprise: str) -> Installation | None:
        """That by which a request is answered. ``enterprise`` is set where Slack says that it comes by the installation
        of a whole Enterprise Grid; then an earlier one of the team itself, whose token may be revoked, is none of it.
        """
        whole = self.find_installation(enterprise_id=enterprise or None, team_id=None, is_enterprise_install=True)
        return whole or self.find_installation(enterprise_id=None, team_id=team)

    def all(self) -> Iterator[Installation]:
        """Those of all owners without their secrets, for which no key is needed."""
        for owner, text in self._records.all():
            yield public_part_of(text, self._name(owner))

    def encrypt_anew(self) -> None:
        """Encrypt all with the cipher's present key. What cannot be read is logged and left as it is."""
        for owner, text in list(self._records.all()):
            try:
                self._records.replace(owner, text, installation_to_json(self._read(owner, text), self._cipher))
            except StoreCorrupt as error:
                logger.error("%s", error)

    def delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """Delete the team's own installation; that of an Enterprise Grid only where no team is named."""
        if owner := team_id or enterprise_id:
            self._records.delete(owner)

    def delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """As ``delete_bot``. Nothing of a single person is kept, so with ``user_id`` nothing is deleted."""
        if user_id is None:
            self.delete_bot(enterprise_id=enterprise_id, team_id=team_id)

    def delete_older(self, *, enterprise_id: str | None, team_id: str | None, than: float) -> bool:
        """``delete_bot``, unless the installation was made after ``than``, in seconds since the epoch.

        Returns whether there is none of that time any more. Slack's event of an uninstallation may arrive after the
        next installation.
        """
        if not (owner := team_id or enterprise_id):
            return True
        for _ in range(MOST_TRIES):
            text = self._records.load(owner)
            if text is None:
                return True
            if public_part_of(text, self._name(owner)).installed_at > than:
                return False
            if self._records.replace(owner, text, None):
                return True
        return False

    def _read(self, owner: str, text: str) -> Installation:
        return installation_from_json(text, owner, self._cipher, self._name(owner))

    def _name(self, owner: str) -> str:
        return f"{self._records.where}: installations/{owner}"


def _with_bot(installation: Installation, bot: Bot) -> Installation:
    changed = Installation(**installation.to_dict_for_copying())
    for name in ("bot_token", "bot_id", "bot_user_id", "bot_scopes", "bot_refresh_token", "bot_token_expires_at"):
        setattr(changed, name, getattr(bot, name))
    return changed
