"""The stop button: whoever presses it ends the answer, and is told so in the same place."""

import pytest

from adapters.slack.replying.edited_message import EDITED_LIMIT
from entrypoints.playground.emulator.workspace.model import Refused
from tests.adapters.slack.channel_harness import RECEIPT, Slack, refusing


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
