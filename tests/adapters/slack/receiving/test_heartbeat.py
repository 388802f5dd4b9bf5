"""When the bot takes Slack for gone, what it does then, and that it does nothing while Slack is heard."""

import logging

import pytest

from adapters.slack.receiving import heartbeat as module
from adapters.slack.receiving.heartbeat import BEAT_SECONDS, DEAF_SECONDS, LONGEST_WAIT, SILENT_SECONDS, Heartbeat
from domain.errors import SlackRefused, SlackUnavailable
from tests.conftest import Clock


class Line:
    """A connection that is heard as often as the test says, and comes back when it is renewed unless it is ``dead``."""

    def __init__(self) -> None:
        self.number = 1
        self.is_dead = False
        self.renewed = 0
        self.pongs = self.envelopes = 0

    @property
    def session(self) -> str:
        return "" if self.is_dead else f"session {self.number}"

    @property
    def signs(self) -> tuple[object, object]:
        return self.pongs, self.envelopes

    def renew(self) -> None:
        self.renewed += 1
        self.number += 1


class Room:
    """A heartbeat with its connection, on clocks that stand still until the test lets them go."""

    def __init__(self, heard_until: float | None = None) -> None:
        self.line = Line()
        self.clock, self.stopwatch = Clock(), Clock(1_000.0)
        self.read_since: list[float] = []
        self.found: list[int | Exception] = []
        self.heartbeat = Heartbeat(
            self.line, self.catch_up, heard_until=heard_until, clock=self.clock, stopwatch=self.stopwatch
        )

    def catch_up(self, since: float) -> int:
        self.read_since.append(since)
        found = self.found.pop(0) if self.found else 0
        if isinstance(found, Exception):
            raise found
        return found

    def pass_by(self, seconds: float, *, heard: bool = False) -> None:
        """Time passes, a beat after the other."""
        for _ in range(round(seconds / BEAT_SECONDS)):
            self.clock.pass_by(BEAT_SECONDS)
            self.stopwatch.pass_by(BEAT_SECONDS)
            self.line.pongs += heard
            self.heartbeat.beat()


@pytest.fixture
def room() -> Room:
    begun = Room()
    begun.heartbeat.beat()
    return begun


