"""The stand-in for Slack, held against the real slack_sdk."""

import asyncio
import http.client
import json
import queue
import socket
import threading
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import Clock as SlackClock
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from starlette.applications import Starlette
from starlette.websockets import WebSocketDisconnect

from bench.ports import free_port
from entrypoints.playground.emulator.event_delivery import EventDelivery
from entrypoints.playground.emulator.rate_limits import RATES
from entrypoints.playground.emulator.socket_mode import SocketModeServer
from entrypoints.playground.emulator.web_api import WebApi
from entrypoints.playground.emulator.workspace.messages import POSTS_KEPT
from entrypoints.playground.emulator.workspace.model import BOT, BOT_USER, TEAM
from entrypoints.playground.emulator.workspace.workspace import Workspace
from tests.entrypoints.playground.conftest import (
    APP_TOKEN,
    BOT_TOKEN,
    CHANNEL,
    DIRECT,
    GROUP,
    NOON,
    PERSON,
    SECRET,
    Clock,
    refusal,
)
from tests.stand_ins import SOON

# --- who may call ---------------------------------------------------------------------------------


def test_the_bot_learns_who_it_is(slack):
    answer = slack.client.auth_test()

    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == (TEAM, BOT_USER, BOT)


@pytest.mark.parametrize(
    ("token", "error"), [("xoxb-wrong", "invalid_auth"), (APP_TOKEN, "not_allowed_token_type"), ("", "not_authed")]
)
def test_a_wrong_token_is_refused(slack, token, error):
    assert refusal(WebClient(token, base_url=f"{slack.url}/api/").auth_test) == error


def test_a_token_may_come_in_the_form(slack):
    client = WebClient(base_url=f"{slack.url}/api/")

    assert client.api_call("auth.test", data={"token": BOT_TOKEN})["ok"]


def test_an_unknown_method_is_refused_by_name(slack):
    assert refusal(slack.client.admin_users_list) == "unknown_method"


@pytest.mark.parametrize(
    ("kind", "body", "error"),
    [
        ("application/json", b"{", "invalid_json"),
        ("application/json", b"[]", "json_not_object"),
        ("application/json", b"[" * 100_000, "invalid_json"),
        ("text/xml", b"<a/>", "invalid_post_type"),
        ("application/json", b" " * 1_000_001, "request_too_large"),
    ],
)
def test_a_malformed_body_is_refused(slack, kind, body, error):
    with closing(http.client.HTTPConnection(urlsplit(slack.url).netloc, timeout=SOON)) as connection:
        headers = {"Content-Type": kind, "Authorization": f"Bearer {BOT_TOKEN}"}
        connection.request("POST", "/api/auth.test", body, headers)
        response = connection.getresponse()
        assert (response.status, json.load(response)) == (200, {"ok": False, "error": error})


@pytest.mark.parametrize("path", ["/api/auth.test", "/response/secret", "/upload/v1/secret"])
def test_a_caller_who_hangs_up_within_a_request_is_no_error(slack, path):
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": []}
    messages = [{"type": "http.request", "body": b"half", "more_body": True}, {"type": "http.disconnect"}]
    sent: list[dict] = []

    async def receive() -> dict:
        return messages.pop(0)

    async def send(message: dict) -> None:
        sent.append(message)

    asyncio.run(Starlette(routes=slack.stand_in.routes)(scope, receive, send))

    assert sent[0]["status"] < 500


# --- chat.postMessage and chat.update --------------------------------------------------------------


def test_a_message_is_posted_in_a_thread_under_another_name(slack):
    asked = slack.ask()

    posted = slack.client.chat_postMessage(channel=CHANNEL, thread_ts=asked, text="はい", username="執事")

    assert posted["message"]["username"] == "執事"
    assert posted["message"]["thread_ts"] == asked
    assert slack.text_of(posted["ts"]) == "はい"


def test_a_reply_to_a_reply_belongs_to_the_first_post_of_the_thread(slack):
    asked = slack.ask()
    reply = slack.client.chat_postMessage(channel=CHANNEL, thread_ts=asked, text="はい")["ts"]

    assert (
        slack.client.chat_postMessage(channel=CHANNEL, thread_ts=reply, text="そして")["message"]["thread_ts"] == asked
    )


