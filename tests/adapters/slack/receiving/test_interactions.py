"""Slash commands, shortcuts and buttons at the endpoint, which Slack posts as forms."""

import logging
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from slack_sdk.signature import SignatureVerifier

from adapters.slack.receiving.endpoint import FORM
from domain.commands.command_words import NUMBERED, Command
from domain.conversations.place import Scope
from domain.errors import StoreUnavailable
from domain.requests import Question, Vote
from tests.adapters.slack.endpoint_harness import ASKED, SECRET, EndpointHarness
from tests.adapters.slack.payloads import (
    HOSTED,
    IDENTITY,
    RECEIPT,
    RESPOND_TO,
    press,
    shared,
    shortcut,
    slash,
    thumb,
)


@pytest.fixture
def harness(clock) -> EndpointHarness:
    return EndpointHarness(clock)


COMMAND = Question(
    "T061EG9R6", "C0LAN2Q65", "1790000000.908249", "U061F7AUR", "memory", private=True, respond_to=RESPOND_TO
)


def test_a_slash_command_is_a_private_question_of_its_channel(harness: EndpointHarness):
    answer = harness.post_form(slash())
    assert (answer.status, answer.body) == (200, "")
    assert harness.queue.requests == [COMMAND]
    assert harness.queue.conversations == ["T061EG9R6/C0LAN2Q65"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("reset", "reset"), ("  RESET! ", "reset"), ("リセット", "reset"), ("使い方", "help"), ("", "help"),
        ("犬の名前は?", "help"), ("reset everything", "help"), ("memory" + "." * 9_000, "memory"),
        ("forget #3", "forget 3"), ("忘れて３", "forget 3"), ("forget", "help"), ("forget everything", "help"),
    ],
)  # fmt: skip
def test_a_slash_command_carries_a_command_word_or_asks_for_help(harness: EndpointHarness, text, word):
    harness.post_form(slash(text=text))
    assert [each.text for each in harness.queue.requests] == [word]


def test_a_slash_command_among_direct_messages_is_about_them(harness: EndpointHarness):
    harness.post_form(slash(channel_id="D024BE91L", channel_name="directmessage"))
    assert harness.queue.requests == [replace(COMMAND, channel="D024BE91L", direct=True)]


def test_two_commands_are_two_questions_however_alike(harness: EndpointHarness):
    harness.post_form(slash())
    harness.post_form(slash(trigger_id="13345224610.738474920.8088930838d88f008e1"))
    assert len({each.ts for each in harness.queue.requests}) == 2


def test_a_signed_command_is_one_command_however_often_it_arrives(harness: EndpointHarness, clock):
    body = urlencode(slash(text="reset")).encode()
    timestamp = str(int(clock()))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=body)
    headers = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature, "Content-Type": FORM}
    for _ in range(3):
        assert harness.endpoint.receive(headers, body).status == 200
        clock.pass_by(60)
    assert [each.text for each in harness.queue.requests] == ["reset"]


@pytest.mark.parametrize("wrong", [-200, 200])
def test_a_command_has_the_time_that_slack_signed_whatever_our_clock_says(clock, wrong):
    harness = EndpointHarness(clock)
    body = urlencode(slash(text="reset")).encode()
    timestamp = str(int(clock()))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=body)
    clock.pass_by(wrong)
    headers = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature, "Content-Type": FORM}
    assert harness.endpoint.receive(headers, body).status == 200
    assert int(float(harness.queue.requests[0].ts)) == int(timestamp)


def test_a_command_by_socket_mode_is_given_now(harness: EndpointHarness, clock):
    harness.endpoint.accept_command(slash())
    assert int(float(harness.queue.requests[0].ts)) == int(clock())


@pytest.mark.parametrize("address", ["", "x" * 501, "https://" + "x" * 500, "ftp://x", "javascript:alert(1)"])
def test_an_address_to_respond_to_that_cannot_be_meant_is_left_out(harness: EndpointHarness, address):
    harness.post_form(slash(response_url=address))
    assert harness.queue.requests == [replace(COMMAND, respond_to="")]


