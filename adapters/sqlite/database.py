"""The file: its tables and its transactions."""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from adapters.private_files import make_private, open_new
from adapters.sqlite.schema import APPLICATION_ID, SCHEMA
from adapters.sqlite.trusted_time import TrustedTime
from domain.deliveries.deadline import Clock
from domain.errors import StoreCorrupt, StoreUnavailable


class Database:
    """The file. Raises ``StoreCorrupt`` where it is not ours, damaged, incomplete or of a newer release, and
    ``StoreUnavailable`` where it is locked.

    Both name the file, and neither writes to it. One of an earlier release gets the tables it lacks. ``uptime`` is a
    clock that nobody sets.
    """

    def __init__(self, path: Path, lock_timeout: float = 5.0, uptime: Clock = time.monotonic) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._uptime = uptime
        self._trusted_time = TrustedTime(uptime)
        with self._translated():
            make_private(path)  # SQLite gives what it makes beside the file its mode
            lacks_log = not Path(f"{path}-wal").exists() and _uses_log(path)
            self._connection = sqlite3.connect(
                path, timeout=lock_timeout, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare()
                self._require_whole(lacks_log)
            except BaseException:
                self._connection.close()
                raise

    def _prepare(self) -> None:
        (owner,) = self._connection.execute("PRAGMA application_id").fetchone()
        (tables,) = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if owner != APPLICATION_ID and (owner or tables):
            raise StoreCorrupt(f"{self.path} is another program's database")
        if version > len(SCHEMA):
            raise StoreCorrupt(f"{self.path} is of a newer release of the bot; upgrade, or restore a backup")
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        taken = max(version, 1) if tables else 0
        for number, step in enumerate(SCHEMA[taken:], taken + 1):
            self._connection.executescript(
                f"BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION_ID}; {step}"
                f" PRAGMA user_version = {number}; COMMIT;"
            )

    def _require_whole(self, lacks_log: bool) -> None:
        """Refuse a copy without its ``-wal``: the last changes are in that until the last process closes the file.

        While a process has it open the file itself says so, in its mark ``open``.
        """
        with self.transaction() as connection:
            is_open = connection.execute("SELECT seconds FROM marks WHERE name = 'open'").fetchone() == (1,)
            if is_open and lacks_log:
                log = f"{self.path.name}-wal"
                missing = f"{log} must stand beside it; see docs/upgrade.md"
                raise StoreCorrupt(f"{self.path} lacks its last changes: {missing}")
            connection.execute("INSERT OR REPLACE INTO marks (name, seconds) VALUES ('open', 1)")
        if not is_open:
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything inside happens, or nothing. One inside another is part of it."""
        with self._lock, self._translated():
            if self._connection.in_transaction:
                yield self._connection
                return
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

    def check_writable(self) -> None:
        """Raises ``StoreUnavailable`` where nothing can be written, as on a full disk."""
        with self.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO marks (name, seconds) VALUES ('checked', ?)", (self._uptime(),))

    def trusted_time(self, now: float) -> float:
        """Up to when may be deleted what has expired: see ``TrustedTime``."""
        with self.transaction() as connection:
            return self._trusted_time.at(now, connection)

    def back_up(self, target: Path) -> None:
        """Write a copy of all that is committed, for its owner alone, while others go on reading and writing.

        Raises ``StoreUnavailable`` where ``target`` cannot be written, or exists.
        """
        with self._translated():
            os.close(open_new(target))
            with self._lock, closing(sqlite3.connect(target, isolation_level=None)) as copy:
                self._connection.backup(copy)
                copy.execute("UPDATE marks SET seconds = 0 WHERE name = 'open'")

    @contextmanager
    def bulk(self) -> Iterator[None]:
        """No transaction inside waits for the disk; all of them are on it at the end.

        Where the power fails inside, the last ones may be gone, and the file is whole: see
        https://www.sqlite.org/pragma.html#pragma_synchronous for WAL.
        """
        with self.reading() as connection:
            connection.execute("PRAGMA synchronous = NORMAL")
        try:
            yield
        finally:
            with self.reading() as connection:
                connection.execute("PRAGMA wal_checkpoint(FULL)")
                connection.execute("PRAGMA synchronous = FULL")

    def check_whole(self) -> None:
        """Raises ``StoreCorrupt`` where SQLite finds damage in any page or index; it reads the whole file."""
        with self.reading() as connection:
            (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if found != "ok":
            raise StoreCorrupt(f"{self.path}: {found}")

    def scrub(self) -> None:
        """Leave nothing of what was deleted or changed in the file or its log, while others go on working on it.

        Raises ``StoreUnavailable`` where somebody holds the file for longer than the lock's timeout.
        """
        with self._lock, self._translated():
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """A second time does nothing."""
        with self._lock:
            with suppress(sqlite3.Error):  # closed before, locked, or not to be written
                self._connection.execute("UPDATE marks SET seconds = 0 WHERE name = 'open'")
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
            raise StoreUnavailable(f"{error.filename or self.path}: {error.strerror}") from error


def _uses_log(path: Path) -> bool:
    """Is it a file whose last changes may be in a ``-wal``? What ``VACUUM INTO`` writes is none; see
    https://www.sqlite.org/fileformat2.html#file_format_version_numbers.
    """
    with path.open("rb") as file:
        return file.read(20)[18:20] == b"\x02\x02"