def warnings(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_while_slack_is_heard_nothing_is_read_and_no_connection_made(room, caplog):
    room.pass_by(SILENT_SECONDS - 60, heard=True)
    assert (room.read_since, room.line.renewed, warnings(caplog)) == ([], 0, [])
    assert room.heartbeat.is_heard
    assert room.heartbeat.heard_until == room.clock()


def test_a_first_start_has_missed_nothing(room):
    assert room.read_since == []
    assert room.heartbeat.heard_until == room.clock()


def test_a_start_reads_what_came_since_an_earlier_process_heard_slack():
    room = Room(heard_until=1_789_999_000.0)
    room.heartbeat.beat()
    room.heartbeat.beat()
    assert room.read_since == [1_789_999_000.0]


def test_a_silent_connection_is_made_anew_and_what_was_missed_is_read_since_slack_was_last_heard(room, caplog):
    room.pass_by(60, heard=True)
    heard_until = room.clock()
    room.pass_by(DEAF_SECONDS)
    assert (room.line.renewed, room.read_since) == (0, [])
    room.pass_by(BEAT_SECONDS)
    assert (room.line.renewed, room.read_since) == (1, [heard_until])
    assert not room.heartbeat.is_heard
    (line,) = warnings(caplog)
    assert "not heard for 25 s" in line


def test_a_deaf_time_is_said_once_and_its_end_with_how_long_it_took(room, caplog):
    caplog.set_level(logging.INFO, module.logger.name)
    room.pass_by(600)
    assert len(warnings(caplog)) == 1
    room.pass_by(BEAT_SECONDS, heard=True)
    assert room.heartbeat.is_heard
    assert caplog.messages[-1] == "Slack is heard again, after 605 s"
    room.pass_by(60)
    assert len(warnings(caplog)) == 2


def test_attempts_become_rarer_and_each_reads_what_came_meanwhile(room):
    room.pass_by(1_000)
    assert room.line.renewed == 7  # after 25 s, and then 20, 40, 80, 160, 300 and 300 s later
    assert len(room.read_since) == 7
    room.pass_by(LONGEST_WAIT)
    assert room.line.renewed == 8


@pytest.mark.slow
def test_after_a_week_without_a_network_it_is_still_tried(room, caplog):
    room.line.is_dead = True
    room.pass_by(7 * 24 * 3_600)
    assert room.line.renewed > 2_000
    room.line.is_dead = False
    room.pass_by(BEAT_SECONDS, heard=True)
    assert (room.heartbeat.is_heard, len(room.read_since), len(warnings(caplog))) == (True, 1, 1)


def test_a_connection_that_slack_sdk_has_made_anew_by_itself_is_a_gap_too(room):
    room.pass_by(60, heard=True)
    heard_until = room.clock()
    room.line.number += 1
    room.pass_by(BEAT_SECONDS)
    room.pass_by(60, heard=True)
    assert (room.read_since, room.line.renewed) == ([heard_until], 0)


def test_while_there_is_no_connection_nothing_can_be_read_and_then_all_is(room):
    room.pass_by(60, heard=True)
    heard_until = room.clock()
    room.line.is_dead = True
    room.pass_by(600)
    assert room.read_since == []
    room.line.is_dead = False
    room.pass_by(BEAT_SECONDS, heard=True)
    assert room.read_since == [heard_until]


@pytest.mark.parametrize("heard", [False, True], ids=["dead", "with a late pong"])
@pytest.mark.parametrize("sleeping", [lambda room: [room.clock], lambda room: [room.clock, room.stopwatch]])
def test_a_machine_that_slept_trusts_no_connection_that_it_had(room, sleeping, heard, caplog):
    room.pass_by(60, heard=True)
    heard_until = room.clock()
    for each in sleeping(room):
        each.pass_by(3_000)
    room.pass_by(BEAT_SECONDS, heard=heard)
    assert (room.line.renewed, room.read_since) == (1, [heard_until])
    assert warnings(caplog)[0].startswith("nothing ran here for 3005 s")


def test_a_clock_that_is_set_back_is_no_gap(room, caplog):
    room.pass_by(60, heard=True)
    room.clock.pass_by(-3_600)
    room.pass_by(60, heard=True)
    assert (room.read_since, room.line.renewed, warnings(caplog)) == ([], 0, [])


def test_a_connection_that_answers_pings_and_delivers_nothing_is_made_anew(room, caplog):
    room.line.envelopes += 1
    room.pass_by(BEAT_SECONDS, heard=True)
    delivered = room.clock()
    room.found = [2]
    room.pass_by(SILENT_SECONDS + BEAT_SECONDS, heard=True)
    assert (room.read_since[0], room.line.renewed) == (delivered, 1)
    (line,) = warnings(caplog)
    assert "had not delivered 2 " in line


def test_in_a_quiet_workspace_a_silence_is_looked_through_and_is_no_fault(room, caplog):
    room.pass_by(3 * (SILENT_SECONDS + BEAT_SECONDS), heard=True)
    assert len(room.read_since) == 3
    assert (room.line.renewed, warnings(caplog)) == (0, [])


def test_an_event_that_comes_while_a_silence_is_looked_through_clears_the_connection(room, monkeypatch):
    def catch_up(since: float) -> int:
        room.line.envelopes += 1
        return 1

    monkeypatch.setattr(room.heartbeat, "_catch_up", catch_up)
    room.pass_by(SILENT_SECONDS + BEAT_SECONDS, heard=True)
    assert room.line.renewed == 0


def test_what_could_not_be_read_is_read_later_and_from_the_same_moment(caplog):
    room = Room(heard_until=1_789_999_000.0)
    room.found = [SlackUnavailable("Slack answered internal_error")]
    room.heartbeat.beat()
    room.pass_by(module.RETRY_SECONDS - BEAT_SECONDS, heard=True)
    assert room.read_since == [1_789_999_000.0]
    assert room.heartbeat.heard_until == 1_789_999_000.0
    room.pass_by(BEAT_SECONDS, heard=True)
    assert room.read_since == [1_789_999_000.0] * 2
    room.pass_by(60, heard=True)
    assert room.heartbeat.heard_until == room.clock()


def test_what_slack_refuses_to_show_is_not_asked_for_again_and_again(caplog):
    room = Room(heard_until=1_789_999_000.0)
    room.found = [SlackRefused("Slack answered invalid_auth")]
    room.heartbeat.beat()
    room.pass_by(300, heard=True)
    assert len(room.read_since) == 1
    assert "invalid_auth" in warnings(caplog)[0]
