"""Files for their owner alone: people's words are in them."""

import os
from contextlib import suppress
from pathlib import Path

FILE, FOLDER = 0o600, 0o700


def make_private(path: Path) -> None:
    """Make this file and the folders above it where there are none, for their owner alone.

    A file that is there gets the mode, unless it is somebody else's. A folder that is there keeps its own: others may
    use it too. Raises ``OSError``.
    """
    for folder in reversed(path.parents):
        with suppress(FileExistsError):
            folder.mkdir(mode=FOLDER)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, FILE))
    with suppress(PermissionError):
        path.chmod(FILE)
