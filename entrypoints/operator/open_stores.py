"""Where the bot keeps what the commands work on: a database on one machine, or AWS. The settings decide, here alone.

``QUEUE_URL`` and ``DEAD_LETTER_QUEUE_URL`` name the queues of SQS, ``TABLE_NAME`` the table of DynamoDB. What is not
named is in the file ``DATABASE_PATH``.
"""

import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from typing import TYPE_CHECKING

from adapters.dead_letters import DeadLetters
from adapters.listable_stores import StoredConversations, StoredLimits, StoredRequests, StoredSettings, StoredVotes
from adapters.sqlite import (
    Database,
    SqliteConversations,
    SqliteDeadLetters,
    SqliteFeedback,
    SqliteLedger,
    SqliteLimits,
    SqliteRequests,
    SqliteSettings,
)
from domain.errors import StoreUnavailable
from domain.ports.stores import Ledger
from entrypoints.configuration.settings import SettingError, Settings

if TYPE_CHECKING:
    from adapters.sqs.dead_letters import SqsDeadLetters

USAGE_VARIABLES = ("DATABASE_PATH", "TABLE_NAME", "USAGE_TABLE_NAME")


def settings_of(*names: str) -> Settings:
    """Those of these variables. The others concern the bot alone: an operator need not have them right."""
    return Settings.from_env({name: os.environ.get(name, "") for name in names})


def store_settings() -> Settings:
    """What the commands need to know of the stores."""
    return settings_of(
        "DATABASE_PATH",
        "QUEUE_URL",
        "DEAD_LETTER_QUEUE_URL",
        "TABLE_NAME",
        "USAGE_TABLE_NAME",
        "CONVERSATION_TTL_DAYS",
        "CHAT_MODEL",
    )


def queue_place(settings: Settings) -> str:
    """Where dead letters are, as an operator knows it."""
    return settings.dead_letter_queue_url or str(settings.database_path)


def data_place(settings: Settings) -> str:
    """Where conversations and votes are, as an operator knows it."""
    return settings.table_name or str(settings.database_path)


def usage_place(settings: Settings) -> str:
    """Where the ledger is, as an operator knows it."""
    return settings.usage_table_name or str(settings.database_path)


@contextmanager
def dead_letters_of(settings: Settings) -> Iterator[DeadLetters]:
    """Raises ``SettingError`` where one of the queues is missing."""
    if _on_sqs(settings):
        with _sqs_dead_letters(settings) as on_aws:
            yield on_aws
    else:
        with database_of(settings) as database:
            yield SqliteDeadLetters(database)


@contextmanager
def requests_of(settings: Settings) -> Iterator[StoredRequests]:
    """On AWS the dead letters alone. Raises ``SettingError`` where one of the queues is missing."""
    if _on_sqs(settings):
        with _sqs_dead_letters(settings) as on_aws:
            yield on_aws
    else:
        with database_of(settings) as database:
            yield SqliteRequests(database)


def _on_sqs(settings: Settings) -> bool:
    if bool(settings.queue_url) != bool(settings.dead_letter_queue_url):
        raise SettingError("QUEUE_URL and DEAD_LETTER_QUEUE_URL must be set together")
    return bool(settings.queue_url)


def _sqs_dead_letters(settings: Settings) -> "closing[SqsDeadLetters]":
    with aws_installed():
        # On one machine there is no boto3.
        from adapters.sqs import OPERATORS_PATIENCE, sqs_client  # noqa: PLC0415
        from adapters.sqs.dead_letters import SqsDeadLetters  # noqa: PLC0415
    client = sqs_client(OPERATORS_PATIENCE)
    return closing(SqsDeadLetters(settings.queue_url, settings.dead_letter_queue_url, client))


@contextmanager
def votes_of(settings: Settings) -> Iterator[StoredVotes]:
    days = settings.conversation_ttl_days
    if settings.table_name:
        with aws_installed():
            from adapters.dynamodb import DynamoFeedback  # noqa: PLC0415 - on one machine there is no PynamoDB
        yield DynamoFeedback(settings.table_name, ttl_days=days, clock=time.time)
    else:
        with database_of(settings) as database:
            yield SqliteFeedback(database, ttl_days=days, clock=time.time)


@contextmanager
def conversations_of(settings: Settings, *, bulk: bool = False) -> Iterator[StoredConversations]:
    """``bulk`` is for long work that can be begun again: a missing database is made, and no save waits for the disk."""
    days = settings.conversation_ttl_days
    if settings.table_name:
        with aws_installed():
            from adapters.dynamodb import DynamoConversations  # noqa: PLC0415 - on one machine there is no PynamoDB
        from adapters.tiktoken import count_tokens_for  # noqa: PLC0415 - most commands count nothing

        count_tokens = count_tokens_for(settings.chat_model)
        yield DynamoConversations(settings.table_name, ttl_days=days, clock=time.time, count_tokens=count_tokens)
    else:
        with database_of(settings, make=bulk) as database, database.bulk() if bulk else nullcontext():
            yield SqliteConversations(database, ttl_days=days, clock=time.time)


@contextmanager
def limits_of(settings: Settings) -> Iterator[StoredLimits]:
    if settings.table_name:
        with aws_installed():
            from adapters.dynamodb import DynamoLimits  # noqa: PLC0415 - on one machine there is no PynamoDB
        yield DynamoLimits(settings.table_name)
    else:
        with database_of(settings) as database:
            yield SqliteLimits(database)


@contextmanager
def channel_settings_of(settings: Settings) -> Iterator[StoredSettings]:
    if settings.table_name:
        with aws_installed():
            from adapters.dynamodb import DynamoSettings  # noqa: PLC0415 - on one machine there is no PynamoDB
        yield DynamoSettings(settings.table_name)
    else:
        with database_of(settings) as database:
            yield SqliteSettings(database)


def has_ledger(settings: Settings) -> bool:
    """Always on one machine; on AWS deployments of earlier releases have none."""
    return bool(settings.usage_table_name) or not settings.table_name


@contextmanager
def ledger_of(settings: Settings) -> Iterator[Ledger]:
    """Raises ``SettingError`` where one of the tables is missing."""
    if bool(settings.table_name) != bool(settings.usage_table_name):
        raise SettingError("TABLE_NAME and USAGE_TABLE_NAME must be set together")
    if settings.usage_table_name:
        with aws_installed():
            from adapters.dynamodb import DynamoLedger  # noqa: PLC0415 - on one machine there is no PynamoDB
        yield DynamoLedger(settings.usage_table_name, clock=time.time)
    else:
        with database_of(settings) as database:
            yield SqliteLedger(database)


@contextmanager
def database_of(settings: Settings, *, make: bool = False) -> Iterator[Database]:
    """The bot's database. Raises ``SettingError`` where there is none, unless it is to ``make`` one."""
    if not make and not settings.database_path.is_file():  # it would be made, and its being empty believed
        raise SettingError(f"DATABASE_PATH must name the bot's database; there is none at {settings.database_path}")
    with closing(Database(settings.database_path)) as database:
        yield database


def scrub(settings: Settings) -> None:
    """Leave nothing of what was deleted in the file of one machine. DynamoDB does so by itself."""
    if not settings.table_name:
        with database_of(settings) as database:
            database.scrub()


@contextmanager
def aws_installed() -> Iterator[None]:
    """Raises ``StoreUnavailable`` where a module that is imported inside is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise StoreUnavailable(f"requirements/aws.txt is not installed: there is no {error.name}") from error
