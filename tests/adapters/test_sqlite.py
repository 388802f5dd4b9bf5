import shutil
import sqlite3
import stat
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.sqlite import (
    DAY,
    HOUR,
    Database,
    OnlyProcess,
    SqliteConversations,
    SqliteDeadLetters,
    SqliteFeedback,
    SqliteLastHeard,
    SqliteQueue,
)
from domain.conversations.conversation import Conversation
from domain.conversations.saving import Stored
from domain.deliveries.delivery import Delivery
from domain.deliveries.retries import NO_ATTEMPTS, Attempts, Cause
from domain.errors import ModelBusy, StoreCorrupt, StoreUnavailable
from domain.requests import Apology, Question, Tab, Visit, Vote
from tests.conftest import Clock
from tests.notes import notes, texts

DOG = Question("T1", "C1", "1000.000001", "USAKURA", "犬の名前は? 🐕\ud800")
LATER = replace(DOG, ts="1000.000002", text="散歩は?")
ELSEWHERE = replace(DOG, channel="C2", ts="1000.000003", text="天気は?")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "bot.sqlite3"


@pytest.fixture
def database(path: Path, open_database) -> Database:
    return open_database(path)


@pytest.fixture
def questions(database: Database, clock) -> SqliteQueue:
    return SqliteQueue(database, clock=clock)


def put_all(questions: SqliteQueue, *asked: Question) -> None:
    for question in asked:
        questions.put(question, f"T1/{question.channel}")


def test_a_question_comes_out_as_it_was_put_in(questions: SqliteQueue):
    put_all(questions, LATER)
    claim = questions.claim()
    assert claim.request == LATER
    assert claim.delivery == Delivery(1, last=False)


@pytest.mark.parametrize(
    "request_made",
    [
        Vote("T1", "C1", "1000.000001", "USAKURA", "T1/C1/900.000001", good=False),
        Visit("T1", "D1", "1000.000001", "USAKURA", Tab.HOME),
    ],
    ids=["vote", "visit"],
)
def test_what_is_no_question_is_queued_and_tried_and_buried_and_replayed_like_one(questions, database, request_made):
    assert questions.put(request_made, "votes/T1/C1")
    assert not questions.put(request_made, "votes/T1/C1")
    questions.retry(questions.claim().request, delay=0)
    assert questions.claim().request == request_made
    questions.move_to_dead_letters(request_made, "StoreUnavailable")
    dead = SqliteDeadLetters(database)
    (letter,) = dead.letters()
    assert (letter.reference, letter.conversation) == (request_made.reference, "votes/T1/C1")
    assert dead.replay(letter)
    assert questions.claim().request == request_made


def test_half_a_surrogate_pair_does_not_break_the_queue(questions: SqliteQueue):
    put_all(questions, DOG)
    assert questions.claim().request.text == "犬の名前は? 🐕?"


def test_the_same_question_is_queued_once_however_often_it_is_put(questions: SqliteQueue):
    assert questions.put(DOG, "T1/C1")
    assert not questions.put(DOG, "T1/C1")
    questions.finish(questions.claim().request)
    assert not questions.put(DOG, "T1/C1")
    assert questions.claim() is None


def test_two_days_after_its_answer_a_questions_identity_is_forgotten(questions: SqliteQueue, clock):
    put_all(questions, DOG)
    questions.finish(questions.claim().request)
    clock.pass_by(2 * DAY)
    put_all(questions, ELSEWHERE)
    assert questions.put(DOG, "T1/C1")


def test_an_answered_questions_text_does_not_stay_in_the_file(questions: SqliteQueue, database: Database):
    put_all(questions, LATER)
    questions.finish(questions.claim().request)
    with database.reading() as connection:
        assert connection.execute("SELECT content FROM questions").fetchall() == [("",)]


def test_questions_of_one_conversation_wait_for_each_other_and_others_do_not(questions: SqliteQueue):
    put_all(questions, DOG, LATER, ELSEWHERE)
    assert questions.claim().request.ts == DOG.ts
    assert questions.claim().request.ts == ELSEWHERE.ts
    assert questions.claim() is None
    questions.finish(DOG)
    assert questions.claim().request.ts == LATER.ts


