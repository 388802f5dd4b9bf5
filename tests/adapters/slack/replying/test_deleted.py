"""Replies that somebody deletes, as an admin may at any time: there is nothing more to say, and nothing fails."""

import pytest

from adapters.slack.replying.edited_message import EDITED_LIMIT
from tests.adapters.slack.channel_harness import RECEIPT, Stage


def delete(stage: Stage, number: int = 0) -> None:
    stage.workspace.delete(stage.question.channel, stage.posts[number].ts)


@pytest.mark.parametrize("sessions", [True, False])
@pytest.mark.parametrize("direct", [True, False])
@pytest.mark.parametrize("moment", ["before the first word", "while it is written", "before its end"])
def test_a_reply_that_is_deleted_ends_quietly_and_nothing_takes_its_place(serve, clock, direct, sessions, moment):
    stage = Stage(serve, clock, direct=direct, sessions=sessions)
    reply = stage.open()
    if moment != "before the first word":
        reply.write("ポチ")
        clock.pass_by(5)
    delete(stage)
    if moment != "before its end":
        for words in ("は", "元気", "です。"):
            reply.write(words)
            clock.pass_by(5)
    reply.close(RECEIPT)
    assert stage.texts == []
    assert stage.session == ("active" if sessions and not direct else "")
    assert stage.lines == []
    assert not reply.stopped, "nobody has pressed the button"


def test_of_a_reply_that_is_deleted_slack_is_told_no_more(stage: Stage):
    reply = stage.open()
    reply.write("ポチ")
    delete(stage)
    for words in ("は", "元気", "です。"):
        stage.clock.pass_by(5)
        reply.write(words)
    reply.close(RECEIPT)
    assert stage.calls[2:] == ["chat.appendStream"] * 2


@pytest.mark.parametrize("direct", [True, False])
def test_a_reply_that_is_deleted_cannot_be_replaced(serve, clock, direct):
    stage = Stage(serve, clock, direct=direct)
    reply = stage.open()
    reply.write("ポチ")
    delete(stage)
    reply.replace("すみません。")
    assert stage.texts == []


def test_an_apology_still_finds_a_reply_of_which_a_later_message_is_deleted(stage: Stage):
    reply = stage.open()
    stage.write_slowly(reply, "犬。" * 7_000)
    delete(stage, 1)
    stage.write_slowly(reply, "猫。" * 100)
    reply.replace("すみません。")
    assert stage.texts == ["すみません。"]


@pytest.mark.parametrize("sessions", [True, False])
def test_a_late_duplicate_of_an_answer_that_is_deleted_ends_quietly_too(serve, clock, sessions):
    stage = Stage(serve, clock, sessions=sessions)
    reply = stage.open()
    reply.write("ポチ")
    reply.close(RECEIPT)
    delete(stage)
    stage.channel.resume(stage.question, stage.place, reply.ts).replace("ポチ", RECEIPT)
    assert stage.texts == []
    assert stage.session == ("active" if sessions else "")


def test_of_an_answer_that_is_deleted_in_part_a_late_duplicate_leaves_the_rest(stage: Stage):
    text = "犬。" * EDITED_LIMIT
    reply = stage.open()
    stage.write_slowly(reply, text + "猫。" * EDITED_LIMIT)
    reply.close(RECEIPT)
    delete(stage)
    left = stage.texts
    assert left
    stage.channel.resume(stage.question, stage.place, reply.ts).replace("".join([text, *left]), RECEIPT)
    assert stage.texts == left


def test_a_message_that_is_deleted_before_the_next_one_has_words_leaves_no_empty_one(stage: Stage):
    reply = stage.open()
    reply.write("一匹目は")
    stage.clock.pass_by(271)
    reply.write("ポチ。\n二匹目は")
    assert len(stage.posts) == 2
    delete(stage)
    stage.clock.pass_by(1)
    reply.write("シロ。")
    reply.close(RECEIPT)
    assert stage.texts == []
