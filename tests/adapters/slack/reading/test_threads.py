"""Threads as the bot reads them, by its real client from the emulated Slack."""

import logging
from collections.abc import Callable

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from adapters.slack.client import web_client
from adapters.slack.reading.resolver import FETCHING_SHARE, SlackResolver
from adapters.slack.reading.thread_pages import CALLS, PAGE, TIMEOUT_SECONDS
from adapters.slack.reading.threads import BETWEEN
from domain.conversations.place import Place
from domain.conversations.thread_posts import Post, ThreadPosts
from domain.deliveries.deadline import Deadline
from domain.requests import Question
from domain.timestamp import Timestamp
from entrypoints.playground.emulator.server import SlackEmulator
from entrypoints.playground.emulator.workspace import messages
from entrypoints.playground.emulator.workspace.model import Post as SlackPost
from entrypoints.playground.emulator.workspace.workspace import Workspace
from tests.adapters.slack.payloads import ALERT, FORWARDED, attached_table

CHANNEL, ME, SAKURA, KEN = "C0CHANNEL1", "U0PERSON01", "U0PERSON02", "U0PERSON03"


class Office:
    """A thread in the emulated Slack, and the bot's reader. ``calls`` are the methods that it has called."""

    def __init__(self, serve: Callable[[Starlette], str], clock: Callable[[], float], **options: object) -> None:
        self.clock = clock
        self.workspace = Workspace("ja", clock)
        emulator = SlackEmulator(
            self.workspace, bot_token="xoxb-1", signing_secret="s", events_url="http://127.0.0.1:1/", **options
        )
        self.calls: list[str] = []
        self.raw: dict[str, dict] = {}
        self.url = serve(Starlette(routes=[Route("/api/{method}", self._method, methods=["POST", "GET"])]))
        self._call = emulator.routes[0].endpoint
        self.client = web_client("xoxb-1", f"{self.url}/api/")
        self.reader = SlackResolver(self.client, clock=clock, api_url=f"{self.url}/api/")

    async def _method(self, request: Request):
        method = request.path_params["method"]
        self.calls.append(method)
        return JSONResponse(self.raw[method]) if method in self.raw else await self._call(request)

    def say(self, text: str, thread: str = "", person: str = KEN, **more) -> str:
        self.clock.now += 1
        return self.workspace.say(person, CHANNEL, text, thread, **more).ts

    def fill(self, times: list[float], text: str = "{}") -> str:
        """A thread with posts so many seconds after its first one; returns the first one's ts."""
        start = self.clock() - times[-1] - 10
        posts = [SlackPost(CHANNEL, f"{start:.6f}", KEN, "議題は散歩")]
        posts += [
            SlackPost(CHANNEL, f"{start + each:.6f}", KEN, text.format(n), posts[0].ts)
            for n, each in enumerate(times, 1)
        ]
        for each in posts:
            self.workspace.messages._keep(each)
        return posts[0].ts

    def above(self, thread: str, since: str | None = None, deadline: Deadline | None = None) -> ThreadPosts:
        asked = Question("T1", CHANNEL, self.say("@bot まとめて", thread, ME), ME, "まとめて", thread)
        self.asked = asked
        return self.reader.thread(asked, Timestamp(since) if since else None, deadline or Deadline(self.clock))

    def texts(self, thread: str, since: str | None = None) -> list[str]:
        return [each.text for each in self.above(thread, since).posts]


@pytest.fixture
def office(serve, clock) -> Office:
    return Office(serve, clock)


def test_a_thread_is_read_with_names_for_ids_and_without_the_question_itself(office):
    thread = office.say("@さくら 散歩は &lt;何時?")
    reply = office.say("七時です", thread, SAKURA)
    read = office.above(thread)
    office.say("あとから", thread)
    assert read == ThreadPosts(
        (Post(thread, KEN, "@さくら 散歩は &lt;何時?", "ケン"), Post(reply, SAKURA, "七時です", "さくら"))
    )
    assert office.calls.count("conversations.replies") == 1


def test_what_is_posted_after_the_question_is_not_above_it(office):
    thread = office.say("散歩は何時?")
    asked = Question("T1", CHANNEL, office.say("@bot まとめて", thread), KEN, "まとめて", thread)
    office.say("七時です", thread)
    assert [each.text for each in office.reader.thread(asked, None).posts] == ["散歩は何時?"]


