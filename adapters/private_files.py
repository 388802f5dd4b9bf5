"""Files for their owner alone: people's words are in them."""

import os
from contextlib import suppress
from pathlib import Path

from domain.errors import StoreUnavailable

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


def open_new(path: Path) -> int:
    """Make this file for its owner alone, and return its descriptor for writing.

    Raises ``StoreUnavailable`` where there is a file already, which stays as it is, or none can be made.
    """
    try:
        return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE)
    except FileExistsError as error:
        raise StoreUnavailable(f"{path} is there already and is not replaced: name a new file") from error
    except OSError as error:
        raise StoreUnavailable(f"{path} cannot be made: {error.strerror}") from error
