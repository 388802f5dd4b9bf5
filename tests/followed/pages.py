"""The commands that a page has in its blocks, line by line, as a person copies them."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.repository import ROOT


@dataclass(frozen=True, slots=True)
class Command:
    """A line of a block, and the heading that it stands under."""

    heading: str
    line: str


def commands_of(page: str) -> list[Command]:
    """Those of all blocks of a page, in order."""
    found, heading = [], ""
    for part in re.findall(r"^#+ [^\n]*$|^```.*?^```$", _text(page), re.MULTILINE | re.DOTALL):
        if part.startswith("#"):
            heading = part.lstrip("# ")
        elif part.startswith("```sh\n"):
            found += [Command(heading, line) for line in part.splitlines()[1:-1]]
    return found


def _text(page: str) -> str:
    return Path(ROOT, page).read_text(encoding="utf-8")