def test_a_persons_id_stands_for_their_direct_messages(slack):
    assert slack.client.chat_postMessage(channel=PERSON, text="はい")["channel"] == DIRECT


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"text": "a" * 4_001}, "msg_too_long"),
        ({"markdown_text": "a" * 12_001}, "msg_too_long"),
        ({"text": "a", "markdown_text": "a"}, "markdown_text_conflict"),
        ({"text": ""}, "no_text"),
        ({"text": "a", "channel": "C0NOWHERE"}, "channel_not_found"),
        ({"text": "a", "channel": ""}, "invalid_arguments"),
        ({"text": "a", "blocks": [{"type": "poem"}]}, "invalid_blocks"),
        ({"text": "a", "attachments": [{"text": "a"}]}, "invalid_attachments"),
        ({"text": "a", "thread_ts": 7}, "invalid_arguments"),
    ],
)
@pytest.mark.filterwarnings("ignore:The top-level `text` argument is missing")
def test_a_message_that_slack_would_not_take_is_refused(slack, arguments, error):
    assert refusal(slack.client.chat_postMessage, **{"channel": CHANNEL, **arguments}) == error


def test_messages_of_exactly_the_limits_are_taken(slack):
    slack.client.chat_postMessage(channel=CHANNEL, text="字" * 4_000)
    slack.client.chat_postMessage(channel=CHANNEL, markdown_text="字" * 12_000)
    assert [len(post.text) for post in slack.workspace.messages.posts()] == [4_000, 12_000]


def test_an_update_replaces_the_text(slack):
    ts = slack.client.chat_postMessage(channel=CHANNEL, text="はい")["ts"]

    slack.client.chat_update(channel=CHANNEL, ts=ts, markdown_text="**いいえ**")

    assert slack.text_of(ts) == "**いいえ**"


@pytest.mark.parametrize("name", ["text", "markdown_text"])
@pytest.mark.filterwarnings("ignore:The top-level `text` argument is missing")
def test_an_update_over_4000_characters_is_refused(slack, name):
    ts = slack.client.chat_postMessage(channel=CHANNEL, text="はい")["ts"]

    assert refusal(slack.client.chat_update, channel=CHANNEL, ts=ts, **{name: "a" * 4_001}) == "msg_too_long"


def test_only_the_bots_own_messages_can_be_updated(slack):
    assert refusal(slack.client.chat_update, channel=CHANNEL, ts=slack.ask(), text="a") == "cant_update_message"
    assert refusal(slack.client.chat_update, channel=CHANNEL, ts="1.0", text="a") == "message_not_found"


# --- streams ---------------------------------------------------------------------------------------


def test_a_stream_grows_and_ends(slack):
    ts = slack.stream(username="執事")
    slack.client.chat_appendStream(channel=CHANNEL, ts=ts, markdown_text="こん")
    assert slack.text_of(ts) == "こん"

    answer = slack.client.chat_stopStream(channel=CHANNEL, ts=ts, markdown_text="にちは")

    assert answer["message"]["text"] == "こんにちは"
    assert answer["message"]["username"] == "執事"


def test_the_sdks_own_helper_streams(slack):
    stream = slack.client.chat_stream(
        channel=CHANNEL, thread_ts=slack.ask(), recipient_team_id=TEAM, recipient_user_id=PERSON, buffer_size=4
    )
    for words in ("ひと", "つ、ふた", "つ、", "みっつ"):
        stream.append(markdown_text=words)

    assert stream.stop()["message"]["text"] == "ひとつ、ふたつ、みっつ"