def test_questions_are_answered_in_the_order_in_which_they_were_asked_not_delivered(questions: SqliteQueue):
    put_all(questions, LATER, DOG)
    assert questions.claim().request.ts == DOG.ts


FLOOD = [replace(DOG, channel=f"F{number}", ts=f"900.{number:06}", person="UFLOOD") for number in range(200)]


def test_one_persons_flood_leaves_room_for_the_question_of_another(database: Database, clock):
    questions = SqliteQueue(database, clock=clock, most_of_one=32)
    put_all(questions, *FLOOD, ELSEWHERE)
    claimed = [claim.request.person for claim in iter(questions.claim, None)]
    assert claimed == ["UFLOOD", "USAKURA", *["UFLOOD"] * 31]
    assert questions.next_due() is None


def test_what_waits_of_a_flood_is_answered_in_its_order_as_its_own_come_to_an_end(database: Database, clock):
    questions = SqliteQueue(database, clock=clock, most_of_one=2)
    put_all(questions, *FLOOD[:4])
    first, second = questions.claim(), questions.claim()
    assert questions.claim() is None
    questions.retry(second.request, delay=60)
    questions.finish(first.request)
    assert [claim.request.ts for claim in iter(questions.claim, None)] == [FLOOD[2].ts, FLOOD[3].ts]
    questions.move_to_dead_letters(FLOOD[2], "ModelBusy")
    clock.pass_by(60)
    assert questions.claim().request.ts == second.request.ts


def test_what_is_replayed_of_a_flood_waits_behind_its_own(database: Database, clock):
    questions = SqliteQueue(database, clock=clock, most_of_one=1)
    put_all(questions, *FLOOD[:2])
    questions.move_to_dead_letters(questions.claim().request, "ModelBusy")
    dead = SqliteDeadLetters(database)
    (letter,) = dead.letters()
    assert dead.replay(letter)
    assert len(list(iter(questions.claim, None))) == 1


def test_nobody_knows_whose_a_dead_letter_was_once_it_is_gone(questions: SqliteQueue, database: Database, clock):
    put_all(questions, FLOOD[0])
    questions.move_to_dead_letters(questions.claim().request, "ModelBusy")
    for _ in range(14):
        clock.pass_by(DAY)
        put_all(questions, ELSEWHERE)
    with database.reading() as connection:
        assert connection.execute("SELECT person FROM askers").fetchall() == [("T1/USAKURA",)]


def test_people_of_two_teams_with_one_id_are_two(database: Database, clock):
    questions = SqliteQueue(database, clock=clock, most_of_one=1)
    put_all(questions, FLOOD[0], replace(FLOOD[1], team="T2"))
    assert [claim.request.team for claim in iter(questions.claim, None)] == ["T1", "T2"]


def test_what_an_earlier_release_queued_is_answered_though_nobody_knows_whose_it_is(database: Database, clock):
    questions = SqliteQueue(database, clock=clock, most_of_one=1)
    put_all(questions, *FLOOD[:3])
    with database.transaction() as connection:
        connection.execute("DELETE FROM askers")
    assert len(list(iter(questions.claim, None))) == 3


def test_a_question_that_failed_is_due_again_after_its_delay_and_its_conversation_waits(questions, clock):
    put_all(questions, DOG, LATER)
    questions.retry(questions.claim().request, delay=5)
    assert questions.claim() is None
    assert questions.next_due() is not None
    clock.pass_by(5)
    assert questions.claim().delivery == Delivery(2, last=False)


def test_the_last_delivery_says_so(questions: SqliteQueue, clock):
    put_all(questions, DOG)
    attempts = NO_ATTEMPTS
    while (delay := attempts.delay(Cause.MODEL)) is not None:
        attempts = attempts.after(Cause.MODEL)
        questions.retry(questions.claim().request, delay, attempts)
        clock.pass_by(delay)
    delivery = questions.claim().delivery
    assert delivery == Delivery(3, attempts=Attempts(model=2))
    assert delivery.is_last(ModelBusy("429"))


