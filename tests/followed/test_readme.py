"""The commands of the README, typed as they stand there, on a machine that has nothing of this project yet."""

import json
import re

import pytest

from tests.followed.pages import commands_of
from tests.followed.person import Person
from tests.stand_ins import Model, SlackServer

README = {"en": "README.md", "ja": "README.ja.md"}

LINK = r"https://api\.slack\.com/apps\?new_app=1&manifest_\w+="

NOT_TYPED = {
    "make test": "it is what runs this test",
    "make quick": "it runs tests, among which make check has this one",
    "make check": "it is what runs this test in CI",
    "make bench": "it measures for minutes; tests/bench tests it",
    "make bench-peers": "it measures for minutes; tests/bench tests it",
    "make eval": "it asks a model for hours; tests/bench tests it",
}
"""Why a command is left out here."""


def goes_on(page: str) -> list[str]:
    """The commands after the first two, which ``start`` has typed, without those that are left out."""
    lines = [each.line for each in commands_of(page)[2:]]
    return [line for line in lines if line.partition("#")[0].strip() not in NOT_TYPED]


def test_the_first_two_commands_make_a_bot_that_answers(start):
    assert "Installing requirements/local.txt into .venv" in start.installed
    assert "Pochi" in start.answer
    assert "Traceback" not in start.ended


def test_both_pages_begin_with_the_commands_that_were_typed():
    english, japanese = (
        [each.line.partition("#")[0].strip() for each in commands_of(page)] for page in README.values()
    )
    assert japanese == [line.replace("=en ", "=ja ") for line in english]
    assert english[0].startswith("git clone …")
    assert english[1] == "BOT_LANGUAGE=en make run"


def test_every_command_that_is_left_out_is_in_the_readme():
    lines = {each.line.partition("#")[0].strip() for each in commands_of("README.md")}
    assert NOT_TYPED.keys() <= lines


@pytest.fixture
def elsewhere(serve) -> tuple[SlackServer, Model]:
    return SlackServer("http://127.0.0.1:9/", app_token="xapp-own"), Model()


def test_every_other_command_does_what_the_page_says(person, elsewhere, serve):
    small, manifest, export, run, deploy = goes_on(README["en"])
    with person.serves(small) as bot:
        assert "<title>" in bot.get("/")
        assert json.loads(bot.get("/healthz"))["ok"]
        assert "Traceback" not in bot.ctrl_c()
    assert re.match(LINK, person.types(manifest).stdout)
    in_slack(person, export, run, *elsewhere, serve)
    refused = person.types(deploy)
    assert refused.returncode != 0
    assert "make deploy needs" in refused.stdout


def test_the_commands_of_the_japanese_page_make_the_same_bot_speak_japanese(person):
    small, manifest, *_ = goes_on(README["ja"])
    (copy,) = commands_of("docs/ja/configuration.md")
    assert person.types(copy.line).returncode == 0
    person.types("echo LOG_FORMAT=json >>.env")
    with person.serves(small) as bot:
        assert "ready on" in json.loads(bot.shown[-1])["message"]
        assert "APIキーがない" in bot.asks("@bot 私の犬の名前はポチです")[1]
        assert "Traceback" not in bot.ctrl_c()
    assert re.match(LINK, person.types(manifest).stdout)


def in_slack(person: Person, export: str, run: str, slack: SlackServer, model: Model, serve) -> None:
    """Slack and the model are elsewhere than the page has them, and the tokens are theirs."""
    assert person.types(export.replace("…", "own")).returncode == 0
    person.types(f"export SLACK_API_URL={serve(slack.app)}/api/ OPENAI_BASE_URL={serve(model.app)}/v1")
    slack.stand_in.start()
    try:
        with person.serves(run) as bot:
            examined = person.types(".venv/bin/bot doctor")
            assert examined.returncode == 0, examined.stdout
            slack.say("@bot 元気?")
            assert slack.wait_until(lambda said: "ポチは元気ですよ" in said)
            assert "Traceback" not in bot.ctrl_c()
    finally:
        slack.stand_in.stop()
