"""Replies that somebody deletes, as an admin may at any time: there is nothing more to say, and nothing fails."""

import pytest

from adapters.slack.replying.messages.edited_message import EDITED_LIMIT
from tests.adapters.slack.replies_harness import RECEIPT, Slack


def delete(slack: Slack, number: int = 0) -> None:
    slack.workspace.bot.delete(slack.question.channel, slack.posts[number].ts)


@pytest.mark.parametrize("sessions", [True, False])
@pytest.mark.parametrize("direct", [True, False])
@pytest.mark.parametrize("moment", ["before the first word", "while it is written", "before its end"])
def test_a_reply_that_is_deleted_ends_quietly_and_nothing_takes_its_place(serve, clock, direct, sessions, moment):
    slack = Slack(serve, clock, direct=direct, sessions=sessions)
    reply = slack.open()
    if moment != "before the first word":
        reply.write("ポチ")
        clock.pass_by(5)
    delete(slack)
    if moment != "before its end":
        for words in ("は", "元気", "です。"):
            reply.write(words)
            clock.pass_by(5)
    reply.close(RECEIPT)
    assert slack.texts == []
    assert slack.session == ("active" if sessions and not direct else "")
    assert slack.lines == []
    assert not reply.stopped, "nobody has pressed the button"


def test_of_a_reply_that_is_deleted_slack_is_told_no_more(slack: Slack):
    reply = slack.open()
    reply.write("ポチ")
    delete(slack)
    for words in ("は", "元気", "です。"):
        slack.clock.pass_by(5)
        reply.write(words)
    reply.close(RECEIPT)
    assert slack.calls[2:] == ["chat.appendStream"] * 2


@pytest.mark.parametrize("direct", [True, False])
def test_a_reply_that_is_deleted_cannot_be_replaced(serve, clock, direct):
    slack = Slack(serve, clock, direct=direct)
    reply = slack.open()
    reply.write("ポチ")
    delete(slack)
    reply.replace("すみません。")
    assert slack.texts == []


def test_an_apology_still_finds_a_reply_of_which_a_later_message_is_deleted(slack: Slack):
    reply = slack.open()
    slack.write_slowly(reply, "犬。" * 7_000)
    delete(slack, 1)
    slack.write_slowly(reply, "猫。" * 100)
    reply.replace("すみません。")
    assert slack.texts == ["すみません。"]


@pytest.mark.parametrize("sessions", [True, False])
def test_a_late_duplicate_of_an_answer_that_is_deleted_ends_quietly_too(serve, clock, sessions):
    slack = Slack(serve, clock, sessions=sessions)
    reply = slack.open()
    reply.write("ポチ")
    reply.close(RECEIPT)
    delete(slack)
    slack.replies.resume(slack.question, slack.place, reply.ts).replace("ポチ", RECEIPT)
    assert slack.texts == []
    assert slack.session == ("active" if sessions else "")


def test_of_an_answer_that_is_deleted_in_part_a_late_duplicate_leaves_the_rest(slack: Slack):
    text = "犬。" * EDITED_LIMIT
    reply = slack.open()
    slack.write_slowly(reply, text + "猫。" * EDITED_LIMIT)
    reply.close(RECEIPT)
    delete(slack)
    left = slack.texts
    assert left
    slack.replies.resume(slack.question, slack.place, reply.ts).replace("".join([text, *left]), RECEIPT)
    assert slack.texts == left


def test_a_message_that_is_deleted_before_the_next_one_has_words_leaves_no_empty_one(slack: Slack):
    reply = slack.open()
    reply.write("一匹目は")
    slack.clock.pass_by(271)
    reply.write("ポチ。\n二匹目は")
    assert len(slack.posts) == 2
    delete(slack)
    slack.clock.pass_by(1)
    reply.write("シロ。")
    reply.close(RECEIPT)
    assert slack.texts == []