def test_a_buried_question_is_kept_but_holds_nobody_up(questions: SqliteQueue, database: Database):
    put_all(questions, DOG, LATER)
    questions.move_to_dead_letters(questions.claim().request, "ModelBusy")
    assert questions.claim().request.ts == LATER.ts
    with database.reading() as connection:
        ((content, reason),) = connection.execute("SELECT content, reason FROM questions WHERE state = 'dead'")
    assert "犬の名前は" in content
    assert reason == "ModelBusy"


def test_an_unreadable_question_is_set_aside_and_holds_nobody_up(questions: SqliteQueue, database: Database):
    put_all(questions, DOG, LATER)
    with database.transaction() as connection:
        connection.execute("UPDATE questions SET content = '{' WHERE identity = ?", (DOG.identity,))
    with pytest.raises(StoreCorrupt, match=f"{DOG.identity} is not a request"):
        questions.claim()
    assert questions.claim().request.ts == LATER.ts


def test_a_question_that_waits_for_another_is_not_due(questions: SqliteQueue, clock):
    put_all(questions, DOG, LATER)
    questions.claim()
    assert questions.next_due() is None
    questions.retry(DOG, delay=5)
    assert questions.next_due() == clock() + 5


def test_a_clock_that_goes_back_holds_no_new_question_up(questions: SqliteQueue, clock):
    put_all(questions, DOG)
    clock.pass_by(-3600)
    assert questions.claim() is not None


def test_of_several_conversations_the_one_that_asked_first_is_served_first(questions: SqliteQueue):
    put_all(questions, ELSEWHERE, DOG)
    assert questions.claim().request.ts == DOG.ts


def test_a_dead_letter_keeps_what_a_person_wrote_for_two_weeks(questions: SqliteQueue, database, clock):
    put_all(questions, DOG)
    questions.move_to_dead_letters(questions.claim().request, "ModelBusy")
    for _ in range(14):
        clock.pass_by(DAY)
        put_all(questions, ELSEWHERE)
    with database.reading() as connection:
        assert connection.execute("SELECT identity FROM questions").fetchall() == [(ELSEWHERE.identity,)]


def test_a_replayed_letter_is_tried_as_often_as_a_new_question_and_before_those_asked_later(questions, database):
    put_all(questions, LATER)
    for _ in range(2):
        questions.retry(questions.claim().request, delay=0)
    questions.move_to_dead_letters(questions.claim().request, "ModelBusy")
    put_all(questions, replace(LATER, ts="1000.000009"))
    dead = SqliteDeadLetters(database)
    (letter,) = dead.letters()
    assert (letter.reference, letter.deliveries, letter.reason) == (LATER.reference, 3, "ModelBusy")
    assert dead.replay(letter)
    claim = questions.claim()
    assert (claim.request, claim.delivery) == (LATER, Delivery(1, replayed=True))
    assert dead.count() == 0


@pytest.mark.parametrize("outcome", ["waits", "is being answered", "was answered"])
def test_what_is_no_dead_letter_any_more_is_left_as_it_is(questions, database, outcome):
    put_all(questions, LATER)
    questions.move_to_dead_letters(questions.claim().request, "ModelBusy")
    dead = SqliteDeadLetters(database)
    (letter,) = dead.letters()
    assert dead.replay(letter)
    if outcome != "waits":
        questions.claim()
    if outcome == "was answered":
        questions.finish(LATER)
    assert not dead.replay(letter)
    assert (questions.claim() is not None) == (outcome == "waits")


def test_commits_reach_the_disk_before_slack_is_told(database: Database):
    with database.reading() as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_an_empty_queue_has_nothing_due(questions: SqliteQueue):
    assert questions.next_due() is None


def test_putting_a_question_wakes_whoever_waits(questions: SqliteQueue):
    woken = []
    questions.on_put = lambda: woken.append("!")
    put_all(questions, DOG, DOG)
    assert woken == ["!"]


