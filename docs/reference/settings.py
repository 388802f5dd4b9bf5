"""The settings: names, defaults and allowed values as ``entrypoints.configuration.settings`` has them.

Which of the tables has a setting, and what it means, is the page's to say. A default that depends on another setting is
in the page's words, too; ``tests/test_documents.py`` compares the sets of names.
"""

import re
from collections.abc import Callable
from enum import Enum
from pathlib import Path

from docs.reference.tables import Row, rows
from docs.reference.tables import table as as_table
from domain.memory import Memory
from entrypoints.configuration.settings import SettingError, Settings

HEADS = {
    "en": ("variable", "default", "values", "meaning"),
    "ja": ("変数", "既定値", "値", "意味"),
}
MEMORY = {"MEMORY_TOKEN_LIMIT": "limit", "MEMORY_KEEP_TOKENS": "keep", "SUMMARY_TOKEN_LIMIT": "summary"}
DEPENDING = frozenset({"SUMMARY_MODEL", "THREAD_HISTORY_TOKENS"})
"""Their defaults are other settings, or parts of them."""

WRONG = "\N{SNOWMAN} is wrong everywhere but in a text"


def table(language: str, present: str) -> str:
    """The settings of the present table. A setting without a row is put in by hand, with its meaning."""
    return as_table(HEADS[language], [_row(language, row) for row in rows(present).values()])


def _row(language: str, row: Row) -> Row:
    name = row[0].strip("`")
    words = row[1] if len(row) > 2 else ""
    return row[0], _default(name) or words, _values(language, name), row[-1]


def _default(name: str) -> str:
    """The default as one would write it into the environment; empty where there is none that can be written so."""
    owner, attribute = (Memory(), MEMORY[name]) if name in MEMORY else (Settings(), name.lower())
    value = getattr(owner, attribute, "")
    if isinstance(value, bool):
        value = str(value).lower()
    if isinstance(value, Enum):
        value = value.value
    return f"`{value}`" if isinstance(value, str | int | float | Path) and str(value) and name not in DEPENDING else ""


def _values(language: str, name: str) -> str:
    """What a wrong value is refused in favour of: the sentence of the refusal says it."""
    try:
        Settings.from_env({"SLACK_SIGNING_SECRET": "made-up", name: WRONG})
    except SettingError as error:
        return next(
            (say(language, *found.groups()) for form, say in FORMS if (found := re.search(form, str(error)))), ""
        )
    return ""


def _choices(language: str, choices: str) -> str:
    return ("、" if language == "ja" else ", ").join(f"`{each}`" for each in choices.split(", "))


def _range(language: str, least: str, most: str) -> str:
    return f"{least}–{most}" if language == "en" else f"{least}〜{most}"


FORMS: tuple[tuple[str, Callable[..., str]], ...] = (
    (r"must be one of (.+), not", _choices),
    (r"must be a(?: whole)? number from (\S+) to ([^,\s]+)", _range),
    (r"must be an http or https address", lambda language: "URL"),
    (r"must be an IP address", lambda language: "IP address" if language == "en" else "IP アドレス"),
)
"""How ``entrypoints.configuration.environment`` says what is allowed, and how the table does."""
