"""What a thread shows while the bot thinks."""

import pytest

from adapters.slack.texts import JAPANESE_LABELS
from domain.errors import SlackUnavailable
from tests.adapters.slack.replies_harness import RECEIPT, Slack, refusing

SESSION, LINE = "agents.sessions.setStatus", "assistant.threads.setStatus"


def test_an_agent_shows_that_it_is_at_work_and_the_end_of_the_stream_ends_that(agent: Slack):
    reply = agent.open()
    assert agent.session == "processing"
    reply.write("ポチ")
    reply.close(RECEIPT)
    assert agent.session == "active"
    assert sorted(agent.calls[:2]) == [SESSION, "chat.startStream"], "neither waits for the other"
    assert agent.calls[2:] == ["chat.appendStream", "chat.stopStream"]


def test_a_session_is_called_after_the_first_line_of_the_question_and_belongs_to_who_asked(agent: Slack):
    asked = agent.asking("\n" + "犬" * 300 + "\n二行目")
    agent.replies.open(asked, agent.place)
    (begun,) = agent.arguments(SESSION)
    assert begun["title"] == "犬" * 200
    assert begun["initiator_user_id"] == asked.person


def test_a_sessions_title_has_neither_slacks_markup_nor_anything_loud(agent: Slack):
    asked = "&lt;!channel&gt; <!here> <@U061F7AUR> <https://inu.example|犬> &amp; 猫"
    agent.replies.open(agent.asking(asked), agent.place)
    (begun,) = agent.arguments(SESSION)
    assert begun["title"] == "<\u200b!channel> @\u200bhere @… 犬 (https://inu.example) & 猫"


@pytest.mark.parametrize("bit", ["<@", "<|", "<!a|", "<https://a|"])
def test_no_question_is_too_hard_to_make_a_title_of(agent: Slack, bit):
    agent.replies.open(agent.asking(bit * 10_000), agent.place)
    (begun,) = agent.arguments(SESSION)
    assert begun["title"].startswith(bit[:2])


def test_a_question_of_files_alone_has_no_title(agent: Slack):
    agent.replies.open(agent.asking(""), agent.place)
    assert agent.session == "processing"


def test_other_apps_say_that_they_think_until_the_reply_is_there(slack: Slack):
    seen = []
    slack.workspace.observe_notices(lambda kind, now: seen.append(now["text"]))
    reply = slack.open()
    assert seen == [JAPANESE_LABELS.thinking, ""], (
        "the empty stream that takes the line away shows by itself that it works"
    )
    reply.write("ポチ")
    reply.close()
    assert slack.lines == []
    assert slack.calls.count(LINE) == 1


@pytest.mark.parametrize("sessions", [True, False])
@pytest.mark.parametrize("end", ["close", "replace"])
@pytest.mark.parametrize("streams", [True, False])
def test_whatever_becomes_of_a_reply_its_thread_is_not_left_thinking(serve, clock, sessions, end, streams):
    slack = Slack(serve, clock, sessions=sessions)
    if not streams:
        slack.workspace.bot.unstreamable.add(slack.question.channel)
    reply = slack.open()
    reply.write("ポチ")
    reply.close() if end == "close" else reply.replace("すみません。")
    assert slack.session == ("active" if sessions else "")
    assert slack.lines == []
    assert slack.calls.count(SESSION) + slack.calls.count(LINE) == (1 if streams else 2)


@pytest.mark.parametrize("sessions", [True, False])
def test_a_reply_that_is_taken_up_clears_what_an_earlier_delivery_left(serve, clock, sessions):
    slack = Slack(serve, clock, sessions=sessions)
    slack.open()
    slack.workspace.sessions.say(slack.question.channel, slack.place.thread, "考えています")
    found = slack.replies.find(slack.question, slack.place)
    found.write("ポチ")
    found.close()
    assert slack.texts == ["ポチ"]
    assert slack.session == ("active" if sessions else "")
    assert sessions or slack.lines == []


def test_a_long_answer_is_at_work_until_its_last_message(agent: Slack):
    reply = agent.open()
    agent.write_slowly(reply, "犬。" * 8_000)
    assert len(agent.posts) == 2
    assert agent.session == "processing"
    reply.close()
    assert agent.session == "active"
    assert agent.calls.count(SESSION) == 1


