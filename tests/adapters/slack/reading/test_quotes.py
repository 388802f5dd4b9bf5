"""What the model gets of quotes, of the post above, of files in shared channels, and how names are bounded."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.slack.client import web_client
from adapters.slack.reading.parent_post import TIMEOUT_SECONDS
from adapters.slack.reading.resolver import CHARACTERS, FETCHING_SHARE, NAMES_CHARACTERS, SlackResolver
from domain.attachments import Document, Unread, Unreadable
from domain.deadline import Deadline
from domain.requests import File, Question, Quote
from tests.adapters.slack.payloads import ALERT, FORWARDED, HOSTED, attached_table

ASKED = Question("T1", "C1", "1000.000002", "USAKURA", "いつですか", thread="1000.000001")
WALKS = "| 犬 | 散歩 |\n| --- | --- |\n| ポチ | 7:00 |\n| ハチ | 8:00 |"


class Slack:
    """The methods that reading calls, with what they answer; ``calls`` are their names and arguments."""

    def __init__(self, serve: Callable[[Starlette], str]) -> None:
        self.answers: dict[str, dict] = {}
        self.calls: list[tuple[str, dict[str, str]]] = []
        routes = [
            Route("/api/{method}", self._method, methods=["GET", "POST"]),
            Route("/files/notes.txt", lambda _: Response("ポチの散歩は七時です。")),
        ]
        self.url = serve(Starlette(routes=routes))
        self.resolver_url = f"{self.url}/api/"

    async def _method(self, request: Request) -> Response:
        method, body = request.path_params["method"], (await request.body()).decode()
        arguments = {name: value for name, (value,) in parse_qs(body or request.url.query).items()}
        self.calls.append((method, arguments))
        if method == "users.info":
            name = self.answers.get("names", {}).get(arguments["user"])
            return JSONResponse({"ok": bool(name), "error": "user_not_found", "user": {"name": name}})
        return JSONResponse(self.answers.get(method, {"ok": False, "error": "missing_scope"}))

    def called(self, method: str) -> list[dict[str, str]]:
        return [arguments for name, arguments in self.calls if name == method]

    def has_above(self, **post: object) -> None:
        self.answers["conversations.replies"] = {
            "ok": True,
            "messages": [{"ts": ASKED.thread} | post, {"ts": ASKED.ts}],
        }


@pytest.fixture
def slack(serve) -> Slack:
    return Slack(serve)


@pytest.fixture
def reader(slack: Slack, clock) -> SlackResolver:
    return SlackResolver(web_client("xoxb-1", slack.resolver_url), clock=clock, api_url=slack.resolver_url)


# Quotes


def test_quotes_come_before_files_with_names_for_ids_and_words_for_markup(slack: Slack, reader: SlackResolver):
    slack.answers["names"] = {"U7": "花子"}
    notes = File("notes.txt", "text/plain", 1, f"{slack.url}/files/notes.txt")
    quotes = (Quote("<@U7> &amp; <#C1|dogs>", "<@U7>"), Quote(WALKS), Quote("ポチ", ":\n"))
    assert reader.read(replace(ASKED, quotes=quotes, files=(notes,))).documents == (
        Document("花子", "@花子 & #dogs", quoted=True),
        Document("table", WALKS, quoted=True),
        Document("attachment", "ポチ", quoted=True),
        Document("notes.txt", "ポチの散歩は七時です。"),
    )


def test_quotes_and_files_share_one_bound(slack: Slack, reader: SlackResolver):
    notes = File("notes.txt", "text/plain", 1, f"{slack.url}/files/notes.txt")
    long = Quote("a" * (CHARACTERS - 5), "Hana")
    read = reader.read(replace(ASKED, quotes=(long, replace(long, cut=True), long), files=(notes,)))
    assert [(len(each.text), each.cut) for each in read.documents] == [(CHARACTERS - 5, False), (5, True)]
    assert read.unread == (Unread("notes.txt", Unreadable.COUNT),)


# The post above


def test_under_an_alert_of_another_app_the_alert_is_read(slack: Slack, reader: SlackResolver):
    slack.has_above(text="", bot_id="B7", bot_profile={"name": "Monitor"}, attachments=[ALERT, attached_table()])
    alert, table = reader.read(ASKED, first=True).documents
    assert (alert.name, alert.quoted) == ("Monitor", True)
    assert alert.text.splitlines()[1] == "Water is low (https://example.com/7)"
    assert table == Document("Monitor", WALKS, quoted=True)
    assert slack.called("conversations.replies") == [{"channel": "C1", "ts": "1000.000001", "limit": "1"}]


@pytest.mark.parametrize(
    ("post", "author"),
    [
        ({"bot_profile": {"name": "Monitor"}, "username": "Kennel"}, "Kennel"),
        ({"user": "USAKURA"}, "さくら"),
        ({"user": 7}, "attachment"),
        ({}, "attachment"),
    ],
)
def test_a_post_above_is_read_with_whose_it_is(slack: Slack, reader: SlackResolver, post: dict, author: str):
    slack.answers["names"] = {"USAKURA": "さくら"}
    slack.has_above(text="ポチの水が空です &amp; <!here>", **post)
    (above,) = reader.read(ASKED, first=True).documents
    assert above == Document(author, "ポチの水が空です & @here", quoted=True)


def test_of_an_alert_above_the_blocks_are_read_beside_what_its_notification_says(slack: Slack, reader: SlackResolver):
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "ポチの首輪の電池は *3 %* です。\n新着の警報"}}
    slack.has_above(text="新着の警報", blocks=[block], bot_id="B1", username="首輪")
    (above,) = reader.read(ASKED, first=True).documents
    assert above.text == "新着の警報\nポチの首輪の電池は *3 %* です。"


def test_a_forwarded_post_above_keeps_its_own_author(slack: Slack, reader: SlackResolver):
    slack.has_above(text="見て", user="U1", attachments=[FORWARDED])
    assert [each.name for each in reader.read(ASKED, first=True).documents] == ["U1", "花子"]


@pytest.mark.parametrize(
    "asked", [replace(ASKED, thread=""), replace(ASKED, thread=ASKED.ts), replace(ASKED, direct=True)]
)
def test_nothing_above_is_read_where_there_is_no_thread_of_others(slack: Slack, reader: SlackResolver, asked: Question):
    slack.has_above(text="ポチ")
    assert reader.read(asked, first=True).documents == ()
    assert reader.read(ASKED).documents == ()  # nor where the conversation has begun
    assert slack.called("conversations.replies") == []


@pytest.mark.parametrize(
    "answer",
    [
        {"ok": False, "error": "missing_scope"},
        {"ok": False, "error": "thread_not_found"},
        {"ok": True},
        {"ok": True, "messages": 7},
        {"ok": True, "messages": []},
        {"ok": True, "messages": [7]},
        {"ok": True, "messages": [{"ts": "1.1", "text": "another"}]},
        {"ok": True, "messages": [{"ts": "1000.000001", "text": 7, "blocks": 7, "attachments": 7}]},
    ],
)
def test_a_post_above_that_slack_does_not_hand_out_fails_no_question(slack: Slack, reader: SlackResolver, answer: dict):
    slack.answers["conversations.replies"] = answer
    read = reader.read(ASKED, first=True)
    assert (read.text, read.documents) == ("いつですか", ())


def test_a_post_above_is_not_waited_for_where_there_is_no_time(slack: Slack, reader: SlackResolver, clock):
    slack.has_above(text="ポチ")
    little = Deadline(clock).within(TIMEOUT_SECONDS / FETCHING_SHARE - 0.1)
    assert reader.read(ASKED, little, first=True).documents == ()
    assert slack.calls == []


# Files of shared channels


def shared_file(slack: Slack, **file: object) -> Question:
    url = f"{slack.url}/files/notes.txt"
    described = {"id": "F1", "name": "notes.txt", "mimetype": "text/plain", "mode": "hosted", "size": 33}
    slack.answers["files.info"] = {"ok": True, "file": described | {"url_private_download": url} | file}
    return replace(ASKED, files=(File("F1", "", 0, "", "F1"),))


def test_a_file_of_a_shared_channel_is_asked_for_and_read(slack: Slack, reader: SlackResolver):
    assert reader.read(shared_file(slack)).documents == (Document("notes.txt", "ポチの散歩は七時です。"),)
    assert slack.called("files.info") == [{"file": "F1"}]


@pytest.mark.parametrize(
    "file", [HOSTED | {"mode": "tombstone"}, 7, None, {"id": "F1", "file_access": "check_file_info"}]
)
def test_a_file_of_a_shared_channel_that_slack_does_not_describe_is_not_read(
    slack: Slack, reader: SlackResolver, file: object
):
    asked = shared_file(slack)
    slack.answers["files.info"] = {"ok": True, "file": file}
    assert reader.read(asked).unread == (Unread("F1", Unreadable.GONE),)


def test_why_a_file_of_a_shared_channel_is_not_read_is_in_the_log(slack: Slack, reader: SlackResolver, caplog):
    caplog.set_level("INFO")
    asked = shared_file(slack)
    slack.answers["files.info"] = {"ok": False, "error": "file_not_found"}
    assert reader.read(asked).unread == (Unread("F1", Unreadable.GONE),)
    assert "files.info answered file_not_found" in caplog.text


def test_a_file_of_a_shared_channel_is_not_asked_for_where_there_is_no_time(slack: Slack, reader: SlackResolver, clock):
    read = reader.read(shared_file(slack), Deadline(clock).within(0))
    assert read.unread == (Unread("F1", Unreadable.GONE),)
    assert slack.called("files.info") == []


def test_what_a_person_stops_is_not_read_on(slack: Slack, reader: SlackResolver, clock):
    read = reader.read(shared_file(slack), Deadline(clock, stopped=lambda: bool(slack.called("files.info"))))
    assert read.unread == (Unread("notes.txt", Unreadable.GONE),)


# Names


def test_the_names_put_into_a_question_are_bounded(slack: Slack, reader: SlackResolver):
    name = "ポチ" * 40
    slack.answers["names"] = {"U7": name}
    text = " ".join(["<@U7>"] * 2_500)
    read = reader.read(replace(ASKED, text=text, quotes=(Quote("<@U7>"),)))
    assert read.text.count(name) == NAMES_CHARACTERS // len(name)
    assert read.text.endswith("@U7 @U7")
    assert len(read.text) <= len(text) + NAMES_CHARACTERS
    assert read.documents[0].text == "@U7"
