"""An installation as JSON, whose secrets are encrypted as one text: a key service is asked once."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from slack_sdk.oauth.installation_store import Installation

from adapters.installations.cipher import Cipher
from adapters.serialization.records import UNREADABLE, compact_json
from domain.errors import StoreCorrupt

SECRETS = (
    "bot_token",
    "bot_refresh_token",
    "user_token",
    "user_refresh_token",
    "incoming_webhook_url",
    "incoming_webhook_configuration_url",
)
"""Whoever has one of them can act as the bot or as a person. A webhook's address is all that it takes to post there."""

PLAIN = (
    "app_id",
    "enterprise_id",
    "enterprise_name",
    "enterprise_url",
    "team_id",
    "team_name",
    "bot_id",
    "bot_user_id",
    "bot_scopes",
    "bot_token_expires_at",
    "user_id",
    "user_scopes",
    "user_token_expires_at",
    "incoming_webhook_channel",
    "incoming_webhook_channel_id",
    "is_enterprise_install",
    "token_type",
    "installed_at",
    "custom_values",
)

ENCRYPTED = "encrypted"


def owner_of(installation: Installation) -> str:
    """The id of the team that has installed the app, or of the Enterprise Grid that has it in all of its teams.

    Ids of teams are unique in all of Slack, so that a team is found without its Enterprise Grid's id.
    """
    owner = installation.enterprise_id if installation.is_enterprise_install else installation.team_id
    if not owner:
        raise ValueError("an installation of nobody")
    return owner


def installation_to_json(installation: Installation, cipher: Cipher) -> str:
    """Absent fields are left out. Raises ``StoreUnavailable`` where the key is out of reach."""
    secret = compact_json(_named(installation, SECRETS)).encode()
    encrypted = base64.b64encode(cipher.encrypt(secret, owner_of(installation))).decode()
    return compact_json({**_named(installation, PLAIN), ENCRYPTED: encrypted})


def installation_from_json(text: str, owner: str, cipher: Cipher, where: str) -> Installation:
    """Raises ``StoreCorrupt`` naming ``where`` the text was found, and ``StoreUnavailable``."""
    with _readable(where):
        record: dict[str, Any] = json.loads(text)
        encrypted = base64.b64decode(record.pop(ENCRYPTED))
        return Installation(**record, **json.loads(cipher.decrypt(encrypted, owner)))


def public_part_of(text: str, where: str) -> Installation:
    """The installation without its secrets, for which no key is needed. Raises ``StoreCorrupt``."""
    with _readable(where):
        record: dict[str, Any] = json.loads(text)
        del record[ENCRYPTED]
        return Installation(**record)


@contextmanager
def _readable(where: str) -> Iterator[None]:
    try:
        yield
    except StoreCorrupt as error:
        raise StoreCorrupt(f"{where} cannot be decrypted: {error}") from error
    except UNREADABLE as error:
        raise StoreCorrupt(f"{where} is not an installation: {type(error).__name__}") from error


def _named(installation: Installation, names: tuple[str, ...]) -> dict[str, Any]:
    values = {name: getattr(installation, name) for name in names}
    return {name: value for name, value in values.items() if value}
