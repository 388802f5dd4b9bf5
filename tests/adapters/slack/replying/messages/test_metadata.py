"""What a later delivery takes for its own of what earlier ones left behind: too little is untidy, too much is lost."""

from dataclasses import replace

import pytest

from adapters.slack.replying.messages.streamed_message import STREAMED_LIMIT
from domain.conversations.place import Scope
from domain.requests import Question
from tests.adapters.slack.replies_harness import RECEIPT, Slack


def ask_in_thread(slack: Slack) -> Question:
    said = slack.workspace.say(slack.question.person, slack.question.channel, "猫の話もして", slack.place.thread)
    return replace(slack.question, ts=said.ts, text=said.text, thread=slack.place.thread)


def test_a_file_that_was_sent_meanwhile_is_no_reply(direct: Slack):
    direct.clock.pass_by(1)
    direct.replies.send(direct.question, "memory.json", "{}")
    assert direct.replies.find(direct.question, direct.place) is None


@pytest.mark.parametrize("agent_view", [True, False])
def test_a_file_that_was_sent_meanwhile_is_not_taken_back(serve, clock, agent_view):
    slack = Slack(serve, clock, direct=True)
    question = replace(slack.question, thread=slack.question.ts if agent_view else "")
    place = question.place(Scope.THREAD)
    interrupted = slack.replies.open(question, place)
    interrupted.write("途中")
    slack.client.files_upload_v2(
        channel=question.channel, thread_ts=place.thread or None, filename="memory.json", content="{}"
    )
    again = slack.replies.resume(question, place, interrupted.ts)
    again.write("はじめから終わりまで")
    again.close()
    assert slack.texts == ["はじめから終わりまで", ""]
    assert [len(post.files) for post in slack.posts] == [0, 1]


def test_what_was_said_in_a_channel_by_other_means_is_no_reply(direct: Slack):
    direct.client.chat_postMessage(channel=direct.question.channel, text="お知らせ")
    assert direct.replies.find(direct.question, direct.place) is None


def test_an_unfinished_message_of_an_answer_that_went_on_belongs_to_that_answer(agent: Slack):
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
    assert agent.replies.find(later, later.place(Scope.THREAD)) is None
    assert agent.texts == texts


def test_a_stream_of_this_question_is_found_after_the_end_of_another(slack: Slack):
    reply = slack.open()
    later = ask_in_thread(slack)
    reply.write("犬")
    reply.close()
    slack.replies.open(later, later.place(Scope.THREAD)).write("途中")
    found = slack.replies.find(later, later.place(Scope.THREAD))
    found.write("猫")
    found.close()
    assert slack.texts == ["犬", "猫"]


def test_the_first_post_of_a_thread_is_no_reply_even_if_it_is_the_bots(slack: Slack):
    first = slack.client.chat_postMessage(channel=slack.question.channel, text="お知らせ")["ts"]
    said = slack.workspace.say(slack.question.person, slack.question.channel, "これは?", first)
    question = replace(slack.question, ts=said.ts, thread=first)
    place = question.place(Scope.THREAD)
    assert slack.replies.find(question, place) is None
    slack.replies.open(question, place).write("途中")
    found = slack.replies.find(question, place)
    found.write("はい")
    found.close()
    assert slack.texts == ["お知らせ", "はい"]


@pytest.mark.parametrize("words", [200, STREAMED_LIMIT - 100])
def test_a_delivery_that_dies_between_two_messages_leaves_both_to_the_next(slack: Slack, words):
    interrupted = slack.open()
    interrupted.write("犬" * words)
    slack.clock.pass_by(271)
    interrupted.write("犬。\n猫" * 100)
    assert [slack.workspace.messages.is_live(post) for post in slack.posts] == [True, True]
    again = slack.replies.find(slack.question, slack.place)
    again.write("はじめから終わりまで")
    again.close()
    assert slack.texts == ["はじめから終わりまで"]
