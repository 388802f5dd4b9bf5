"""The workspaces that have installed the app, as the commands ask them. With one workspace nothing of this is imported.

Rotation needs the app's id and secret, and a token its key; who only lists workspaces needs neither.
"""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from adapters.installations.clients import Clients
from adapters.installations.installation_records import owner_of
from adapters.installations.store import Installations
from adapters.sqlite import SqliteInstallations
from entrypoints.configuration.settings import Settings
from entrypoints.operator.open_stores import aws_installed, database_of
from entrypoints.wiring.workspace_clients import clients_for

if TYPE_CHECKING:
    from adapters.installations.fernet import FernetCipher

__all__ = ["clients_of", "installations_of", "installed_settings", "owner_of"]

VARIABLES = (
    *("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_API_URL", "TOKEN_ENCRYPTION_KEY", "TOKEN_KMS_KEY"),
    *("DATABASE_PATH", "TABLE_NAME"),
)


def installed_settings(env: Mapping[str, str] = os.environ) -> Settings:
    """What the commands need to know of several workspaces."""
    return Settings.from_env({name: env.get(name, "") for name in VARIABLES} | {"SLACK_SIGNING_SECRET": "-"})


@contextmanager
def installations_of(settings: Settings) -> Iterator[Installations]:
    """Raises ``SettingError`` where there is no database."""
    if settings.table_name:
        with aws_installed():
            from adapters.dynamodb import DynamoInstallations  # noqa: PLC0415 - on one machine there is no PynamoDB
            from adapters.kms import KmsCipher, kms_client  # noqa: PLC0415
        yield Installations(DynamoInstallations(settings.table_name), KmsCipher(settings.token_kms_key, kms_client()))
    else:
        with database_of(settings) as database:
            yield Installations(SqliteInstallations(database), _cipher(settings.token_encryption_key))


@contextmanager
def clients_of(settings: Settings) -> Iterator[Clients]:
    """Clients of all workspaces. Raises ``SettingError`` where there is no database, or no key to read tokens."""
    if not settings.table_name:
        settings.require_encryption_key()
    with installations_of(settings) as installations:
        yield clients_for(settings, installations, settings.slack_api_url, time.time)


def _cipher(keys: str) -> "FernetCipher":
    from cryptography.fernet import Fernet  # noqa: PLC0415 - on AWS there is no cryptography

    from adapters.installations.fernet import FernetCipher  # noqa: PLC0415

    return FernetCipher(keys or Fernet.generate_key().decode())  # a list of the workspaces reads no token
