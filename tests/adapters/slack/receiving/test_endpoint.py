"""Events at the endpoint, from Slack and from anybody else."""

import json
import logging
from dataclasses import replace

import pytest
from slack_sdk.signature import SignatureVerifier

from adapters.slack.receiving.endpoint import BODY_LIMIT
from domain.conversations.place import Scope
from domain.errors import StoreUnavailable
from domain.requests import Question, Stop, Tab, Visit
from tests.adapters.slack.endpoint_harness import ASKED, SECRET, EndpointHarness
from tests.adapters.slack.payloads import (
    HOSTED,
    STOPPED,
    event_callback,
    message,
    opened,
    shared,
)


@pytest.fixture
def harness(clock) -> EndpointHarness:
    return EndpointHarness(clock)


def test_a_mention_becomes_a_question_of_its_thread(harness: EndpointHarness):
    assert harness.post(event_callback()).status == 200
    assert harness.queue.requests == [ASKED]
    assert harness.queue.conversations == ["T061EG9R6/C0LAN2Q65/1515449522.000016"]


def test_headers_are_found_in_any_case(clock):
    harness = EndpointHarness(clock)
    body = json.dumps(event_callback()).encode()
    timestamp = str(int(clock()))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=body)
    headers = {"x-slack-request-TIMESTAMP": timestamp, "x-SLACK-signature": signature}
    assert harness.endpoint.receive(headers, body).status == 200
    assert len(harness.queue.requests) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"X_Slack_Signature": None},
        {"X_Slack_Signature": ""},
        {"X_Slack_Signature": "v0=0123456789abcdef"},
        {"X_Slack_Signature": "v0=犬"},
        {"X_Slack_Request_Timestamp": None},
        {"X_Slack_Request_Timestamp": ""},
        {"X_Slack_Request_Timestamp": "yesterday"},
        {"X_Slack_Request_Timestamp": "1e9"},
        {"X_Slack_Request_Timestamp": "9" * 400},
        {"X_Slack_Request_Timestamp": "9" * 5000},
        {"X_Slack_Request_Timestamp": "1790000001"},
    ],
)
def test_bad_signature_data_gets_401_and_nothing_is_queued(harness: EndpointHarness, changed):
    assert harness.post(event_callback(), **changed).status == 401
    assert harness.queue.requests == []


