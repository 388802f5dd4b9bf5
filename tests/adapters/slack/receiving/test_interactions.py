"""The door for commands, shortcuts and buttons, which Slack posts as forms."""

import logging
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from domain.commands import Command
from domain.errors import StoreUnavailable
from domain.requests import Question, Scope, Vote
from tests.adapters.slack.endpoint_harness import ASKED, Gate
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
def gate(clock) -> Gate:
    return Gate(clock)


COMMAND = Question(
    "T061EG9R6", "C0LAN2Q65", "1790000000.000000", "U061F7AUR", "memory", private=True, respond_to=RESPOND_TO
)


def test_a_slash_command_is_a_private_question_of_its_channel_at_our_time(gate: Gate):
    answer = gate.post_form(slash())
    assert (answer.status, answer.body) == (200, "")
    assert gate.queue.questions == [COMMAND]
    assert gate.queue.conversations == ["T061EG9R6/C0LAN2Q65"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("reset", "reset"), ("  RESET! ", "reset"), ("リセット", "reset"), ("使い方", "help"), ("", "help"),
        ("犬の名前は?", "help"), ("reset everything", "help"), ("memory" + "." * 9_000, "memory"),
    ],
)  # fmt: skip
def test_a_slash_command_carries_a_command_word_or_asks_for_help(gate: Gate, text, word):
    gate.post_form(slash(text=text))
    assert [each.text for each in gate.queue.questions] == [word]


def test_a_slash_command_among_direct_messages_is_about_them(gate: Gate):
    gate.post_form(slash(channel_id="D024BE91L", channel_name="directmessage"))
    assert gate.queue.questions == [replace(COMMAND, channel="D024BE91L", direct=True)]


def test_two_commands_are_two_questions_however_alike(gate: Gate, clock):
    gate.post_form(slash())
    clock.pass_by(0.000_01)
    gate.post_form(slash())
    assert [each.ts for each in gate.queue.questions] == ["1790000000.000000", "1790000000.000010"]


@pytest.mark.parametrize("address", ["", "x" * 501, "https://" + "x" * 500, "ftp://x", "javascript:alert(1)"])
def test_an_address_to_respond_to_that_cannot_be_meant_is_left_out(gate: Gate, address):
    gate.post_form(slash(response_url=address))
    assert gate.queue.questions == [replace(COMMAND, respond_to="")]


@pytest.mark.parametrize(
    "media_type", ["application/x-www-form-urlencoded; charset=utf-8", " APPLICATION/X-www-form-urlencoded"]
)
def test_a_form_is_known_by_its_type_however_that_is_written(gate: Gate, media_type):
    gate.post_form(slash(), media_type)
    assert gate.queue.questions == [COMMAND]


def test_a_form_needs_a_signature_like_everything_else(gate: Gate):
    body = urlencode(slash()).encode()
    answer = gate.post(body, Content_Type="application/x-www-form-urlencoded", X_Slack_Signature="v0=0")
    assert (answer.status, gate.queue.questions) == (401, [])


@pytest.mark.parametrize(
    "form",
    [
        {"ssl_check": "1", "token": "x"}, {}, slash(command=""), slash(team_id=""), slash(channel_id="../.."),
        slash(user_id="sakura"),
    ],
    ids=range(6),
)  # fmt: skip
def test_a_form_that_commands_nothing_gets_200_and_no_place_in_the_queue(gate: Gate, form, caplog):
    with caplog.at_level(logging.INFO):
        answer = gate.post_form(form)
    assert (answer.status, answer.body, gate.queue.questions) == (200, "", [])
    assert [record.message.startswith("dropped a slash command: ") for record in caplog.records] == [True]


@pytest.mark.parametrize(
    "body",
    [b"payload=", b"payload=[]", b"payload=%5B" + b"%5B" * 50_000, b"payload=null", b"a=1&" * 200, b"payload=%FF"],
)
def test_a_form_that_is_not_slacks_gets_400(gate: Gate, body):
    assert gate.post_form(body).status == 400
    assert gate.queue.questions == []


SHORTCUT = Question(
    "T061EG9R6", "C0LAN2Q65", "1515449600.000007", "U061F7AUR", "memory",
    thread="1515449522.000016", private=True, respond_to=RESPOND_TO,
)  # fmt: skip


def test_a_shortcut_is_a_private_question_of_the_thread_that_its_message_begins(gate: Gate):
    answer = gate.post_interaction(shortcut())
    assert (answer.status, answer.body) == (200, "")
    assert gate.queue.questions == [SHORTCUT]
    assert gate.queue.conversations == ["T061EG9R6/C0LAN2Q65/1515449522.000016"]


