"""Answers that are longer than a message may be, or take longer than a stream lives."""

import random
import re

import pytest

from adapters.slack.replying.edited_message import EDITED_LIMIT
from adapters.slack.replying.streamed_message import STREAMED_LIMIT
from domain.errors import ChannelRefused
from entrypoints.playground.emulator.workspace import STREAM_SECONDS
from tests.adapters.slack.channel_harness import RECEIPT, Stage, refusing
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
    stage = Stage(serve, clock, direct=direct)
    reply = stage.open()
    pause = 250 * size / len(LONG)  # all of it before a stream is old
    for start in range(0, len(LONG), size):
        reply.write(LONG[start : start + size])
        clock.pass_by(pause)
    reply.close()
    texts = stage.texts
    assert is_whole(texts, LONG)
    assert [fences(each) for each in texts] == [""] * len(texts)
    assert max(map(len, texts)) <= limit
    assert len(texts) <= -(-len(LONG) // limit) + 1
    assert not any(stage.workspace.is_live(post) for post in stage.posts)


@pytest.mark.parametrize("size", [40, 333])
def test_an_answer_that_takes_ten_minutes_streams_to_its_end_and_no_stream_dies(stage: Stage, size):
    text = LONG[:20_000]
    reply = stage.open()
    for start in range(0, len(text), size):
        reply.write(text[start : start + size])
        stage.clock.pass_by(600 * size / len(text))
    reply.close()
    assert is_whole(stage.texts, text)
    assert [fences(each) for each in stage.texts] == [""] * len(stage.texts)
    assert len(stage.texts) == 3
    assert stage.calls.count("chat.stopStream") == 3
    assert "chat.update" not in stage.calls


def test_an_old_stream_ends_with_a_line_and_the_next_words_begin_another(stage: Stage):
    reply = stage.open()
    reply.write("一匹目はポチ")
    stage.clock.pass_by(271)
    reply.write("です。二匹目は")
    assert len(stage.posts) == 1, "there is no line's end yet"
    stage.clock.pass_by(1)
    reply.write("シロです。\n\n三匹目は")
    assert len(stage.posts) == 2, "the next one begins before this one ends"
    stage.clock.pass_by(1)
    reply.write("ク")
    assert stage.texts == ["一匹目はポチです。二匹目はシロです。", ""]
    assert not stage.workspace.is_live(stage.posts[0])
    stage.clock.pass_by(1)
    reply.write("ロです。")
    assert stage.texts[1] == "三匹目はクロです。"
    assert stage.workspace.is_live(stage.posts[1])
    reply.close()
    assert stage.texts == ["一匹目はポチです。二匹目はシロです。", "三匹目はクロです。"]


def test_a_very_old_stream_waits_for_no_line_to_end(stage: Stage):
    reply = stage.open()
    reply.write("一匹目は")
    stage.clock.pass_by(286)
    reply.write("ポチ。二匹目はシロ")
    reply.close()
    assert stage.texts == ["一匹目はポチ。", "二匹目はシロ"]
    assert "chat.update" not in stage.calls


def test_a_stream_that_grows_old_in_the_middle_of_code_closes_it_and_opens_it_again(stage: Stage):
    reply = stage.open()
    reply.write("```python\nx = 1\n")
    stage.clock.pass_by(271)
    reply.write("y = 2\nz =")
    stage.clock.pass_by(1)
    reply.write(" 3\n")
    reply.write("```\n")
    reply.close()
    assert stage.texts == ["```python\nx = 1\ny = 2\n```", "```python\nz = 3\n```"]


def test_a_next_message_for_which_nothing_is_left_is_taken_back(stage: Stage):
    reply = stage.open()
    reply.write("```python\nx = 1\n")
    stage.clock.pass_by(271)
    reply.write("y = 2\n``")
    assert len(stage.posts) == 2
    stage.clock.pass_by(1)
    reply.write("`\n")
    reply.close(RECEIPT)
    assert stage.texts == ["```python\nx = 1\ny = 2\n```"]
    assert all(stage.votes)
    assert not stage.workspace.is_live(stage.posts[0])


def test_a_next_message_that_a_dead_stream_does_not_need_is_taken_back(stage: Stage):
    reply = stage.open()
    reply.write("一匹目は")
    stage.clock.pass_by(271)
    reply.write("ポチ。\n二匹目は")
    assert len(stage.posts) == 2
    stage.clock.pass_by(30)
    reply.write("シロ。")
    reply.close()
    assert stage.texts == ["一匹目はポチ。\n二匹目はシロ。"]
    assert not stage.workspace.is_live(stage.posts[0])


@pytest.mark.parametrize("text", ["すみません。", LONG[:9_000]])
def test_a_next_message_that_has_begun_belongs_to_what_replaces_the_answer(stage: Stage, text):
    reply = stage.open()
    reply.write("一匹目は")
    stage.clock.pass_by(271)
    reply.write("ポチ。\n二匹目は")
    assert len(stage.posts) == 2
    reply.replace(text)
    assert is_whole(stage.texts, text)
    assert not any(stage.workspace.is_live(post) for post in stage.posts)


def test_while_a_long_answer_is_written_something_streams_at_every_moment(stage: Stage):
    reply = stage.open()
    for start in range(0, len(LONG), 300):
        reply.write(LONG[start : start + 300])
        assert any(stage.workspace.is_live(post) for post in stage.posts)
        stage.clock.pass_by(2)
    assert len(stage.posts) > 5
    reply.close()
    assert is_whole(stage.texts, LONG)
    assert not any(stage.workspace.is_live(post) for post in stage.posts)


def test_a_stream_that_grows_old_in_the_middle_of_a_table_repeats_its_head(stage: Stage):
    reply = stage.open()
    reply.write("| 名 | 年 |\n| - | - |\n| ポチ | 3 |\n")
    stage.clock.pass_by(271)
    reply.write("| シロ | 4 |\n| ク")
    reply.write("ロ | 5 |\n")
    reply.close()
    assert stage.texts == [
        "| 名 | 年 |\n| - | - |\n| ポチ | 3 |\n| シロ | 4 |",
        "| 名 | 年 |\n| - | - |\n| クロ | 5 |",
    ]


def test_while_an_answer_streams_there_is_one_call_in_half_a_second_at_most(stage: Stage):
    reply = stage.open()
    stage.clock.pass_by(1)
    begun, last = len(stage.calls), 0.0
    for start in range(0, len(LONG), 60):
        before = len(stage.calls)
        reply.write(LONG[start : start + 60])
        made = len(stage.calls) - before
        assert made <= 1
        if made:
            assert stage.clock() - last > 0.49
            last = stage.clock()
        stage.clock.pass_by(0.1)
    assert {"chat.stopStream", "chat.startStream"} < set(stage.calls[begun:])


@pytest.mark.parametrize("code", ["missing_recipient_team_id", "user_not_found", "unknown_method", "internal_error"])
def test_where_no_stream_can_begin_the_answer_is_edited(stage: Stage, monkeypatch, code):
    monkeypatch.setattr(stage.workspace, "start_stream", refusing(code))
    reply = stage.open()
    stage.write_slowly(reply, LONG[:5_000])
    reply.close()
    assert is_whole(stage.texts, LONG[:5_000])
    assert max(map(len, stage.texts)) <= EDITED_LIMIT


def test_a_channel_that_takes_no_streams_is_not_asked_again_for_ten_minutes(stage: Stage):
    stage.workspace.unstreamable.add(stage.question.channel)
    for question, place in list(stage.ask_more(3)):
        stage.channel.open(question, place).replace("はい")
        stage.clock.pass_by(100)
    assert stage.calls.count("chat.startStream") == 1
    stage.workspace.unstreamable.clear()
    stage.clock.pass_by(600)
    stage.open().replace("はい")
    assert stage.calls.count("chat.startStream") == 2


def test_a_stream_that_cannot_begin_in_the_middle_of_an_answer_leaves_it_whole(stage: Stage):
    reply = stage.open()
    stage.write_slowly(reply, LONG[:8_000])
    stage.workspace.unstreamable.add(stage.question.channel)
    stage.write_slowly(reply, LONG[8_000:20_000])
    reply.close()
    assert is_whole(stage.texts, LONG[:20_000])
    assert len(stage.texts[0]) > EDITED_LIMIT >= max(map(len, stage.texts[1:]))


@pytest.mark.parametrize("code", ["streaming_mode_mismatch", "unknown_method", "message_not_in_streaming_state"])
def test_a_stream_that_takes_no_more_words_is_edited(stage: Stage, monkeypatch, code):
    reply = stage.open()
    reply.write("ポチは")
    monkeypatch.setattr(stage.workspace, "append_stream", refusing(code))
    if code == "message_not_in_streaming_state":
        stage.clock.pass_by(STREAM_SECONDS)
    stage.clock.pass_by(1)
    reply.write("元気")
    reply.write("です。")
    reply.close()
    assert stage.texts == ["ポチは元気です。"]
    assert not stage.workspace.is_live(stage.posts[0])


def test_a_channel_that_is_gone_in_the_middle_of_an_answer_refuses_it(stage: Stage, monkeypatch):
    reply = stage.open()
    reply.write("ポチは")
    monkeypatch.setattr(stage.workspace, "append_stream", refusing("channel_not_found"))
    stage.clock.pass_by(1)
    with pytest.raises(ChannelRefused, match="channel_not_found"):
        reply.write("元気です。")


def test_what_the_model_says_notifies_nobody_in_what_notifications_say_either(direct: Stage):
    reply = direct.open()
    reply.write("<!channel> <@U0PERSON02> & @here")
    reply.close(None)
    update = direct.arguments("chat.update")[-1]
    assert update["text"] == "&lt;\u200b!channel&gt; &lt;@U0PERSON02&gt; &amp; @\u200bhere"
    assert update["blocks"][0]["text"] == "<\u200b!channel> <@U0PERSON02> & @\u200bhere"
    assert not re.search("<!|@here", direct.texts[0])
