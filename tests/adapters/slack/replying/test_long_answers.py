"""Answers that are longer than a message may be, or take longer than a stream lives."""

import random
import re

import pytest

from adapters.slack.replying.messages.edited_message import EDITED_LIMIT
from adapters.slack.replying.messages.streamed_message import STREAMED_LIMIT
from domain.errors import SlackRefused
from entrypoints.playground.emulator.workspace.messages import STREAM_SECONDS
from tests.adapters.slack.replies_harness import RECEIPT, Slack, refusing
from tests.adapters.slack.wholeness import fences, is_whole


def document(length: int) -> str:
    """So many characters of paragraphs, code, lists and tables, in which no two lines are alike."""
    dice, pieces = random.Random(1), []
    while sum(map(len, pieces)) < length:
        n = len(pieces)
        match dice.randrange(4):
            case 0:
                pieces.append(f"第{n}段落。" + "ポチは散歩が好きです。" * dice.randrange(1, 30) + "\n\n")
            case 1:
                lines = "".join(f"dog_{n}_{i} = {i}\n" for i in range(dice.randrange(1, 120)))
                pieces.append(f"```python\n{lines}```\n\n")
            case 2:
                rows = "".join(f"| 犬{n}-{i} | {i} 歳 |\n" for i in range(dice.randrange(1, 60)))
                pieces.append(f"| 名前{n} | 年 |\n| --- | --- |\n{rows}\n")
            case _:
                pieces.append("".join(f"- {n} の {i} 番目の犬\n" for i in range(dice.randrange(1, 30))) + "\n")
    return "".join(pieces)[:length].rstrip()


LONG = document(60_000)


