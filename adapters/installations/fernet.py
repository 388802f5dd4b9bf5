"""Encryption with keys of the operator's own, on one machine.

Fernet is AES-128-CBC with HMAC-SHA256 (cryptography.io/en/latest/fernet).
"""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from domain.errors import StoreCorrupt


class FernetCipher:
    """Encrypts with the first of ``keys``, which commas separate, and decrypts with any of them.

    Fernet has no associated data: the context is encrypted before the text, and compared afterwards.
    """

    def __init__(self, keys: str) -> None:
        self._fernet = MultiFernet([Fernet(each) for each in keys.split(",")])

    def encrypt(self, plain: bytes, context: str) -> bytes:
        return self._fernet.encrypt(_head(context) + plain)

    def decrypt(self, encrypted: bytes, context: str) -> bytes:
        try:
            text = self._fernet.decrypt(encrypted)
        except InvalidToken:
            raise StoreCorrupt("TOKEN_ENCRYPTION_KEY lacks the key that encrypted it, or it was changed") from None
        if not text.startswith(_head(context)):
            raise StoreCorrupt("it was encrypted for another workspace")
        return text.removeprefix(_head(context))


def _head(context: str) -> bytes:
    return f"{context}\n".encode()
