"""How far back is read after a gap, what is kept of it for the next start, and that nothing ends the watch."""

import pytest

from adapters.slack.receiving.connection import HttpEvents
from adapters.slack.receiving.heartbeat import DEAF_SECONDS
from adapters.sqlite import SqliteLastHeard
from domain.errors import StoreUnavailable
from entrypoints.local.gap_watch import BOUND_SECONDS, OVERLAP_SECONDS, SAVE_SECONDS, GapWatch
from tests.conftest import Clock

HOUR = 3_600.0


class Missed:
    """Stands for what Slack keeps: one post for each of these moments."""

    def __init__(self, *moments: float) -> None:
        self.moments = moments
        self.asked: list[float] = []

    def since(self, oldest: float) -> list[dict]:
        self.asked.append(oldest)
        return [{"at": moment} for moment in self.moments if moment > oldest]


class Watched:
    def __init__(self, tmp_path, open_database, clock: Clock) -> None:
        self.clock, self.stopwatch = clock, Clock(1_000.0)
        self.database = open_database(tmp_path / "bot.sqlite3")
        self.last_heard = SqliteLastHeard(self.database)
        self.accepted: list[float] = []
        self.had: list[float] = []

    def begin(self, *moments: float) -> GapWatch:
        self.missed = Missed(*moments)
        return GapWatch(
            HttpEvents(),
            self.read,
            self.accept,
            self.last_heard,
            clock=self.clock,
            stopwatch=self.stopwatch,
        )

    def read(self, pause) -> Missed:
        self.pause = pause
        return self.missed

    def accept(self, event) -> bool:
        self.accepted.append(event["at"])
        return event["at"] not in self.had

    def pass_by(self, seconds: float) -> None:
        self.clock.pass_by(seconds)
        self.stopwatch.pass_by(seconds)


@pytest.fixture
def watched(tmp_path, open_database, clock) -> Watched:
    return Watched(tmp_path, open_database, clock)


def test_posts_beyond_the_bound_are_left_and_the_others_come_in_order(watched, caplog):
    now = watched.clock()
    watch = watched.begin(now - BOUND_SECONDS - 1, now - BOUND_SECONDS + 1, now - 60)
    assert watch.catch_up(now - 9 * HOUR) == 2
    assert watched.accepted == [now - BOUND_SECONDS + 1, now - 60]
    assert "more than 60 minutes ago are not answered" in caplog.text


def test_what_had_come_already_is_not_counted(watched):
    now = watched.clock()
    watched.had = [now - 90]
    assert watched.begin(now - 90, now - 60).catch_up(now - 120) == 1


def test_what_a_connection_may_have_swallowed_before_anybody_noticed_is_read_too(watched, caplog):
    now = watched.clock()
    watched.begin().catch_up(now - 60)
    assert watched.missed.asked == [now - 60 - OVERLAP_SECONDS]
    assert not caplog.records


def test_a_clock_that_went_back_hides_nothing(watched):
    now = watched.clock()
    watched.begin().catch_up(now + 9 * HOUR)
    assert watched.missed.asked == [now - OVERLAP_SECONDS]


def test_a_start_reads_on_from_when_an_earlier_process_last_heard_slack(watched):
    watched.begin().beat()
    assert watched.missed.asked == []
    heard = watched.clock()
    watched.pass_by(600)
    watched.begin().beat()
    assert watched.missed.asked == [heard - OVERLAP_SECONDS]


def test_after_a_sleep_of_the_machine_it_is_read_also_where_events_come_by_http(watched):
    watch = watched.begin()
    watch.beat()
    fell_asleep = watched.clock()
    watched.clock.pass_by(HOUR / 2)
    watch.beat()
    watch.beat()
    assert watched.missed.asked == [fell_asleep - OVERLAP_SECONDS]


def test_until_when_slack_was_heard_is_written_once_in_a_while_and_at_the_end(watched):
    watch = watched.begin()
    watch.beat()
    first = watched.clock()
    watched.pass_by(10)
    watch.beat()
    assert watched.last_heard.load() == first
    watched.pass_by(SAVE_SECONDS / 2)
    watch.beat()
    watched.pass_by(SAVE_SECONDS / 2)
    watch.beat()
    assert watched.last_heard.load() == watched.clock()
    watched.pass_by(10)
    watch.start()
    watch.stop(20)
    assert watched.last_heard.load() == watched.clock()


def test_whatever_goes_wrong_the_watch_goes_on(watched, monkeypatch, caplog):
    watch = watched.begin()

    def locked(seconds: float) -> None:
        raise StoreUnavailable("locked")

    with monkeypatch.context() as patch:
        patch.setattr(watched.last_heard, "save", locked)
        watch.beat()
        assert "StoreUnavailable: locked" in caplog.text
    watch.beat()
    assert watched.last_heard.load() == watched.clock()


def test_while_a_rate_limit_is_waited_out_slack_is_heard(watched, monkeypatch):
    monkeypatch.setattr("entrypoints.local.gap_watch.BEAT_SECONDS", 0.01)
    watch = watched.begin()
    waits = []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        watched.pass_by(DEAF_SECONDS - 1)
        return False

    monkeypatch.setattr(watch._stopping, "wait", wait)
    watched.pause(0.025)
    assert [round(each, 3) for each in waits] == [0.01, 0.01, 0.005]
    assert watch.heartbeat.is_heard


def test_a_stop_does_not_wait_for_a_rate_limit(watched):
    watch = watched.begin()
    watch.start()
    watch.stop(20)
    with pytest.raises(Exception, match="stopped"):
        watched.pause(HOUR)
