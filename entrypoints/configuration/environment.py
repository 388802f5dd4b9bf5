"""Reads variables of the environment, each of its kind. A wrong value is one sentence that names its variable."""

import base64
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

NEW_KEY = "openssl rand -base64 32 | tr +/ -_"
"""Prints a new encryption key."""

MODEL_BYTES = 1_000
"""Of a model's name. It is in the key of its sums in the ledger: DynamoDB takes 1,024 bytes, ``model/`` included."""


class SettingError(Exception):
    """A setting that cannot be meant; the message is one sentence that names the variable."""


class Environment:
    """Reads one variable at a time; every complaint begins with its name and never repeats a secret."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env

    def text(self, name: str, default: str = "") -> str:
        return self._env.get(name, "").strip() or default

    def model(self, name: str, default: str) -> str:
        value = self.text(name, default)
        if (size := len(value.encode(errors="replace"))) > MODEL_BYTES:
            raise SettingError(f"{name} must have at most {MODEL_BYTES} bytes, not {size}")
        return value

    def secret(self, name: str) -> str:
        value = self.text(name)
        if not (value.isascii() and value.isprintable()) or " " in value:
            raise SettingError(f"{name} must be of visible ASCII characters, as it is copied")
        return value

    def encryption_keys(self, name: str) -> str:
        """Keys of Fernet with commas between them, each 32 bytes in URL-safe Base64."""
        value = self.secret(name)
        for each in value.split(",") if value else ():
            try:
                size = len(base64.b64decode(each, altchars=b"-_", validate=True))
            except ValueError:
                size = 0
            if size != 32:
                raise SettingError(f"{name} must be 32 random bytes in URL-safe Base64, as {NEW_KEY} makes them")
        return value

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name, default)
        if value not in allowed:
            raise SettingError(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
        return value

    def switch(self, name: str, default: bool) -> bool:
        return self.choice(name, str(default).lower(), ("true", "false")) == "true"

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        return self._number(name, default, int, f"a whole number from {least} to {most}", lambda n: least <= n <= most)

    def temperature(self, name: str) -> float | None:
        if not self.text(name):
            return None
        return self._number(name, 0.0, float, "a number from 0 to 2", lambda n: 0 <= n <= 2)

    def ip_address(self, name: str, default: str) -> str:
        value = self.text(name, default)
        try:
            return str(ip_address(value))
        except ValueError:
            raise SettingError(f"{name} must be an IP address such as 127.0.0.1 or 0.0.0.0, not {value!r}") from None

    def url(self, name: str) -> str:
        value = self.text(name)
        try:
            parts = urlsplit(value)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if value and not usable:
            raise SettingError(f"{name} must be an http or https address")
        return value

    def base_url(self, name: str) -> str:
        """An address that paths are added to."""
        value = self.url(name)
        parts = urlsplit(value)
        if parts.query or parts.fragment:
            raise SettingError(f"{name} must end with its path, as in https://example.com/v1, without a query")
        if parts.path.rstrip("/").endswith("/chat/completions"):
            raise SettingError(f"{name} must end before /chat/completions, as in https://example.com/v1")
        return value

    def ids(self, name: str) -> frozenset[str]:
        return frozenset(each.strip() for each in self.text(name).split(",") if each.strip())

    def _number(self, name: str, default: T, kind: Callable[[str], T], what: str, allowed: Callable[[T], bool]) -> T:
        value = self.text(name)
        if not value:
            return default
        try:
            number = kind(value) if value.isascii() else None
        except ValueError:
            number = None
        if number is None or not allowed(number):
            raise SettingError(f"{name} must be {what}, not {value!r}")
        return number


def parameters_prefix(env: Mapping[str, str]) -> str:
    """``PARAMETERS_PREFIX``, the SSM path under which the rest of the settings of a deployment may be.

    Raises ``SettingError`` for what is no path of SSM.
    """
    value = Environment(env).text("PARAMETERS_PREFIX")
    if not value.startswith("/") or value == "/":
        raise SettingError(f"PARAMETERS_PREFIX must be a path in SSM such as /slack-gpt, not {value!r}")
    return value
