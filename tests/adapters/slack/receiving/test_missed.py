"""What was posted while the bot could not hear, read with the real client from the emulator."""

from collections.abc import Callable, Iterator, Sequence
from urllib.parse import parse_qs

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.slack.client import web_client
from adapters.slack.receiving.missed import History, MissedEvents
from adapters.slack.receiving.missed import events_from_history as module
from domain.errors import SlackUnavailable
from domain.requests import Question
from entrypoints.playground.emulator.rate_limits import RATES
from entrypoints.playground.emulator.server import SlackEmulator
from entrypoints.playground.emulator.workspace.model import BOT_USER, TEAM
from entrypoints.playground.emulator.workspace.workspace import Workspace
from tests.adapters.slack.endpoint_harness import EndpointHarness
from tests.conftest import Clock


class Office:
    """A Slack in which people post, and what the bot reads of it. ``answers`` stand in place of some methods'."""

    def __init__(self, serve, clock: Clock, rates: dict[str, int] | None = None) -> None:
        self.clock = clock
        self.workspace = Workspace("ja", clock)
        self.answers: dict[str, Callable[[dict], Response | None]] = {}
        self.calls: list[tuple[str, dict]] = []
        emulator = SlackEmulator(
            self.workspace,
            bot_token="xoxb-1",
            signing_secret="s",
            events_url="http://127.0.0.1:9/",
            clock=clock,
            rates=rates,
        )
        (api,) = [route for route in emulator.routes if getattr(route, "path", "") == "/api/{method}"]

        async def call(request: HttpRequest) -> Response:
            method = request.path_params["method"]
            arguments = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
            self.calls.append((method, arguments))
            other = self.answers.get(method, lambda _: None)(arguments)
            return other or await api.endpoint(request)

        self.url = serve(Starlette(routes=[Route("/api/{method}", call, methods=["POST"])]))
        self.waits: list[float] = []
        self.history = History(web_client("xoxb-1", f"{self.url}/api/"), self.pause)
        self.person = self.workspace.directory.people[0].id
        self.channel = self.workspace.directory.channels[0].id
        self.direct = self.workspace.directory.channel(self.person).id

    def pause(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.clock.pass_by(seconds)

    def say(self, text: str, channel: str = "", thread: str = "") -> str:
        self.clock.pass_by(1)
        return self.workspace.say(self.person, channel or self.channel, text, thread).ts

    def methods(self) -> list[str]:
        return [method for method, _ in self.calls]

    def asked_since(
        self, oldest: float, conversations: Sequence[str] = (), channels: Sequence[str] = (), **settings: object
    ) -> list[Question]:
        """What the endpoint with these settings makes of it, in the order in which it was handed over."""
        harness = EndpointHarness(self.clock, **settings)
        for payload in MissedEvents(self.history, lambda: conversations, channels).since(oldest):
            harness.endpoint.accept(payload)
        return harness.queue.requests

    def texts_since(self, oldest: float, conversations: Sequence[str] = ()) -> list[str]:
        return [question.text for question in self.asked_since(oldest, conversations)]


@pytest.fixture
def office(serve, clock) -> Iterator[Office]:
    return Office(serve, clock)


def test_mentions_follow_ups_and_direct_messages_are_read_in_the_order_in_which_they_were_posted(office):
    thread = office.say("@bot 犬の名前はポチです")
    since = office.clock()
    office.say("散歩は?", thread=thread)
    office.say("おはよう", office.direct)
    office.say("昼ごはんに行こう")
    office.say("@bot ポチは元気?")
    office.say("@bot みんなで散歩?", office.workspace.group.id)
    asked = office.asked_since(since, [f"{TEAM}/{office.channel}/{thread}"])
    assert [each.text for each in asked] == ["散歩は?", "おはよう", "ポチは元気?", "みんなで散歩?"]
    assert [(each.thread, each.direct, each.addressed) for each in asked] == [
        (thread, False, False),
        ("", True, True),
        ("", False, True),
        ("", False, True),
    ]


def test_what_was_missed_in_a_team_is_allowed_by_its_enterprises_id(office):
    who = {"ok": True, "team_id": TEAM, "user_id": BOT_USER, "enterprise_id": "E1"}
    office.answers["auth.test"] = lambda _: JSONResponse(who)
    since = office.clock()
    office.say("@bot ポチは元気?")
    assert [(each.team, each.enterprise) for each in office.asked_since(since, teams={"E1"})] == [(TEAM, "")]
    assert office.asked_since(since, teams={"E2"}) == []


def test_a_missed_post_has_the_identity_of_the_event_that_slack_may_still_deliver(office):
    since = office.clock()
    ts = office.say("@bot ポチは元気?")
    (question,) = office.asked_since(since)
    assert question.identity == f"{TEAM}/{office.channel}/{ts}"


def test_what_was_posted_before_is_left_alone(office):
    office.say("@bot ポチは元気?")
    assert office.asked_since(office.clock()) == []


def test_a_thread_of_direct_messages_goes_on(office):
    thread = office.say("おはよう", office.direct)
    since = office.clock()
    office.say("散歩は?", office.direct, thread)
    (question,) = office.asked_since(since)
    assert (question.text, question.thread, question.direct) == ("散歩は?", thread, True)


def test_a_person_of_another_company_is_known_for_one(office):
    since = office.clock()
    ts = office.say("@bot ポチは元気?")
    post = {
        "type": "message",
        "user": "U0GUEST001",
        "ts": ts,
        "text": "<@U0BOT00001> ポチは元気?",
        "team": "T0GUEST001",
    }
    shared = {"id": office.channel, "is_channel": True, "is_ext_shared": True}
    office.answers["users.conversations"] = lambda _: JSONResponse({"ok": True, "channels": [shared]})
    office.answers["conversations.history"] = lambda _: JSONResponse({"ok": True, "messages": [post]})
    (question,) = office.asked_since(since)
    assert (question.person, question.person_team, question.external) == ("U0GUEST001", "T0GUEST001", True)


def test_the_bots_own_posts_ask_nothing(office):
    since = office.clock()
    ts = office.say("@bot ポチは元気?")
    office.clock.pass_by(1)
    office.workspace.bot.post(office.channel, "はい、元気です", markdown=False, thread=ts)
    assert office.texts_since(since) == ["ポチは元気?"]


def test_a_question_that_was_answered_by_others_meanwhile_is_still_no_post_of_a_thread(office):
    since = office.clock()
    ts = office.say("@bot ポチは元気?")
    office.say("元気だよ", thread=ts)
    question = office.asked_since(since)[0]
    assert (question.ts, question.thread) == (ts, "")


def test_a_mention_in_a_thread_that_the_bot_does_not_know_is_found(office):
    alert = office.say("ポチがいなくなりました")
    since = office.clock()
    office.say("@bot どこを探す?", thread=alert)
    (question,) = office.asked_since(since)
    assert (question.text, question.thread) == ("どこを探す?", alert)


def test_a_thread_that_is_older_than_a_day_is_read_where_the_bot_takes_part(office):
    thread, other = office.say("@bot 犬の名前はポチです"), office.say("昼ごはんは?")
    office.clock.pass_by(2 * module.THREAD_AGE)
    since = office.clock()
    office.say("散歩は?", thread=thread)
    office.say("@bot ポチも?", thread=other)
    assert office.texts_since(since, [f"{TEAM}/{office.channel}/{thread}"]) == ["散歩は?"]


def test_threads_without_a_new_reply_are_not_read(office):
    thread = office.say("@bot 犬の名前はポチです")
    office.say("散歩は?", thread=thread)
    office.asked_since(office.clock(), [f"{TEAM}/{office.channel}/{thread}"])
    assert "conversations.replies" not in office.methods()


def test_an_edited_question_is_asked_as_it_stands_now(office):
    since = office.clock()
    post = office.workspace.messages.find(office.channel, office.say("@bot ボチは元気?"))
    office.workspace.messages.change(post, text=post.text.replace("ボチ", "ポチ"), edited="1790000009.000000")
    assert office.texts_since(since) == ["ポチは元気?"]


def test_channels_that_are_not_on_the_allow_list_are_not_read(office):
    since = office.clock()
    office.say("@bot ポチは元気?")
    office.say("おはよう", office.direct)
    assert [each.text for each in office.asked_since(since, channels=[office.direct])] == ["おはよう"]
    assert {call["channel"] for method, call in office.calls if method == "conversations.history"} == {office.direct}


def test_every_page_is_read(office, monkeypatch):
    monkeypatch.setattr("adapters.slack.receiving.missed.history.PAGE", 2)
    since = office.clock()
    for number in range(5):
        office.say(f"@bot {number}匹目は?")
    assert office.texts_since(since) == [f"{number}匹目は?" for number in range(5)]


def test_a_rate_limit_is_waited_out_as_long_as_slack_says(serve, clock):
    office = Office(serve, clock, {**RATES, "conversations.history": 3})
    since = office.clock()
    office.say("@bot ポチは元気?")
    office.say("おはよう", office.direct)
    assert office.texts_since(since) == ["ポチは元気?", "おはよう"]
    assert sum(office.waits) >= 60


def test_a_rate_limit_without_end_ends_the_reading(office):
    limited = JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "7"})
    office.answers["auth.test"] = lambda _: limited
    with pytest.raises(SlackUnavailable, match="limits the rate"):
        office.asked_since(office.clock())
    assert set(office.waits) == {0, 7}


