from dataclasses import replace

import pytest

from domain.conversations.place import Place, Scope
from domain.correction.edits_and_deletions import Deletion, Edit, Redact
from domain.requests import Apology, Condense, Question, Request, Stop, Tab, Uninstall, Visit, Vote
from domain.spending.usage import Receipt, Usage
from domain.timestamp import Timestamp

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
    ("request_made", "group"),
    [
        (POST, "T1/C1/1000.000001"),
        (replace(POST, direct=True), "T1/C1"),
        (Vote("T1", "C1", "1000.000001", "U1", POST.identity, good=True), "votes/T1/C1"),
        (Visit("T1", "C1", "1000.000001", "U1", Tab.HOME), "visits/T1/U1"),
        (Condense("T1", "C1", "1000.000001", "U1", "T1/C1"), "condense/T1/C1"),
        (Stop("T1", "C1", "1000.000001", "U1", "999.000001"), "stops/T1/C1/999.000001"),
    ],
)
def test_what_is_no_question_does_not_wait_behind_questions(request_made, group):
    assert request_made.group(Scope.THREAD) == group


def test_condensing_and_an_apology_are_other_requests_with_the_reference_of_their_question():
    condense = Condense("T1", "C1", POST.ts, POST.person, "T1/C1/1000.000001")
    assert len({POST.identity, condense.identity, Apology.to(POST).identity}) == 3
    assert {condense.reference, Apology.to(POST).reference} == {POST.reference}
    assert Apology.to(POST).question == POST


def test_a_request_is_found_again_by_its_identity():
    assert Request.from_identity(POST.identity).reference == POST.reference


def test_an_edit_and_a_deletion_of_one_post_are_two_requests_beside_the_posts_conversation():
    post = Question("T1", "C1", Timestamp("1000.000002"), "USAKURA", "犬は?", thread="1000.000001")
    when = ("T1", "C1", Timestamp("2000.000001"), "USAKURA")
    edit, deletion, redact = Edit(*when, post), Deletion(*when, post), Redact(*when, "T1/C1/1000.000001")
    assert edit.identity == "T1/C1/1000.000002/edit/2000.000001"
    assert deletion.identity == "T1/C1/1000.000002/deletion/2000.000001"
    assert edit.group(Scope.THREAD) == deletion.group(Scope.THREAD) == "changes/T1/C1/1000.000001"
    assert edit.reference == post.reference
    assert (redact.identity, redact.group(Scope.THREAD)) == (
        "T1/C1/2000.000001/redact",
        "redact/T1/C1/1000.000001",
    )


def test_the_end_of_an_installation_is_told_from_another_of_the_same_second_by_its_event():
    ends = [Uninstall("T1", "A1", "1000.000000", "", each) for each in ("app_uninstalled", "tokens_revoked")]
    assert [each.identity for each in ends] == ["T1/A1/1000.000000/app_uninstalled", "T1/A1/1000.000000/tokens_revoked"]
    assert {each.group(Scope.THREAD) for each in ends} == {"uninstalls/T1"}
