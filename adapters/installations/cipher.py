"""What encrypts tokens before they are stored."""

from typing import Protocol


class Cipher(Protocol):
    """Encrypts with authentication. ``context`` is the team's or the Enterprise Grid's id whose tokens they are.

    What was encrypted for one context is refused for another, so that no row can take the place of another.
    """

    def encrypt(self, plain: bytes, context: str) -> bytes:
        """Raises ``StoreUnavailable`` where the key is out of reach."""
        ...

    def decrypt(self, encrypted: bytes, context: str) -> bytes:
        """Raises ``StoreCorrupt`` for want of the right key and context, and ``StoreUnavailable``."""
        ...
