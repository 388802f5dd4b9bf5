"""What holds for one channel in place of the bot's own settings."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self

from domain.conversations.place import Scope

LANGUAGES = ("ja", "en")
"""Codes, as ``BOT_LANGUAGE`` has them."""

INSTRUCTIONS_LIMIT = 2_000
"""Characters. Each prompt of the channel has them; Slack lets a modal's text field have 3,000."""

MODEL_LIMIT = 100
"""Characters of a model's name."""

BUDGET_LIMIT = 10**12
"""Billed-equivalent tokens a month."""


class UnusableSetting(ValueError):
    """A value that a channel's setting cannot have. The message is one sentence that begins with the setting's name."""

    def __init__(self, name: str, must: str, value: str) -> None:
        shown = repr(value) if len(value) <= MODEL_LIMIT else f"{len(value):,} characters"
        super().__init__(f"{name} must be {must}, not {shown}")
        self.name = name


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """The settings of one channel. What is empty, or none, follows the bot's own setting.

    ``budget`` is in billed-equivalent tokens a month; 0 is no limit, whatever the bot's own is.

    Raises ``UnusableSetting``.
    """

    instructions: str = ""
    model: str = ""
    language: str = ""
    scope: Scope | None = None
    budget: int | None = None

    def __post_init__(self) -> None:
        if len(self.instructions) > INSTRUCTIONS_LIMIT:
            raise UnusableSetting("instructions", f"at most {INSTRUCTIONS_LIMIT:,} characters", self.instructions)
        if self.model and not re.fullmatch(rf"[!-~]{{1,{MODEL_LIMIT}}}", self.model):
            raise UnusableSetting("model", f"at most {MODEL_LIMIT} visible ASCII characters", self.model)
        if self.language not in ("", *LANGUAGES):
            raise UnusableSetting("language", f"one of {', '.join(LANGUAGES)}", self.language)
        if self.budget is not None and not 0 <= self.budget <= BUDGET_LIMIT:
            raise UnusableSetting("budget", f"a whole number from 0 to {BUDGET_LIMIT:,}", str(self.budget))

    def __bool__(self) -> bool:
        """Is any of them set?"""
        return self != NO_SETTINGS

    def with_texts(self, texts: Mapping[str, str]) -> Self:
        """With each of these settings as a person writes it; an empty text unsets one. Raises ``UnusableSetting``."""
        values: dict[str, Any] = {name: _READ[name](name, text.strip()) for name, text in texts.items()}
        return replace(self, **values)

    def texts(self) -> dict[str, str]:
        """Those that are set, as a person writes them."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: str(value) for name, value in values.items() if value not in ("", None)}


def _text(_: str, text: str) -> str:
    # Half a surrogate pair, which JSON can spell, is no text: no store and no model takes it.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\r\n", "\n")


def _word(_: str, text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _scope(name: str, text: str) -> Scope | None:
    try:
        return Scope(_word(name, text)) if text else None
    except ValueError:
        raise UnusableSetting(name, f"one of {', '.join(Scope)}", text) from None


def _budget(name: str, text: str) -> int | None:
    if not text:
        return None
    digits = re.sub(r"(?<=\d)[,_](?=\d{3})", "", unicodedata.normalize("NFKC", text))
    if not re.fullmatch(r"[0-9]{1,20}", digits):
        raise UnusableSetting(name, f"a whole number from 0 to {BUDGET_LIMIT:,}", text)
    return int(digits)


_READ = {"instructions": _text, "model": _text, "language": _word, "scope": _scope, "budget": _budget}

NAMES = tuple(_READ)
"""The settings, in the order in which they are shown."""

NO_SETTINGS = ChannelSettings()
"""All follow the bot's own."""
