"""What a later delivery takes for its own of what earlier ones left behind: too little is untidy, too much is lost."""

from dataclasses import replace

import pytest

from adapters.slack.replying.streamed_message import STREAMED_LIMIT
from domain.requests import Question, Scope
from tests.adapters.slack.channel_harness import RECEIPT, Stage


def ask_in_thread(stage: Stage) -> Question:
    said = stage.workspace.say(stage.question.person, stage.question.channel, "猫の話もして", stage.place.thread)
    return replace(stage.question, ts=said.ts, text=said.text, thread=stage.place.thread)


def test_a_file_that_was_sent_meanwhile_is_no_reply(direct: Stage):
    direct.clock.pass_by(1)
    direct.channel.send(direct.question, "memory.json", "{}")
    assert direct.channel.find(direct.question, direct.place) is None


@pytest.mark.parametrize("agent_view", [True, False])
def test_a_file_that_was_sent_meanwhile_is_not_taken_back(serve, clock, agent_view):
    stage = Stage(serve, clock, direct=True)
    question = replace(stage.question, thread=stage.question.ts if agent_view else "")
    place = question.place(Scope.THREAD)
    interrupted = stage.channel.open(question, place)
    interrupted.write("途中")
    stage.client.files_upload_v2(
        channel=question.channel, thread_ts=place.thread or None, filename="memory.json", content="{}"
    )
    again = stage.channel.resume(question, place, interrupted.ts)
    again.write("はじめから終わりまで")
    again.close()
    assert stage.texts == ["はじめから終わりまで", ""]
    assert [len(post.files) for post in stage.posts] == [0, 1]


def test_what_was_said_in_a_channel_by_other_means_is_no_reply(direct: Stage):
    direct.client.chat_postMessage(channel=direct.question.channel, text="お知らせ")
    assert direct.channel.find(direct.question, direct.place) is None


def test_an_unfinished_message_of_an_answer_that_went_on_belongs_to_that_answer(agent: Stage):
    reply = agent.open()
    reply.write("犬。" * 3_000)
    later = ask_in_thread(agent)
    agent.clock.pass_by(2)
    reply.write("猫。" * 4_000)
    agent.clock.pass_by(2)
    reply.write("鳥。" * 2_500)
    agent.clock.pass_by(2)
    reply.write("魚。")
    agent.press_stop()
    agent.clock.pass_by(2)
    reply.write("馬。" * 1_000)
    reply.close(RECEIPT)
    texts = agent.texts
    assert [bool(post.metadata) for post in agent.posts] == [True, False, True]
    assert agent.posts[1].ts > later.ts, "too long to be edited when it was stopped"
    assert agent.channel.find(later, later.place(Scope.THREAD)) is None
    assert agent.texts == texts


def test_a_stream_of_this_question_is_found_after_the_end_of_another(stage: Stage):
    reply = stage.open()
    later = ask_in_thread(stage)
    reply.write("犬")
    reply.close()
    stage.channel.open(later, later.place(Scope.THREAD)).write("途中")
    found = stage.channel.find(later, later.place(Scope.THREAD))
    found.write("猫")
    found.close()
    assert stage.texts == ["犬", "猫"]


def test_the_first_post_of_a_thread_is_no_reply_even_if_it_is_the_bots(stage: Stage):
    first = stage.client.chat_postMessage(channel=stage.question.channel, text="お知らせ")["ts"]
    said = stage.workspace.say(stage.question.person, stage.question.channel, "これは?", first)
    question = replace(stage.question, ts=said.ts, thread=first)
    place = question.place(Scope.THREAD)
    assert stage.channel.find(question, place) is None
    stage.channel.open(question, place).write("途中")
    found = stage.channel.find(question, place)
    found.write("はい")
    found.close()
    assert stage.texts == ["お知らせ", "はい"]


@pytest.mark.parametrize("words", [200, STREAMED_LIMIT - 100])
def test_a_delivery_that_dies_between_two_messages_leaves_both_to_the_next(stage: Stage, words):
    interrupted = stage.open()
    interrupted.write("犬" * words)
    stage.clock.pass_by(271)
    interrupted.write("犬。\n猫" * 100)
    assert [stage.workspace.is_live(post) for post in stage.posts] == [True, True]
    again = stage.channel.find(stage.question, stage.place)
    again.write("はじめから終わりまで")
    again.close()
    assert stage.texts == ["はじめから終わりまで"]
