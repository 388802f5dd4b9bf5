"""Replies through the real slack_sdk client, against a stand-in that refuses what Slack refuses."""

import re
import socket
from dataclasses import replace

import pytest

from adapters.slack.client import web_client
from adapters.slack.replying.channel import PLACEHOLDER, SlackChannel
from adapters.slack.replying.edited_message import EDITED_LIMIT
from adapters.slack.replying.streamed_message import STREAMED_LIMIT
from adapters.slack.texts import JAPANESE_LABELS
from domain.errors import ChannelRefused, ChannelUnavailable
from domain.requests import Question, Scope
from entrypoints.playground.emulator.rate_limits import RATES
from entrypoints.playground.emulator.workspace import STREAM_SECONDS, TEAM
from tests.adapters.slack.channel_harness import TOKEN, Stage, refusing

LONG = "".join(f"第{n}段落。" + "犬の話をします。" * 20 + "\n\n" for n in range(160))


def test_a_reply_in_a_thread_streams_and_ends(stage: Stage):
    reply = stage.open()
    assert stage.workspace.is_live(stage.posts[0])
    reply.write("ポチは")
    assert stage.texts == ["ポチは"]
    reply.write("元気です")
    reply.close()
    assert stage.texts == ["ポチは元気です"]
    assert not stage.workspace.is_live(stage.posts[0])
    assert stage.posts[0].thread == stage.question.ts
    assert reply.ts == stage.posts[0].ts


def test_the_first_words_appear_at_once_and_further_ones_twice_a_second_at_most(stage: Stage):
    reply = stage.open()
    for _ in range(20):
        reply.write("犬")
        stage.clock.pass_by(0.1)
    reply.close()
    assert stage.calls[1:] == ["chat.startStream", *["chat.appendStream"] * 4, "chat.stopStream"]
    assert stage.texts == ["犬" * 20]


def test_a_quick_answer_takes_four_calls(stage: Stage):
    reply = stage.open()
    for word in ("ポチ", "は", "元気", "です"):
        reply.write(word)
    reply.close()
    assert stage.calls == ["assistant.threads.setStatus", "chat.startStream", "chat.appendStream", "chat.stopStream"]


def test_what_is_said_in_one_piece_takes_three_calls(stage: Stage):
    stage.open().replace("ヘルプです。")
    assert stage.calls == ["assistant.threads.setStatus", "chat.startStream", "chat.stopStream"]
    assert stage.texts == ["ヘルプです。"]


def test_what_is_said_in_one_piece_after_the_stream_has_ended_is_said_all_the_same(stage: Stage):
    reply = stage.open()
    stage.clock.pass_by(STREAM_SECONDS + 1)
    reply.replace("すみません。")
    assert stage.texts == ["すみません。"]


def test_a_reply_outside_a_thread_is_a_post_that_is_edited(direct: Stage):
    reply = direct.open()
    assert direct.texts == [PLACEHOLDER]
    reply.write("ポチは")
    reply.write("元気です")
    reply.close()
    assert direct.texts == ["ポチは元気です"]
    assert direct.calls == ["chat.postMessage", "chat.update", "chat.update"]


def test_an_edited_reply_is_edited_less_often_than_once_a_second(direct: Stage):
    reply = direct.open()
    for _ in range(30):
        reply.write("犬")
        direct.clock.pass_by(0.1)
    assert direct.calls.count("chat.update") == 3


def test_where_slack_refuses_a_stream_the_reply_is_edited(serve, clock, waits):
    stage = Stage(serve, clock, rates={"chat.startStream": 1})
    stage.open().close()
    clock.pass_by(50)
    reply = stage.open()
    reply.write("ポチ")
    reply.close()
    assert stage.texts == ["", "ポチ"]
    assert stage.posts[1].thread == stage.question.ts
    assert waits == []


def test_a_name_of_its_own_is_on_streams_and_posts_alike(serve, clock):
    for direct in (True, False):
        stage = Stage(serve, clock, username="ポチ係", direct=direct)
        stage.open()
        assert [each.username for each in stage.posts] == ["ポチ係"]


