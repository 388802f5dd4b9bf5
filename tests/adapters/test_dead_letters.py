"""What an operator sees of a request whose last delivery failed."""

from datetime import UTC, datetime

import pytest

from adapters.dead_letters import dead_letter
from adapters.serialization.request_records import request_to_json
from domain.requests import Question, Request, Tab, Visit, Vote

QUESTION = Question("T1", "C1", "1000.000001", "USAKURA", "犬の名前は?")
VOTE = Vote("T1", "C1", "1000.000009", "USAKURA", QUESTION.identity, good=True)
VISIT = Visit("T1", "D1", "1000.000009", "USAKURA", Tab.HOME)


@pytest.mark.parametrize("request_made", [QUESTION, VOTE, VISIT], ids=["question", "vote", "visit"])
def test_a_dead_letter_of_any_kind_is_known_by_its_reference(request_made: Request):
    letter = dead_letter(request_to_json(request_made), "here", key="k", conversation="T1/C1", deliveries=3)
    assert (letter.reference, letter.asked) == (
        request_made.reference,
        datetime.fromtimestamp(1000, UTC).replace(microsecond=round(float(request_made.ts) % 1 * 1_000_000)),
    )


def test_one_that_cannot_be_read_has_no_reference_and_says_why_without_the_text():
    letter = dead_letter('{"text":"私の犬はポチ"}', "here", key="k", conversation="T1/C1", deliveries=3, reason="down")
    assert (letter.reference, letter.asked) == ("", None)
    assert letter.reason == "here is not a request: TypeError"
