"""The stop button: whoever presses it ends the answer, and is told so in the same place."""

import pytest

from adapters.slack.receiving.events import request_in_event
from adapters.slack.replying.messages.edited_message import EDITED_LIMIT
from adapters.slack.replying.stops import SECONDS_BETWEEN_LOOKS, StopButton
from domain.errors import StoreUnavailable
from domain.requests import Stop
from entrypoints.playground.emulator.workspace.model import TEAM, Refused
from tests.adapters.slack.replies_harness import RECEIPT, Slack, refusing


def test_a_reader_who_presses_stop_ends_the_answer_and_is_told_so_in_the_same_message(agent: Slack):
    reply = agent.open()
    reply.write("一匹目はポチ、")
    assert not reply.stopped
    agent.press_stop()
    agent.clock.pass_by(1)
    reply.write("二匹目は")
    assert reply.stopped
    reply.write("\n\n(ここで止めました。)")
    reply.close(RECEIPT)
    assert agent.texts == ["一匹目はポチ、二匹目は\n\n(ここで止めました。)"]
    assert agent.session == "active"
    assert all(agent.votes)
    assert "chat.stopStream" not in agent.calls, "Slack has ended the stream"


def test_stop_before_the_first_word_leaves_what_is_said_of_it(agent: Slack):
    reply = agent.open()
    agent.press_stop()
    reply.write("一匹")
    assert reply.stopped
    reply.write("(ここで止めました。)")
    reply.close()
    assert agent.texts == ["一匹(ここで止めました。)"]


def test_a_stopped_message_that_is_too_long_to_edit_is_gone_on_with_in_a_post(agent: Slack):
    reply = agent.open()
    reply.write("犬。" * EDITED_LIMIT)
    agent.press_stop()
    agent.clock.pass_by(1)
    reply.write("猫。")
    reply.write("\n\n(ここで止めました。)")
    reply.close(RECEIPT)
    assert agent.texts == ["犬。" * EDITED_LIMIT, "猫。\n\n(ここで止めました。)"]
    assert agent.calls.count("chat.startStream") == 1
    assert [bool(vote) for vote in agent.votes] == [False, True]
    assert agent.session == "active"


@pytest.mark.parametrize("rest", ["", "おわり。"])
def test_stop_just_before_the_end_spoils_nothing(agent: Slack, rest):
    reply = agent.open()
    reply.write("ポチです。")
    reply.write(rest)
    agent.press_stop()
    reply.close(RECEIPT)
    assert reply.stopped
    assert agent.texts == [f"ポチです。{rest}"]
    assert all(agent.votes)
    assert agent.session == "active"


def test_stop_between_two_messages_of_a_split_text_is_noticed_too(agent: Slack):
    reply = agent.open()
    reply.write("犬。" * 1_500)
    agent.press_stop()
    agent.clock.pass_by(1)
    reply.write("猫。" * 5_000)
    agent.clock.pass_by(1)
    reply.write("鳥。")
    assert reply.stopped
    reply.close()
    assert "".join(agent.texts) == "犬。" * 1_500 + "猫。" * 5_000 + "鳥。"
    assert not any(agent.workspace.messages.is_live(post) for post in agent.posts)
    assert agent.session == "active"


@pytest.mark.parametrize("step", [0, 1, 2])
def test_stop_between_two_messages_is_not_lost(agent: Slack, step):
    text = "".join(f"{n}匹目。\n\n" for n in range(1_600))
    reply, written = agent.open(), 11_400
    reply.write(text[:written])

    def write_more() -> None:
        nonlocal written
        agent.clock.pass_by(1)
        reply.write(text[written : written + 100])
        written += 100

    while len(agent.posts) == 1:
        write_more()
    for _ in range(step):
        write_more()
    agent.press_stop()
    for _ in range(2):
        write_more()
    assert reply.stopped
    reply.write("(ここで止めました。)")
    reply.close(RECEIPT)
    said = "".join(agent.texts)
    assert "".join(said.split()) == "".join(text[:written].split()) + "(ここで止めました。)"
    assert [bool(vote) for vote in agent.votes] == [*[False] * (len(agent.posts) - 1), True]
    assert agent.session == "active"


