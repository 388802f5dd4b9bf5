"""The notes of the release that pyproject.toml names: its section of CHANGELOG.md, or with --version its number.

    python3 .github/release_notes.py [--version]

Exit code 1 and one sentence where the changelog has no such section or an empty one.
"""

import re
import sys
import tomllib
from pathlib import Path


def notes_of(version: str, changelog: str) -> str:
    """What stands under the version's heading (``## [1.2.0] - 2026-12-01``), up to the next one.

    Raises ``LookupError`` where there is nothing.
    """
    heading, end = rf"^## \[{re.escape(version)}\][^\n]*\n", r"^## |^\[[^\]]+\]: |\Z"
    section = re.search(f"{heading}(.*?)(?={end})", changelog, re.MULTILINE | re.DOTALL)
    if not (section and section[1].strip()):
        raise LookupError(f"CHANGELOG.md has no notes under a heading for version {version}")
    return section[1].strip()


def main(root: Path, arguments: list[str]) -> int:
    version = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    try:
        notes = notes_of(version, (root / "CHANGELOG.md").read_text(encoding="utf-8"))
    except LookupError as error:
        print(error, file=sys.stderr)
        return 1
    print(version if arguments == ["--version"] else notes)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).parents[1], sys.argv[1:]))