def test_the_bots_own_answers_are_told_from_what_people_say(office):
    thread = office.say("散歩は?")
    office.client.chat_postMessage(channel=CHANNEL, thread_ts=thread, markdown_text="**七時**です")
    office.client.chat_postMessage(channel=CHANNEL, thread_ts=thread, text="…")  # a reply without a word yet
    office.clock.now += 1
    read = office.above(thread)
    assert [(each.text, each.own) for each in read.posts] == [("散歩は?", False), ("**七時**です", True)]
    assert office.calls.count("auth.test") == 1
    office.above(thread)
    assert office.calls.count("auth.test") == 1


def test_files_are_named_and_not_fetched(office):
    thread = office.say("見て", files=[("ポチ.txt", "text/plain", b"wan")])
    assert office.texts(thread) == ["見て\n[ポチ.txt]"]


def test_after_a_quiet_time_only_what_was_said_since_is_read(office):
    thread = office.say("散歩は?")
    quiet = office.say("静かに", thread)
    office.say("傘は?", thread)
    assert office.texts(thread, quiet) == ["傘は?"]


def test_a_deleted_first_post_is_left_out(office):
    thread = office.say("内緒です")
    office.say("はい", thread)
    office.workspace.delete(KEN, CHANNEL, thread)
    assert office.texts(thread) == ["はい"]


# Long threads


@pytest.mark.parametrize(
    "times",
    [
        [float(n) for n in range(1, 5_001)],
        [*[n / 100 for n in range(1, 4_801)], *[100_000.0 + n * 50_000 for n in range(200)]],
        [*[n * 50_000.0 for n in range(1, 201)], *[11_000_000 + n / 10 for n in range(4_800)]],
    ],
    ids=["steady", "busy at first", "busy at last"],
)
def test_of_a_thread_of_5000_posts_the_first_and_the_newest_are_read_with_few_calls(office, times, monkeypatch):
    monkeypatch.setattr(messages, "POSTS_KEPT", 6_000)
    thread = office.fill(times)
    read = office.above(thread)
    assert read.partial
    assert read.posts[0].text == "議題は散歩"
    newest = [each.text for each in read.posts[1:]]
    assert newest == [str(n) for n in range(5_001 - len(newest), 5_001)]
    assert 20 <= len(newest) <= PAGE
    assert office.calls.count("conversations.replies") <= CALLS


def test_a_thread_that_fits_into_a_page_is_whole(office):
    read = office.above(office.fill([float(n) for n in range(1, PAGE)]))
    assert (read.partial, len(read.posts)) == (False, PAGE)


def test_a_rate_limit_on_the_way_leaves_what_was_read_by_then(serve, clock):
    office = Office(serve, clock, rates={"conversations.replies": 1})
    read = office.above(office.fill([float(n) for n in range(1, 300)]))
    assert (read.partial, len(read.posts), read.posts[0].text) == (True, PAGE, "議題は散歩")


def test_a_long_thread_is_not_waited_for_where_there_is_no_time(office):
    thread = office.fill([float(n) for n in range(1, 300)])
    little = Deadline(office.clock).within(TIMEOUT_SECONDS / FETCHING_SHARE - 0.1)
    assert office.above(thread, deadline=little).partial
    assert office.calls.count("conversations.replies") == 1


# What other apps post


def thread_of(office: Office, **post: object) -> str:
    thread = office.say("…")
    office.raw["conversations.replies"] = {"ok": True, "messages": [{"ts": thread} | post, {"ts": "9999999999.1"}]}
    return thread


def test_an_alert_of_another_app_is_read_with_its_attachments_and_tables(office):
    thread = thread_of(
        office, text="", bot_id="B7", bot_profile={"name": "Monitor"}, attachments=[ALERT, attached_table()]
    )
    (alert,) = office.above(thread).posts
    assert (alert.author, alert.name, alert.own) == ("B7", "Monitor", False)
    lines = alert.text.splitlines()
    assert "> Water is low (https://example.com/7)" in lines
    assert "> | ポチ | 7:00 |" in lines


@pytest.mark.parametrize(
    ("post", "author", "name"),
    [
        ({"bot_id": "B7", "bot_profile": {"name": "Monitor"}, "username": "Kennel"}, "B7", "Kennel"),
        ({"user": SAKURA}, SAKURA, "さくら"),
        ({"user": "U9"}, "U9", ""),
        ({"user": 7, "username": "Hook"}, "Hook", "Hook"),
        ({}, "", ""),
    ],
)
def test_a_post_is_read_with_whose_it_is(office, post, author, name):
    (read,) = office.above(thread_of(office, text="ポチの水が空です &amp; <!here>", **post)).posts
    assert (read.author, read.name, read.text) == (author, name, "ポチの水が空です & @here")


