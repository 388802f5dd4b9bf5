"""Encryption of Slack's tokens with a key of KMS, which never leaves KMS."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from domain.errors import StoreCorrupt, StoreUnavailable

PATIENCE = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})
"""Seconds. KMS answers within some 20 ms, and a person is waiting."""

CONTEXT = "workspace"
"""The name in KMS's encryption context; its value is the id of the workspace or organization."""

OF_ANOTHER = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})
"""How KMS refuses what was encrypted with another key or for another context, or what somebody changed."""


def kms_client(patience: Config = PATIENCE) -> Any:
    """A client for the region and the credentials that the environment names.

    Raises ``StoreUnavailable`` where it names no region.
    """
    with _translated():
        return boto3.client("kms", config=patience)


class KmsCipher:
    """Encrypts at most 4,096 bytes at a time with the key of this ARN.

    The context is part of the encryption: what was encrypted for one workspace decrypts for no other, and CloudTrail
    has the workspace in its record of each use of the key. Raises ``StoreUnavailable``.
    """

    def __init__(self, key: str, client: Any) -> None:
        self._key = key
        self._client = client

    def encrypt(self, plain: bytes, context: str) -> bytes:
        with _translated():
            return bytes(self._ask("encrypt", context, Plaintext=plain)["CiphertextBlob"])

    def decrypt(self, encrypted: bytes, context: str) -> bytes:
        """Raises ``StoreCorrupt`` where it was encrypted with another key or for another context."""
        with _translated():
            return bytes(self._ask("decrypt", context, CiphertextBlob=encrypted)["Plaintext"])

    def _ask(self, operation: str, context: str, **content: bytes) -> dict[str, Any]:
        ask = getattr(self._client, operation)
        return dict(ask(KeyId=self._key, EncryptionContext={CONTEXT: context}, **content))


@contextmanager
def _translated() -> Iterator[None]:
    """Turns errors of KMS inside into those of the domain."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in OF_ANOTHER:
            raise StoreCorrupt(f"tokens are of another KMS key or workspace: {code}") from error
        raise StoreUnavailable(f"KMS answered {code}") from error
    except BotoCoreError as error:
        raise StoreUnavailable(f"KMS could not be reached: {type(error).__name__}") from error
