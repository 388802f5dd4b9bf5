"""Clients for SQS, and what its errors become."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from domain.errors import StoreUnavailable

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

PATIENCE = Config(connect_timeout=1, read_timeout=1, retries={"mode": "standard", "total_max_attempts": 2})
"""Seconds. SQS takes a message within some 20 ms, and Slack waits three seconds for all of it. Where the second
attempt repeats one that did arrive, the identity is recognised."""

OPERATORS_PATIENCE = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard"})
"""Seconds. An operator sits behind slow lines and can wait."""


def sqs_client(patience: Config = PATIENCE) -> "SQSClient":
    """A client for the region and the credentials that the environment names.

    Raises ``StoreUnavailable`` where it names no region.
    """
    with translated():
        return boto3.client("sqs", config=patience)


@contextmanager
def translated() -> Iterator[None]:
    """Turns errors of SQS inside into ``StoreUnavailable``."""
    try:
        yield
    except ClientError as error:
        raise StoreUnavailable(f"SQS answered {error.response['Error']['Code']}") from error
    except BotoCoreError as error:
        raise StoreUnavailable(f"SQS could not be reached: {type(error).__name__}") from error
