"""Settings from a file such as ``.env``. It is read only where a command names it: on AWS and in tests none does."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from entrypoints.configuration.settings import SettingError

_LINE = re.compile(
    r"""\s*(?:(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=\s*(?:'(?P<single>[^']*)'|"(?P<double>[^"]*)"|(?P<plain>(?:[^'"\s\#]|(?<==)\#).*?)?)
    (?:\s+\#.*)?|\#.*)?\s*""",
    re.ASCII | re.VERBOSE,
)
"""``NAME=value``, a comment, or nothing. That is what Docker Compose and systemd take as well, but for ``export``."""


def load(path: Path) -> frozenset[str]:
    """Put the variables of a file into the environment, but for those that are there, even if they are empty.

    Returns the names that come from the file; none where there is no file. Nothing within a value is replaced. Raises
    ``SettingError`` for a file or a line that cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return frozenset()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{path} cannot be read: {type(error).__name__}") from error
    ours = {name: value for name, value in _variables(path, lines) if name not in os.environ}
    os.environ.update(ours)
    return frozenset(ours)


def _variables(path: Path, lines: list[str]) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(lines, 1):
        match = _LINE.fullmatch(line)
        if not match:  # without the line itself, which may hold a secret
            raise SettingError(f"line {number} of {path} must be NAME=value")
        if name := match["name"]:
            yield name, match["single"] or match["double"] or match["plain"] or ""
