"""The lock that keeps a second process from working on the file."""

import fcntl
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from adapters.private_files import make_private
from domain.errors import StoreUnavailable


class OnlyProcess:
    """Held while this process works on a database's questions; a second one is refused with ``StoreUnavailable``.

    Without it a second process would take the first one's claimed questions for left over.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.resolve()  # by whatever name it is called
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        lock = Path(f"{self._path}.lock")
        try:
            make_private(lock)
            self._file = lock.open("w")
        except OSError as error:
            raise StoreUnavailable(f"{self._path}: {error.strerror}") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise StoreUnavailable(f"{self._path} is in use by another process; stop that bot first") from error
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._file:
            self._file.close()
