"""Whatever is delivered goes to the one who sees to it."""

import pytest

from domain.requests import FIRST_DELIVERY, Question, Request, Tab, Visit, Vote
from entrypoints.dispatch import Dispatcher

QUESTION = Question("T1", "C1", "1000.000001", "USAKURA", "犬の名前は?")
VOTE = Vote("T1", "C1", "1000.000002", "USAKURA", QUESTION.identity, good=True)
VISIT = Visit("T1", "D1", "1000.000003", "USAKURA", Tab.HOME)


class Office:
    """Everyone who sees to something, in one."""

    def __init__(self) -> None:
        self.seen = []

    def answer(self, question, delivery):
        self.seen.append(("answer", question, delivery))

    def keep(self, vote):
        self.seen.append(("keep", vote))

    def show(self, visit):
        self.seen.append(("show", visit))


@pytest.mark.parametrize(
    ("request_", "seen"),
    [
        (QUESTION, ("answer", QUESTION, FIRST_DELIVERY)),
        (VOTE, ("keep", VOTE)),
        (VISIT, ("show", VISIT)),
    ],
)
def test_questions_are_answered_votes_kept_and_pages_shown(request_, seen):
    office = Office()
    Dispatcher(answering=office, votes=office, pages=office).serve(request_)
    assert office.seen == [seen]


def test_what_nobody_sees_to_is_not_taken_for_done():
    with pytest.raises(TypeError, match="Request"):
        Dispatcher(answering=Office(), votes=Office(), pages=Office()).serve(Request("T1", "C1", "1.000001", "U1"))