def test_a_stream_in_direct_messages_needs_no_recipients(slack):
    asked = slack.workspace.say(PERSON, DIRECT, "こんにちは")

    assert slack.client.chat_startStream(channel=DIRECT, thread_ts=asked.ts)["ok"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"recipient_user_id": None}, "missing_recipient_user_id"),
        ({"recipient_team_id": None}, "missing_recipient_team_id"),
        ({"recipient_user_id": "U0NOBODY"}, "user_not_found"),
        ({"recipient_team_id": "T0ELSEWHERE"}, "team_not_found"),
        ({"thread_ts": None}, "invalid_thread_ts"),
        ({"thread_ts": "0"}, "invalid_thread_ts"),
        ({"channel": "C0NOWHERE"}, "channel_not_found"),
        ({"markdown_text": "a" * 12_001}, "msg_too_long"),
        ({"chunks": [{"type": "markdown_text", "text": "a" * 12_001}]}, "msg_too_long"),
        (
            {"markdown_text": "a", "chunks": [{"type": "markdown_text", "text": "a"}]},
            "cannot_provide_both_markdown_text_and_chunks",
        ),
        ({"chunks": [{"type": "poem", "text": "a"}]}, "invalid_chunks"),
        ({"chunks": {"type": "markdown_text"}}, "invalid_chunks"),
        ({"blocks": [{"type": "divider"}]}, "invalid_blocks"),
        ({"chunks": "{"}, "invalid_chunks"),
    ],
)
def test_a_stream_that_slack_would_not_start_is_refused(slack, arguments, error):
    assert refusal(slack.stream, **arguments) == error


def test_a_stream_is_bounded_by_12000_characters_in_all(slack):
    ts = slack.stream()
    slack.client.chat_appendStream(channel=CHANNEL, ts=ts, markdown_text="a" * 12_000)

    assert refusal(slack.client.chat_appendStream, channel=CHANNEL, ts=ts, markdown_text="a") == "msg_too_long"
    assert refusal(slack.client.chat_stopStream, channel=CHANNEL, ts=ts, markdown_text="a") == "msg_too_long"
    assert slack.client.chat_stopStream(channel=CHANNEL, ts=ts)["ok"]


def test_a_stream_goes_on_as_it_began(slack):
    ts = slack.stream(markdown_text="a")

    chunks = [{"type": "markdown_text", "text": "b"}]
    assert refusal(slack.client.chat_appendStream, channel=CHANNEL, ts=ts, chunks=chunks) == "streaming_mode_mismatch"


def test_nothing_cannot_be_appended(slack):
    ts = slack.stream()

    assert refusal(slack.client.chat_appendStream, channel=CHANNEL, ts=ts, markdown_text="") == "no_text"


def test_a_stream_that_has_ended_takes_no_more(slack):
    ts = slack.stream()
    slack.client.chat_stopStream(channel=CHANNEL, ts=ts)

    for call in (slack.client.chat_appendStream, slack.client.chat_stopStream):
        assert refusal(call, channel=CHANNEL, ts=ts, markdown_text="a") == "message_not_in_streaming_state"


def test_a_stream_that_was_never_begun_is_not_found(slack):
    posted = slack.client.chat_postMessage(channel=CHANNEL, text="はい")["ts"]

    append = slack.client.chat_appendStream
    assert refusal(append, channel=CHANNEL, ts="1.0", markdown_text="a") == "message_not_found"
    assert refusal(append, channel=CHANNEL, ts=posted, markdown_text="a") == "message_not_in_streaming_state"


def test_a_stream_dies_five_minutes_after_its_start_whatever_is_appended(slack):
    ts = slack.stream()
    slack.clock.now += 299.9
    slack.client.chat_appendStream(channel=CHANNEL, ts=ts, markdown_text="a")
    slack.clock.now += 0.1

    for call in (slack.client.chat_appendStream, slack.client.chat_stopStream):
        assert refusal(call, channel=CHANNEL, ts=ts, markdown_text="b") == "message_not_in_streaming_state"
    slack.client.chat_update(channel=CHANNEL, ts=ts, text="c")
    assert slack.text_of(ts) == "c"


def test_a_channel_may_take_no_streams(slack):
    slack.workspace.bot.unstreamable.add(GROUP)
    asked = slack.workspace.say(PERSON, GROUP, "@bot はい").ts

    assert refusal(slack.stream, channel=GROUP, thread_ts=asked) == "channel_type_not_supported"
    assert slack.stream()


def test_an_update_of_a_stream_is_refused_until_it_ends(slack):
    ts = slack.stream(markdown_text="a")
    assert refusal(slack.client.chat_update, channel=CHANNEL, ts=ts, text="b") == "streaming_state_conflict"

    slack.client.chat_stopStream(channel=CHANNEL, ts=ts)
    slack.client.chat_update(channel=CHANNEL, ts=ts, text="b")

    assert slack.text_of(ts) == "b"


# --- reading ---------------------------------------------------------------------------------------