@pytest.mark.parametrize("size", [7, 160, 4_001, 60_000])
@pytest.mark.parametrize(("direct", "limit"), [(False, STREAMED_LIMIT), (True, EDITED_LIMIT)])
def test_sixty_thousand_characters_arrive_whole_in_hardly_more_messages_than_they_need(
    serve, clock, direct, limit, size
):
    slack = Slack(serve, clock, direct=direct)
    reply = slack.open()
    pause = 250 * size / len(LONG)  # all of it before a stream is old
    for start in range(0, len(LONG), size):
        reply.write(LONG[start : start + size])
        clock.pass_by(pause)
    reply.close()
    texts = slack.texts
    assert is_whole(texts, LONG)
    assert [fences(each) for each in texts] == [""] * len(texts)
    assert max(map(len, texts)) <= limit
    assert len(texts) <= -(-len(LONG) // limit) + 1
    assert not any(slack.workspace.messages.is_live(post) for post in slack.posts)


@pytest.mark.parametrize("size", [40, 333])
def test_an_answer_that_takes_ten_minutes_streams_to_its_end_and_no_stream_dies(slack: Slack, size):
    text = LONG[:20_000]
    reply = slack.open()
    for start in range(0, len(text), size):
        reply.write(text[start : start + size])
        slack.clock.pass_by(600 * size / len(text))
    reply.close()
    assert is_whole(slack.texts, text)
    assert [fences(each) for each in slack.texts] == [""] * len(slack.texts)
    assert len(slack.texts) == 3
    assert slack.calls.count("chat.stopStream") == 3
    assert "chat.update" not in slack.calls


def test_an_old_stream_ends_with_a_line_and_the_next_words_begin_another(slack: Slack):
    reply = slack.open()
    reply.write("一匹目はポチ")
    slack.clock.pass_by(271)
    reply.write("です。二匹目は")
    assert len(slack.posts) == 1, "there is no line's end yet"
    slack.clock.pass_by(1)
    reply.write("シロです。\n\n三匹目は")
    assert len(slack.posts) == 2, "the next one begins before this one ends"
    slack.clock.pass_by(1)
    reply.write("ク")
    assert slack.texts == ["一匹目はポチです。二匹目はシロです。", ""]
    assert not slack.workspace.messages.is_live(slack.posts[0])
    slack.clock.pass_by(1)
    reply.write("ロです。")
    assert slack.texts[1] == "三匹目はクロです。"
    assert slack.workspace.messages.is_live(slack.posts[1])
    reply.close()
    assert slack.texts == ["一匹目はポチです。二匹目はシロです。", "三匹目はクロです。"]


def test_a_very_old_stream_waits_for_no_line_to_end(slack: Slack):
    reply = slack.open()
    reply.write("一匹目は")
    slack.clock.pass_by(286)
    reply.write("ポチ。二匹目はシロ")
    reply.close()
    assert slack.texts == ["一匹目はポチ。", "二匹目はシロ"]
    assert "chat.update" not in slack.calls


def test_a_stream_that_grows_old_in_the_middle_of_code_closes_it_and_opens_it_again(slack: Slack):
    reply = slack.open()
    reply.write("```python\nx = 1\n")
    slack.clock.pass_by(271)
    reply.write("y = 2\nz =")
    slack.clock.pass_by(1)
    reply.write(" 3\n")
    reply.write("```\n")
    reply.close()
    assert slack.texts == ["```python\nx = 1\ny = 2\n```", "```python\nz = 3\n```"]


def test_a_next_message_for_which_nothing_is_left_is_taken_back(slack: Slack):
    reply = slack.open()
    reply.write("```python\nx = 1\n")
    slack.clock.pass_by(271)
    reply.write("y = 2\n``")
    assert len(slack.posts) == 2
    slack.clock.pass_by(1)
    reply.write("`\n")
    reply.close(RECEIPT)
    assert slack.texts == ["```python\nx = 1\ny = 2\n```"]
    assert all(slack.votes)
    assert not slack.workspace.messages.is_live(slack.posts[0])


def test_a_next_message_that_a_dead_stream_does_not_need_is_taken_back(slack: Slack):
    reply = slack.open()
    reply.write("一匹目は")
    slack.clock.pass_by(271)
    reply.write("ポチ。\n二匹目は")
    assert len(slack.posts) == 2
    slack.clock.pass_by(30)
    reply.write("シロ。")
    reply.close()
    assert slack.texts == ["一匹目はポチ。\n二匹目はシロ。"]
    assert not slack.workspace.messages.is_live(slack.posts[0])


@pytest.mark.parametrize("text", ["すみません。", LONG[:9_000]])
def test_a_next_message_that_has_begun_belongs_to_what_replaces_the_answer(slack: Slack, text):
    reply = slack.open()
    reply.write("一匹目は")
    slack.clock.pass_by(271)
    reply.write("ポチ。\n二匹目は")
    assert len(slack.posts) == 2
    reply.replace(text)
    assert is_whole(slack.texts, text)
    assert not any(slack.workspace.messages.is_live(post) for post in slack.posts)


def test_while_a_long_answer_is_written_something_streams_at_every_moment(slack: Slack):
    reply = slack.open()
    for start in range(0, len(LONG), 300):
        reply.write(LONG[start : start + 300])
        assert any(slack.workspace.messages.is_live(post) for post in slack.posts)
        slack.clock.pass_by(2)
    assert len(slack.posts) > 5
    reply.close()
    assert is_whole(slack.texts, LONG)
    assert not any(slack.workspace.messages.is_live(post) for post in slack.posts)


def test_a_stream_that_grows_old_in_the_middle_of_a_table_repeats_its_head(slack: Slack):
    reply = slack.open()
    reply.write("| 名 | 年 |\n| - | - |\n| ポチ | 3 |\n")
    slack.clock.pass_by(271)
    reply.write("| シロ | 4 |\n| ク")
    reply.write("ロ | 5 |\n")
    reply.close()
    assert slack.texts == [
        "| 名 | 年 |\n| - | - |\n| ポチ | 3 |\n| シロ | 4 |",
        "| 名 | 年 |\n| - | - |\n| クロ | 5 |",
    ]


def test_while_an_answer_streams_there_is_one_call_in_half_a_second_at_most(slack: Slack):
    reply = slack.open()
    slack.clock.pass_by(1)
    begun, last = len(slack.calls), 0.0
    for start in range(0, len(LONG), 60):
        before = len(slack.calls)
        reply.write(LONG[start : start + 60])
        made = len(slack.calls) - before
        assert made <= 1
        if made:
            assert slack.clock() - last > 0.49
            last = slack.clock()
        slack.clock.pass_by(0.1)
    assert {"chat.stopStream", "chat.startStream"} < set(slack.calls[begun:])


@pytest.mark.parametrize("code", ["missing_recipient_team_id", "user_not_found", "unknown_method", "internal_error"])
def test_where_no_stream_can_begin_the_answer_is_edited(slack: Slack, monkeypatch, code):
    monkeypatch.setattr(slack.workspace.bot, "start_stream", refusing(code))
    reply = slack.open()
    slack.write_slowly(reply, LONG[:5_000])
    reply.close()
    assert is_whole(slack.texts, LONG[:5_000])
    assert max(map(len, slack.texts)) <= EDITED_LIMIT


def test_a_channel_that_takes_no_streams_is_not_asked_again_for_ten_minutes(slack: Slack):
    slack.workspace.bot.unstreamable.add(slack.question.channel)
    for question, place in list(slack.ask_more(3)):
        slack.replies.open(question, place).replace("はい")
        slack.clock.pass_by(100)
    assert slack.calls.count("chat.startStream") == 1
    slack.workspace.bot.unstreamable.clear()
    slack.clock.pass_by(600)
    slack.open().replace("はい")
    assert slack.calls.count("chat.startStream") == 2


def test_a_stream_that_cannot_begin_in_the_middle_of_an_answer_leaves_it_whole(slack: Slack):
    reply = slack.open()
    slack.write_slowly(reply, LONG[:8_000])
    slack.workspace.bot.unstreamable.add(slack.question.channel)
    slack.write_slowly(reply, LONG[8_000:20_000])
    reply.close()
    assert is_whole(slack.texts, LONG[:20_000])
    assert len(slack.texts[0]) > EDITED_LIMIT >= max(map(len, slack.texts[1:]))


@pytest.mark.parametrize("code", ["streaming_mode_mismatch", "unknown_method", "message_not_in_streaming_state"])
def test_a_stream_that_takes_no_more_words_is_edited(slack: Slack, monkeypatch, code):
    reply = slack.open()
    reply.write("ポチは")
    monkeypatch.setattr(slack.workspace.bot, "append_stream", refusing(code))
    if code == "message_not_in_streaming_state":
        slack.clock.pass_by(STREAM_SECONDS)
    slack.clock.pass_by(1)
    reply.write("元気")
    reply.write("です。")
    reply.close()
    assert slack.texts == ["ポチは元気です。"]
    assert not slack.workspace.messages.is_live(slack.posts[0])


def test_a_channel_that_is_gone_in_the_middle_of_an_answer_refuses_it(slack: Slack, monkeypatch):
    reply = slack.open()
    reply.write("ポチは")
    monkeypatch.setattr(slack.workspace.bot, "append_stream", refusing("channel_not_found"))
    slack.clock.pass_by(1)
    with pytest.raises(SlackRefused, match="channel_not_found"):
        reply.write("元気です。")


def test_what_the_model_says_notifies_nobody_in_what_notifications_say_either(direct: Slack):
    reply = direct.open()
    reply.write("<!channel> <@U0PERSON02> & @here")
    reply.close(None)
    update = direct.arguments("chat.update")[-1]
    assert update["text"] == "&lt;\u200b!channel&gt; &lt;\u200b@U0PERSON02&gt; &amp; @\u200bhere"
    assert update["blocks"][0]["text"] == "<\u200b!channel> <\u200b@U0PERSON02> & @\u200bhere"
    assert not re.search("<!|@here", direct.texts[0])
