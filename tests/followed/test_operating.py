"""Upgrade, backup, restore and removal on one machine, and the operator's commands, as the documents say them."""

import re

from tests.followed.conftest import git
from tests.followed.pages import commands_of

NOT_TYPED = {
    r"docker compose ": "tests/stack/test_container.py follows them, where there is a Docker engine",
    r"systemctl|journalctl|install|cd /opt|cp systemd/|rm (-r )?/|DATABASE_PATH=/var/lib/": "they take systemd",
    r"terraform |export \w+=\"\$\(terraform|TF_VAR_\w+=": "they are about a deployment on AWS; tests/stack has one",
    r"make \.venv/\.aws-installed|\.venv/bin/bot adopt ": "they read the article's table, as test_adopt does",
    r"sqlite3 ": "not every machine has SQLite's own shell",
    r"\.venv/bin/bot watch": "it goes on until Ctrl-C; test_watch looks at it",
    r"curl ": "it asks the port of the page, and the one here is free; tests/entrypoints/local/test_health.py asks too",
}
"""Why the commands that begin so are left out here."""

UPGRADE = "docs/upgrade.md"
OPERATIONS = "docs/operations.md"


def typed(page: str, heading: str) -> list[str]:
    """The commands of one machine below this heading."""
    lines = [each.line for each in commands_of(page) if each.heading == heading]
    return [line for line in lines if not left_out(line)]


def left_out(line: str) -> bool:
    return any(re.match(begins, line) for begins in NOT_TYPED)


def test_an_upgrade_keeps_the_memory_a_backup_brings_it_back_and_a_removal_leaves_nothing(person, repository):
    pull, run, *_ = typed(UPGRADE, "Upgrade")
    (backup,) = typed(UPGRADE, "Backup")
    restore, run_again = typed(UPGRADE, "Restore")
    with person.serves(run) as bot:
        thread, _ = bot.asks("@bot My cat is called Tama.")
        assert person.types(backup).returncode == 0
        bot.ctrl_c()
    release(repository)
    assert "Fast-forward" in person.types(pull).stdout
    with person.serves(run) as bot:
        assert "Tama" in bot.asks("What is my cat called?", thread)[1]
        bot.asks("@bot reset", thread)
        assert "stop that bot first" in person.types(restore).stdout
        bot.ctrl_c()
    assert person.types(restore).returncode == 0
    with person.serves(run_again) as bot:
        assert "Tama" in bot.asks("What is my cat called?", thread)[1]
        bot.ctrl_c()
    assert [each.name for each in person.home.iterdir()] == ["slack-gpt-backend"]


def release(repository) -> None:
    """A newer version, with a changed lock file as most have one."""
    with (repository / "requirements/local.txt").open("a", encoding="utf-8") as lock:
        lock.write("# newer\n")
    git(repository, "commit", "--all", "--quiet", "--message", "Release")


def test_each_command_of_the_operator_does_its_work_or_says_in_one_sentence_why_not(person):
    lines = [each.line for each in commands_of(OPERATIONS) if not left_out(each.line)]
    first = {line.split()[1]: line for line in reversed(lines)}
    assert {"doctor", "show", "dead-letters", "replay", "feedback", "usage", "settings", "export", "forget"} == set(
        first
    )
    for line in first.values():
        done = person.types(line)
        assert done.returncode == 0 or (done.returncode, done.stdout.count("\n")) == (1, 1), done.stdout
        assert done.stdout


def test_every_reason_to_leave_a_command_out_has_one():
    lines = [each.line for page in ("docs/one-machine.md", UPGRADE, OPERATIONS) for each in commands_of(page)]
    assert [begins for begins in NOT_TYPED if not any(re.match(begins, line) for line in lines)] == []