@pytest.mark.parametrize(
    "media_type", ["application/x-www-form-urlencoded; charset=utf-8", " APPLICATION/X-www-form-urlencoded"]
)
def test_a_form_is_known_by_its_type_however_that_is_written(harness: EndpointHarness, media_type):
    harness.post_form(slash(), media_type)
    assert harness.queue.requests == [COMMAND]


def test_a_form_needs_a_signature_like_everything_else(harness: EndpointHarness):
    body = urlencode(slash()).encode()
    answer = harness.post(body, Content_Type="application/x-www-form-urlencoded", X_Slack_Signature="v0=0")
    assert (answer.status, harness.queue.requests) == (401, [])


@pytest.mark.parametrize(
    "form",
    [
        {"ssl_check": "1", "token": "x"}, {}, slash(command=""), slash(team_id=""), slash(channel_id="../.."),
        slash(user_id="sakura"),
    ],
    ids=range(6),
)  # fmt: skip
def test_a_form_that_commands_nothing_gets_200_and_no_place_in_the_queue(harness: EndpointHarness, form, caplog):
    with caplog.at_level(logging.DEBUG, logger="adapters"):
        answer = harness.post_form(form)
    assert (answer.status, answer.body, harness.queue.requests) == (200, "", [])
    assert [record.message.startswith("dropped a slash command: ") for record in caplog.records] == [True]


@pytest.mark.parametrize(
    "body",
    [b"payload=", b"payload=[]", b"payload=%5B" + b"%5B" * 50_000, b"payload=null", b"a=1&" * 200, b"payload=%FF"],
)
def test_a_form_that_is_not_slacks_gets_400(harness: EndpointHarness, body):
    assert harness.post_form(body).status == 400
    assert harness.queue.requests == []


SHORTCUT = Question(
    "T061EG9R6", "C0LAN2Q65", "1515449600.000007", "U061F7AUR", "memory",
    thread="1515449522.000016", private=True, respond_to=RESPOND_TO,
)  # fmt: skip


def test_a_shortcut_is_a_private_question_of_the_thread_that_its_message_begins(harness: EndpointHarness):
    answer = harness.post_interaction(shortcut())
    assert (answer.status, answer.body) == (200, "")
    assert harness.queue.requests == [SHORTCUT]
    assert harness.queue.conversations == ["T061EG9R6/C0LAN2Q65/1515449522.000016"]


def test_a_shortcut_on_a_message_in_a_thread_is_about_that_thread(harness: EndpointHarness):
    harness.post_interaction(shortcut(message={"ts": "1515449522.000016", "thread_ts": "1515449000.000001"}))
    assert harness.queue.requests == [replace(SHORTCUT, thread="1515449000.000001")]
    assert harness.queue.conversations == ["T061EG9R6/C0LAN2Q65/1515449000.000001"]


def test_where_a_channel_shares_one_memory_a_shortcut_is_about_the_channel(clock):
    harness = EndpointHarness(clock, scope=Scope.CHANNEL)
    harness.post_interaction(shortcut())
    assert harness.queue.conversations == ["T061EG9R6/C0LAN2Q65"]


@pytest.mark.parametrize(
    ("agent_view", "thread", "conversation"),
    [(False, "", "T061EG9R6/D024BE91L"), (True, ASKED.ts, f"T061EG9R6/D024BE91L/{ASKED.ts}")],
)
def test_a_shortcut_on_a_direct_message_is_about_the_memory_that_the_message_is_in(
    clock, agent_view, thread, conversation
):
    harness = EndpointHarness(clock, agent_view=agent_view)
    harness.post_interaction(shortcut(channel={"id": "D024BE91L", "name": "directmessage"}))
    assert harness.queue.requests == [replace(SHORTCUT, channel="D024BE91L", direct=True, thread=thread)]
    assert harness.queue.conversations == [conversation]


@pytest.mark.parametrize("command", [each for each in Command if each not in NUMBERED])
def test_every_command_that_needs_no_number_can_be_a_shortcut(harness: EndpointHarness, command):
    harness.post_interaction(shortcut(callback_id=command.value))
    assert harness.queue.requests == [replace(SHORTCUT, text=command.value)]


def test_a_note_cannot_be_forgotten_by_a_shortcut_which_has_no_number(harness: EndpointHarness):
    harness.post_interaction(shortcut(callback_id="forget"))
    assert harness.queue.requests == []


