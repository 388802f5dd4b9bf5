"""The pace of several replies together."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from adapters.slack.replying.rate_limits import RateLimit, SlidingWindow


def calls_in_the_worst_minute(replies: int, calls_per_minute: int, interval: float, clock) -> int:
    pace = RateLimit(clock, calls_per_minute=calls_per_minute, interval=interval)
    due, calls = [0.0] * replies, []
    for _ in range(6_000):
        for number in range(replies):
            if pace.ready(due[number]):
                calls.append(clock())
                due[number] = pace.count()
        clock.pass_by(0.05)
    return max(sum(begin <= each < begin + 60 for each in calls) for begin in calls)


@pytest.mark.parametrize("replies", [1, 2, 5, 10])
@pytest.mark.parametrize(("calls_per_minute", "interval"), [(100, 0.5), (50, 1.2)])
def test_no_minute_has_more_calls_than_slack_promises(clock, replies, calls_per_minute, interval):
    assert (
        calls_per_minute * 0.75
        < calls_in_the_worst_minute(replies, calls_per_minute, interval, clock)
        <= calls_per_minute
    )


def test_a_reply_that_is_alone_keeps_its_interval_for_a_while_and_then_its_share(clock):
    pace = RateLimit(clock, calls_per_minute=100, interval=0.5)
    waits = []
    for _ in range(100):
        waits.append(pace.count() - clock())
        clock.pass_by(waits[-1])
    assert waits[:20] == pytest.approx([0.5] * 20, abs=1e-3)
    assert waits[-30:] == pytest.approx([60 / 70] * 30, abs=1e-3)


def test_after_a_call_of_another_method_a_reply_waits_but_books_nothing(clock):
    pace = RateLimit(clock, calls_per_minute=100, interval=0.5)
    assert [pace.after_another() - clock() for _ in range(100)] == pytest.approx([0.5] * 100, abs=1e-3)
    assert pace.count() - clock() == pytest.approx(0.5, abs=1e-3)


def test_every_reply_gets_its_turn(clock):
    pace = RateLimit(clock, calls_per_minute=100, interval=0.5)
    due, calls = [0.0] * 4, [0] * 4
    for _ in range(2_400):
        for number in range(4):
            if pace.ready(due[number]):
                calls[number] += 1
                due[number] = pace.count()
        clock.pass_by(0.05)
    assert max(calls) - min(calls) <= 2


def test_nobody_calls_while_slack_wants_to_be_left_alone(clock):
    pace = RateLimit(clock, calls_per_minute=100, interval=0.5)
    due = pace.count()
    pace.postpone(30)
    pace.postpone(10)
    clock.pass_by(29)
    assert not pace.ready(due)
    assert not pace.ready(0.0)
    clock.pass_by(1)
    assert pace.ready(due)
    assert pace.count() - clock() == pytest.approx(60 / 70), "and nobody ahead of time after it"


def test_calls_of_several_threads_are_all_counted(clock):
    pace = RateLimit(clock, calls_per_minute=100, interval=0.5)
    with ThreadPoolExecutor(8) as threads:
        for _ in range(8):
            threads.submit(lambda: [pace.count() for _ in range(1_000)])
    assert pace.count() - clock() == pytest.approx((8_001 - 10) * 60 / 70)


def test_a_quota_is_for_any_minute_and_not_for_each(clock):
    quota = SlidingWindow(clock, calls=2)
    assert quota.take()
    clock.pass_by(59)
    assert quota.take()
    assert not quota.take()
    clock.pass_by(1)
    assert quota.take()
    assert not quota.take()
