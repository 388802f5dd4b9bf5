"""Names beside ids, where Slack tells them."""

import json
from dataclasses import replace

import pytest

from domain.requests import Vote
from tests.entrypoints.operator.bots import DOG
from tests.stand_ins import SlackServer


@pytest.fixture
def slack(serve, monkeypatch) -> SlackServer:
    server = SlackServer("http://127.0.0.1:9/")
    monkeypatch.setenv("SLACK_API_URL", f"{serve(server.app)}/api/")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-own")
    return server


@pytest.fixture
def known(whole_bot, slack):
    """A dead letter of a person and in a channel that Slack knows, with votes of that person and of one who is gone."""
    bot, _, votes = whole_bot
    person = slack.workspace.directory.people[0]
    channel = next(each for each in slack.workspace.directory.channels if each.kind == "channel")
    asked = replace(DOG, person=person.id, channel=channel.id)
    bot.bury(asked)
    for who in (person.id, "UGONE"):
        votes.keep(Vote("T1", channel.id, "1790000001.000001", who, asked.identity, good=True))
    return asked, person, channel


def test_a_question_is_shown_with_the_names_of_its_person_and_channel(known, run):
    asked, person, channel = known
    said = run("show", asked.reference, "--names")[1]
    assert f"by {person.id} {person.name} in {channel.name}\n" in said
    assert f"for the answer, by {person.id} {person.name}\n" in said
    assert "for the answer, by UGONE\n" in said
    assert json.loads(run("show", asked.reference, "--names", "--json")[1])["names"] == {
        person.id: person.name,
        channel.id: channel.name,
    }


def test_votes_and_dead_letters_are_listed_with_names(known, run):
    _, person, channel = known
    said = run("feedback", "--names")[1]
    assert f"{person.id} {person.name}  " in said
    assert f"{channel.id} {channel.name}  " in said
    assert f"/{channel.id}/1600000000.000001 {channel.name}  " in run("dead-letters", "--names")[1]


def test_nobody_asks_slack_unless_names_are_wanted(known, run, slack):
    asked, person, _ = known
    for command in (("show", asked.reference), ("feedback",), ("dead-letters",)):
        assert person.name not in run(*command)[1]


def test_without_a_token_it_says_so(known, run, monkeypatch):
    monkeypatch.delenv("SLACK_BOT_TOKEN")
    code, out, error = run("feedback", "--names")
    assert (code, out) == (2, "")
    assert error.startswith("bot: --names needs SLACK_BOT_TOKEN to ask Slack, or SLACK_CLIENT_ID, ")
