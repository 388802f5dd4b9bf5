"""What people, channels and models have used, on both kinds of store."""

import csv
import io
import json
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from adapters.dynamodb import DynamoConversations
from adapters.sqlite import SqliteConversations
from domain.conversations.conversation import Conversation
from domain.conversations.saving import Stored
from domain.spending.ledger import Charge, Kind, month_of
from domain.spending.usage import Usage
from tests.entrypoints.operator.bots import DOG
from tests.stand_ins import SlackServer

NOW = time.time()
MONTH = month_of(NOW)
LAST_MONTH = month_of(NOW - 31 * 86_400)
ASKED = Charge(
    request=DOG.identity,
    kind=Kind.ANSWER,
    team="T1",
    channel="C1",
    person="USAKURA",
    model="gpt-5.4-mini",
    usage=Usage(sent=1_200, received=100, cached=1_000, turns=1, reasoning=30),
    at=NOW,
    money=675,
)
CONDENSED = replace(ASKED, kind=Kind.CONDENSATION, model="gpt-5.4-nano", usage=Usage(sent=900, received=50), money=None)
STOPPED = replace(
    ASKED, person="UKENTA", channel="C2", usage=Usage(sent=3_000, received=10, turns=1, estimated=1), money=2_295
)
EARLIER = replace(ASKED, at=NOW - 31 * 86_400)

Enter = Callable[..., None]


@pytest.fixture
def sqlite_usage(tmp_path, monkeypatch, open_database) -> SqliteConversations:
    path = tmp_path / "bot.sqlite3"
    monkeypatch.setenv("DATABASE_PATH", str(path))
    return SqliteConversations(open_database(path), ttl_days=90, clock=time.time)


@pytest.fixture
def dynamo_usage(_environment, aws, monkeypatch) -> DynamoConversations:
    table, usage = aws.create_table(), aws.create_usage_table()
    monkeypatch.setenv("TABLE_NAME", table)
    monkeypatch.setenv("USAGE_TABLE_NAME", usage)
    return DynamoConversations(table, ttl_days=90, clock=time.time, count_tokens=len, usage_table=usage)


@pytest.fixture(params=["sqlite_usage", "dynamo_usage"])
def enter(request) -> Enter:
    """Enters charges into the ledger, each with a turn of its own."""
    conversations = request.getfixturevalue(request.param)

    def begin(*charges: Charge) -> None:
        for number, charge in enumerate(charges):
            conversations.save(f"{charge.team}/{charge.channel}/{number}", Stored(Conversation(), 0), charge)

    return begin


def cells(line: str) -> list[str]:
    return line.split()


def test_people_are_listed_by_what_they_have_used_in_a_month(enter, run):
    enter(ASKED, CONDENSED, STOPPED, EARLIER)
    code, said, complained = run("usage", "--month", MONTH)
    head, ken, sakura, total = said.splitlines()
    assert cells(head) == [
        "person", "answers", "condensations", "refusals", "sent", "cached", "received", "billed", "money",
    ]  # fmt: skip
    assert cells(ken) == ["UKENTA", "1", "0", "0", "3,000", "0", "10", "3,080", "0.0023"]
    assert cells(sakura) == ["USAKURA", "1", "1", "0", "2,100", "1,000", "150", "2,400", "0.0007"]
    assert "2 rows, 2 answers, 5,480 billed-equivalent tokens, 0.0030 by the price list" in total
    assert "950 tokens of models without a price (MODEL_PRICES)" in total
    assert "1 call estimated, because the server did not count them" in total
    assert (code, complained) == (0, "")


def test_on_aws_a_month_is_a_query_for_the_teams_and_one_for_each_megabyte_of_sums(dynamo_usage, aws, run):
    dynamo_usage.save("T1/C1/1", Stored(Conversation(), 0), ASKED)
    before = aws.calls["Query"]
    assert run("usage", "--month", MONTH)[0] == 0
    assert aws.calls["Query"] - before == 2


