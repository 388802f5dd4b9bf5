"""The file: its tables, its transactions, and who may work on it."""

import fcntl
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from domain.errors import StoreCorrupt, StoreUnavailable

APPLICATION_ID = 0x51A75191
"""Written into the file's header, so that another program's database is never mistaken for ours."""

DAY = 86_400

FIRST = """
CREATE TABLE conversations (
    id TEXT PRIMARY KEY, version INTEGER NOT NULL, expires_at REAL NOT NULL, content TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX conversations_by_expiry ON conversations (expires_at);
CREATE TABLE questions (
    identity TEXT PRIMARY KEY, conversation TEXT NOT NULL, asked_at REAL NOT NULL, content TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'claimed', 'done', 'dead')),
    deliveries INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL, reason TEXT NOT NULL DEFAULT ''
);
-- Those that have no other of their conversation before them.
CREATE VIEW next_questions AS SELECT * FROM questions AS mine WHERE state = 'waiting' AND NOT EXISTS (
    SELECT 1 FROM questions AS other WHERE other.conversation = mine.conversation
    AND (other.state = 'claimed' OR (other.state = 'waiting' AND other.asked_at < mine.asked_at))
);
CREATE INDEX questions_by_conversation ON questions (conversation, state, asked_at);
CREATE INDEX questions_by_state ON questions (state, due);
"""

VOTES = """
CREATE TABLE IF NOT EXISTS votes (
    question TEXT NOT NULL, person TEXT NOT NULL, voted_at REAL NOT NULL, expires_at REAL NOT NULL,
    content TEXT NOT NULL, PRIMARY KEY (question, person)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS votes_by_expiry ON votes (expires_at);
"""

SCHEMA = (FIRST, VOTES)
"""The steps by which the tables grew. ``user_version`` in the file's header says how many of them it has taken;
those made before anybody counted say 0. All but the first do no harm where another process is ahead of this one."""


class Database:
    """The file. Raises ``StoreCorrupt`` where it is not ours or damaged, ``StoreUnavailable`` where it is locked.

    Both name the file, and neither writes to it. One of an earlier release gets the tables it lacks.
    """

    def __init__(self, path: Path, lock_timeout: float = 5.0) -> None:
        self.path = path
        self._lock = threading.RLock()
        with self._translated():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                path, timeout=lock_timeout, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def _prepare(self) -> None:
        (owner,) = self._connection.execute("PRAGMA application_id").fetchone()
        (tables,) = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if owner != APPLICATION_ID and (owner or tables):
            raise StoreCorrupt(f"{self.path} is another program's database")
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        taken = max(version, 1) if tables else 0
        for number, step in enumerate(SCHEMA[taken:], taken + 1):
            self._connection.executescript(
                f"BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION_ID}; {step}"
                f" PRAGMA user_version = {number}; COMMIT;"
            )

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything inside happens, or nothing."""
        with self._lock, self._translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                if self._connection.in_transaction:  # a full disk has ended it by itself
                    self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._translated():
            yield self._connection

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise StoreUnavailable(f"{self.path}: {error}") from error
        except sqlite3.DatabaseError as error:
            raise StoreCorrupt(f"{self.path}: {error}") from error
        except OSError as error:
            raise StoreUnavailable(f"{self.path}: {error.strerror}") from error


class OnlyProcess:
    """Held while this process works on a database's questions; a second one is refused with ``StoreUnavailable``.

    Without it a second process would take the first one's claimed questions for left over.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.resolve()  # by whatever name it is called
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = Path(f"{self._path}.lock").open("w")
        except OSError as error:
            raise StoreUnavailable(f"{self._path}: {error.strerror}") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise StoreUnavailable(f"{self._path} is in use by another process") from error
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._file:
            self._file.close()