def test_a_thread_is_read_page_by_page(slack):
    asked = slack.ask()
    for n in range(4):
        slack.client.chat_postMessage(channel=CHANNEL, thread_ts=asked, text=str(n))

    pages = [page.data for page in slack.client.conversations_replies(channel=CHANNEL, ts=asked, limit=2)]

    texts = [message["text"] for page in pages for message in page["messages"]]
    assert texts == [f"<@{BOT_USER}> こんにちは", "0", "1", "2", "3"]
    assert [page["has_more"] for page in pages] == [True, True, False]
    assert pages[0]["messages"][0]["reply_count"] == 4


def test_a_messages_metadata_is_told_to_whoever_asks_for_it(slack):
    question = slack.ask()
    mark = {"event_type": "reply", "event_payload": {"question": question}}
    posted = slack.client.chat_postMessage(channel=CHANNEL, thread_ts=question, text="はい", metadata=mark)["ts"]
    streamed = slack.stream(thread_ts=question)
    slack.client.chat_stopStream(channel=CHANNEL, ts=streamed, markdown_text="いいえ", metadata=mark)

    told = slack.client.conversations_replies(channel=CHANNEL, ts=question, include_all_metadata=True)["messages"]
    assert [(each["ts"], each.get("metadata")) for each in told] == [
        (question, None),
        (posted, mark),
        (streamed, mark),
    ]
    untold = slack.client.conversations_replies(channel=CHANNEL, ts=question)["messages"]
    assert not any("metadata" in each for each in untold)


def test_a_threads_first_post_is_told_however_new_the_replies_must_be(slack):
    first = slack.ask()
    old = slack.client.chat_postMessage(channel=CHANNEL, thread_ts=first, text="古い")["ts"]
    new = slack.client.chat_postMessage(channel=CHANNEL, thread_ts=first, text="新しい")["ts"]
    told = slack.client.conversations_replies(channel=CHANNEL, ts=first, oldest=old)["messages"]
    assert [each["ts"] for each in told] == [first, new]
    other = slack.ask()
    history = slack.client.conversations_history(channel=CHANNEL, oldest=new)["messages"]
    assert [each["ts"] for each in history] == [other]


def test_metadata_of_another_form_is_refused(slack):
    post = slack.client.chat_postMessage
    wrong, incomplete = {"event_type": 1, "event_payload": {}}, {"event_type": "reply"}
    assert refusal(post, channel=CHANNEL, text="はい", metadata=wrong) == "invalid_metadata_schema"
    assert refusal(post, channel=CHANNEL, text="はい", metadata=incomplete) == "invalid_metadata_format"


def test_a_channels_history_is_its_posts_outside_threads_the_latest_first(slack):
    first = slack.ask()
    slack.ask("@bot 続き", thread=first)
    second = slack.client.chat_postMessage(channel=CHANNEL, text="はい")["ts"]
    history = slack.client.conversations_history(channel=CHANNEL)["messages"]
    assert [each["ts"] for each in history] == [second, first]


def test_a_history_says_of_a_post_when_it_last_had_a_reply(slack):
    first, lonely = slack.ask(), slack.ask()
    slack.ask("@bot 続き", thread=first)
    last = slack.ask("@bot それから", thread=first)
    without, with_replies = slack.client.conversations_history(channel=CHANNEL)["messages"]
    assert (with_replies["thread_ts"], with_replies["reply_count"], with_replies["latest_reply"]) == (first, 2, last)
    assert (without["ts"], "thread_ts" in without, "latest_reply" in without) == (lonely, False, False)


def test_a_history_is_read_between_two_times_which_belong_to_it_only_where_that_is_said(slack):
    first, second, third = slack.ask(), slack.ask(), slack.ask()

    def history(**bounds: object) -> list[str]:
        return [each["ts"] for each in slack.client.conversations_history(channel=CHANNEL, **bounds)["messages"]]

    assert history(oldest=first, latest=third) == [second]
    assert history(oldest=first, latest=third, inclusive=True) == [third, second, first]
    assert history(oldest=str(int(float(first)) - 1)) == [third, second, first]
    assert refusal(slack.client.conversations_history, channel=CHANNEL, oldest="yesterday") == "invalid_ts_oldest"
    assert refusal(slack.client.conversations_history, channel=CHANNEL, latest="today") == "invalid_ts_latest"


