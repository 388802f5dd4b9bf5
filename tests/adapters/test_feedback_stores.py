"""One contract for every adapter of ``Feedback``, and for what an operator sees of them."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.dynamodb import DAY, DynamoConversations, DynamoFeedback
from adapters.sqlite import Database, SqliteFeedback
from domain.conversations.conversation import Conversation
from domain.conversations.saving import Stored
from domain.errors import StoreCorrupt, StoreUnavailable
from domain.requests import Vote
from domain.spending.usage import Receipt, Usage
from tests.aws_on_loopback import TABLE, Aws
from tests.notes import notes

GOOD = Vote(
    "T1", "C1", "1790000000.000100", "USAKURA", "T1/C1/1000.000001", good=True,
    receipt=Receipt("gpt-5.4-mini", "ja-3", Usage(120, 30, 100, 1), 1.5),
)  # fmt: skip
BAD = replace(GOOD, ts="1790000000.000101", good=False)


@pytest.fixture(params=["moto", "dynalite"])
def aws(request) -> Aws:
    return request.getfixturevalue(request.param)


@pytest.fixture
def table(aws) -> str:
    return aws.create_table()


@pytest.fixture(params=["moto", "dynalite", "sqlite"])
def votes(request, tmp_path: Path, clock) -> Iterator[DynamoFeedback | SqliteFeedback]:
    if request.param == "sqlite":
        with closing(Database(tmp_path / "bot.sqlite3")) as database:
            yield SqliteFeedback(database, ttl_days=90, clock=clock)
    else:
        table = request.getfixturevalue(request.param).create_table()
        yield DynamoFeedback(table, ttl_days=90, clock=clock)


def kept(votes) -> list[Vote]:
    return sorted(votes.votes(), key=lambda vote: vote.ts)


def test_where_nobody_has_voted_there_is_no_vote(votes):
    assert kept(votes) == []


@pytest.mark.parametrize("vote", [GOOD, replace(GOOD, good=False, receipt=None)])
def test_a_vote_is_kept_as_it_was_given(votes, vote):
    votes.keep(vote)
    assert kept(votes) == [vote]


def test_of_one_persons_votes_on_one_answer_the_last_counts(votes):
    votes.keep(GOOD)
    votes.keep(BAD)
    assert kept(votes) == [BAD]


def test_a_vote_that_is_delivered_late_or_again_does_not_undo_a_later_one(votes):
    for vote in (GOOD, BAD, GOOD, BAD, GOOD):
        votes.keep(vote)
    assert kept(votes) == [BAD]


def test_a_microsecond_makes_a_vote_later_also_where_the_text_of_its_time_is_shorter(votes):
    earlier, later = replace(GOOD, ts="999999999.999999"), replace(BAD, ts="1000000000.000000")
    votes.keep(later)
    votes.keep(earlier)
    assert kept(votes) == [later]


def test_votes_of_other_people_and_on_other_answers_stand_beside_it(votes):
    others = [
        replace(GOOD, person="UKENTA", ts="1790000000.000102"),
        replace(GOOD, question="T1/C1/1000.000002", ts="1790000000.000103"),
    ]
    for vote in (GOOD, *others):
        votes.keep(vote)
    assert kept(votes) == [GOOD, *others]


def test_a_vote_is_forgotten_after_the_days_that_conversations_are(votes, clock):
    votes.keep(GOOD)
    clock.pass_by(90 * DAY - 1)
    assert kept(votes) == [GOOD]
    clock.pass_by(1)
    assert kept(votes) == []


def test_a_vote_that_is_given_under_a_clock_in_the_past_is_kept_for_as_long(votes, clock):
    clock.pass_by(-100 * DAY)
    votes.keep(GOOD)
    clock.pass_by(100 * DAY + 90 * DAY - 1)
    assert kept(votes) == [GOOD]


def test_who_votes_again_after_that_is_heard(votes, clock):
    votes.keep(GOOD)
    clock.pass_by(90 * DAY)
    again = replace(BAD, ts=f"{clock():.6f}")
    votes.keep(again)
    assert kept(votes) == [again]


def test_votes_and_conversations_of_one_table_do_not_mix(aws, table, clock):
    conversations = DynamoConversations(table, ttl_days=90, clock=clock, count_tokens=len)
    votes = DynamoFeedback(table, ttl_days=90, clock=clock)
    saved = conversations.save("T1/C1", Stored(Conversation(notes=notes("犬の話")), 0))
    votes.keep(GOOD)
    assert kept(votes) == [GOOD]
    assert conversations.load("T1/C1") == saved


def test_a_vote_costs_one_write_and_its_item_can_be_read_by_people(aws, table, clock):
    votes = DynamoFeedback(table, ttl_days=90, clock=clock)
    aws.calls.clear()
    votes.keep(GOOD)
    assert aws.calls == {"PutItem": 1}
    item = aws.item("vote/T1/C1/1000.000001/USAKURA")
    assert item.keys() == {"id", "expires_at", "vote", "voted_at"}
    assert item["expires_at"] == {"N": str(int(clock.now) + 90 * DAY)}
    assert item["voted_at"] == {"N": "1790000000.0001"}
    assert '"kind":"vote"' in item["vote"]["S"]


def test_more_than_dynamodb_lists_at_once_is_listed_all_the_same(aws, table, clock):
    """It reads one megabyte of the table at a time, conversations too."""
    votes = DynamoFeedback(table, ttl_days=90, clock=clock)
    many = [replace(GOOD, person=f"U{n}", ts=f"1790000000.{n:06}") for n in range(20)]
    for number, vote in enumerate(many):
        votes.keep(vote)
        if number % 2 == 0:
            aws.put_item(id={"S": f"T1/C{number}"}, summary={"S": "犬" * 130_000})
    aws.calls.clear()
    assert kept(votes) == many
    assert aws.calls["Scan"] > 1


def test_a_vote_that_cannot_be_read_is_named(aws, table, clock):
    aws.put_item(id={"S": "vote/T1/C1/1.1/U1"}, vote={"S": "{"}, expires_at={"N": str(int(clock.now) + 9)})
    with pytest.raises(StoreCorrupt, match=f"{TABLE}: vote/T1/C1/1.1/U1"):
        kept(DynamoFeedback(table, ttl_days=90, clock=clock))


def test_a_store_that_cannot_be_reached_is_unavailable(dead_port, clock, monkeypatch):
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    votes = DynamoFeedback(TABLE, ttl_days=90, clock=clock)
    with pytest.raises(StoreUnavailable, match="EndpointConnectionError"):
        votes.keep(GOOD)
    with pytest.raises(StoreUnavailable, match="EndpointConnectionError"):
        kept(votes)