@pytest.mark.parametrize(("direct", "limit"), [(False, STREAMED_LIMIT), (True, EDITED_LIMIT)])
def test_an_answer_too_long_for_one_message_goes_on_in_the_next(serve, clock, direct, limit):
    stage = Stage(serve, clock, direct=direct)
    reply = stage.open()
    stage.write_slowly(reply, LONG)
    reply.close()
    assert len(stage.texts) == -(-len(LONG) // limit)
    assert re.sub(r"\s", "", "".join(stage.texts)) == re.sub(r"\s", "", LONG)
    assert reply.ts == stage.posts[0].ts
    assert not any(stage.workspace.is_live(post) for post in stage.posts)


@pytest.mark.parametrize(("direct", "limit"), [(False, STREAMED_LIMIT), (True, EDITED_LIMIT)])
def test_words_that_fill_a_message_to_its_end_are_not_cut_off(serve, clock, direct, limit):
    code = "```python\n" + "".join(f"x{n} = {n}\n" for n in range(1_000)) + "```"
    for text in ("".join(str(n) for n in range(4_000)), code):
        stage = Stage(serve, clock, direct=direct)
        reply = stage.open()
        for piece in (text[: limit - 3], text[limit - 3 : limit + 50], text[limit + 50 :]):
            reply.write(piece)
            clock.pass_by(2)
        reply.close()
        assert re.sub(r"```(?:python)?|\n", "", "".join(stage.texts)) == re.sub(r"```(?:python)?|\n", "", text)
        assert all(each.count("```") in (0, 2) for each in stage.texts)


def test_the_words_of_an_answer_are_in_order_whatever_the_pace(serve, clock):
    code = "```python\n" + "".join(f"x{n} = {n}\n" for n in range(1_500)) + "```\n"
    for direct in (False, True):
        stage = Stage(serve, clock, direct=direct)
        reply = stage.open()
        stage.write_slowly(reply, code, 161)
        reply.close()
        assert [int(n) for n in re.findall(r"x(\d+) =", "".join(stage.texts))] == list(range(1_500))
        assert all(each.startswith("```python\nx") and each.rstrip().endswith("\n```") for each in stage.texts)


def test_a_stream_that_slack_has_ended_goes_on_as_an_edited_message(stage: Stage):
    reply = stage.open()
    reply.write("```\n五分より前の話。\n")
    stage.clock.pass_by(STREAM_SECONDS + 1)
    reply.write("五分より後の話。")
    reply.write("おわり。\n")
    stage.clock.pass_by(5)
    reply.write("```\n本当に。")
    assert stage.texts == ["```\n五分より前の話。\n五分より後の話。おわり。\n```\n本当に。"]
    reply.close()
    assert stage.texts == ["```\n五分より前の話。\n五分より後の話。おわり。\n```\n本当に。"]


def test_a_stream_that_ended_before_its_first_word_is_not_left_empty(stage: Stage):
    reply = stage.open()
    stage.clock.pass_by(STREAM_SECONDS + 1)
    reply.write("考えました。")
    reply.close()
    assert stage.texts == ["考えました。"]


@pytest.mark.parametrize("closing", [True, False])
def test_a_stream_that_slack_has_ended_inside_code_and_is_too_long_to_edit_opens_it_again_in_the_next(
    stage: Stage, closing
):
    code = "```python\n" + "x = 1\n" * 700
    reply = stage.open()
    reply.write(code)
    stage.clock.pass_by(STREAM_SECONDS + 1)
    reply.write("y = 2\n```\n終わり" if closing else "y = 2\n")
    stage.clock.pass_by(5)
    reply.close()
    assert stage.texts == [code, "```python\ny = 2\n```\n終わり" if closing else "```python\ny = 2"]


def test_a_stream_that_slack_has_ended_just_before_the_code_does_leaves_nothing_to_say(stage: Stage):
    code = "```python\n" + "x = 1\n" * 700
    reply = stage.open()
    reply.write(code)
    stage.clock.pass_by(STREAM_SECONDS + 1)
    reply.write("```\n")
    reply.close()
    assert stage.texts == [code]


def test_a_stream_that_slack_has_ended_just_before_it_is_full_goes_on_in_the_next(stage: Stage):
    reply = stage.open()
    reply.write("犬 " * 5_700)
    stage.clock.pass_by(STREAM_SECONDS + 1)
    reply.write("猫 " * 200)
    reply.close()
    assert "".join(stage.texts).split() == ["犬"] * 5_700 + ["猫"] * 200
    assert len(stage.texts) == 2


def test_an_address_that_a_seam_takes_apart_notifies_nobody(stage: Stage):
    reply = stage.open()
    reply.write("犬" * 4_000 + "info")
    stage.clock.pass_by(STREAM_SECONDS + 1)
    reply.write("@here.com")
    reply.close()
    assert stage.texts[1] == "@\u200bhere.com"


def test_a_stream_that_slack_has_ended_just_before_its_close_is_complete(stage: Stage):
    reply = stage.open()
    reply.write("全部の話。")
    stage.clock.pass_by(STREAM_SECONDS + 1)
    reply.close()
    assert stage.texts == ["全部の話。"]
    assert "chat.update" not in stage.calls


def test_replacing_a_live_stream_leaves_only_the_new_text(stage: Stage):
    reply = stage.open()
    reply.write("途中まで")
    reply.replace("すみません、答えられませんでした。")
    assert stage.texts == ["すみません、答えられませんでした。"]
    assert not stage.workspace.is_live(stage.posts[0])


def test_replacing_a_stream_that_slack_has_ended_leaves_only_the_new_text(stage: Stage):
    reply = stage.open()
    reply.write("途中まで")
    stage.clock.pass_by(STREAM_SECONDS + 1)
    reply.replace("すみません。")
    assert stage.texts == ["すみません。"]


def test_a_reply_that_is_complete_can_still_be_replaced(stage: Stage):
    reply = stage.open()
    reply.write("全部")
    reply.close()
    reply.replace("すみません。")
    assert stage.texts == ["すみません。"]
    assert stage.calls.count("chat.stopStream") == 1


def test_a_reply_is_never_replaced_by_nothing(direct: Stage):
    reply = direct.open()
    reply.write("犬")
    reply.replace("")
    assert direct.texts == ["犬"]


def test_replacing_a_reply_by_what_its_stream_said_when_it_ended_leaves_only_that(stage: Stage):
    reply = stage.open()
    reply.write("犬")
    stage.clock.pass_by(STREAM_SECONDS + 1)
    reply.write("と猫")
    stage.clock.pass_by(5)
    reply.write("と鳥")
    assert stage.texts == ["犬と猫と鳥"]
    reply.replace("犬")
    assert stage.texts == ["犬"]


@pytest.mark.parametrize("direct", [False, True])
def test_replacing_a_reply_of_several_messages_leaves_one(serve, clock, direct):
    stage = Stage(serve, clock, direct=direct)
    reply = stage.open()
    stage.write_slowly(reply, LONG[:26_000])
    assert len(stage.texts) > 2
    reply.replace("すみません。")
    assert stage.texts == ["すみません。"]
    assert not stage.workspace.is_live(stage.posts[0])
    reply.replace(LONG[:14_000])
    assert re.sub(r"\s", "", "".join(stage.texts)) == re.sub(r"\s", "", LONG[:14_000])


def test_replacing_an_edited_reply_leaves_only_the_new_text(direct: Stage):
    reply = direct.open()
    reply.write("途中まで")
    reply.replace("すみません。")
    assert direct.texts == ["すみません。"]


def test_an_interrupted_stream_is_taken_up_in_the_same_message(stage: Stage):
    interrupted = stage.open()
    interrupted.write("途中")
    reply = stage.channel.resume(stage.question, stage.place, interrupted.ts)
    reply.write("はじめから終わりまで")
    reply.close()
    assert stage.texts == ["はじめから終わりまで"]


def test_a_complete_reply_can_be_completed_again(direct: Stage):
    done = direct.open()
    done.write("答え")
    done.close()
    direct.channel.resume(direct.question, direct.place, done.ts).replace("答え")
    assert direct.texts == ["答え"]


def test_a_loud_mention_split_over_two_pieces_notifies_nobody(stage: Stage):
    reply = stage.open()
    reply.write("みなさん <!chan")
    stage.clock.pass_by(1)
    reply.write("nel> 集合 @he")
    stage.clock.pass_by(1)
    reply.write("re")
    reply.close()
    (said,) = stage.texts
    assert "<!" not in said
    assert "@here" not in said


@pytest.mark.parametrize("direct", [False, True])
def test_nothing_is_shown_before_the_first_word(serve, clock, direct):
    stage = Stage(serve, clock, direct=direct)
    reply = stage.open()
    empty = stage.texts
    for blank in ("\n", "\n\n"):
        reply.write(blank)
        clock.pass_by(2)
    assert stage.texts == empty
    reply.write("犬")
    assert stage.texts == ["犬"]


@pytest.mark.parametrize("direct", [False, True])
def test_blanks_alone_are_never_sent(serve, clock, direct):
    stage = Stage(serve, clock, direct=direct)
    reply = stage.open()
    empty = stage.texts
    reply.write("\n\n ")
    reply.close()
    assert stage.texts == empty
    assert not any(stage.workspace.is_live(post) for post in stage.posts)
    again = stage.open()
    again.write("犬")
    clock.pass_by(2)
    again.write("\n\n")
    again.close()
    assert stage.texts[-1] == "犬"


@pytest.mark.parametrize(("direct", "replies", "silence"), [(False, 1, 1), (False, 4, 5), (True, 1, 4), (True, 3, 11)])
def test_all_replies_together_keep_to_slacks_rates(serve, clock, waits, direct, replies, silence):
    stage = Stage(serve, clock, direct=direct, rates=RATES)
    live, last, longest = [], {}, 0.0
    asked = list(stage.ask_more(replies))
    for question, place in asked:
        live.append(stage.channel.open(question, place))
        clock.pass_by(1.1)  # chat.postMessage: one a second in each channel
    for step in range(1_900):
        for number, reply in enumerate(live):
            before = len(stage.calls)
            reply.write(f"w{step} ")
            if len(stage.calls) > before:
                longest = max(longest, clock() - last.get(number, clock()))
                last[number] = clock()
        assert step or len(last) == replies, "the first words appear at once"
        clock.pass_by(0.05)
    for reply in live:
        reply.close()
    words = [f"w{step}" for step in range(1_900)]
    assert sorted(word for text in stage.texts for word in text.split()) == sorted(words * replies)
    assert stage.rate_limited == waits == []
    assert longest < silence


def test_the_ends_of_short_replies_count_too(serve, clock, waits):
    stage = Stage(serve, clock, direct=True, rates=RATES)
    for question, place in list(stage.ask_more(18)):
        short = stage.channel.open(question, place)
        short.write("犬")
        short.write("と猫")
        short.close()
        clock.pass_by(1.1)
    long = stage.open()
    for _ in range(800):
        long.write("鳥")
        clock.pass_by(0.05)
    assert stage.rate_limited == []


def test_a_rate_limit_does_not_keep_the_model_waiting(serve, clock, waits):
    stage = Stage(serve, clock, rates={"chat.appendStream": 2})
    reply = stage.open()
    for word in ("一つ、", "二つ、", "三つ、"):
        reply.write(word)
        clock.pass_by(1)
    assert stage.rate_limited == ["chat.appendStream"]
    while clock() < 1_790_000_060:
        reply.write("犬、")
        clock.pass_by(1)
    assert stage.texts == ["一つ、二つ、"]
    assert stage.rate_limited == ["chat.appendStream"], "Slack said when to come back"
    reply.write("終わり")
    assert stage.texts == ["一つ、二つ、三つ、" + "犬、" * 57 + "終わり"]
    assert waits == []


def test_a_rate_limit_holds_for_every_reply(serve, clock, waits):
    stage = Stage(serve, clock, rates={"chat.appendStream": 1})
    first, second = stage.open(), stage.open()
    first.write("犬")
    clock.pass_by(1)
    first.write("犬")
    second.write("猫")
    assert stage.rate_limited == ["chat.appendStream"]
    second.close()
    first.close()
    assert stage.texts == ["犬犬", "猫"]
    assert waits == []


def test_an_edit_is_held_back_by_a_rate_limit_too(serve, clock, waits):
    stage = Stage(serve, clock, direct=True, rates={"chat.update": 1})
    reply = stage.open()
    reply.write("犬")
    clock.pass_by(35)
    reply.write("と猫")
    assert stage.texts == ["犬"]
    assert waits == []
    reply.close()
    assert stage.texts == ["犬と猫"]
    assert len(waits) == 1


def test_the_end_of_a_reply_waits_out_a_short_rate_limit_once(serve, clock, waits):
    stage = Stage(serve, clock, rates={"chat.stopStream": 1})
    first, second = stage.open(), stage.open()
    first.close()
    clock.pass_by(40)
    second.write("犬")
    second.write("と猫")
    second.close()
    assert stage.texts == ["", "犬と猫"]
    assert [round(each) // 2 for each in waits] == [10]


def test_a_rate_limit_that_lasts_longer_than_it_said_is_not_waited_out_twice(serve, clock, waits, monkeypatch):
    stage = Stage(serve, clock, rates={"chat.stopStream": 1})
    stage.open().close()
    clock.pass_by(40)
    monkeypatch.setattr(clock, "pass_by", lambda seconds: None)
    with pytest.raises(ChannelUnavailable, match="ratelimited"):
        stage.open().close()
    assert len(waits) == 1


def test_a_long_rate_limit_is_not_waited_out(serve, clock, waits):
    stage = Stage(serve, clock, rates={"chat.stopStream": 1})
    stage.open().close()
    with pytest.raises(ChannelUnavailable, match="ratelimited"):
        stage.open().close()
    assert waits == []


def test_a_reply_neither_unfurls_links_nor_media(direct: Stage):
    direct.open()
    (sent,) = direct.arguments("chat.postMessage")
    assert sent["unfurl_links"] is False
    assert sent["unfurl_media"] is False


def test_a_channel_that_is_gone_refuses_for_good(stage: Stage):
    gone = Question(TEAM, "C0GONE", "1000.000001", "U1", "?")
    with pytest.raises(ChannelRefused, match="channel_not_found"):
        stage.channel.open(gone, gone.place(Scope.THREAD))


def test_a_wrong_token_is_refused_for_good_and_not_repeated_in_the_error(stage: Stage):
    channel = SlackChannel(web_client("xoxb-stolen", stage.url), clock=stage.clock, labels=JAPANESE_LABELS)
    with pytest.raises(ChannelRefused, match="invalid_auth") as caught:
        channel.open(stage.question, stage.place)
    assert "xoxb-stolen" not in str(caught.value)


def test_an_error_that_may_pass_is_told_apart(direct: Stage, monkeypatch):
    reply = direct.open()
    monkeypatch.setattr(direct.workspace, "update", refusing("internal_error"))
    with pytest.raises(ChannelUnavailable, match="internal_error"):
        reply.write("犬")


@pytest.mark.parametrize("code", ["channel_not_found", "thread_not_found"])
def test_a_place_that_is_gone_refuses_for_good_without_a_second_way_being_tried(stage: Stage, monkeypatch, code):
    monkeypatch.setattr(stage.workspace, "start_stream", refusing(code))
    with pytest.raises(ChannelRefused, match=code):
        stage.open()
    assert stage.texts == []


def test_a_slack_that_cannot_be_reached_may_be_back_later(clock, stage: Stage):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    channel = SlackChannel(web_client(TOKEN, f"http://127.0.0.1:{port}/api/"), clock=clock, labels=JAPANESE_LABELS)
    with pytest.raises(ChannelUnavailable, match="could not be reached: URLError"):
        channel.open(stage.question, stage.place)


def test_a_slack_that_does_not_answer_is_given_up(clock, stage: Stage):
    assert web_client(TOKEN, None).timeout == 10
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        channel = SlackChannel(
            web_client(TOKEN, f"http://127.0.0.1:{port}/api/", timeout=0.2), clock=clock, labels=JAPANESE_LABELS
        )
        with pytest.raises(ChannelUnavailable, match="could not be reached: TimeoutError"):
            channel.open(stage.question, stage.place)


def test_a_stream_that_nobody_remembers_is_found_by_its_place_and_gone_on_with(stage: Stage):
    stage.open().write("途中")
    found = stage.channel.find(stage.question, stage.place)
    found.write("はじめから終わりまで")
    found.close()
    assert stage.texts == ["はじめから終わりまで"]
    assert not stage.workspace.is_live(stage.posts[0])


def test_a_post_that_nobody_remembers_is_found_by_its_mark(direct: Stage):
    direct.open()
    found = direct.channel.find(direct.question, direct.place)
    found.write("はい")
    found.close()
    assert direct.texts == ["はい"]


def test_where_nothing_was_left_behind_nothing_is_found(stage: Stage, direct: Stage):
    assert stage.channel.find(stage.question, stage.place) is None
    assert direct.channel.find(direct.question, direct.place) is None


def test_another_questions_reply_is_not_taken_for_this_ones(stage: Stage):
    later = replace(stage.question, ts=stage.workspace.say(*_in_thread(stage)).ts, thread=stage.question.ts)
    reply = stage.channel.open(later, later.place(Scope.THREAD))
    reply.write("後の質問の答え")
    reply.close()
    assert stage.channel.find(stage.question, stage.place) is None


def _in_thread(stage: Stage) -> tuple[str, str, str, str]:
    return stage.question.person, stage.question.channel, "それと?", stage.question.ts


def test_without_the_scope_to_read_the_thread_nothing_is_found_and_nothing_breaks(stage: Stage, monkeypatch):
    stage.open()
    monkeypatch.setattr(stage.workspace, "thread", refusing("missing_scope"))
    assert stage.channel.find(stage.question, stage.place) is None


@pytest.mark.parametrize("direct", [False, True])
def test_the_messages_that_an_interrupted_long_answer_left_are_used_again_and_what_is_too_many_is_taken_back(
    serve, clock, direct
):
    stage = Stage(serve, clock, direct=direct)
    interrupted = stage.open()
    for start in range(0, len(LONG), 1000):
        interrupted.write(LONG[start : start + 1000])
        clock.pass_by(2)
    assert len(stage.posts) > 2
    reply = stage.channel.resume(stage.question, stage.place, interrupted.ts)
    short = LONG[: EDITED_LIMIT + 100]
    reply.write(short)
    reply.close()
    assert len(stage.texts) == 2
    assert re.sub(r"\s", "", "".join(stage.texts)) == re.sub(r"\s", "", short)
    assert stage.posts[0].ts == interrupted.ts
    assert not any(stage.workspace.is_live(post) for post in stage.posts)


def test_a_file_is_sent_to_who_asked_and_to_nobody_else(stage: Stage):
    stage.channel.send(stage.question, "memory-T1-C1.json", '{"summary": "ポチ"}')
    (post,) = stage.posts
    assert stage.workspace.channel(post.channel).owner == stage.question.person
    (file,) = post.files
    assert file.name == "memory-T1-C1.json"
    assert stage.workspace.files.content(file.id)[1].decode() == '{"summary": "ポチ"}'


@pytest.mark.parametrize(
    ("code", "failure"), [("user_not_found", ChannelRefused), ("internal_error", ChannelUnavailable)]
)
def test_a_file_that_slack_does_not_take_is_told(stage: Stage, monkeypatch, code, failure):
    monkeypatch.setattr(stage.workspace.files, "complete", refusing(code))
    with pytest.raises(failure, match=code):
        stage.channel.send(stage.question, "memory.json", "{}")


def test_while_slack_limits_reading_nothing_is_taken_for_missing(serve, clock, waits):
    stage = Stage(serve, clock, rates={"conversations.replies": 1})
    stage.open()
    assert stage.channel.find(stage.question, stage.place)
    with pytest.raises(ChannelUnavailable, match="ratelimited"):
        stage.channel.find(stage.question, stage.place)
