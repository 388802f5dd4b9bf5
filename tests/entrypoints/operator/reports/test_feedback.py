"""The votes on answers, on both kinds of store."""

import json
import os
import sys
import time

import pytest

from adapters.dynamodb import DynamoFeedback
from adapters.sqlite import SqliteFeedback
from domain.requests import Vote
from domain.spending.usage import Receipt, Usage
from tests.entrypoints.operator.bots import BAD, DOG, WALK

GOOD = Vote(
    "T1", "C1", "1700000000.500000", "USAKURA", DOG.identity, good=True,
    receipt=Receipt("gpt-5.4-mini", "ja-3", Usage(120, 30, 100, 1), 1.5),
)  # fmt: skip


@pytest.fixture
def sqlite_votes(tmp_path, monkeypatch, open_database) -> SqliteFeedback:
    path = tmp_path / "bot.sqlite3"
    monkeypatch.setenv("DATABASE_PATH", str(path))
    return SqliteFeedback(open_database(path), ttl_days=90, clock=time.time)


@pytest.fixture
def dynamo_votes(_environment, aws, monkeypatch) -> DynamoFeedback:
    monkeypatch.setenv("TABLE_NAME", aws.create_table())
    return DynamoFeedback(os.environ["TABLE_NAME"], ttl_days=90, clock=time.time)


@pytest.fixture(params=["sqlite_votes", "dynamo_votes"])
def votes(request) -> SqliteFeedback | DynamoFeedback:
    return request.getfixturevalue(request.param)


def place_of_votes() -> str:
    return os.environ.get("TABLE_NAME") or os.environ["DATABASE_PATH"]


def test_votes_are_listed_in_the_order_in_which_they_were_given_by_what_leads_to_their_answers(votes, run):
    for vote in (BAD, GOOD):
        votes.keep(vote)
    code, said, complained = run("feedback")
    head, good, bad, total = said.splitlines()
    assert head.split() == ["voted_at", "good", "person", "reference", "channel", "model", "prompts", "seconds"]
    assert good.split() == [
        "2023-11-14T22:13:20+00:00", "yes", "USAKURA", DOG.reference, "C1", "gpt-5.4-mini", "ja-3", "1.5",
    ]  # fmt: skip
    assert bad.split() == ["2023-11-14T22:13:21+00:00", "no", "UKENTA", WALK.reference, "C1", "-", "-", "-"]
    assert total == f"votes in {place_of_votes()}: 2, of them 1 for the answer"
    assert (code, complained) == (0, "")


def test_a_spreadsheet_gets_all_that_is_known_of_each_vote(votes, run):
    for vote in (BAD, GOOD):
        votes.keep(vote)
    code, said, complained = run("feedback", "--csv")
    assert said == (
        "voted_at,good,person,reference,team,channel,question_ts,model,prompts,sent,received,cached,seconds\n"
        f"2023-11-14T22:13:20+00:00,yes,USAKURA,{DOG.reference},T1,C1,{DOG.ts},gpt-5.4-mini,ja-3,120,30,100,1.5\n"
        f"2023-11-14T22:13:21+00:00,no,UKENTA,{WALK.reference},T1,C1,{WALK.ts},,,,,,\n"
    )
    assert (code, complained) == (0, "")


def test_where_nobody_has_voted_that_is_said(votes, run):
    assert run("feedback") == (0, f"votes in {place_of_votes()}: 0, of them 0 for the answer\n", "")
    code, said, _ = run("feedback", "--csv")
    assert (code, said.count("\n")) == (0, 1)


def test_votes_that_cannot_be_looked_at_are_one_line(run, monkeypatch, dead_port):
    complaint = "bot: DATABASE_PATH must name the bot's database; there is none at .data/bot.sqlite3\n"
    assert run("feedback") == (2, "", complaint)
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    monkeypatch.setenv("TABLE_NAME", "conversations")
    assert run("feedback") == (1, "", "bot: conversations: DynamoDB answered EndpointConnectionError\n")
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    assert run("feedback") == (1, "", "bot: conversations: DynamoDB answered NoRegionError\n")


def test_without_pynamodb_it_is_told_what_to_install(dynamo_votes, monkeypatch, run):
    monkeypatch.setitem(sys.modules, "adapters.dynamodb", None)
    code, _, complained = run("feedback")
    assert code == 1
    assert complained.startswith("bot: requirements/aws.txt is not installed")


def test_programs_read_the_votes_as_json(votes, run):
    for vote in (BAD, GOOD):
        votes.keep(vote)
    code, said, complained = run("feedback", "--json")
    told = json.loads(said)
    assert (code, complained) == (0, "")
    assert (told["number"], told["good"]) == (2, 1)
    assert [(vote["person"], vote["reference"], vote["good"]) for vote in told["votes"]] == [
        ("USAKURA", DOG.reference, "yes"), ("UKENTA", WALK.reference, "no"),
    ]  # fmt: skip