@pytest.mark.parametrize(("late", "status"), [(299, 200), (301, 401), (-301, 401)])
def test_a_request_is_refused_when_it_is_older_than_five_minutes(harness: EndpointHarness, late: int, status: int):
    body = json.dumps(event_callback()).encode()
    timestamp = str(int(harness.clock()) - late)
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=body)
    answer = harness.endpoint.receive({"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature}, body)
    assert answer.status == status


def test_the_signature_is_checked_before_the_body_is_read(harness: EndpointHarness):
    assert harness.post(b"{", X_Slack_Signature="v0=0").status == 401


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"dog"', b"[" * 100_000])
def test_a_signed_body_that_is_no_json_object_gets_400(harness: EndpointHarness, body: bytes):
    assert harness.post(body).status == 400
    assert harness.queue.requests == []


def test_a_body_that_is_not_utf_8_cannot_be_slacks(harness: EndpointHarness):
    headers = {"X-Slack-Request-Timestamp": str(int(harness.clock())), "X-Slack-Signature": "v0=0"}
    assert harness.endpoint.receive(headers, b"\xff\xfe").status == 401


def test_a_body_over_a_megabyte_is_refused_unread(harness: EndpointHarness):
    assert harness.post(b" " * (BODY_LIMIT + 1)).status == 413


def test_slacks_challenge_is_answered(harness: EndpointHarness):
    answer = harness.post({"type": "url_verification", "token": "x", "challenge": "3eZbrw1aBm2rZgRN"})
    assert (answer.status, json.loads(answer.body)) == (200, {"challenge": "3eZbrw1aBm2rZgRN"})


def test_an_unsigned_challenge_is_not_answered(harness: EndpointHarness):
    assert harness.post({"type": "url_verification", "challenge": "x"}, X_Slack_Signature="").status == 401


def test_twins_and_retries_of_one_post_are_one_question(harness: EndpointHarness):
    twin = message(text="<@U0LAN0Z89> 犬の名前は?")
    for payload in (event_callback(), twin, event_callback()):
        assert harness.post(payload, X_Slack_Retry_Num="1").status == 200
    assert harness.queue.requests == [ASKED]


def test_whichever_twin_comes_first_the_question_is_the_same(harness: EndpointHarness):
    harness.post(message(text="<@U0LAN0Z89> 犬の名前は?"))
    assert harness.queue.requests == [ASKED]


def test_a_post_in_a_thread_without_a_mention_is_a_follow_up(harness: EndpointHarness):
    harness.post(message(thread_ts="1515449000.000001"))
    assert harness.queue.requests == [replace(ASKED, thread="1515449000.000001", addressed=False)]


def test_a_follow_up_that_begins_with_somebody_elses_name_is_for_them(harness: EndpointHarness):
    harness.post(message(thread_ts="1515449000.000001", text=" <@U777> どう思いますか?"))
    assert harness.queue.requests == []
    harness.post(message(thread_ts="1515449000.000001", text="それを <@U777> に伝えて"))
    assert len(harness.queue.requests) == 1


def test_a_direct_message_needs_no_mention(harness: EndpointHarness):
    harness.post(message(channel="D024BE91L", channel_type="im"))
    assert harness.queue.requests == [replace(ASKED, channel="D024BE91L", direct=True)]
    assert harness.queue.conversations == ["T061EG9R6/D024BE91L"]


def test_a_mention_of_only_whitespace_is_a_question_without_words(harness: EndpointHarness):
    harness.post(event_callback(text="<@U0LAN0Z89>  \n"))
    assert [each.text for each in harness.queue.requests] == [""]


def test_slacks_escapes_and_other_peoples_mentions_are_left_to_whoever_reads_the_question(harness: EndpointHarness):
    harness.post(event_callback(text="<@U0LAN0Z89> <@U777> said a &lt; b &amp;&amp; c &gt; d"))
    assert harness.queue.requests[0].text == "<@U777> said a &lt; b &amp;&amp; c &gt; d"


def test_without_the_bots_id_a_mention_loses_its_leading_name_only(harness: EndpointHarness):
    harness.post(event_callback(authorizations=None, text="<@U0LAN0Z89> <@U777> 元気?"))
    assert harness.queue.requests[0].text == "<@U777> 元気?"


def test_without_the_bots_id_the_twin_in_a_thread_leaves_the_mention_to_the_mention(harness: EndpointHarness):
    harness.post(message(authorizations=[], thread_ts="1515449000.000001", text="<@U0LAN0Z89> 犬は?"))
    assert harness.queue.requests == []


def test_half_a_surrogate_pair_becomes_a_replacement_character(harness: EndpointHarness):
    body = json.dumps(event_callback(text="<@U0LAN0Z89> \ud83d 犬 \ud83d\udc15")).encode()
    harness.post(body)
    assert harness.queue.requests[0].text == "\ufffd 犬 🐕"


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "app_rate_limited"},
        event_callback() | {"event": "犬"},
        event_callback(type="reaction_added"),
        event_callback(bot_id="B12345"),
        event_callback(bot_profile={"id": "B12345"}),
        event_callback(edited={"user": "U061F7AUR", "ts": "1515449523.000000"}),
        event_callback(user="U0LAN0Z89"),
        event_callback(user=None),
        event_callback(text=""),
        event_callback(text=None),
        event_callback(ts="soon"),
        event_callback(thread_ts=7),
        event_callback(channel="../../etc"),
        event_callback(channel=["C0LAN2Q65"]),
        event_callback(authorizations=None) | {"team_id": None},
        event_callback(authorizations=[{"is_bot": True, "user_id": 7}]),
        event_callback(authorizations=7, user=None),
        message(),
        message(subtype="message_changed", thread_ts="1515449000.000001"),
        message(subtype="message_deleted", thread_ts="1515449000.000001"),
        message(subtype="channel_join"),
        message(subtype=[]),
        message(hidden=True, thread_ts="1515449000.000001"),
        message(channel="G012AC86C", channel_type="mpim"),
        shared(text="", channel="D024BE91L", channel_type="im"),
        shared(7, None, {"id": "../../etc"}, {"name": "x"}, text="", channel="D024BE91L", channel_type="im"),
        shared(HOSTED | {"mode": "tombstone"}, text="", channel="D024BE91L", channel_type="im"),
        shared(HOSTED),
        opened(tab="about"),
        opened(tab=None),
        opened(tab=["home"]),
        opened(tab="messages"),
        opened(event_ts="soon"),
        opened(user=7),
    ],
)
def test_what_asks_the_bot_nothing_gets_200_one_log_line_and_no_place_in_the_queue(
    harness: EndpointHarness, payload, caplog
):
    with caplog.at_level(logging.DEBUG, logger="adapters"):
        assert harness.post(payload).status == 200
    assert harness.queue.requests == []
    assert [(record.levelname, record.message[:18]) for record in caplog.records] == [("DEBUG", "dropped an event: ")]