def test_without_a_month_it_is_the_present_one(enter, run):
    enter(ASKED, replace(ASKED, at=NOW + 86_400), replace(EARLIER, person="UKENTA"))  # it may end while the test runs
    _, *rows, _ = run("usage")[1].splitlines()
    assert [cells(row)[0] for row in rows] == ["USAKURA"]


@pytest.mark.parametrize(
    ("by", "names"),
    [("channel", ["C2", "C1"]), ("model", ["gpt-5.4-mini", "gpt-5.4-nano"]), ("person", ["UKENTA", "USAKURA"])],
)
def test_the_same_is_listed_by_channel_and_by_model(enter, run, by, names):
    enter(ASKED, CONDENSED, STOPPED)
    _, said, _ = run("usage", "--month", MONTH, "--by", by)
    head, *rows, total = said.splitlines()
    assert [cells(head)[0], *(cells(row)[0] for row in rows)] == [by, *names]
    assert "5,480 billed-equivalent tokens" in total


def test_months_are_listed_the_latest_first_and_one_alone_on_demand(enter, run):
    enter(ASKED, EARLIER)
    _, said, _ = run("usage", "--by", "month")
    assert [cells(row)[:2] for row in said.splitlines()[1:-1]] == [[MONTH, "1"], [LAST_MONTH, "1"]]
    _, said, _ = run("usage", "--by", "month", "--month", LAST_MONTH)
    assert [cells(row)[0] for row in said.splitlines()[1:-1]] == [LAST_MONTH]


def test_where_several_workspaces_are_served_each_line_says_which(enter, run):
    enter(ASKED, replace(STOPPED, team="T2"))
    _, said, _ = run("usage", "--month", MONTH)
    assert [cells(row)[:2] for row in said.splitlines()[:-1]] == [
        ["team", "person"], ["T1", "USAKURA"], ["T2", "UKENTA"],
    ]  # fmt: skip


def test_a_spreadsheet_gets_all_figures(enter, run):
    enter(ASKED, STOPPED)
    code, said, complained = run("usage", "--month", MONTH, "--csv")
    assert said == (
        "team,month,id,name,answers,condensations,redactions,refusals,estimated,"
        "sent,cached,received,reasoning,billed,money,unpriced\n"
        f"T1,{MONTH},UKENTA,,1,0,0,0,1,3000,0,10,0,3080,0.002295,0\n"
        f"T1,{MONTH},USAKURA,,1,0,0,0,0,1200,1000,100,30,1100,0.000675,0\n"
    )
    assert (code, complained) == (0, "")


def test_programs_read_the_figures_as_json(enter, run):
    enter(ASKED, STOPPED)
    told = json.loads(run("usage", "--month", MONTH, "--json")[1])
    assert [(row["id"], row["sent"], row["money"]) for row in told["rows"]] == [
        ("UKENTA", 3_000, 0.002295), ("USAKURA", 1_200, 0.000675),
    ]  # fmt: skip
    assert (told["by"], told["total"]["rows"], told["total"]["billed"]) == ("person", 2, 4_180)


def test_where_nothing_was_used_that_is_said(enter, run):
    code, said, complained = run("usage", "--month", "2023-04")
    assert (code, complained) == (0, "")
    assert said.endswith("0 rows, 0 answers, 0 billed-equivalent tokens, 0.0000 by the price list\n")
    assert json.loads(run("usage", "--month", "2023-04", "--json")[1])["rows"] == []


@pytest.mark.parametrize("month", ["2026-13", "2026", "November", "2026-11-01", "２０２６-11"])
def test_what_is_no_month_is_one_sentence(enter, run, month):
    complaint = f"bot: --month must be a month such as 2026-11, not '{month}'\n"
    assert run("usage", "--month", month) == (2, "", complaint)