def test_the_bots_channels_are_listed_by_their_types_page_by_page(slack):
    listed = slack.client.users_conversations
    public = [each["id"] for each in listed()["channels"]]
    assert public == [each.id for each in slack.workspace.directory.channels if each.kind == "channel"]
    pages = [page["channels"] for page in listed(types="im,mpim", limit=3)]
    assert [len(page) for page in pages] == [3, 1]
    assert [each["is_im"] for page in pages for each in page] == [True, True, True, False]
    assert listed(types="private_channel")["channels"] == []
    assert [each["user"] for each in listed(types="im", user=PERSON)["channels"]] == [PERSON]
    assert refusal(listed, types="dm") == "invalid_types"
    assert refusal(listed, user="U0NOBODY") == "user_not_found"


def test_a_message_of_the_bot_can_be_taken_back_and_a_persons_cannot(slack):
    question = slack.ask()
    ts = slack.client.chat_postMessage(channel=CHANNEL, text="はい")["ts"]
    slack.client.chat_delete(channel=CHANNEL, ts=ts)
    assert [post.ts for post in slack.workspace.messages.posts()] == [question]
    assert refusal(slack.client.chat_delete, channel=CHANNEL, ts=question) == "cant_delete_message"
    assert refusal(slack.client.chat_delete, channel=CHANNEL, ts=ts) == "message_not_found"


def test_a_thread_that_is_not_there_is_not_found(slack):
    replies = slack.client.conversations_replies
    assert refusal(replies, channel=CHANNEL, ts="1.0") == "thread_not_found"
    assert refusal(replies, channel="C0NOWHERE", ts="1.0") == "channel_not_found"
    assert refusal(replies, channel=CHANNEL, ts=slack.ask(), limit=1_001) == "invalid_limit"
    assert refusal(replies, channel=CHANNEL, ts=slack.ask(), cursor="next") == "invalid_cursor"


def test_channels_have_names(slack):
    info = slack.client.conversations_info
    channel, direct, group = (info(channel=each)["channel"] for each in (CHANNEL, DIRECT, GROUP))

    assert (channel["name"], channel["is_channel"], channel["is_im"]) == ("総務", True, False)
    assert (direct["user"], direct["is_im"], "name" in direct) == (PERSON, True, False)
    assert (group["name"], group["is_mpim"]) == ("mpdm-私--さくら--ケン--bot-1", True)
    assert refusal(info, channel="C0NOWHERE") == "channel_not_found"


def test_a_persons_direct_messages_can_be_opened(slack):
    opened = slack.client.conversations_open(users="U0PERSON02")["channel"]

    assert opened == {"id": "D0DIRECT02"}
    assert slack.client.conversations_open(users=PERSON, return_im=True)["channel"]["user"] == PERSON
    everyone = [person.id for person in slack.workspace.directory.people]
    assert slack.client.conversations_open(users=everyone)["channel"]["id"] == GROUP
    assert refusal(slack.client.conversations_open, users="U0NOBODY") == "user_not_found"
    assert refusal(slack.client.conversations_open, users="") == "users_list_not_supplied"
    assert refusal(slack.client.conversations_open, users=BOT_USER) == "cannot_dm_bot"


def test_people_have_a_language_for_who_asks(slack):
    assert slack.client.users_info(user=PERSON, include_locale=True)["user"]["locale"] == "ja-JP"
    assert "locale" not in slack.client.users_info(user=PERSON)["user"]


def test_people_have_names(slack):
    assert slack.client.users_info(user="U0PERSON02")["user"]["profile"]["display_name"] == "さくら"
    assert slack.client.users_info(user=BOT_USER)["user"]["is_bot"]
    assert refusal(slack.client.users_info, user="U0NOBODY") == "user_not_found"


def test_memory_is_bounded(slack):
    first = slack.ask()
    for n in range(POSTS_KEPT):
        slack.workspace.say(PERSON, CHANNEL, str(n))

    assert len(slack.workspace.messages.posts()) == POSTS_KEPT
    assert first not in [post.ts for post in slack.workspace.messages.posts()]


def test_posts_of_one_moment_have_different_timestamps(slack):
    assert len({slack.ask() for _ in range(50)}) == 50


# --- rates -----------------------------------------------------------------------------------------


