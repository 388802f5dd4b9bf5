import pytest

from domain.requests import Delivery, Place, Question, Scope, Tab, Visit, Vote
from domain.usage import Receipt, Usage

RECEIPT = Receipt("gpt", "1", Usage(1, 1, 0, 1), 0.5)
POST = Question("T1", "C1", "1000.000001", "USAKURA", "こんにちは")


def test_the_identity_is_team_channel_and_ts():
    assert POST.identity == "T1/C1/1000.000001"


def test_the_reference_is_the_same_in_every_delivery_and_differs_between_questions():
    again = Question("T1", "C1", "1000.000001", "USAKURA", "こんにちは", addressed=False)
    other = Question("T1", "C1", "1000.000002", "USAKURA", "こんにちは")
    assert again.reference == POST.reference
    assert other.reference != POST.reference
    assert len(POST.reference) == 8


@pytest.mark.parametrize(
    ("scope", "thread", "direct", "place"),
    [
        (Scope.THREAD, "", False, Place("T1/C1/1000.000001", "1000.000001")),
        (Scope.THREAD, "999.000001", False, Place("T1/C1/999.000001", "999.000001")),
        (Scope.CHANNEL, "", False, Place("T1/C1", "")),
        (Scope.CHANNEL, "999.000001", False, Place("T1/C1", "999.000001")),
        (Scope.THREAD, "", True, Place("T1/C1", "")),
        (Scope.THREAD, "999.000001", True, Place("T1/C1/999.000001", "999.000001")),
    ],
)
def test_a_question_is_answered_where_it_stands_from_the_memory_it_belongs_to(scope, thread, direct, place):
    assert Question("T1", "C1", "1000.000001", "U1", "はい", thread, direct).place(scope) == place


@pytest.mark.parametrize(
    ("scope", "thread", "direct", "place"),
    [
        (Scope.THREAD, "", False, Place("T1/C1", "")),
        (Scope.CHANNEL, "", False, Place("T1/C1", "")),
        (Scope.THREAD, "999.000001", False, Place("T1/C1/999.000001", "999.000001")),
        (Scope.CHANNEL, "999.000001", False, Place("T1/C1", "999.000001")),
        (Scope.THREAD, "", True, Place("T1/C1", "")),
    ],
)
def test_what_no_post_shows_begins_no_thread(scope, thread, direct, place):
    assert Question("T1", "C1", "1000.000001", "U1", "memory", thread, direct, private=True).place(scope) == place


@pytest.mark.parametrize(
    "made",
    [
        Vote(
            "T1",
            "C1",
            "1000.000001",
            "U1",
            POST.identity,
            good=True,
            receipt=RECEIPT,
        ),
        Visit("T1", "C1", "1000.000001", "U1", Tab.HOME),
    ],
    ids=["vote", "visit"],
)
def test_whatever_a_person_does_is_known_by_team_channel_and_ts(made):
    assert (made.identity, made.reference) == (POST.identity, POST.reference)


@pytest.mark.parametrize(
    ("delivery", "repeated"), [(Delivery(), False), (Delivery(2), True), (Delivery(1, replayed=True), True)]
)
def test_an_earlier_delivery_may_have_left_traces_unless_this_is_the_very_first(delivery, repeated):
    assert delivery.repeated is repeated