@pytest.mark.parametrize("channel", ["G012AC86C", "C012AC86C"])
def test_a_group_of_people_is_like_a_channel(harness: EndpointHarness, channel):
    place = {"channel": channel, "channel_type": "mpim"}
    harness.post(message(text="<@U0LAN0Z89> 犬の名前は?", **place))
    harness.post(message(ts="1515449523.000001", thread_ts="1515449522.000016", text="散歩は?", **place))
    first = replace(ASKED, channel=channel)
    follow_up = replace(first, ts="1515449523.000001", thread=ASKED.ts, text="散歩は?", addressed=False)
    assert harness.queue.requests == [first, follow_up]
    assert harness.queue.conversations == [f"T061EG9R6/{channel}/{ASKED.ts}"] * 2


def test_for_an_agent_each_direct_message_outside_a_thread_begins_one(clock):
    harness = EndpointHarness(clock, agent_view=True)
    harness.post(message(channel="D024BE91L", channel_type="im"))
    harness.post(message(channel="D024BE91L", channel_type="im", ts="1515449523.000001", thread_ts=ASKED.ts))
    begun = replace(ASKED, channel="D024BE91L", direct=True, thread=ASKED.ts)
    assert harness.queue.requests == [begun, replace(begun, ts="1515449523.000001")]
    assert harness.queue.conversations == [f"T061EG9R6/D024BE91L/{ASKED.ts}"] * 2


def test_an_agents_channels_are_like_everybodys(clock):
    harness = EndpointHarness(clock, agent_view=True)
    harness.post(event_callback())
    assert harness.queue.requests == [ASKED]


VISIT = Visit("T061EG9R6", "D0LAN2Q65", "1515449522.000016", "U061F7AUR", Tab.HOME)


@pytest.mark.parametrize("event_ts", ["1515449522.000016", "1515449522000016"])
def test_who_opens_the_home_page_pays_a_visit(harness: EndpointHarness, event_ts):
    assert harness.post(opened(event_ts=event_ts)).status == 200
    assert harness.queue.requests == [VISIT]
    assert harness.queue.conversations == ["visits/T061EG9R6/U061F7AUR"]


def test_who_opens_an_agents_messages_pays_a_visit_too(clock):
    harness = EndpointHarness(clock, agent_view=True)
    harness.post(opened(tab="messages"))
    assert harness.queue.requests == [replace(VISIT, tab=Tab.MESSAGES)]


def test_the_home_page_is_in_no_channel_and_the_messages_are(clock):
    harness = EndpointHarness(clock, agent_view=True, channels={"C0LAN2Q65"})
    harness.post(opened())
    harness.post(opened(tab="messages", event_ts="1515449523.000001"))
    assert harness.queue.requests == [VISIT]


@pytest.mark.parametrize("streams", [["1515449523.000001"], []])
def test_who_presses_the_stop_button_stops_a_thread_whether_or_not_anything_streams_there(clock, streams):
    harness = EndpointHarness(clock, agent_view=True)
    event = STOPPED["event"] | {"streaming_message_ts": streams}
    assert harness.post(STOPPED | {"event": event}).status == 200
    stop = Stop("T061EG9R6", "C0LAN2Q65", "1515449524.000001", "U061F7AUR", "1515449522.000016")
    assert harness.queue.requests == [stop]
    assert harness.queue.conversations == [f"stops/{stop.where}"], "it waits for no question"