def test_a_shortcut_on_a_message_in_a_thread_is_about_that_thread(gate: Gate):
    gate.post_interaction(shortcut(message={"ts": "1515449522.000016", "thread_ts": "1515449000.000001"}))
    assert gate.queue.questions == [replace(SHORTCUT, thread="1515449000.000001")]
    assert gate.queue.conversations == ["T061EG9R6/C0LAN2Q65/1515449000.000001"]


def test_where_a_channel_shares_one_memory_a_shortcut_is_about_the_channel(clock):
    gate = Gate(clock, scope=Scope.CHANNEL)
    gate.post_interaction(shortcut())
    assert gate.queue.conversations == ["T061EG9R6/C0LAN2Q65"]


@pytest.mark.parametrize(
    ("agent_view", "thread", "conversation"),
    [(False, "", "T061EG9R6/D024BE91L"), (True, ASKED.ts, f"T061EG9R6/D024BE91L/{ASKED.ts}")],
)
def test_a_shortcut_on_a_direct_message_is_about_the_memory_that_the_message_is_in(
    clock, agent_view, thread, conversation
):
    gate = Gate(clock, agent_view=agent_view)
    gate.post_interaction(shortcut(channel={"id": "D024BE91L", "name": "directmessage"}))
    assert gate.queue.questions == [replace(SHORTCUT, channel="D024BE91L", direct=True, thread=thread)]
    assert gate.queue.conversations == [conversation]


@pytest.mark.parametrize("command", list(Command))
def test_every_command_can_be_a_shortcut(gate: Gate, command):
    gate.post_interaction(shortcut(callback_id=command.value))
    assert gate.queue.questions == [replace(SHORTCUT, text=command.value)]


VOTE = Vote("T061EG9R6", "C0LAN2Q65", "1515449700.000008", "U061F7AUR", IDENTITY, good=True, receipt=RECEIPT)


@pytest.mark.parametrize("good", [True, False])
def test_a_thumb_under_an_answer_is_a_vote_on_it(gate: Gate, good):
    answer = gate.post_interaction(press(thumb(good)))
    assert (answer.status, answer.body) == (200, "")
    assert gate.queue.questions == [replace(VOTE, good=good)]
    assert gate.queue.conversations == ["votes/T061EG9R6/C0LAN2Q65"]


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "view_submission"}, {"type": "shortcut", "callback_id": "memory"}, {"type": ["message_action"]}, {},
        shortcut(callback_id="explode"), shortcut(callback_id=None), shortcut(callback_id=["memory"]),
        shortcut(team=None), shortcut(channel="C0LAN2Q65"), shortcut(user={}), shortcut(action_ts=7),
        shortcut(message_ts=None), shortcut(message={"thread_ts": 7}),
        press(action={"action_id": "dashboard"}), press(actions=[]), press(actions=7), press(actions=[7]),
        press(""), press("{"), press(7), press("x" * 9_000), press(thumb(True, "T999/C0LAN2Q65/1515449522.000016")),
        press(team=None), press(channel=None), press(action={"action_ts": "soon"}), press(user=None),
    ],
    ids=range(26),
)  # fmt: skip
def test_what_asks_for_nothing_that_the_bot_offers_gets_200_and_no_place_in_the_queue(gate: Gate, payload, caplog):
    with caplog.at_level(logging.INFO):
        answer = gate.post_interaction(payload)
    assert (answer.status, answer.body, gate.queue.questions) == (200, "", [])
    assert [record.message.startswith("dropped an interaction: ") for record in caplog.records] == [True]


@pytest.mark.parametrize("lists", [{"teams": {"T999"}}, {"channels": {"C999"}}])
def test_the_lists_hold_for_commands_shortcuts_and_votes_too(clock, lists):
    gate = Gate(clock, **lists)
    gate.post_form(slash())
    gate.post_interaction(shortcut())
    gate.post_interaction(press())
    assert gate.queue.questions == []


def test_nothing_that_people_see_on_their_screens_is_logged(gate: Gate, caplog):
    with caplog.at_level(logging.DEBUG):
        gate.post_form(slash(text="秘密"))
        gate.post_interaction(shortcut())
        gate.post_interaction(press())
        gate.post(shared(HOSTED | {"name": "秘密.gif"}, text="秘密", channel="D024BE91L", channel_type="im"))
    assert len(gate.queue.questions) == 4
    for each in gate.queue.questions:
        assert f"queued {type(each).__name__.lower()} {each.reference}" in caplog.text
    for told in ("秘密", "hooks.slack.com", "memory"):
        assert told not in caplog.text


def test_a_command_is_not_acknowledged_when_the_queue_is_down(gate: Gate):
    def unavailable(*_):
        raise StoreUnavailable("down")

    gate.queue.put = unavailable
    with pytest.raises(StoreUnavailable):
        gate.post_form(slash())
    with pytest.raises(StoreUnavailable):
        gate.post_interaction(press())
