"""Conversations and the durable queue of questions in one SQLite file, for the one-machine mode.

One connection serves every thread behind a lock: a turn's writes take well under a millisecond, and
a model's words take seconds. Commits are synchronous, because Slack is told 200 on their strength.
"""

import fcntl
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from adapters.records import (
    DeadLetter,
    conversation_from_json,
    conversation_to_json,
    dead_letter,
    question_from_json,
    question_to_json,
)
from domain.conversation import Conversation
from domain.errors import Conflict, StoreCorrupt, StoreUnavailable
from domain.ports import Clock, Stored
from domain.question import Delivery, Question

APPLICATION_ID = 0x51A75191
"""Written into the file's header, so that another program's database is never mistaken for ours."""

DELIVERIES = 3
"""How often a question is tried, as the queue on AWS does."""

DAY = 86_400

RECOGNISED_FOR = 2 * DAY
"""Seconds that an answered question's identity is kept: Slack delivers a delayed event up to a day late."""

DEAD_LETTERS_FOR = 14 * DAY
"""Seconds that a dead letter keeps what a person wrote, as on AWS."""

SCHEMA = """
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


class Database:
    """The file. Raises ``StoreCorrupt`` where it is not ours or damaged, ``StoreUnavailable`` where it is locked.

    Both name the file, and neither writes to it.
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
        if owner != APPLICATION_ID and (owner or tables):
            raise StoreCorrupt(f"{self.path} is another program's database")
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        if not tables:
            self._connection.executescript(
                f"BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION_ID}; {SCHEMA} COMMIT;"
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


class SqliteConversations:
    """Conversations, each forgotten after ``ttl_days`` days of silence."""

    def __init__(self, database: Database, *, ttl_days: float, clock: Clock) -> None:
        self._database = database
        self._ttl = ttl_days * DAY
        self._clock = clock

    def load(self, conversation: str) -> Stored:
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT content, version FROM conversations WHERE id = ? AND expires_at > ?",
                (conversation, self._clock()),
            ).fetchone()
        if row is None:
            return Stored(Conversation(), 0)
        content, version = row
        return Stored(conversation_from_json(content, f"{self._database.path}: {conversation}"), version)

    def save(self, conversation: str, stored: Stored) -> Stored:
        now = self._clock()
        content = conversation_to_json(stored.conversation)
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM conversations WHERE expires_at <= ?", (now,))
            if stored.version == 0:
                changed = connection.execute(
                    "INSERT INTO conversations VALUES (?, 1, ?, ?) ON CONFLICT DO NOTHING",
                    (conversation, now + self._ttl, content),
                )
            else:
                changed = connection.execute(
                    "UPDATE conversations SET version = version + 1, expires_at = ?, content = ?"
                    " WHERE id = ? AND version = ?",
                    (now + self._ttl, content, conversation, stored.version),
                )
            if changed.rowcount != 1:
                raise Conflict(f"{conversation} is no longer at version {stored.version}")
        return replace(stored, version=stored.version + 1)


@dataclass(frozen=True, slots=True)
class Claim:
    """A question that one worker has taken, and which delivery of it this is."""

    question: Question
    delivery: Delivery


class SqliteQuestions:
    """The queue: one question of a conversation at a time, in the order in which they were asked."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.on_put: Callable[[], None] = lambda: None

    def put(self, question: Question, conversation: str) -> bool:
        now = self._clock()
        with self._database.transaction() as connection:
            for state, kept_for in (("done", RECOGNISED_FOR), ("dead", DEAD_LETTERS_FOR)):
                connection.execute("DELETE FROM questions WHERE state = ? AND due <= ?", (state, now - kept_for))
            inserted = connection.execute(
                "INSERT INTO questions (identity, conversation, asked_at, content, due) VALUES (?, ?, ?, ?, 0)"
                " ON CONFLICT DO NOTHING",
                (question.identity, conversation, float(question.ts), question_to_json(question)),
            )
        if inserted.rowcount:
            self.on_put()
        return bool(inserted.rowcount)

    def claim(self) -> Claim | None:
        """The oldest question that is due and has none of its conversation before it.

        Raises ``StoreCorrupt`` for one that cannot be read, and sets it aside as a dead letter.
        """
        with self._database.transaction() as connection:
            row = connection.execute(
                "UPDATE questions SET state = 'claimed', deliveries = deliveries + 1 WHERE identity = ("
                " SELECT identity FROM next_questions WHERE due <= ? ORDER BY due, asked_at LIMIT 1"
                ") RETURNING identity, content, deliveries, reason",
                (self._clock(),),
            ).fetchone()
        if row is None:
            return None
        identity, content, number, reason = row
        try:
            question = question_from_json(content, f"{self._database.path}: {identity}")
        except StoreCorrupt as error:
            self._move(identity, "dead", reason=str(error))  # or it would hold up its conversation for ever
            raise
        # A replay keeps the reason of its burial until it is tried.
        return Claim(question, Delivery(number, last=number >= DELIVERIES, replayed=bool(reason)))

    def next_due(self) -> float | None:
        """When a question can next be claimed, in seconds since the epoch; none where all wait for others."""
        with self._database.reading() as connection:
            (due,) = connection.execute("SELECT min(due) FROM next_questions").fetchone()
        return due if due is None else float(due)

    def finish(self, question: Question) -> None:
        """The question has its answer. Its identity stays for a while, its text does not."""
        self._move(question.identity, "done", content="")

    def retry(self, question: Question, delay: float) -> None:
        """Deliver it again, after ``delay`` seconds at the earliest. Its conversation waits meanwhile."""
        self._move(question.identity, "waiting", delay=delay)

    def bury(self, question: Question, reason: str) -> None:
        """Nobody tries again, but nothing is lost: a dead letter keeps the question until it is replayed."""
        self._move(question.identity, "dead", reason=reason)

    def recover(self) -> int:
        """Put back what a killed process had claimed; returns how many questions that were."""
        with self._database.transaction() as connection:
            return connection.execute("UPDATE questions SET state = 'waiting' WHERE state = 'claimed'").rowcount

    def _move(
        self, identity: str, state: str, *, delay: float = 0, reason: str = "", content: str | None = None
    ) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE questions SET state = ?, due = ?, reason = ?, content = coalesce(?, content)"
                " WHERE identity = ?",
                (state, self._clock() + delay, reason, content, identity),
            )


class SqliteDeadLetters:
    """The dead letters of the queue. Another process may look at them and replay them while the bot is running."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self) -> int:
        with self._database.reading() as connection:
            (number,) = connection.execute("SELECT count(*) FROM questions WHERE state = 'dead'").fetchone()
        return int(number)

    def letters(self) -> Iterator[DeadLetter]:
        """Those that there are now, in the order in which they were asked."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT identity, conversation, deliveries, reason, content FROM questions"
                " WHERE state = 'dead' ORDER BY asked_at"
            ).fetchall()
        for identity, conversation, deliveries, reason, content in rows:
            yield dead_letter(
                content,
                f"{self._database.path}: {identity}",
                key=identity,
                conversation=conversation,
                deliveries=deliveries,
                reason=reason,
            )

    def replay(self, letter: DeadLetter) -> bool:
        """Have it delivered anew, as often as a new question; false where it is no dead letter any more."""
        with self._database.transaction() as connection:
            changed = connection.execute(
                "UPDATE questions SET state = 'waiting', deliveries = 0, due = 0 WHERE identity = ? AND state = 'dead'",
                (letter.key,),
            )
        return changed.rowcount == 1