def test_what_a_killed_process_had_claimed_is_put_back_at_the_next_start(path: Path, clock, open_database):
    first = open_database(path)
    put_all(SqliteQueue(first, clock=clock), DOG, LATER)
    SqliteQueue(first, clock=clock).claim()
    # The first process never closes its file: it was killed.
    second = SqliteQueue(open_database(path), clock=clock)
    assert second.claim() is None
    assert second.recover() == (1, 0)
    assert second.claim().delivery.number == 2


def test_an_unreadable_question_of_a_killed_process_keeps_nobody_from_starting(
    questions: SqliteQueue, database: Database
):
    put_all(questions, DOG, ELSEWHERE)
    questions.claim()
    with database.transaction() as connection:
        connection.execute("UPDATE questions SET content = '{' WHERE state = 'claimed'")
    assert questions.recover() == (0, 1)
    assert questions.claim().request == ELSEWHERE


def test_a_question_whose_process_is_killed_every_time_is_a_dead_letter_that_can_be_replayed(
    path, clock, open_database
):
    put_all(SqliteQueue(open_database(path), clock=clock), LATER, ELSEWHERE)
    for number in (1, 2, 3):
        questions = SqliteQueue(open_database(path), clock=clock)
        questions.recover()
        assert questions.claim().delivery == Delivery(number, attempts=Attempts(other=number - 1))
    database = open_database(path)
    questions = SqliteQueue(database, clock=clock)
    questions.claim()  # the other one, for the first time
    assert questions.recover() == (1, 1)
    assert questions.claim().request == Apology.to(LATER), "its person is still to be told"
    assert questions.claim().request == ELSEWHERE
    assert questions.claim() is None
    clock.pass_by(14 * DAY - 1)
    put_all(questions, replace(ELSEWHERE, channel="C3"))  # forgets what is forgotten by now
    dead = SqliteDeadLetters(database)
    (letter,) = dead.letters()
    assert (letter.reference, letter.deliveries, letter.reason) == (
        LATER.reference,
        3,
        "the process ended while it worked on it",
    )
    assert dead.replay(letter)
    claim = questions.claim()
    assert (claim.request, claim.delivery) == (LATER, Delivery(1, replayed=True))


def test_a_conversation_is_forgotten_after_its_days_of_silence(database: Database, clock):
    conversations = SqliteConversations(database, ttl_days=90, clock=clock)
    stored = conversations.save("T1/C1", Stored(Conversation(notes=notes("犬の話")), 0))
    clock.pass_by(89 * DAY)
    stored = conversations.save("T1/C1", stored)
    clock.pass_by(90 * DAY)
    assert conversations.load("T1/C1") == Stored(Conversation(), 0)
    assert conversations.save("T1/C1", Stored(Conversation(notes=notes("猫の話")), 0)).version == 1


def test_a_forgotten_conversation_leaves_the_file(database: Database, clock):
    conversations = SqliteConversations(database, ttl_days=1, clock=clock)
    conversations.save("T1/C1", Stored(Conversation(notes=notes("犬の話")), 0))
    clock.pass_by(DAY)
    conversations.save("T1/C2", Stored(Conversation(), 0))
    with database.reading() as connection:
        assert connection.execute("SELECT id FROM conversations").fetchall() == [("T1/C2",)]


def test_an_unreadable_conversation_is_named_and_not_overwritten(database: Database, path: Path, clock):
    conversations = SqliteConversations(database, ttl_days=90, clock=clock)
    conversations.save("T1/C1", Stored(Conversation(), 0))
    with database.transaction() as connection:
        connection.execute("UPDATE conversations SET content = '[]'")
    with pytest.raises(StoreCorrupt, match=f"{path}: T1/C1 is not a conversation"):
        conversations.load("T1/C1")


def test_a_file_that_is_no_database_is_named_and_left_as_it_is(path: Path, open_database):
    path.parent.mkdir()
    path.write_bytes(b"my diary, not a database" * 100)
    with pytest.raises(StoreCorrupt, match=str(path)):
        open_database(path)
    assert path.read_bytes() == b"my diary, not a database" * 100


