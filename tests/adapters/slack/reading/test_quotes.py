"""What the model gets of quotes and of files in shared channels, and how names are bounded."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.slack.client import web_client
from adapters.slack.reading.resolver import CHARACTERS, NAMES_CHARACTERS, SlackResolver
from domain.attachments import Document, Unread, Unreadable
from domain.deliveries.deadline import Deadline
from domain.requests import File, Question, Quote
from tests.adapters.slack.payloads import HOSTED

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
