"""How failed deliveries are counted on AWS, where SQS counts receives alone."""

import pytest

from adapters.dynamodb import DAY, DynamoAttempts
from domain.deliveries.retries import NO_ATTEMPTS, Attempts
from domain.errors import StoreUnavailable
from tests.aws_on_loopback import TABLE, Aws

MESSAGE = "9f86d081-884c-4d63-9f86-d081884c7d65"
AWAY = Attempts(outage=1)
KILLED = Attempts(other=1)


@pytest.fixture(params=["moto", "dynalite"])
def aws(request) -> Aws:
    return request.getfixturevalue(request.param)


@pytest.fixture
def attempts(aws, clock) -> DynamoAttempts:
    return DynamoAttempts(aws.create_table(), clock=clock)


def test_the_first_delivery_costs_no_request(aws, attempts):
    aws.calls.clear()
    assert attempts.begin(MESSAGE, 1) == NO_ATTEMPTS
    assert aws.calls == {}


def test_what_failed_is_known_to_the_next_delivery(attempts):
    attempts.fail(MESSAGE, 1, AWAY)
    assert attempts.begin(MESSAGE, 2) == AWAY
    attempts.fail(MESSAGE, 2, Attempts(outage=1, model=1))
    assert attempts.begin(MESSAGE, 3) == Attempts(outage=1, model=1)


def test_messages_do_not_mix(attempts):
    attempts.fail(MESSAGE, 1, AWAY)
    assert attempts.begin("2c26b46b-68ff-468f-9b24-2c26b46b68ff", 2) == NO_ATTEMPTS


def test_a_delivery_that_began_and_never_ended_was_killed(attempts):
    attempts.fail(MESSAGE, 1, AWAY)
    attempts.begin(MESSAGE, 2)
    assert attempts.begin(MESSAGE, 3) == Attempts(outage=1, other=1)
    assert attempts.begin(MESSAGE, 4) == Attempts(outage=1, other=2)


def test_receives_that_reached_no_worker_are_no_attempts(attempts):
    """Lambda throttled the deliveries 2 to 6."""
    attempts.fail(MESSAGE, 1, AWAY)
    assert attempts.begin(MESSAGE, 7) == AWAY


def test_a_worker_killed_in_the_first_delivery_is_not_told_from_a_throttled_one(attempts):
    assert attempts.begin(MESSAGE, 2) == NO_ATTEMPTS
    assert attempts.begin(MESSAGE, 3) == KILLED


def test_attempts_are_kept_for_longer_than_sqs_keeps_the_message(aws, attempts, clock):
    attempts.fail(MESSAGE, 1, AWAY)
    assert int(aws.item(f"attempts/{MESSAGE}")["expires_at"]["N"]) - clock() > 4 * DAY


def test_a_table_that_is_missing_is_unavailability(aws, clock):
    attempts = DynamoAttempts(TABLE, clock=clock)
    with pytest.raises(StoreUnavailable):
        attempts.begin(MESSAGE, 2)
    with pytest.raises(StoreUnavailable):
        attempts.fail(MESSAGE, 1, AWAY)
