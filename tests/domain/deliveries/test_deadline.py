"""When a piece of work must end."""

from domain.deliveries.deadline import NO_DEADLINE, Deadline
from tests.conftest import Clock


def test_a_deadline_is_over_when_its_seconds_have_passed(clock: Clock):
    deadline = Deadline(clock).within(30)
    clock.pass_by(29)
    assert (deadline.seconds_left, deadline.is_over) == (1, False)
    clock.pass_by(2)
    assert (deadline.seconds_left, deadline.is_over) == (0, True)


def test_the_earlier_of_two_deadlines_counts(clock: Clock):
    assert Deadline(clock).within(30).within(60).seconds_left == 30
    assert Deadline(clock).within(60).within(30).seconds_left == 30


def test_a_person_can_end_the_work_earlier(clock: Clock):
    pressed = []
    deadline = Deadline(clock).within(30).or_stopped(lambda: bool(pressed))
    assert not deadline.is_over
    pressed.append("stop")
    assert (deadline.seconds_left, deadline.is_over) == (0, True)


def test_without_a_deadline_nothing_is_ever_over():
    assert not NO_DEADLINE.is_over