def test_a_store_that_is_missing_is_one_sentence(run, monkeypatch):
    complaint = "bot: DATABASE_PATH must name the bot's database; there is none at .data/bot.sqlite3\n"
    assert run("usage") == (2, "", complaint)
    monkeypatch.setenv("TABLE_NAME", "conversations")
    assert run("usage") == (2, "", "bot: TABLE_NAME and USAGE_TABLE_NAME must be set together\n")


@pytest.fixture
def slack(serve, monkeypatch) -> SlackServer:
    server = SlackServer("http://127.0.0.1:9/")
    monkeypatch.setenv("SLACK_API_URL", f"{serve(server.app)}/api/")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-own")
    return server


def test_slack_tells_the_names_of_people(enter, run, slack):
    known = slack.workspace.directory.people[0]
    enter(replace(ASKED, person=known.id), replace(STOPPED, person="UGONE"))
    rows = json.loads(run("usage", "--month", MONTH, "--names", "--json")[1])["rows"]
    assert {row["id"]: row["name"] for row in rows} == {known.id: known.name, "UGONE": ""}
    table = run("usage", "--month", MONTH, "--names")[1].splitlines()
    assert cells(table[0])[:2] == ["person", "name"]
    assert cells(table[1])[:2] == ["UGONE", "-"]


def test_slack_tells_the_names_of_channels(enter, run, slack):
    known = next(each for each in slack.workspace.directory.channels if each.kind == "channel")
    enter(replace(ASKED, channel=known.id), replace(STOPPED, channel="C0GONE"))
    rows = json.loads(run("usage", "--month", MONTH, "--by", "channel", "--names", "--json")[1])["rows"]
    assert {row["id"]: row["name"] for row in rows} == {known.id: known.name, "C0GONE": ""}


def test_slack_is_asked_for_the_first_names_alone(enter, run, slack, monkeypatch):
    monkeypatch.setattr("entrypoints.operator.names.slack_names.MOST", 1)
    first, second = slack.workspace.directory.people[:2]
    enter(replace(STOPPED, person=first.id), replace(ASKED, person=second.id))
    rows = json.loads(run("usage", "--month", MONTH, "--names", "--json")[1])["rows"]
    assert {row["id"]: row["name"] for row in rows} == {first.id: first.name, second.id: ""}


def test_without_a_token_nobodys_name_is_known(enter, run):
    enter(ASKED)
    code, out, error = run("usage", "--names")
    assert (code, out) == (2, "")
    assert error.startswith("bot: --names needs SLACK_BOT_TOKEN to ask Slack, or SLACK_CLIENT_ID, ")


def test_the_columns_stand_below_one_another_whatever_people_are_called(enter, run, monkeypatch):
    monkeypatch.setattr(
        "entrypoints.operator.reports.usage.names_asked", lambda *_: {"USAKURA": "さくら", "UKENTA": "Ken"}
    )
    enter(ASKED, STOPPED)
    head, ken, sakura, _ = run("usage", "--month", MONTH, "--names")[1].splitlines()
    assert head.index("answers") == ken.index("1  ") == sakura.index("1  ") + len("さくら")


def test_where_slack_is_away_the_ids_stand_alone(enter, run, monkeypatch):
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:9/api/")  # where nobody answers
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-own")
    enter(ASKED)
    for by in ("person", "channel"):
        (row,) = json.loads(run("usage", "--month", MONTH, "--by", by, "--names", "--json")[1])["rows"]
        assert row["name"] == ""


def test_a_name_begins_no_formula_in_a_spreadsheet(enter, run, monkeypatch):
    names = {"USAKURA": "=1+1"}
    monkeypatch.setattr("entrypoints.operator.reports.usage.names_asked", lambda *_: names)
    enter(ASKED)
    (row,) = csv.DictReader(io.StringIO(run("usage", "--month", MONTH, "--names", "--csv")[1]))
    assert row["name"] == "'=1+1"