@pytest.mark.parametrize("missing", ["channel", "user", "event_ts", "thread_ts"])
def test_a_stop_that_lacks_something_stops_nothing(harness: EndpointHarness, missing):
    event = {name: value for name, value in STOPPED["event"].items() if name != missing}
    assert harness.post(STOPPED | {"event": event}).status == 200
    assert harness.queue.requests == []


def test_teams_and_channels_that_are_not_on_the_lists_are_not_answered(clock):
    assert not _queued(EndpointHarness(clock, teams={"T999"}))
    assert not _queued(EndpointHarness(clock, channels={"C999"}))
    assert _queued(EndpointHarness(clock, teams={"T061EG9R6"}, channels={"C0LAN2Q65", "C999"}))


def _queued(harness: EndpointHarness) -> list[Question]:
    harness.post(event_callback())
    return harness.queue.requests


def test_where_a_channel_shares_one_memory_only_mentions_are_questions(clock):
    harness = EndpointHarness(clock, scope=Scope.CHANNEL)
    harness.post(message(thread_ts="1515449000.000001"))
    assert harness.queue.requests == []
    harness.post(event_callback())
    assert harness.queue.conversations == ["T061EG9R6/C0LAN2Q65"]


def test_what_people_write_is_not_logged(harness: EndpointHarness, caplog):
    with caplog.at_level(logging.DEBUG):
        harness.post(event_callback())
        harness.post(message(text="秘密"))
    assert "犬" not in caplog.text
    assert "秘密" not in caplog.text
    assert ASKED.reference in caplog.text


def test_slack_is_not_told_200_when_the_queue_is_down(harness: EndpointHarness):
    def unavailable(*_):
        raise StoreUnavailable("down")

    harness.queue.put = unavailable
    with pytest.raises(StoreUnavailable):
        harness.post(event_callback())


@pytest.mark.parametrize("label", ["pochi", "ポチ", ""])
def test_a_labelled_mention_is_a_mention(harness: EndpointHarness, label):
    harness.post(message(text=f"<@U0LAN0Z89|{label}> 犬の名前は?"))
    assert harness.queue.requests == [ASKED]
    harness.post(event_callback(authorizations=None, ts="1.1", text=f"<@U0LAN0Z89|{label}> 犬の名前は?"))
    assert harness.queue.requests[1].text == ASKED.text


@pytest.mark.parametrize(
    "beside", ["\u200b", "\u2060 \u00a0\u3000", "\ufe0f\u200d", "\u3164", "\ufeff\n", "\u2065\u2800"]
)
def test_a_mention_with_nothing_visible_beside_it_is_a_question_without_words(harness: EndpointHarness, beside):
    harness.post(event_callback(text=f"<@U0LAN0Z89>{beside}"))
    assert [each.text for each in harness.queue.requests] == [""]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"X-Slack-Signature": "v0=1"}, 401),
        ({"X-Slack-Request-Timestamp": "1790000000"}, 401),
        ({"X-Slack-Signature": "v0=1", "X-Slack-Request-Timestamp": "soon"}, 401),
        ({"X-Slack-Signature": "v0=1", "X-Slack-Request-Timestamp": "9" * 400}, 401),
        ({"X-Slack-Signature": "v0=1", "X-Slack-Request-Timestamp": "1789999699"}, 401),
        ({"Content-Length": str(BODY_LIMIT + 1)}, 413),
        ({"Content-Length": "9" * 5_000}, 413),
    ],
)
def test_what_the_headers_alone_give_away_is_refused_before_the_body_is_read(clock, headers: dict, status: int):
    refusal = EndpointHarness(clock).endpoint.refusal(headers)
    assert refusal is not None
    assert refusal.status == status


@pytest.mark.parametrize("length", [str(BODY_LIMIT), "", "many"])
def test_the_body_of_what_may_be_slacks_is_read(clock, length: str):
    headers = {"x-slack-SIGNATURE": "v0=1", "X-Slack-Request-Timestamp": "1790000000", "content-length": length}
    assert EndpointHarness(clock).endpoint.refusal(headers) is None