def test_a_stopped_answer_can_be_replaced(agent: Slack):
    reply = agent.open()
    reply.write("ポチ")
    agent.press_stop()
    reply.replace("すみません。")
    assert agent.texts == ["すみません。"]
    assert agent.session == "active"


def test_there_is_a_stop_button_from_the_first_moment_to_the_last_and_not_after(agent: Slack):
    with pytest.raises(Refused):
        agent.press_stop()
    reply = agent.open()
    reply.write("ポチ")
    assert agent.session == "processing"
    reply.close()
    with pytest.raises(Refused):
        agent.press_stop()


def test_without_a_session_nobody_can_stop_anything_and_the_answer_is_given(agent: Slack, monkeypatch):
    monkeypatch.setattr(agent.workspace.sessions, "set_status", refusing("not_agent_app"))
    reply = agent.open()
    reply.write("ポチ")
    reply.close()
    assert agent.texts == ["ポチ"]


def press(slack: Slack) -> Stop:
    """Press the stop button, and let the event reach the channel."""
    event = {"type": "event_callback", "team_id": TEAM, "event": slack.press_stop()}
    stop = request_in_event(event)
    slack.stops.keep(stop)
    return stop


def pass_time(slack: Slack) -> None:
    slack.clock.pass_by(SECONDS_BETWEEN_LOOKS)


def test_a_reply_that_is_edited_can_be_stopped(agent: Slack):
    agent.workspace.bot.unstreamable.add(agent.question.channel)
    reply = agent.open()
    reply.write("一匹目はポチ、")
    press(agent)
    pass_time(agent)
    assert reply.stopped
    reply.write("\n\n(ここで止めました。)")
    reply.close(RECEIPT)
    assert agent.texts == ["一匹目はポチ、\n\n(ここで止めました。)"]
    assert agent.session == "active"


def test_a_reply_can_be_stopped_while_the_model_is_silent(agent: Slack):
    reply = agent.open()
    pass_time(agent)
    assert not reply.stopped
    press(agent)
    pass_time(agent)
    assert reply.stopped
    reply.write("(ここで止めました。)")
    reply.close()
    assert agent.texts == ["(ここで止めました。)"]
    assert agent.session == "active"


def test_a_stop_ends_no_reply_that_begins_after_it_and_none_in_another_thread(agent: Slack):
    other = next(agent.ask_more(1))
    elsewhere = agent.replies.open(*other)
    agent.open()
    press(agent)
    later = agent.open()
    pass_time(agent)
    assert not later.stopped
    assert not elsewhere.stopped


def test_a_delivery_that_takes_up_a_stopped_reply_ends_it_too(agent: Slack):
    ts = agent.open().ts
    press(agent)
    again = agent.replies.resume(agent.question, agent.place, ts)
    pass_time(agent)
    assert again.stopped


def test_a_store_that_is_away_stops_nothing_and_fails_nothing(clock):
    class Away:
        def last(self, thread):
            raise StoreUnavailable("no-such-table")

    button = StopButton(Away(), clock, thread="T1/C1/1.000001", since="2.000001")
    clock.pass_by(SECONDS_BETWEEN_LOOKS)
    assert not button.is_pressed()


def test_a_store_is_looked_at_once_in_two_seconds_and_not_again_once_the_button_was_pressed(clock):
    looks = []

    class Counted:
        def last(self, thread):
            looks.append(thread)
            return "3.000001" if len(looks) == 3 else ""

    button = StopButton(Counted(), clock, thread="T1/C1/1.000001", since="2.000001")
    for _ in range(100):
        button.is_pressed()
        clock.pass_by(0.1)
    assert len(looks) == 3
    assert button.is_pressed()
