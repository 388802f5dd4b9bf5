"""How often a failed request is tried again."""

import pytest

from domain.deliveries.delivery import Delivery
from domain.deliveries.retries import DELAYS, NO_ATTEMPTS, Attempts, Cause, cause_of
from domain.errors import (
    AnsweringError,
    Conflict,
    ModelBusy,
    ModelMisconfigured,
    PersonNotNotified,
    SlackRefused,
    SlackUnavailable,
    StoreUnavailable,
)
from domain.requests import Apology, Question

DOG = Question("T1", "C1", "1000.000001", "USAKURA", "犬の名前は?")


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (SlackUnavailable("502"), Cause.OUTAGE),
        (StoreUnavailable("locked"), Cause.OUTAGE),
        (ModelBusy("429"), Cause.MODEL),
        (ModelMisconfigured("401"), Cause.OPERATOR),
        (SlackRefused("missing_scope"), Cause.OPERATOR),
        (Conflict("T1/C1"), Cause.OTHER),
        (AnsweringError(), Cause.OTHER),
        (ZeroDivisionError(), Cause.OTHER),
    ],
)
def test_every_error_has_a_cause(error, cause):
    assert cause_of(error) is cause


@pytest.mark.parametrize("error", [SlackUnavailable("502"), StoreUnavailable("locked")])
def test_an_outage_after_the_model_was_asked_is_tried_as_often_as_the_model(error):
    error.paid = True
    assert cause_of(error) is Cause.MODEL


def delays(cause: Cause, *, persistent: bool = False) -> list[float]:
    attempts, made = NO_ATTEMPTS, []
    while (delay := attempts.delay(cause, persistent=persistent)) is not None:
        made.append(delay)
        attempts = attempts.after(cause)
    return made


def test_an_outage_is_waited_for_with_growing_pauses_and_for_about_an_hour():
    pauses = delays(Cause.OUTAGE)
    assert pauses == sorted(pauses)
    assert 50 * 60 <= sum(pauses) <= 60 * 60


def test_a_model_that_is_away_has_minutes():
    assert 120 <= sum(delays(Cause.MODEL)) <= 300
    assert len(delays(Cause.MODEL)) + 1 == 3


def test_what_the_operator_must_mend_is_tried_once():
    assert delays(Cause.OPERATOR) == []


def test_each_cause_has_a_budget_of_its_own():
    attempts = Attempts(outage=9, model=1)
    assert attempts.delay(Cause.MODEL) == DELAYS[Cause.MODEL][1]
    assert attempts.after(Cause.MODEL).delay(Cause.MODEL) is None
    assert attempts.after(Cause.MODEL).delay(Cause.OTHER) == DELAYS[Cause.OTHER][0]


def test_an_apology_waits_days_for_slack_and_is_tried_as_often_as_others_otherwise():
    assert sum(delays(Cause.OUTAGE, persistent=True)) > 48 * 60 * 60
    assert delays(Cause.OTHER, persistent=True) == delays(Cause.OTHER)


def test_the_error_decides_whether_a_delivery_is_the_last():
    third = Delivery(3, attempts=Attempts(model=2))
    assert third.is_last(ModelBusy("429"))
    assert not third.is_last(SlackUnavailable("502"))
    assert Delivery(1, last=True).is_last(SlackUnavailable("502"))
    assert Delivery().is_last(PersonNotNotified()), "that one says so itself"


@pytest.mark.parametrize("cause", Cause)
def test_a_budget_is_spent_once_nobody_tries_again(cause):
    last = Attempts(**{cause.value: len(DELAYS[cause])})
    assert last.delay(cause) is None
    assert not last.is_spent(cause)
    assert last.after(cause).is_spent(cause)


def test_an_apology_is_another_request_with_the_reference_of_its_question():
    apology = Apology.to(DOG)
    assert apology.identity != DOG.identity
    assert apology.reference == DOG.reference
    assert apology.question == DOG
    assert type(apology.question) is Question