def test_a_damaged_database_is_named(path: Path, clock, open_database):
    open_database(path).close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreCorrupt, match=str(path)):
        SqliteConversations(open_database(path), ttl_days=90, clock=clock).load("T1/C1")
    assert path.read_bytes()[4096:] == content[4096:]


def test_another_programs_database_is_left_as_it_is(path: Path, open_database):
    path.parent.mkdir()
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(StoreCorrupt, match="another program's database"):
        open_database(path)
    assert path.read_bytes() == before


OF_THE_FIRST_RELEASE = """
PRAGMA application_id = 1369919889;
CREATE TABLE conversations (
    id TEXT PRIMARY KEY, version INTEGER NOT NULL, expires_at REAL NOT NULL, content TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX conversations_by_expiry ON conversations (expires_at);
CREATE TABLE questions (
    identity TEXT PRIMARY KEY, conversation TEXT NOT NULL, asked_at REAL NOT NULL, content TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'claimed', 'done', 'dead')),
    deliveries INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL, reason TEXT NOT NULL DEFAULT ''
);
CREATE VIEW next_questions AS SELECT * FROM questions AS mine WHERE state = 'waiting' AND NOT EXISTS (
    SELECT 1 FROM questions AS other WHERE other.conversation = mine.conversation
    AND (other.state = 'claimed' OR (other.state = 'waiting' AND other.asked_at < mine.asked_at))
);
CREATE INDEX questions_by_conversation ON questions (conversation, state, asked_at);
CREATE INDEX questions_by_state ON questions (state, due);
INSERT INTO conversations VALUES (
    'T1/C1', 7, 2e9, '{"summary":"犬の話","summary_tokens":4,"buffer":[],"replies":[["1.1","2.1",true,""]]}'
);
INSERT INTO questions (identity, conversation, asked_at, content, due) VALUES (
    'T1/C1/1000.000002', 'T1/C1', 1000.000002,
    '{"team":"T1","channel":"C1","ts":"1000.000002","person":"USAKURA","text":"散歩は?","thread":"","direct":false,'
    || '"addressed":true}', 0
);
"""


def test_a_database_of_the_first_release_gets_what_it_lacks_and_keeps_what_it_has(path, clock, open_database):
    path.parent.mkdir()
    old = sqlite3.connect(path, isolation_level=None)
    old.executescript(OF_THE_FIRST_RELEASE)
    old.close()
    with open_database(path).transaction() as connection:
        connection.execute("PRAGMA user_version = 0")  # as another process sees it that opened it a moment before
    database = open_database(path)
    conversations = SqliteConversations(database, ttl_days=90, clock=clock)
    assert texts(conversations.load("T1/C1").conversation.notes) == ["犬の話"]
    assert conversations.load("T1/C1").version == 7
    assert SqliteQueue(database, clock=clock).claim().request == LATER
    votes = SqliteFeedback(database, ttl_days=90, clock=clock)
    vote = Vote("T1", "C1", "1000.000009", "USAKURA", LATER.identity, good=True)
    votes.keep(vote)
    assert list(votes.votes()) == [vote]


def test_a_file_knows_which_of_our_tables_it_has(database: Database):
    with database.reading() as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (7,)
        assert connection.execute("PRAGMA application_id").fetchone() == (1369919889,)


def test_a_locked_database_is_named(path: Path, clock, open_database):
    open_database(path).close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreUnavailable, match=f"{path}: database is locked"):
        SqliteQueue(open_database(path, lock_timeout=0), clock=clock).put(DOG, "T1/C1")
    other.close()


def test_a_place_that_cannot_hold_a_database_is_named(tmp_path: Path, open_database):
    (tmp_path / "data").write_text("a file, not a folder")
    with pytest.raises(StoreUnavailable, match="data"):
        open_database(tmp_path / "data" / "bot.sqlite3")


