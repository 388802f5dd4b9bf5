"""Backups, and what is put back of them, on both kinds of store."""

import json
import stat
import time
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.dynamodb import DynamoConversations, DynamoFeedback, DynamoStops
from adapters.sqlite import OnlyProcess, SqliteConversations
from domain.conversations.conversation import Conversation
from domain.conversations.saving import Stored
from domain.requests import Stop, Vote
from tests.aws_on_loopback import TABLE
from tests.entrypoints.operator.bots import DOG, WALK, SqliteBot
from tests.notes import notes

POCHI = Conversation(notes=notes("犬の名前はポチ"))
CAT = Conversation(notes=notes("猫の話"))
VOTE = Vote("T1", "C1", "1790000001.000001", "USAKURA", WALK.identity, good=False)


@pytest.fixture
def backup(tmp_path):
    return tmp_path / "backup"


def test_a_backup_is_a_database_that_the_bot_can_go_on_with(sqlite_bot, run, backup, open_database, clock):
    sqlite_bot.bury(DOG)
    assert run("backup", str(backup)) == (0, f"{sqlite_bot.place} is in {backup} now\n", "")
    assert SqliteBot(open_database(backup), clock).dead() == sqlite_bot.dead()


def test_a_backup_never_replaces_a_file(whole_bot, run, backup):
    backup.write_text("yesterday's")
    complaint = f"bot: {backup} is there already and is not replaced: name a new file\n"
    assert run("backup", str(backup)) == (1, "", complaint)
    assert backup.read_text() == "yesterday's"


def test_a_backup_is_for_its_owner_alone(whole_bot, run, backup):
    run("backup", str(backup))
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_programs_read_where_the_backup_is(sqlite_bot, run, backup):
    code, said, _ = run("backup", str(backup), "--json")
    assert (code, json.loads(said)) == (0, {"from": sqlite_bot.place, "file": str(backup)})


@pytest.fixture
def stopped(tmp_path, monkeypatch, open_database):
    """The database of a bot that is not running: its path, and what it remembers of Pochi."""
    path = tmp_path / "bot.sqlite3"
    monkeypatch.setenv("DATABASE_PATH", str(path))

    def conversations() -> SqliteConversations:
        return SqliteConversations(open_database(path), ttl_days=90, clock=time.time)

    return path, conversations


def test_a_restored_database_is_the_backup_and_the_former_one_is_kept(stopped, run, backup, open_database):
    path, conversations = stopped
    before = conversations()
    saved = before.save("T1/C1", Stored(POCHI, 0))
    run("backup", str(backup))
    before.save("T1/C1", replace(saved, conversation=CAT))
    before._database.close()

    code, said, _ = run("restore", str(backup), "--json")
    told = json.loads(said)
    assert (code, told["from"], told["to"]) == (0, str(backup), str(path))
    assert conversations().load("T1/C1").conversation == POCHI
    former = SqliteConversations(open_database(Path(told["replaced"])), ttl_days=90, clock=time.time)
    assert former.load("T1/C1").conversation == CAT


def test_a_machine_that_has_no_database_yet_gets_the_backup(stopped, run, backup):
    path, conversations = stopped
    first = conversations()
    first.save("T1/C1", Stored(POCHI, 0))
    run("backup", str(backup))
    first._database.close()
    path.unlink()
    assert run("restore", str(backup)) == (0, f"{path} is what {backup} says now\n", "")
    assert conversations().load("T1/C1").conversation == POCHI
    assert not list(path.parent.glob("*.restoring*"))


def test_a_running_bot_keeps_its_database(stopped, run, backup):
    path, conversations = stopped
    conversations()
    run("backup", str(backup))
    with OnlyProcess(path):
        code, said, complained = run("restore", str(backup))
    assert (code, said) == (1, "")
    assert complained == f"bot: {path} is in use by another process; stop that bot first\n"


@pytest.mark.parametrize(("content", "expected"), [(b"my diary" * 1000, 1), (None, 2)], ids=["another file", "no file"])
def test_what_is_no_backup_changes_nothing(stopped, run, backup, content, expected):
    path, conversations = stopped
    conversations().save("T1/C1", Stored(POCHI, 0))
    if content:
        backup.write_bytes(content)
    code, said, complained = run("restore", str(backup))
    assert (code, said, complained.count("\n")) == (expected, "", 1)
    assert conversations().load("T1/C1").conversation == POCHI
    assert not list(path.parent.glob("*.re*"))


def test_a_restored_database_has_the_owner_of_the_one_that_it_replaces(stopped, run, backup, monkeypatch):
    path, conversations = stopped
    conversations()
    run("backup", str(backup))
    given = []
    monkeypatch.setattr("entrypoints.operator.data.database_backup.os.chown", lambda *asked: given.append(asked))
    owner = path.stat()
    run("restore", str(backup))
    assert [rest for _, *rest in given] == [[owner.st_uid, owner.st_gid]]


