"""The project's own files, without what tools have left beside them."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOTTED = (".ci", ".github", ".slack")
"""Folders of ours that begin with a dot; others are a tool's."""


def files(pattern: str) -> list[Path]:
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name in DOTTED or name[0] not in "._"]
        found += [path for path in map(Path(folder).joinpath, names) if path.match(pattern)]
    return sorted(found)