def test_a_change_that_fails_halfway_leaves_nothing(database: Database):
    def half_a_change() -> None:
        with database.transaction() as connection:
            connection.execute("INSERT INTO conversations VALUES ('T1/C1', 1, 0, '')")
            raise KeyError

    with pytest.raises(KeyError):
        half_a_change()
    with database.reading() as connection:
        assert connection.execute("SELECT * FROM conversations").fetchall() == []


def test_a_second_process_is_refused_by_whatever_name_it_calls_the_file(path: Path):
    path.parent.mkdir()
    other_name = path.parent.parent / "link"
    other_name.symlink_to(path.parent)
    with OnlyProcess(path), pytest.raises(StoreUnavailable), OnlyProcess(other_name / path.name):
        pytest.fail("both were let in")


def test_a_place_that_cannot_hold_a_lock_is_named(tmp_path: Path):
    (tmp_path / "data").write_text("a file, not a folder")
    with pytest.raises(StoreUnavailable, match="data"), OnlyProcess(tmp_path / "data" / "bot.sqlite3"):
        pytest.fail("it was let in")


def test_a_second_process_on_the_same_file_is_refused(path: Path):
    with OnlyProcess(path), pytest.raises(StoreUnavailable, match="in use by another process"), OnlyProcess(path):
        pytest.fail("both were let in")
    with OnlyProcess(path):
        pass


# --- clocks that jump ------------------------------------------------------------------------------


@pytest.fixture
def hours() -> Clock:
    """Hours and days of a process, by a clock that nobody sets."""
    return Clock(0.0)


def test_one_write_under_a_clock_that_is_months_ahead_deletes_no_memory(path, open_database, clock, hours):
    database = open_database(path, uptime=hours)
    conversations = SqliteConversations(database, ttl_days=90, clock=clock)
    votes = SqliteFeedback(database, ttl_days=90, clock=clock)
    questions = SqliteQueue(database, clock=clock)
    conversations.save("T1/C1", Stored(Conversation(notes=notes("犬の名前はポチ")), 0))
    vote = Vote("T1", "C1", "1000.000009", "USAKURA", DOG.identity, good=True)
    votes.keep(vote)
    put_all(questions, DOG)
    questions.move_to_dead_letters(questions.claim().request, "ModelBusy")
    clock.pass_by(91 * DAY)
    conversations.save("T1/C2", Stored(Conversation(notes=notes("猫の話")), 0))
    votes.keep(replace(vote, person="UTANAKA"))
    put_all(questions, ELSEWHERE)
    clock.pass_by(-91 * DAY)
    assert texts(conversations.load("T1/C1").conversation.notes) == ["犬の名前はポチ"]
    assert {each.person for each in votes.votes()} == {"USAKURA", "UTANAKA"}
    assert SqliteDeadLetters(database).count() == 1


def test_after_a_long_silence_what_has_expired_leaves_the_file_day_by_day(path, open_database, clock, hours):
    database = open_database(path, uptime=hours)
    conversations = SqliteConversations(database, ttl_days=2, clock=clock)
    conversations.save("T1/C1", Stored(Conversation(notes=notes("犬の名前はポチ")), 0))
    clock.pass_by(5 * DAY)
    left = []
    for number in range(3):
        conversations.save(f"T1/D{number}", Stored(Conversation(), 0))
        with database.reading() as connection:
            left.append(connection.execute("SELECT count(*) FROM conversations WHERE id = 'T1/C1'").fetchone()[0])
        hours.pass_by(HOUR)
    assert left == [1, 0, 0]


def test_a_retry_does_not_wait_for_as_long_as_the_clock_went_back(questions: SqliteQueue, clock):
    put_all(questions, DOG)
    clock.pass_by(DAY)
    questions.retry(questions.claim().request, delay=5)
    clock.pass_by(-DAY)
    assert questions.next_due() <= clock()
    assert questions.claim().request.ts == DOG.ts


# --- who may read it, and what is not opened --------------------------------------------------------


