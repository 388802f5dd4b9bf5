"""One contract for every store that bounds what a person has under way: on one machine the queue does."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from adapters.dynamodb import DynamoConversations
from domain.conversations.conversation import Conversation
from domain.conversations.saving import Stored
from domain.errors import Conflict, TooManyQuestions, TooManyUnderWay
from domain.limits.question_rate import Admission
from domain.ports.stores import Conversations
from domain.requests import Question
from tests.fakes import InMemoryConversations, spending

POCHI = Question("T1", "C1", "1000.000001", "USAKURA", "犬の名前はポチです")
NOVEMBER = 1_795_800_000.0
NEW = Stored(Conversation(), 0)


@pytest.fixture(params=["moto", "ministack", "in memory"])
def store(request, clock) -> Iterator[Conversations]:
    clock.now = NOVEMBER
    if request.param == "in memory":
        yield InMemoryConversations(clock)
        return
    aws = request.getfixturevalue(request.param)
    table, usage = aws.create_table(), aws.create_usage_table()
    yield DynamoConversations(table, ttl_days=90, clock=clock, count_tokens=len, usage_table=usage)


def asked(number: int, person: str = "USAKURA") -> Question:
    return replace(POCHI, ts=f"1000.{number:06}", person=person)


def begin(store: Conversations, question: Question, most: int = 2, limit: int = 0) -> Stored:
    stored = store.load(question.ts, of=question)
    return store.save(question.ts, stored, admitted=Admission(question, limit, most, NOVEMBER + 300))


def under_way(store: Conversations, question: Question = POCHI) -> set[str]:
    return {each.request for each in store.load("T1/C1", of=question).under_way}


def test_what_a_person_has_under_way_comes_with_any_of_their_conversations(store):
    begin(store, asked(1))
    begin(store, asked(2))
    begin(store, asked(3, "UHARU"))
    assert under_way(store, asked(4)) == {asked(1).identity, asked(2).identity}
    assert under_way(store, asked(4, "UHARU")) == {asked(3, "UHARU").identity}
    assert under_way(store, asked(4, "UNATSU")) == set()


def test_of_questions_that_came_at_once_no_more_begin_than_may_be_under_way(store):
    seen_at_once = [(question, store.load(question.ts, of=question)) for question in map(asked, (1, 2, 3))]
    for question, stored in seen_at_once[:2]:
        store.save(question.ts, stored, admitted=Admission(question, 0, 2, NOVEMBER + 300))
    question, stored = seen_at_once[2]
    with pytest.raises(TooManyUnderWay):
        store.save(question.ts, stored, admitted=Admission(question, 0, 2, NOVEMBER + 300))
    assert store.load(question.ts).version == 0  # nothing is saved


@pytest.mark.parametrize("charge", [None, spending(100, NOVEMBER)])
def test_the_next_save_ends_it(store, charge):
    begun = begin(store, asked(1))
    begin(store, asked(2))
    ended = store.save(asked(1).ts, begun, charge)
    assert under_way(store) == {asked(2).identity}
    assert ended.noted is None
    begin(store, asked(3))


def test_a_later_delivery_of_the_same_question_ends_it_too(store):
    begin(store, asked(1))
    again = store.load(asked(1).ts, of=asked(1))
    store.save(asked(1).ts, again)
    assert under_way(store) == set()


def test_another_request_of_the_person_ends_nothing(store):
    begin(store, asked(1))
    store.save("T1/C2", store.load("T1/C2", of=asked(2)))
    assert under_way(store) == {asked(1).identity}


def test_what_a_killed_worker_has_begun_is_over_with_its_time(store, clock):
    begin(store, asked(1))
    begin(store, asked(2))
    clock.now = NOVEMBER + 301
    for number in (3, 4):
        question = asked(number)
        stored = store.load(question.ts, of=question)
        store.save(question.ts, stored, admitted=Admission(question, 0, 2, NOVEMBER + 600))
    with pytest.raises(TooManyUnderWay):
        begin(store, asked(5))
    assert under_way(store) == {asked(3).identity, asked(4).identity}


def test_who_finds_killed_ones_at_the_same_time_as_another_waits_for_a_moment(store, clock):
    begin(store, asked(1), most=1)
    clock.now = NOVEMBER + 301
    first, second = (store.load(asked(number).ts, of=asked(number)) for number in (2, 3))
    store.save(asked(2).ts, first, admitted=Admission(asked(2), 0, 1, NOVEMBER + 600))
    with pytest.raises(TooManyUnderWay):
        store.save(asked(3).ts, second, admitted=Admission(asked(3), 0, 1, NOVEMBER + 600))


def test_what_is_one_too_many_in_its_minute_is_refused_and_does_not_wait(store):
    begin(store, asked(1), limit=1)
    with pytest.raises(TooManyQuestions):
        begin(store, asked(2), limit=1)
    begin(store, asked(3))  # as the refusal of it is


def test_a_stale_writer_begins_nothing(store):
    store.save("T1/C1", NEW)
    with pytest.raises(Conflict):
        store.save("T1/C1", NEW, admitted=Admission(asked(1), 0, 2, NOVEMBER + 300))
    assert under_way(store) == set()
