"""Documents with tables that come from the code: each stands between two comments, of which the first names its kind.

    <!-- made by make reference: settings -->
    …
    <!-- end -->

In a shell script the comments begin with ``#``. Facts (names, defaults, values) come from the code. Words that the code
does not have, such as the meaning of a setting in Japanese, are those that the table has already.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from docs.reference import aws_costs, commands, scopes, settings, terraform
from docs.reference.tables import MissingWords

__all__ = ["KINDS", "OF_A_FOLDER", "PAGES", "MissingWords", "written"]

ROOT = Path(__file__).parents[2]

KINDS: Mapping[str, Callable[[str, str], str]] = {
    "settings": settings.table,
    "scopes": scopes.scopes,
    "events": scopes.events,
    "slash commands": scopes.slash_commands,
    "shortcuts": scopes.shortcuts,
    "commands": commands.commands,
    "bill": aws_costs.bill,
    "cost": aws_costs.sentence,
    "cost of several workspaces": aws_costs.of_several_workspaces,
}
"""Each makes a table for a language (``en`` or ``ja``) from the present one."""

OF_A_FOLDER: Mapping[str, Callable[[Path], str]] = {"inputs": terraform.inputs, "outputs": terraform.outputs}
"""Each makes a table from the files beside the page."""

BLOCK = re.compile(
    r"((?:<!--|#) made by make reference: ([a-z ]+?)(?: -->)?\n+)(.*?)(\n+(?:<!-- end -->|# end))", re.DOTALL
)
PLACES = ("*.md", "docs/**/*.md", "terraform/**/README.md", "terraform/deploy.sh")

PAGES = [
    page
    for page in sorted(page for place in PLACES for page in ROOT.glob(place))
    if BLOCK.search(page.read_text(encoding="utf-8"))
]


def written(page: Path) -> str:
    """The page with its tables as the code has them.

    Raises ``MissingWords`` where a table lacks the words for something that the code has.
    """
    language = "ja" if page.parent.name == "ja" or page.name.endswith(".ja.md") else "en"

    def anew(block: re.Match[str]) -> str:
        before, kind, present, after = block.groups()
        if kind in OF_A_FOLDER:
            return before + OF_A_FOLDER[kind](page.parent) + after
        try:
            return before + KINDS[kind](language, present) + after
        except MissingWords as error:
            raise MissingWords(f"{page.relative_to(ROOT)}: {error}") from None

    return BLOCK.sub(anew, page.read_text(encoding="utf-8"))