VOTE = Vote("T061EG9R6", "C0LAN2Q65", "1515449700.000008", "U061F7AUR", IDENTITY, good=True, receipt=RECEIPT)


@pytest.mark.parametrize("good", [True, False])
def test_a_thumb_under_an_answer_is_a_vote_on_it(harness: EndpointHarness, good):
    answer = harness.post_interaction(press(thumb(good)))
    assert (answer.status, answer.body) == (200, "")
    assert harness.queue.requests == [replace(VOTE, good=good)]
    assert harness.queue.conversations == ["votes/T061EG9R6/C0LAN2Q65"]


def test_a_vote_from_another_company_counts_for_the_answer_in_the_shared_channel(harness: EndpointHarness):
    theirs = {"team": {"id": "TEXT", "domain": "other"}, "user": {"id": "UEXT", "team_id": "TEXT"}}
    harness.post_interaction(press(thumb(good=False), **theirs))
    assert harness.queue.requests == [replace(VOTE, person="UEXT", good=False)]


def test_a_whole_enterprise_that_installed_the_app_stands_where_there_is_no_team(harness: EndpointHarness):
    whole = {"team": None, "enterprise": {"id": "E1", "name": "Grid"}, "is_enterprise_install": True}
    harness.post_interaction(press(**whole))
    harness.post_interaction(shortcut(**whole))
    harness.post_form(slash(team_id="", enterprise_id="E1", is_enterprise_install="true"))
    assert [each.team for each in harness.queue.requests] == ["T061EG9R6", "E1", "E1"]


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "view_submission"}, {"type": "shortcut", "callback_id": "memory"}, {"type": ["message_action"]}, {},
        shortcut(callback_id="explode"), shortcut(callback_id=None), shortcut(callback_id=["memory"]),
        shortcut(team=None), shortcut(channel="C0LAN2Q65"), shortcut(user={}), shortcut(action_ts=7),
        shortcut(message_ts=None), shortcut(message={"thread_ts": 7}),
        press(action={"action_id": "dashboard"}), press(actions=[]), press(actions=7), press(actions=[7]),
        press(""), press("{"), press(7), press("x" * 9_000), press(thumb(True, "T999/C999/1515449522.000016")),
        press(team=None), press(channel=None), press(action={"action_ts": "soon"}), press(user=None),
    ],
    ids=range(26),
)  # fmt: skip
def test_what_asks_for_nothing_that_the_bot_offers_gets_200_and_no_place_in_the_queue(
    harness: EndpointHarness, payload, caplog
):
    with caplog.at_level(logging.DEBUG, logger="adapters"):
        answer = harness.post_interaction(payload)
    assert (answer.status, answer.body, harness.queue.requests) == (200, "", [])
    assert [record.message.startswith("dropped an interaction: ") for record in caplog.records] == [True]


@pytest.mark.parametrize("lists", [{"teams": {"T999"}}, {"channels": {"C999"}}])
def test_the_lists_hold_for_commands_shortcuts_and_votes_too(clock, lists):
    harness = EndpointHarness(clock, **lists)
    harness.post_form(slash())
    harness.post_interaction(shortcut())
    harness.post_interaction(press())
    assert harness.queue.requests == []


def test_nothing_that_people_see_on_their_screens_is_logged(harness: EndpointHarness, caplog):
    with caplog.at_level(logging.DEBUG):
        harness.post_form(slash(text="秘密"))
        harness.post_interaction(shortcut())
        harness.post_interaction(press())
        harness.post(shared(HOSTED | {"name": "秘密.gif"}, text="秘密", channel="D024BE91L", channel_type="im"))
    assert len(harness.queue.requests) == 4
    for each in harness.queue.requests:
        assert f"queued {type(each).__name__.lower()} {each.reference}" in caplog.text
    for told in ("秘密", "hooks.slack.com", "memory"):
        assert told not in caplog.text


def test_a_command_is_not_acknowledged_when_the_queue_is_down(harness: EndpointHarness):
    def unavailable(*_):
        raise StoreUnavailable("down")

    harness.queue.put = unavailable
    with pytest.raises(StoreUnavailable):
        harness.post_form(slash())
    with pytest.raises(StoreUnavailable):
        harness.post_interaction(press())