def test_the_files_are_for_their_owner_alone(path: Path, clock, open_database):
    put_all(SqliteQueue(open_database(path), clock=clock), DOG)
    with OnlyProcess(path):
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert len(modes) == 4
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_file_that_others_could_read_is_closed_to_them(path: Path, open_database):
    open_database(path).close()
    path.chmod(0o644)
    open_database(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_of_a_newer_release_is_not_opened(path: Path, open_database):
    open_database(path).close()
    with closing(sqlite3.connect(path)) as newer:
        newer.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(StoreCorrupt, match=f"{path} is of a newer release"):
        open_database(path)
    assert path.read_bytes() == before


def test_a_file_without_its_last_changes_is_not_opened(path: Path, tmp_path, clock, open_database):
    database = open_database(path)
    put_all(SqliteQueue(database, clock=clock), DOG)
    killed = tmp_path / "killed" / path.name
    shutil.copytree(path.parent, killed.parent)  # as a killed process leaves it
    alone = tmp_path / "alone" / path.name
    alone.parent.mkdir()
    shutil.copy(path, alone)
    with pytest.raises(StoreCorrupt, match=f"{path.name}-wal must stand beside it"):
        open_database(alone)
    assert SqliteQueue(open_database(killed), clock=clock).claim().request.ts == DOG.ts


def test_what_sqlites_own_vacuum_writes_is_whole(path: Path, tmp_path, clock, open_database):
    database = open_database(path)
    put_all(SqliteQueue(database, clock=clock), DOG)
    with closing(sqlite3.connect(path)) as other:
        other.execute("VACUUM INTO ?", (str(tmp_path / "copy.sqlite3"),))
    assert SqliteQueue(open_database(tmp_path / "copy.sqlite3"), clock=clock).claim().request.ts == DOG.ts


def test_a_file_that_was_closed_needs_nothing_beside_it(path: Path, tmp_path, clock, open_database):
    database = open_database(path)
    put_all(SqliteQueue(database, clock=clock), DOG)
    database.close()
    database.close()
    shutil.copy(path, tmp_path / "moved.sqlite3")
    assert SqliteQueue(open_database(tmp_path / "moved.sqlite3"), clock=clock).claim().request.ts == DOG.ts


def test_a_backup_of_a_file_in_use_is_whole_and_private_and_never_replaces_a_file(path, tmp_path, clock, open_database):
    database = open_database(path)
    put_all(SqliteQueue(database, clock=clock), DOG)
    backup = tmp_path / "backup.sqlite3"
    database.back_up(backup)
    put_all(SqliteQueue(database, clock=clock), ELSEWHERE)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with pytest.raises(StoreUnavailable, match=str(backup)):
        database.back_up(backup)
    restored = SqliteQueue(open_database(backup), clock=clock)
    assert restored.claim().request.ts == DOG.ts
    assert restored.claim() is None


def test_the_keys_of_conversations_come_with_the_last_saved_first_and_without_those_that_are_forgotten(
    path: Path, clock: Clock, open_database
):
    conversations = SqliteConversations(open_database(path), ttl_days=1, clock=clock)
    for key in ("T1/C1/1.0", "T1/D1", "T1/C1/2.0"):
        clock.pass_by(DAY / 4)
        conversations.save(key, Stored(Conversation(), 0))
    assert conversations.keys(2) == ["T1/C1/2.0", "T1/D1"]
    clock.pass_by(DAY / 2)
    assert conversations.keys(9) == ["T1/C1/2.0", "T1/D1"]


def test_when_slack_was_heard_is_known_to_the_next_process(path: Path, open_database):
    before = open_database(path)
    assert SqliteLastHeard(before).load() is None
    SqliteLastHeard(before).save(1_790_000_000.5)
    before.close()
    assert SqliteLastHeard(open_database(path)).load() == 1_790_000_000.5


def test_long_work_waits_for_the_disk_at_its_end_alone(tmp_path, open_database):
    database = open_database(tmp_path / "bot.sqlite3")

    def waits() -> int:
        with database.reading() as connection:
            return connection.execute("PRAGMA synchronous").fetchone()[0]

    normal, full = 1, 2
    with suppress(KeyboardInterrupt), database.bulk():
        assert waits() == normal
        raise KeyboardInterrupt
    assert waits() == full
