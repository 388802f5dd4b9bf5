"""Documents with tables that come from the code: each stands between two comments, of which the first names its kind.

    <!-- made by make reference: settings -->
    …
    <!-- end -->

Facts (names, defaults, values) come from the code. Words that the code does not have, such as the meaning of a setting
in Japanese, are those that the table has already.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from docs.reference import commands, scopes, settings, terraform
from docs.reference.tables import MissingWords

__all__ = ["KINDS", "PAGES", "MissingWords", "written"]

ROOT = Path(__file__).parents[2]

KINDS: Mapping[str, Callable[[str, str], str]] = {
    "settings": settings.table,
    "scopes": scopes.scopes,
    "events": scopes.events,
    "slash commands": scopes.slash_commands,
    "shortcuts": scopes.shortcuts,
    "commands": commands.commands,
    "inputs": terraform.inputs,
    "outputs": terraform.outputs,
}
"""Each makes a table for a language (``en`` or ``ja``) from the present one."""

BLOCK = re.compile(r"(<!-- made by make reference: ([a-z ]+) -->\n+)(.*?)(\n*<!-- end -->)", re.DOTALL)

PAGES = [
    page
    for page in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "terraform/README.md"])
    if BLOCK.search(page.read_text(encoding="utf-8"))
]


def written(page: Path) -> str:
    """The page with its tables as the code has them.

    Raises ``MissingWords`` where a table lacks the words for something that the code has.
    """
    language = "ja" if page.parent.name == "ja" or page.name.endswith(".ja.md") else "en"

    def anew(block: re.Match[str]) -> str:
        before, kind, present, after = block.groups()
        try:
            return before + KINDS[kind](language, present) + after
        except MissingWords as error:
            raise MissingWords(f"{page.relative_to(ROOT)}: {error}") from None

    return BLOCK.sub(anew, page.read_text(encoding="utf-8"))
