"""Where the bot keeps what the commands read: a database on one machine, or AWS."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager

from adapters.sqlite import Database
from domain.errors import StoreUnavailable
from entrypoints.settings import SettingError, Settings

VARIABLES = ("DATABASE_PATH", "QUEUE_URL", "DEAD_LETTER_QUEUE_URL", "TABLE_NAME")


def settings_of(*names: str) -> Settings:
    """Those of these variables. The others concern the bot alone: an operator need not have them right."""
    return Settings.from_env({name: os.environ.get(name, "") for name in names})


@contextmanager
def database_of(settings: Settings) -> Iterator[Database]:
    """The bot's database. Raises ``SettingError`` where there is none."""
    if not settings.database_path.is_file():  # it would be made, and its being empty believed
        raise SettingError(f"DATABASE_PATH must name the bot's database; there is none at {settings.database_path}")
    with closing(Database(settings.database_path)) as database:
        yield database


@contextmanager
def aws_installed() -> Iterator[None]:
    """Raises ``StoreUnavailable`` where a module that is imported inside is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise StoreUnavailable(f"requirements/aws.txt is not installed: there is no {error.name}") from error
