"""A copy of the database of one machine."""

import json

from tests.entrypoints.operator.bots import DOG, SqliteBot


def test_a_backup_is_a_database_that_the_bot_can_go_on_with(sqlite_bot, run, tmp_path, open_database, clock):
    sqlite_bot.bury(DOG)
    backup = tmp_path / "backup.sqlite3"
    assert run("backup", str(backup)) == (0, f"{sqlite_bot.place} is in {backup} now\n", "")
    assert SqliteBot(open_database(backup), clock).dead() == sqlite_bot.dead()


def test_a_backup_never_replaces_a_file(sqlite_bot, run, tmp_path):
    backup = tmp_path / "backup.sqlite3"
    backup.write_text("yesterday's")
    assert run("backup", str(backup)) == (1, "", f"bot: {backup}: File exists\n")
    assert backup.read_text() == "yesterday's"


def test_there_is_no_file_to_back_up_on_aws(sqs_bot, run, tmp_path):
    code, said, complained = run("backup", str(tmp_path / "backup.sqlite3"))
    assert (code, said) == (2, "")
    assert "point-in-time recovery" in complained


def test_programs_read_where_the_backup_is(sqlite_bot, run, tmp_path):
    backup = tmp_path / "backup.sqlite3"
    code, said, _ = run("backup", str(backup), "--json")
    assert (code, json.loads(said)) == (0, {"from": sqlite_bot.place, "file": str(backup)})
