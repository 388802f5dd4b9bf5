"""What the process says of itself over HTTP, while its parts fail one after the other."""

import json
import sqlite3
from contextlib import closing
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from starlette.applications import Starlette

from adapters.slack.receiving.connection import HttpEvents
from adapters.slack.receiving.heartbeat import DEAF_SECONDS, Heartbeat
from adapters.sqlite import Database, SqliteQueue
from domain.requests import Question
from entrypoints.local.health import CHECK_SECONDS, Health
from entrypoints.local.worker_pool import WorkerPool
from tests.conftest import Clock
from tests.stand_ins import SOON

TEXT = "犬の名前はポチです"


class Line(HttpEvents):
    """Slack, for as long as it is ``heard``."""

    heard = True

    @property
    def signs(self) -> tuple[object, object]:
        return super().signs if self.heard else ("", "")


class Machine:
    """The parts of one machine, and what they say."""

    def __init__(self, tmp_path, serve, open_database, clock: Clock) -> None:
        self.stopwatch = Clock(1_000.0)
        self.path = tmp_path / "bot.sqlite3"
        self.database: Database = open_database(self.path, lock_timeout=0.01)
        self.queue = SqliteQueue(self.database, clock=clock)
        self.workers = WorkerPool(self.queue, lambda *_: None, 1, clock)
        self.line = Line()
        self.heartbeat = Heartbeat(self.line, lambda _: 0, heard_until=None, clock=Clock(), stopwatch=self.stopwatch)
        self.heartbeat.beat()
        self.health = Health(self.database, self.queue, self.workers, self.heartbeat, self.stopwatch)
        self.url = serve(Starlette(routes=self.health.routes))

    def ask(self, path: str) -> tuple[int, dict]:
        try:
            with urlopen(self.url + path, timeout=SOON) as response:
                return response.status, json.load(response)
        except HTTPError as error:
            with error:
                return error.code, json.load(error)


@pytest.fixture
def machine(tmp_path, serve, open_database, clock):
    made = Machine(tmp_path, serve, open_database, clock)
    made.workers.start()
    yield made
    made.workers.stop(SOON)


def test_a_machine_whose_parts_are_well_lives_and_is_ready(machine: Machine):
    assert machine.ask("/healthz") == (200, {"ok": True, "workers": {"ok": True, "busy": 0}, "store": {"ok": True}})
    status, said = machine.ask("/readyz")
    assert (status, said["ok"]) == (200, True)
    assert said["queue"] == {"ok": True, "waiting": 0, "claimed": 0, "dead_letters": 0}
    assert said["slack"] == {"ok": True, "heard_seconds_ago": 0}


def test_a_machine_that_does_not_hear_slack_lives_and_is_not_ready(machine: Machine):
    machine.line.heard = False
    machine.heartbeat.observe()
    machine.stopwatch.pass_by(DEAF_SECONDS + 1)
    assert machine.ask("/healthz")[0] == 200
    status, said = machine.ask("/readyz")
    assert (status, said["ok"], said["slack"]) == (503, False, {"ok": False, "heard_seconds_ago": 21})


def test_a_machine_whose_database_cannot_be_written_neither_lives_nor_is_ready(machine: Machine):
    with closing(sqlite3.connect(machine.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert machine.ask("/healthz") == (
            503,
            {"ok": False, "workers": {"ok": True, "busy": 0}, "store": {"ok": False}},
        )
        assert machine.ask("/readyz")[0] == 503
    machine.stopwatch.pass_by(CHECK_SECONDS)
    machine.heartbeat.beat()
    assert machine.ask("/readyz")[0] == 200


def test_a_machine_whose_queue_cannot_be_read_is_not_ready(machine: Machine):
    with closing(sqlite3.connect(machine.path)) as other:
        other.executescript("DROP VIEW next_of_people; DROP VIEW next_questions; ALTER TABLE questions RENAME TO gone")
    status, said = machine.ask("/readyz")
    assert (status, said["store"]["ok"], said["queue"]) == (503, True, {"ok": False})


def test_a_machine_without_workers_neither_lives_nor_is_ready(machine: Machine):
    machine.workers.stop(SOON)
    assert machine.ask("/healthz")[1]["workers"]["ok"] is False
    assert [machine.ask(path)[0] for path in ("/healthz", "/readyz")] == [503, 503]


def test_what_waits_and_what_failed_is_counted_and_nobodys_words_are_said(tmp_path, serve, open_database, clock):
    machine = Machine(tmp_path, serve, open_database, clock)
    for number in range(3):
        machine.queue.put(Question("T1", "C1", f"17900000{number:02}.000100", "U1", TEXT), f"group {number}")
    claimed = machine.queue.claim()
    machine.queue.move_to_dead_letters(claimed.request, f"it said {TEXT}")
    machine.queue.claim()
    said = machine.ask("/readyz")[1]
    assert said["queue"] == {"ok": True, "waiting": 1, "claimed": 1, "dead_letters": 1}
    assert "ポチ" not in json.dumps(said, ensure_ascii=False)
    assert str(machine.path) not in json.dumps(said)


def test_strangers_who_ask_again_and_again_do_not_have_the_disk_written_each_time(machine: Machine):
    with closing(sqlite3.connect(machine.path)) as other:

        def version() -> int:
            return other.execute("PRAGMA data_version").fetchone()[0]

        machine.ask("/healthz")
        before = version()
        for _ in range(5):
            machine.ask("/healthz")
            machine.ask("/readyz")
        assert version() == before
        machine.stopwatch.pass_by(CHECK_SECONDS)
        machine.ask("/healthz")
        assert version() != before


def test_where_there_is_no_slack_nothing_is_said_of_it(machine: Machine):
    machine.health._heartbeat = None
    assert "slack" not in machine.ask("/readyz")[1]