def test_outside_threads_there_is_no_status(direct: Slack):
    reply = direct.open()
    reply.write("ポチ")
    reply.close()
    assert direct.calls == ["chat.postMessage", "chat.update"]


@pytest.mark.parametrize("code", ["missing_scope", "unknown_method", "not_agent_app", "internal_error"])
def test_a_status_that_slack_refuses_keeps_no_answer_back(agent: Slack, monkeypatch, code):
    monkeypatch.setattr(agent.workspace.sessions, "set_status", refusing(code))
    reply = agent.open()
    reply.write("ポチ")
    reply.close(RECEIPT)
    assert agent.texts == ["ポチ"]


def test_sessions_that_slack_refuses_are_left_alone_for_ten_minutes_and_a_line_stands_in(agent: Slack, monkeypatch):
    with monkeypatch.context() as refused:
        refused.setattr(agent.workspace.sessions, "set_status", refusing("not_agent_app"))
        for _ in range(3):
            agent.open().replace("ポチ")
    assert agent.calls.count(SESSION) == 1
    assert agent.calls.count(LINE) == 2
    agent.clock.pass_by(601)
    agent.open()
    assert agent.session == "processing"


def test_what_slack_refuses_in_one_thread_it_is_asked_in_the_next(slack: Slack, monkeypatch):
    with monkeypatch.context() as refused:
        refused.setattr(slack.workspace.sessions, "say", refusing("invalid_thread_ts"))
        refused.setattr(slack.workspace.bot, "start_stream", refusing("invalid_thread_ts"))
        refused.setattr(slack.workspace.bot, "post", refusing("invalid_thread_ts"))
        with pytest.raises(SlackUnavailable):
            slack.open()
    slack.open()
    assert slack.calls.count(LINE) == 2
    assert slack.calls.count("chat.startStream") == 2


def test_a_status_is_neither_waited_for_nor_tried_while_slack_limits_its_rate(serve, clock, waits):
    slack = Slack(serve, clock, rates={LINE: 1})
    for seconds in (40, 10, 11):
        slack.open().replace("ポチ")
        clock.pass_by(seconds)
    assert slack.calls.count(LINE) == 2
    assert waits == []
    slack.open()
    assert slack.calls.count(LINE) == 3


def test_a_reply_that_cannot_be_opened_leaves_nobody_thinking(agent: Slack, monkeypatch):
    monkeypatch.setattr(agent.workspace.bot, "start_stream", refusing("channel_not_found"))
    with pytest.raises(Exception, match="channel_not_found"):
        agent.open()
    assert agent.session == "active"


@pytest.mark.parametrize("end", ["close", "replace"])
def test_a_reply_that_cannot_be_completed_leaves_nobody_thinking_and_can_be_tried_again(agent: Slack, monkeypatch, end):
    with monkeypatch.context() as refused:
        refused.setattr(agent.workspace.bot, "stop_stream", refusing("internal_error"))
        reply = agent.open()
        reply.write("ポチ")
        with pytest.raises(SlackUnavailable, match="internal_error"):
            reply.close(RECEIPT) if end == "close" else reply.replace("すみません。")
    assert agent.session == "active"
    agent.replies.resume(agent.question, agent.place, reply.ts).replace("ポチ", RECEIPT)
    assert agent.texts == ["ポチ"]
    assert agent.session == "active"


def test_a_line_that_says_so_is_not_left_under_a_reply_that_cannot_be_completed(slack: Slack, monkeypatch):
    again = slack.replies.resume(slack.question, slack.place, slack.open().ts)
    slack.workspace.sessions.say(slack.question.channel, slack.place.thread, "考えています")
    monkeypatch.setattr(slack.workspace.bot, "update", refusing("internal_error"))
    with pytest.raises(SlackUnavailable, match="internal_error"):
        again.replace("ポチ")
    assert slack.lines == []


def test_where_slack_ends_a_stream_but_not_the_session_the_session_is_ended_by_itself(agent: Slack, monkeypatch):
    reply = agent.open()
    reply.write("ポチ")
    end = agent.workspace.bot.stop_stream
    refuse = refusing("invalid_arguments")
    monkeypatch.setattr(
        agent.workspace.bot, "stop_stream", lambda *said, **more: (refuse if more["blocks"] else end)(*said, **more)
    )
    reply.close(RECEIPT)
    assert agent.texts == ["ポチ"]
    assert agent.session == "active"
    assert not agent.workspace.messages.is_live(agent.posts[0])