def test_every_method_has_its_rate():
    assert set(RATES) == set(WebApi(Workspace("ja")).methods)


def test_a_method_called_too_often_waits(begin):
    slack = begin(rates=RATES)
    asked = slack.ask()
    for _ in range(20):
        slack.stream(thread_ts=asked)

    with pytest.raises(SlackApiError) as caught:
        slack.stream(thread_ts=asked)
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "60"
    assert caught.value.response["error"] == "ratelimited"

    slack.clock.now += 60
    assert slack.stream(thread_ts=asked)


def test_a_channel_takes_one_message_a_second(begin):
    slack = begin(rates=RATES)
    slack.client.chat_postMessage(channel=CHANNEL, text="a")

    assert refusal(slack.client.chat_postMessage, channel=CHANNEL, text="b") == "ratelimited"
    assert slack.client.chat_postMessage(channel=DIRECT, text="b")["ok"]
    slack.clock.now += 1
    assert slack.client.chat_postMessage(channel=CHANNEL, text="b")["ok"]


# --- events ----------------------------------------------------------------------------------------


def test_events_are_signed_as_slack_signs_them(slack, listener):
    class Now(SlackClock):
        def now(self) -> float:
            return slack.clock.now

    slack.ask("@bot 署名 & <こんにちは>")
    arrived = listener.next()

    verifier = SignatureVerifier(SECRET, clock=Now())
    assert verifier.is_valid_request(arrived.body, arrived.headers)
    assert not verifier.is_valid_request(arrived.body + b" ", arrived.headers)


def test_a_mention_arrives_as_twins_with_one_timestamp(slack, listener):
    ts = slack.ask("@bot 1 < 2 & 3 > 2?")
    mention, message = listener.next().payload, listener.next().payload

    assert mention["event"]["type"] == "app_mention"
    assert "channel_type" not in mention["event"]
    assert message["event"]["type"] == "message"
    assert message["event"]["channel_type"] == "channel"
    for payload in (mention, message):
        event = payload["event"]
        assert payload["type"] == "event_callback"
        assert payload["team_id"] == TEAM
        assert payload["event_time"] == int(NOON)
        assert payload["authorizations"][0]["user_id"] == BOT_USER
        assert (event["ts"], event["user"], event["channel"]) == (ts, PERSON, CHANNEL)
        assert event["text"] == f"<@{BOT_USER}> 1 &lt; 2 &amp; 3 &gt; 2?"
    assert mention["event_id"] != message["event_id"]


@pytest.mark.parametrize(
    ("typed", "mentions"),
    [
        ("@bot こんにちは", True),
        ("こんにちは、@botさん", True),
        ("ねえ@bot元気?", True),
        ("@BOT hi", True),
        ("thanks, @bot.", True),
        ("me@bot.example", False),
        ("@botany", False),
        ("@bot-2", False),
        ("<@U0BOT00001> forged", False),
    ],
)
def test_only_a_real_mention_is_one(slack, listener, typed, mentions):
    slack.ask(typed)

    assert (listener.next().event["type"] == "app_mention") is mentions


def test_people_can_be_mentioned_too(slack, listener):
    slack.ask("@さくら さん、@ケンに聞いて")

    assert listener.next().event["text"] == "<@U0PERSON02> さん、<@U0PERSON03>に聞いて"


def test_a_follow_up_in_a_thread_is_a_message_only(slack, listener):
    asked = slack.ask()
    slack.ask("それから?", asked)
    slack.ask("おわり")
    events = [listener.next().event for _ in range(4)]

    assert [event["type"] for event in events] == ["app_mention", "message", "message", "message"]
    assert events[2]["thread_ts"] == asked
    assert "thread_ts" not in events[3]


def test_direct_messages_are_messages_of_their_own_kind(slack, listener):
    slack.workspace.say(PERSON, DIRECT, "@bot こんにちは")
    slack.ask()
    direct, next_event = listener.next().event, listener.next().event

    assert (direct["type"], direct["channel_type"], direct["channel"]) == ("message", "im", DIRECT)
    assert next_event["channel"] == CHANNEL


