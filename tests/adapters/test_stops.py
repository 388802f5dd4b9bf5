"""One contract for every adapter of ``Stops``."""

from dataclasses import replace

import pytest

from adapters.dynamodb import DynamoStops
from adapters.slack.replying.stops import THREADS_KEPT, InMemoryStops
from domain.errors import StoreUnavailable
from domain.requests import Stop

STOP = Stop("T1", "C1", "1790000010.000100", "USAKURA", "1790000000.000100")


@pytest.fixture(params=["memory", "moto", "dynalite"])
def stops(request, clock):
    if request.param == "memory":
        return InMemoryStops()
    return DynamoStops(request.getfixturevalue(request.param).create_table(), clock=clock)


def test_a_thread_in_which_nobody_pressed_the_button_has_no_stop(stops):
    stops.keep(STOP)
    assert stops.last("T1/C1/1790000000.000200") == ""


def test_the_last_press_counts_in_whatever_order_they_arrive(stops):
    later = replace(STOP, ts="1790000020.000100", person="UKENJI")
    for each in (STOP, later, STOP):
        stops.keep(each)
    assert stops.last(STOP.where) == later.ts


def test_one_process_remembers_a_thousand_threads(clock):
    stops = InMemoryStops()
    for number in range(THREADS_KEPT + 1):
        stops.keep(replace(STOP, thread=f"{number}.000001"))
    assert stops.last("T1/C1/0.000001") == ""
    assert stops.last("T1/C1/1.000001") == STOP.ts


def test_a_table_that_is_missing_is_unavailability(aws, clock):
    stops = DynamoStops("no-such-table", clock=clock)
    with pytest.raises(StoreUnavailable):
        stops.keep(STOP)
    with pytest.raises(StoreUnavailable):
        stops.last(STOP.where)