def test_of_an_alert_the_blocks_are_read_beside_what_its_notification_says(office):
    block = {"type": "section", "text": {"type": "mrkdwn", "text": "ポチの首輪の電池は *3 %* です。\n新着の警報"}}
    thread = thread_of(office, text="新着の警報", blocks=[block], bot_id="B1", username="首輪")
    assert office.texts(thread) == ["新着の警報\nポチの首輪の電池は *3 %* です。"]


def test_a_forwarded_post_keeps_its_own_author(office):
    (read,) = office.above(thread_of(office, text="見て", user="U9", attachments=[FORWARDED])).posts
    assert read.text.splitlines()[0] == "見て"
    assert read.text.splitlines()[1].startswith("> 花子: ")


@pytest.mark.parametrize(
    "post", [{"text": "入室", "subtype": "channel_join"}, {"text": "隠し", "hidden": True}, {"ts": 7}]
)
def test_notices_and_what_is_no_post_are_left_out(office, post):
    assert office.above(thread_of(office, user="U9", **post)).posts == ()


def test_where_slack_does_not_say_who_the_bot_is_its_posts_are_another_apps(office):
    office.raw["auth.test"] = {"ok": False, "error": "internal_error"}
    (read,) = office.above(thread_of(office, text="はい", bot_id="B0BOT00001", username="bot")).posts
    assert (read.own, read.name) == (False, "bot")


# What Slack does not hand out


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            {"ok": False, "error": "missing_scope", "needed": "groups:history", "provided": "chat:write"},
            "missing_scope, the scope groups:history is needed",
        ),
        ({"ok": False, "error": "missing_scope", "needed": "\nx"}, "missing_scope"),
        ({"ok": False, "error": "thread_not_found"}, "thread_not_found"),
        ({"ok": False, "error": "not_in_channel"}, "not_in_channel"),
        ({"ok": True}, "UnexpectedResponse"),
        ({"ok": True, "messages": 7}, "UnexpectedResponse"),
    ],
)
def test_a_thread_that_slack_does_not_hand_out_is_unreadable_and_one_line_says_why(office, caplog, answer, reason):
    thread = office.say("散歩は?")
    office.raw["conversations.replies"] = answer
    with caplog.at_level(logging.INFO):
        assert office.above(thread) == ThreadPosts(unreadable=True)
    assert caplog.messages == [f"question {office.asked.reference}: the thread above is not read: {reason}"]


@pytest.mark.parametrize("posts", [[], [7], [{"ts": "1.1", "text": "よその話"}], [{"ts": None}]])
def test_what_is_no_post_of_the_thread_is_not_read(office, posts):
    thread = office.say("散歩は?")
    office.raw["conversations.replies"] = {"ok": True, "messages": posts}
    assert office.above(thread).posts == ()


# The posts of a note


def between(office: Office, first: str, last: str, place: Place) -> ThreadPosts:
    asked = Question("T1", CHANNEL, office.say("記憶 1"), ME, "記憶 1", place.thread)
    office.asked = asked
    return office.reader.between(asked, place, Timestamp(first), Timestamp(last))


def test_the_posts_of_a_note_are_read_from_the_first_to_the_last(office):
    thread = office.say("散歩は?")
    said = [office.say(each, thread) for each in ("六時", "七時", "八時", "九時")]
    read = between(office, said[1], said[2], Place(f"T1/{CHANNEL}/{thread}", thread))
    assert ([each.text for each in read.posts], read.partial) == (["七時", "八時"], False)


def test_outside_threads_the_posts_of_a_note_are_read_from_the_channel(office):
    said = [office.say(each) for each in ("六時", "七時", "八時")]
    read = between(office, said[0], said[1], Place(f"T1/{CHANNEL}", ""))
    assert [each.text for each in read.posts] == ["六時", "七時"]
    assert "conversations.history" in office.calls


def test_of_a_note_of_many_posts_some_are_read(office):
    thread = office.fill([float(n) for n in range(1, 100)])
    read = between(office, thread, "9999999999.1", Place(f"T1/{CHANNEL}/{thread}", thread))
    assert (read.partial, len(read.posts)) == (True, BETWEEN)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"ok": False, "error": "missing_scope", "needed": "im:history"}, "im:history"),
        ({"ok": True}, "UnexpectedResponse"),
    ],
)
def test_posts_of_a_note_that_slack_does_not_hand_out_are_unreadable(office, caplog, answer, reason):
    office.raw["conversations.history"] = answer
    assert between(office, "1.1", "2.1", Place(f"T1/{CHANNEL}", "")).unreadable
    assert reason in caplog.text