def test_a_groups_messages_are_messages_of_their_own_kind_with_twins_for_mentions(slack, listener):
    group = slack.workspace.group
    assert (group.id, group.kind) == (GROUP, "mpim")
    slack.workspace.say(PERSON, GROUP, "@bot こんにちは")
    slack.workspace.say(PERSON, GROUP, "ねえ")
    mention, twin, message = (listener.next().event for _ in range(3))

    assert (mention["type"], twin["type"], message["type"]) == ("app_mention", "message", "message")
    assert (twin["channel_type"], message["channel_type"]) == ("mpim", "mpim")
    assert "channel_type" not in mention
    assert mention["channel"] == GROUP


def test_the_bots_own_messages_come_back_marked_as_a_bots(slack, listener):
    slack.client.chat_postMessage(channel=CHANNEL, text=f"<@{BOT_USER}> です")
    ts = slack.stream(thread_ts=slack.ask("いいえ"))
    slack.client.chat_appendStream(channel=CHANNEL, ts=ts, markdown_text="はい")
    slack.client.chat_stopStream(channel=CHANNEL, ts=ts)
    slack.client.chat_update(channel=CHANNEL, ts=ts, text="いえ")
    events = [listener.next().event for _ in range(5)]

    assert [event["type"] for event in events] == ["message"] * 5
    assert [event.get("bot_id") for event in events] == [BOT, None, BOT, None, None]
    assert [event.get("subtype") for event in events] == [None, None, None, "message_changed", "message_changed"]
    assert events[-1]["message"]["bot_id"] == BOT
    assert (events[-1]["previous_message"]["text"], events[-1]["message"]["text"]) == ("はい", "いえ")


def test_an_event_that_is_not_taken_comes_again_with_its_number_and_reason(slack, listener):
    listener.statuses = [500, 404, 302]
    slack.ask("もしもし")
    first, *again = [listener.next() for _ in range(4)]

    assert "x-slack-retry-num" not in first.headers
    assert [each.headers["x-slack-retry-num"] for each in again] == ["1", "2", "3"]
    assert {each.headers["x-slack-retry-reason"] for each in again} == {"http_error"}
    assert {each.payload["event_id"] for each in again} == {first.payload["event_id"]}


def test_an_event_is_given_up_after_the_third_retry(slack, listener):
    listener.statuses = [500] * 4
    slack.ask("だめ")
    texts = [listener.next().event["text"] for _ in range(4)]
    slack.ask("つぎ")

    assert [*texts, listener.next().event["text"]] == ["だめ"] * 4 + ["つぎ"]


def test_one_events_wait_does_not_hold_up_another(begin, listener):
    slack = begin(waits=(3_600.0,))
    listener.statuses = [500]
    slack.ask("だめ")
    slack.ask("つぎ")

    assert [listener.next().event["text"] for _ in range(2)] == ["だめ", "つぎ"]


def test_an_event_whose_receiver_is_away_comes_again(begin, listener):
    url = f"http://127.0.0.1:{free_port()}/events"
    reasons: queue.Queue[tuple[int, str]] = queue.Queue()
    slack = begin(events_url=url)
    send = slack.stand_in._http
    slack.stand_in._http = lambda payload, retry, reason: reasons.put((retry, reason)) or send(payload, retry, reason)
    slack.ask("もしもし")

    assert [reasons.get(timeout=SOON) for _ in range(4)] == [(0, "")] + [(n, "connection_failed") for n in (1, 2, 3)]


def test_an_event_whose_receiver_is_slow_comes_again(begin, monkeypatch):
    monkeypatch.setattr("entrypoints.playground.emulator.signed_requests.SECONDS_TO_ANSWER", 0.1)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        silent.settimeout(SOON)
        slack = begin(events_url=f"http://127.0.0.1:{silent.getsockname()[1]}/events")
        slack.ask("もしもし")
        with closing(silent.accept()[0]), closing(silent.accept()[0]) as again:
            head = again.makefile("rb").read(600).lower()

    assert b"x-slack-retry-num: 1" in head
    assert b"x-slack-retry-reason: http_timeout" in head


def test_a_receiver_that_is_away_for_long_does_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr("entrypoints.playground.emulator.event_delivery.WAITING_KEPT", 2)
    taken: queue.Queue[str] = queue.Queue()
    deliveries = EventDelivery(lambda payload, *_: taken.put(payload["event"]["text"]) or "", Clock())
    for text in ("一", "二", "三"):
        deliveries.put({"text": text})
    deliveries.start()

    assert [taken.get(timeout=SOON) for _ in range(2)] == ["二", "三"]
    deliveries.stop()