def test_an_outage_ends_the_reading_so_that_nothing_is_taken_for_read(office):
    office.answers["conversations.history"] = lambda _: Response("<html>", 503, media_type="text/html")
    with pytest.raises(SlackUnavailable):
        office.asked_since(office.clock())


def lacking(needed: str) -> JSONResponse:
    return JSONResponse({"ok": False, "error": "missing_scope", "needed": needed, "provided": "chat:write"})


def test_without_a_scope_the_rest_is_read_and_one_line_names_it(office, caplog):
    since = office.clock()
    office.say("@bot ポチは元気?")
    office.say("おはよう", office.direct)
    office.answers["users.conversations"] = lambda call: lacking("im:read") if call["types"] == "im" else None
    assert office.texts_since(since) == ["ポチは元気?"]
    assert office.texts_since(since) == ["ポチは元気?"]
    (line,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert "im:read" in line


def test_without_any_list_of_channels_those_are_read_in_which_the_bot_has_answered(office):
    since = office.clock()
    office.say("@bot ポチは元気?")
    office.say("おはよう", office.direct)
    office.say("@bot 猫は?", office.workspace.directory.channels[1].id)
    office.answers["users.conversations"] = lambda _: lacking("channels:read")
    known = [f"{TEAM}/{office.channel}/1700000000.000001", f"{TEAM}/{office.direct}", "T0OTHER/C0OTHER"]
    assert office.texts_since(since, known) == ["ポチは元気?", "おはよう"]
    assert "C0OTHER" not in str(office.calls)


def test_a_channel_that_slack_does_not_show_hides_no_other(office, caplog):
    since = office.clock()
    office.say("@bot ポチは元気?")
    office.say("おはよう", office.direct)
    refused = JSONResponse({"ok": False, "error": "channel_not_found"})
    office.answers["conversations.history"] = lambda call: refused if call["channel"] == office.channel else None
    assert office.texts_since(since) == ["おはよう"]
    assert not [record for record in caplog.records if record.levelname == "WARNING"]


def test_so_many_channels_are_read_at_most_and_those_first_in_which_the_bot_has_answered(office, monkeypatch, caplog):
    monkeypatch.setattr(module, "CHANNELS", 1)
    since = office.clock()
    office.say("おはよう", office.direct)
    office.say("@bot ポチは元気?")
    assert office.texts_since(since, [f"{TEAM}/{office.channel}"]) == ["ポチは元気?"]
    assert "1 of 7 channels" in caplog.text


@pytest.mark.parametrize(
    "post",
    [{}, {"ts": 1}, {"ts": ["1.0"]}, {"ts": "soon", "latest_reply": "9790000000.000000"}, {"ts": None, "text": []}],
)
def test_posts_of_an_odd_shape_are_passed_over(office, post):
    office.answers["conversations.history"] = lambda _: JSONResponse({"ok": True, "messages": [post, "?"]})
    assert office.asked_since(office.clock()) == []