def test_a_backup_whose_pages_are_damaged_is_refused(stopped, run, backup):
    _, conversations = stopped
    stored = conversations()
    for number in range(50):
        stored.save(f"T1/C{number}", Stored(Conversation(notes=notes("ポチ" * 1000)), 0))
    run("backup", str(backup))
    damaged = bytearray(backup.read_bytes())
    damaged[40_000:60_000] = bytes(20_000)
    backup.write_bytes(damaged)
    assert run("restore", str(backup))[0] == 1
    assert stored.load("T1/C1").conversation.notes


@pytest.fixture
def usage_table(_environment, aws, monkeypatch):
    """A table of the ledger with one sum."""
    monkeypatch.setenv("USAGE_TABLE_NAME", aws.create_usage_table())
    item = {"period": {"S": "T1/2026-11"}, "owner": {"S": "team"}, "turns": {"N": "3"}}
    aws.dynamodb.put_item(TableName="usage", Item=item)
    return item


@pytest.fixture
def on_dynamodb(_environment, aws, monkeypatch):
    monkeypatch.setenv("TABLE_NAME", aws.create_table())
    conversations = DynamoConversations(TABLE, ttl_days=90, clock=time.time, count_tokens=len)
    conversations.save("T1/C1", Stored(POCHI, 0))
    conversations.save("T1/C2", Stored(CAT, 0))
    DynamoFeedback(TABLE, ttl_days=90, clock=time.time).keep(VOTE)
    DynamoStops(TABLE, clock=time.time).keep(Stop("T1", "C1", "1790000001.000001", "USAKURA", "1.1"))
    return conversations


def everything(aws, table: str = TABLE) -> list[dict]:
    return sorted(aws.dynamodb.scan(TableName=table)["Items"], key=str)


def test_on_aws_every_item_of_both_tables_is_in_the_backup_and_comes_back(on_dynamodb, usage_table, aws, run, backup):
    before = everything(aws)
    code, said, _ = run("backup", str(backup), "--json")
    assert (code, json.loads(said)["items"]) == (0, 5)
    for item in before:
        aws.dynamodb.delete_item(TableName=TABLE, Key={"id": item["id"]})
    aws.dynamodb.delete_item(TableName="usage", Key={name: usage_table[name] for name in ("period", "owner")})

    code, said, _ = run("restore", str(backup), "--json")
    told = json.loads(said)
    assert (code, told["restored"], told["kept"]) == (0, 4, 1)
    assert everything(aws) == [item for item in before if not item["id"]["S"].startswith("stop/")]
    assert everything(aws, "usage") == [usage_table]


def test_on_aws_what_is_newer_is_not_written_over(on_dynamodb, aws, run, backup):
    run("backup", str(backup))
    newer = on_dynamodb.save("T1/C1", Stored(CAT, 1))
    on_dynamodb.delete("T1/C2")
    again = replace(VOTE, ts="1790000009.000001", good=True)
    votes = DynamoFeedback(TABLE, ttl_days=90, clock=time.time)
    votes.keep(again)
    code, said, _ = run("restore", str(backup))
    assert (code, said.splitlines()[0]) == (0, f"1 item of {backup} is in {TABLE} now")
    assert on_dynamodb.load("T1/C1") == newer
    assert on_dynamodb.load("T1/C2") == Stored(CAT, 1)
    assert list(votes.votes()) == [again]


def test_on_aws_an_older_item_gives_way_to_the_backup(on_dynamodb, aws, run, backup):
    on_dynamodb.save("T1/C1", Stored(CAT, 1))
    run("backup", str(backup))
    on_dynamodb.delete("T1/C1")
    on_dynamodb.save("T1/C1", Stored(POCHI, 0))
    assert run("restore", str(backup))[0] == 0
    assert on_dynamodb.load("T1/C1") == Stored(CAT, 2)


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda lines: lines[:-2], "is not whole: it breaks off after"),
        (lambda lines: lines[1:], "is no backup of a bot on AWS"),
        (lambda lines: [*lines, "{"], "is no backup of a bot on AWS: JSONDecodeError"),
    ],
)
def test_on_aws_a_file_that_is_not_whole_changes_nothing(on_dynamodb, aws, run, backup, spoil, complaint):
    run("backup", str(backup))
    backup.write_text("\n".join(spoil(backup.read_text().splitlines())))
    on_dynamodb.delete("T1/C1")
    before = everything(aws)
    code, said, complained = run("restore", str(backup))
    assert (code, said) == (1, "")
    assert complaint in complained
    assert everything(aws) == before


def test_on_aws_a_table_that_is_not_named_is_asked_for_before_anything_is_written(
    on_dynamodb, usage_table, aws, run, backup, monkeypatch
):
    run("backup", str(backup))
    monkeypatch.delenv("USAGE_TABLE_NAME")
    on_dynamodb.delete("T1/C1")
    before = everything(aws)
    code, _, complained = run("restore", str(backup))
    assert (code, everything(aws)) == (2, before)
    assert "USAGE_TABLE_NAME must be set too" in complained


def test_on_aws_a_table_that_is_not_there_is_one_line(aws, monkeypatch, run, backup):
    monkeypatch.setenv("TABLE_NAME", "nowhere")
    code, said, complained = run("backup", str(backup))
    assert (code, said) == (1, "")
    assert complained == "bot: nowhere: DynamoDB answered ResourceNotFoundException\n"