def test_nothing_is_delivered_between_stop_and_start(slack, listener):
    delivering = [thread for thread in threading.enumerate() if thread.name == "playground-events"]
    slack.stand_in.stop()
    slack.stand_in.stop()
    for thread in delivering:
        thread.join(SOON)
        assert not thread.is_alive()

    slack.ask("だれか")
    slack.stand_in.start()
    slack.stand_in.start()

    assert listener.next().event["text"] == "だれか"


# --- Socket Mode -----------------------------------------------------------------------------------


def test_a_socket_mode_client_gets_the_events_instead_of_the_url(connect, listener):
    slack, arrived, _ = connect()
    slack.ask("@bot もしもし")
    requests = [arrived.get(timeout=SOON) for _ in range(2)]

    assert [request.type for request in requests] == ["events_api", "events_api"]
    assert [request.payload["event"]["type"] for request in requests] == ["app_mention", "message"]
    assert listener.arrived.empty()


class Greeted:
    """A connection that goes away as soon as it has heard that it is one."""

    def __init__(self, server: SocketModeServer) -> None:
        self._server = server
        self.query_params = {"ticket": server.ticket()}
        self.heard: list[tuple[str, bool]] = []

    async def accept(self) -> None:
        pass

    async def send_json(self, message: dict) -> None:
        self.heard.append((message["type"], self._server.connected))

    async def receive_text(self) -> str:
        raise WebSocketDisconnect


def test_a_client_that_has_heard_the_hello_gets_whatever_happens_from_then_on():
    server = SocketModeServer()
    client = Greeted(server)
    asyncio.run(server.serve(client))

    assert client.heard == [("hello", True)]
    assert not server.connected


def test_an_envelope_that_is_not_acknowledged_comes_again(connect, monkeypatch):
    monkeypatch.setattr("entrypoints.playground.emulator.socket_mode.SECONDS_TO_ANSWER", 0.2)
    slack, arrived, _ = connect(acknowledge=False)
    slack.ask("もしもし")
    first, second = [arrived.get(timeout=SOON) for _ in range(2)]

    assert second.retry_attempt == 1
    assert second.retry_reason == "http_timeout"
    assert first.payload["event_id"] == second.payload["event_id"]


def test_an_event_survives_a_socket_that_goes_away(begin, listener):
    slack = begin()
    client = SocketModeClient(APP_TOKEN, web_client=slack.client, auto_reconnect_enabled=False)
    taken = threading.Event()

    def leave(client: SocketModeClient, request: SocketModeRequest) -> None:
        taken.set()
        client.current_session.sock.shutdown(socket.SHUT_RDWR)  # without an acknowledgement

    client.socket_mode_request_listeners.append(leave)
    client.connect()
    slack.ask("もしもし")
    assert taken.wait(SOON)

    assert listener.next().event["text"] == "もしもし"
    client.close()


def test_what_a_socket_says_besides_acknowledgements_is_passed_over(connect):
    slack, arrived, client = connect()
    for text in ("no JSON", "[]", '{"envelope_id": 7}', '{"envelope_id": "unknown"}'):
        client.send_message(text)
    slack.ask("もしもし")

    assert arrived.get(timeout=SOON).payload["event"]["text"] == "もしもし"


@pytest.mark.parametrize(("token", "error"), [(BOT_TOKEN, "not_allowed_token_type"), ("xapp-wrong", "invalid_auth")])
def test_a_socket_is_opened_with_the_apps_token_only(slack, token, error):
    assert refusal(slack.client.apps_connections_open, app_token=token) == error


def test_a_ticket_admits_once_and_a_guess_never(slack):
    path = slack.client.apps_connections_open(app_token=APP_TOKEN)["url"].partition("socket-mode")[2]

    assert [handshake(slack.url, path), handshake(slack.url, path), handshake(slack.url, "?ticket=guess")] == [
        101,
        403,
        403,
    ]


def handshake(url: str, query: str) -> int:
    """The status with which a WebSocket is answered."""
    headers = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    }
    with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=SOON)) as connection:
        connection.request("GET", f"/socket-mode{query}", headers=headers)
        return connection.getresponse().status
