"""Replies through the real slack_sdk client, against a stand-in that refuses what Slack refuses."""

import re
import socket
from dataclasses import replace

import pytest

from adapters.slack.client import web_client
from adapters.slack.replying.messages.edited_message import EDITED_LIMIT
from adapters.slack.replying.messages.new_messages import PLACEHOLDER
from adapters.slack.replying.messages.streamed_message import STREAMED_LIMIT
from adapters.slack.replying.replies import SlackReplies
from adapters.slack.texts import JAPANESE_LABELS
from bench.ports import free_port
from domain.conversations.place import Scope
from domain.errors import SlackRefused, SlackUnavailable
from domain.requests import Question
from entrypoints.playground.emulator.rate_limits import RATES
from entrypoints.playground.emulator.workspace.messages import STREAM_SECONDS
from entrypoints.playground.emulator.workspace.model import TEAM
from tests.adapters.slack.replies_harness import TOKEN, Slack, refusing

LONG = "".join(f"第{n}段落。" + "犬の話をします。" * 20 + "\n\n" for n in range(160))


def test_a_reply_in_a_thread_streams_and_ends(slack: Slack):
    reply = slack.open()
    assert slack.workspace.messages.is_live(slack.posts[0])
    reply.write("ポチは")
    assert slack.texts == ["ポチは"]
    reply.write("元気です")
    reply.close()
    assert slack.texts == ["ポチは元気です"]
    assert not slack.workspace.messages.is_live(slack.posts[0])
    assert slack.posts[0].thread == slack.question.ts
    assert reply.ts == slack.posts[0].ts


def test_the_first_words_appear_at_once_and_further_ones_twice_a_second_at_most(slack: Slack):
    reply = slack.open()
    for _ in range(20):
        reply.write("犬")
        slack.clock.pass_by(0.1)
    reply.close()
    assert slack.calls[1:] == ["chat.startStream", *["chat.appendStream"] * 4, "chat.stopStream"]
    assert slack.texts == ["犬" * 20]


def test_a_quick_answer_takes_four_calls(slack: Slack):
    reply = slack.open()
    for word in ("ポチ", "は", "元気", "です"):
        reply.write(word)
    reply.close()
    assert slack.calls == ["assistant.threads.setStatus", "chat.startStream", "chat.appendStream", "chat.stopStream"]


def test_what_is_said_in_one_piece_takes_three_calls(slack: Slack):
    slack.open().replace("ヘルプです。")
    assert slack.calls == ["assistant.threads.setStatus", "chat.startStream", "chat.stopStream"]
    assert slack.texts == ["ヘルプです。"]


def test_what_is_said_in_one_piece_after_the_stream_has_ended_is_said_all_the_same(slack: Slack):
    reply = slack.open()
    slack.clock.pass_by(STREAM_SECONDS + 1)
    reply.replace("すみません。")
    assert slack.texts == ["すみません。"]


def test_a_reply_outside_a_thread_is_a_post_that_is_edited(direct: Slack):
    reply = direct.open()
    assert direct.texts == [PLACEHOLDER]
    reply.write("ポチは")
    reply.write("元気です")
    reply.close()
    assert direct.texts == ["ポチは元気です"]
    assert direct.calls == ["chat.postMessage", "chat.update", "chat.update"]


def test_an_edited_reply_is_edited_less_often_than_once_a_second(direct: Slack):
    reply = direct.open()
    for _ in range(30):
        reply.write("犬")
        direct.clock.pass_by(0.1)
    assert direct.calls.count("chat.update") == 3


def test_where_slack_refuses_a_stream_the_reply_is_edited(serve, clock, waits):
    slack = Slack(serve, clock, rates={"chat.startStream": 1})
    slack.open().close()
    clock.pass_by(50)
    reply = slack.open()
    reply.write("ポチ")
    reply.close()
    assert slack.texts == ["", "ポチ"]
    assert slack.posts[1].thread == slack.question.ts
    assert waits == []


def test_a_name_of_its_own_is_on_streams_and_posts_alike(serve, clock):
    for direct in (True, False):
        slack = Slack(serve, clock, username="ポチ係", direct=direct)
        slack.open()
        assert [each.username for each in slack.posts] == ["ポチ係"]


@pytest.mark.parametrize(("direct", "limit"), [(False, STREAMED_LIMIT), (True, EDITED_LIMIT)])
def test_an_answer_too_long_for_one_message_goes_on_in_the_next(serve, clock, direct, limit):
    slack = Slack(serve, clock, direct=direct)
    reply = slack.open()
    slack.write_slowly(reply, LONG)
    reply.close()
    assert len(slack.texts) == -(-len(LONG) // limit)
    assert re.sub(r"\s", "", "".join(slack.texts)) == re.sub(r"\s", "", LONG)
    assert reply.ts == slack.posts[0].ts
    assert not any(slack.workspace.messages.is_live(post) for post in slack.posts)


@pytest.mark.parametrize(("direct", "limit"), [(False, STREAMED_LIMIT), (True, EDITED_LIMIT)])
def test_words_that_fill_a_message_to_its_end_are_not_cut_off(serve, clock, direct, limit):
    code = "```python\n" + "".join(f"x{n} = {n}\n" for n in range(1_000)) + "```"
    for text in ("".join(str(n) for n in range(4_000)), code):
        slack = Slack(serve, clock, direct=direct)
        reply = slack.open()
        for piece in (text[: limit - 3], text[limit - 3 : limit + 50], text[limit + 50 :]):
            reply.write(piece)
            clock.pass_by(2)
        reply.close()
        assert re.sub(r"```(?:python)?|\n", "", "".join(slack.texts)) == re.sub(r"```(?:python)?|\n", "", text)
        assert all(each.count("```") in (0, 2) for each in slack.texts)


def test_the_words_of_an_answer_are_in_order_whatever_the_pace(serve, clock):
    code = "```python\n" + "".join(f"x{n} = {n}\n" for n in range(1_500)) + "```\n"
    for direct in (False, True):
        slack = Slack(serve, clock, direct=direct)
        reply = slack.open()
        slack.write_slowly(reply, code, 161)
        reply.close()
        assert [int(n) for n in re.findall(r"x(\d+) =", "".join(slack.texts))] == list(range(1_500))
        assert all(each.startswith("```python\nx") and each.rstrip().endswith("\n```") for each in slack.texts)


def test_a_stream_that_slack_has_ended_goes_on_as_an_edited_message(slack: Slack):
    reply = slack.open()
    reply.write("```\n五分より前の話。\n")
    slack.clock.pass_by(STREAM_SECONDS + 1)
    reply.write("五分より後の話。")
    reply.write("おわり。\n")
    slack.clock.pass_by(5)
    reply.write("```\n本当に。")
    assert slack.texts == ["```\n五分より前の話。\n五分より後の話。おわり。\n```\n本当に。"]
    reply.close()
    assert slack.texts == ["```\n五分より前の話。\n五分より後の話。おわり。\n```\n本当に。"]


def test_a_stream_that_ended_before_its_first_word_is_not_left_empty(slack: Slack):
    reply = slack.open()
    slack.clock.pass_by(STREAM_SECONDS + 1)
    reply.write("考えました。")
    reply.close()
    assert slack.texts == ["考えました。"]


@pytest.mark.parametrize("closing", [True, False])
def test_a_stream_that_slack_has_ended_inside_code_and_is_too_long_to_edit_opens_it_again_in_the_next(
    slack: Slack, closing
):
    code = "```python\n" + "x = 1\n" * 700
    reply = slack.open()
    reply.write(code)
    slack.clock.pass_by(STREAM_SECONDS + 1)
    reply.write("y = 2\n```\n終わり" if closing else "y = 2\n")
    slack.clock.pass_by(5)
    reply.close()
    assert slack.texts == [code, "```python\ny = 2\n```\n終わり" if closing else "```python\ny = 2"]


def test_a_stream_that_slack_has_ended_just_before_the_code_does_leaves_nothing_to_say(slack: Slack):
    code = "```python\n" + "x = 1\n" * 700
    reply = slack.open()
    reply.write(code)
    slack.clock.pass_by(STREAM_SECONDS + 1)
    reply.write("```\n")
    reply.close()
    assert slack.texts == [code]


def test_a_stream_that_slack_has_ended_just_before_it_is_full_goes_on_in_the_next(slack: Slack):
    reply = slack.open()
    reply.write("犬 " * 5_700)
    slack.clock.pass_by(STREAM_SECONDS + 1)
    reply.write("猫 " * 200)
    reply.close()
    assert "".join(slack.texts).split() == ["犬"] * 5_700 + ["猫"] * 200
    assert len(slack.texts) == 2


def test_an_address_that_a_split_takes_apart_notifies_nobody(slack: Slack):
    reply = slack.open()
    reply.write("犬" * 4_000 + "info")
    slack.clock.pass_by(STREAM_SECONDS + 1)
    reply.write("@here.com")
    reply.close()
    assert slack.texts[1] == "@\u200bhere.com"


def test_a_stream_that_slack_has_ended_just_before_its_close_is_complete(slack: Slack):
    reply = slack.open()
    reply.write("全部の話。")
    slack.clock.pass_by(STREAM_SECONDS + 1)
    reply.close()
    assert slack.texts == ["全部の話。"]
    assert "chat.update" not in slack.calls


def test_replacing_a_live_stream_leaves_only_the_new_text(slack: Slack):
    reply = slack.open()
    reply.write("途中まで")
    reply.replace("すみません、答えられませんでした。")
    assert slack.texts == ["すみません、答えられませんでした。"]
    assert not slack.workspace.messages.is_live(slack.posts[0])


def test_replacing_a_stream_that_slack_has_ended_leaves_only_the_new_text(slack: Slack):
    reply = slack.open()
    reply.write("途中まで")
    slack.clock.pass_by(STREAM_SECONDS + 1)
    reply.replace("すみません。")
    assert slack.texts == ["すみません。"]


def test_a_reply_that_is_complete_can_still_be_replaced(slack: Slack):
    reply = slack.open()
    reply.write("全部")
    reply.close()
    reply.replace("すみません。")
    assert slack.texts == ["すみません。"]
    assert slack.calls.count("chat.stopStream") == 1


def test_a_reply_is_never_replaced_by_nothing(direct: Slack):
    reply = direct.open()
    reply.write("犬")
    reply.replace("")
    assert direct.texts == ["犬"]


def test_replacing_a_reply_by_what_its_stream_said_when_it_ended_leaves_only_that(slack: Slack):
    reply = slack.open()
    reply.write("犬")
    slack.clock.pass_by(STREAM_SECONDS + 1)
    reply.write("と猫")
    slack.clock.pass_by(5)
    reply.write("と鳥")
    assert slack.texts == ["犬と猫と鳥"]
    reply.replace("犬")
    assert slack.texts == ["犬"]


@pytest.mark.parametrize("direct", [False, True])
def test_replacing_a_reply_of_several_messages_leaves_one(serve, clock, direct):
    slack = Slack(serve, clock, direct=direct)
    reply = slack.open()
    slack.write_slowly(reply, LONG[:26_000])
    assert len(slack.texts) > 2
    reply.replace("すみません。")
    assert slack.texts == ["すみません。"]
    assert not slack.workspace.messages.is_live(slack.posts[0])
    reply.replace(LONG[:14_000])
    assert re.sub(r"\s", "", "".join(slack.texts)) == re.sub(r"\s", "", LONG[:14_000])


def test_replacing_an_edited_reply_leaves_only_the_new_text(direct: Slack):
    reply = direct.open()
    reply.write("途中まで")
    reply.replace("すみません。")
    assert direct.texts == ["すみません。"]


def test_an_interrupted_stream_is_taken_up_in_the_same_message(slack: Slack):
    interrupted = slack.open()
    interrupted.write("途中")
    reply = slack.replies.resume(slack.question, slack.place, interrupted.ts)
    reply.write("はじめから終わりまで")
    reply.close()
    assert slack.texts == ["はじめから終わりまで"]


def test_a_complete_reply_can_be_completed_again(direct: Slack):
    done = direct.open()
    done.write("答え")
    done.close()
    direct.replies.resume(direct.question, direct.place, done.ts).replace("答え")
    assert direct.texts == ["答え"]


def test_a_loud_mention_split_over_two_pieces_notifies_nobody(slack: Slack):
    reply = slack.open()
    reply.write("みなさん <!chan")
    slack.clock.pass_by(1)
    reply.write("nel> 集合 @he")
    slack.clock.pass_by(1)
    reply.write("re")
    reply.close()
    (said,) = slack.texts
    assert "<!" not in said
    assert "@here" not in said


@pytest.mark.parametrize("direct", [False, True])
def test_nothing_is_shown_before_the_first_word(serve, clock, direct):
    slack = Slack(serve, clock, direct=direct)
    reply = slack.open()
    empty = slack.texts
    for blank in ("\n", "\n\n"):
        reply.write(blank)
        clock.pass_by(2)
    assert slack.texts == empty
    reply.write("犬")
    assert slack.texts == ["犬"]


@pytest.mark.parametrize("direct", [False, True])
def test_blanks_alone_are_never_sent(serve, clock, direct):
    slack = Slack(serve, clock, direct=direct)
    reply = slack.open()
    empty = slack.texts
    reply.write("\n\n ")
    reply.close()
    assert slack.texts == empty
    assert not any(slack.workspace.messages.is_live(post) for post in slack.posts)
    again = slack.open()
    again.write("犬")
    clock.pass_by(2)
    again.write("\n\n")
    again.close()
    assert slack.texts[-1] == "犬"


@pytest.mark.parametrize(("direct", "replies", "silence"), [(False, 1, 1), (False, 4, 5), (True, 1, 4), (True, 3, 11)])
def test_all_replies_together_keep_to_slacks_rates(serve, clock, waits, direct, replies, silence):
    slack = Slack(serve, clock, direct=direct, rates=RATES)
    live, last, longest = [], {}, 0.0
    asked = list(slack.ask_more(replies))
    for question, place in asked:
        live.append(slack.replies.open(question, place))
        clock.pass_by(1.1)  # chat.postMessage: one a second in each channel
    for step in range(1_900):
        for number, reply in enumerate(live):
            before = len(slack.calls)
            reply.write(f"w{step} ")
            if len(slack.calls) > before:
                longest = max(longest, clock() - last.get(number, clock()))
                last[number] = clock()
        assert step or len(last) == replies, "the first words appear at once"
        clock.pass_by(0.05)
    for reply in live:
        reply.close()
    words = [f"w{step}" for step in range(1_900)]
    assert sorted(word for text in slack.texts for word in text.split()) == sorted(words * replies)
    assert slack.rate_limited == waits == []
    assert longest < silence


def test_the_ends_of_short_replies_count_too(serve, clock, waits):
    slack = Slack(serve, clock, direct=True, rates=RATES)
    for question, place in list(slack.ask_more(18)):
        short = slack.replies.open(question, place)
        short.write("犬")
        short.write("と猫")
        short.close()
        clock.pass_by(1.1)
    long = slack.open()
    for _ in range(800):
        long.write("鳥")
        clock.pass_by(0.05)
    assert slack.rate_limited == []


def test_a_rate_limit_does_not_keep_the_model_waiting(serve, clock, waits):
    slack = Slack(serve, clock, rates={"chat.appendStream": 2})
    reply = slack.open()
    for word in ("一つ、", "二つ、", "三つ、"):
        reply.write(word)
        clock.pass_by(1)
    assert slack.rate_limited == ["chat.appendStream"]
    while clock() < 1_790_000_060:
        reply.write("犬、")
        clock.pass_by(1)
    assert slack.texts == ["一つ、二つ、"]
    assert slack.rate_limited == ["chat.appendStream"], "Slack said when to come back"
    reply.write("終わり")
    assert slack.texts == ["一つ、二つ、三つ、" + "犬、" * 57 + "終わり"]
    assert waits == []


def test_a_rate_limit_holds_for_every_reply(serve, clock, waits):
    slack = Slack(serve, clock, rates={"chat.appendStream": 1})
    first, second = slack.open(), slack.open()
    first.write("犬")
    clock.pass_by(1)
    first.write("犬")
    second.write("猫")
    assert slack.rate_limited == ["chat.appendStream"]
    second.close()
    first.close()
    assert slack.texts == ["犬犬", "猫"]
    assert waits == []


def test_an_edit_is_held_back_by_a_rate_limit_too(serve, clock, waits):
    slack = Slack(serve, clock, direct=True, rates={"chat.update": 1})
    reply = slack.open()
    reply.write("犬")
    clock.pass_by(35)
    reply.write("と猫")
    assert slack.texts == ["犬"]
    assert waits == []
    reply.close()
    assert slack.texts == ["犬と猫"]
    assert len(waits) == 1


def test_the_end_of_a_reply_waits_out_a_short_rate_limit_once(serve, clock, waits):
    slack = Slack(serve, clock, rates={"chat.stopStream": 1})
    first, second = slack.open(), slack.open()
    first.close()
    clock.pass_by(40)
    second.write("犬")
    second.write("と猫")
    second.close()
    assert slack.texts == ["", "犬と猫"]
    assert [round(each) // 2 for each in waits] == [10]


def test_a_rate_limit_that_lasts_longer_than_it_said_is_not_waited_out_twice(serve, clock, waits, monkeypatch):
    slack = Slack(serve, clock, rates={"chat.stopStream": 1})
    slack.open().close()
    clock.pass_by(40)
    monkeypatch.setattr(clock, "pass_by", lambda seconds: None)
    with pytest.raises(SlackUnavailable, match="ratelimited"):
        slack.open().close()
    assert len(waits) == 1


def test_a_long_rate_limit_is_not_waited_out(serve, clock, waits):
    slack = Slack(serve, clock, rates={"chat.stopStream": 1})
    slack.open().close()
    with pytest.raises(SlackUnavailable, match="ratelimited"):
        slack.open().close()
    assert waits == []


def test_a_reply_neither_unfurls_links_nor_media(direct: Slack):
    direct.open()
    (sent,) = direct.arguments("chat.postMessage")
    assert sent["unfurl_links"] is False
    assert sent["unfurl_media"] is False


def test_a_channel_that_is_gone_refuses_for_good(slack: Slack):
    gone = Question(TEAM, "C0GONE", "1000.000001", "U1", "?")
    with pytest.raises(SlackRefused, match="channel_not_found"):
        slack.replies.open(gone, gone.place(Scope.THREAD))


def test_a_wrong_token_is_refused_for_good_and_not_repeated_in_the_error(slack: Slack):
    replies = SlackReplies(web_client("xoxb-stolen", slack.url), clock=slack.clock, labels=JAPANESE_LABELS)
    with pytest.raises(SlackRefused, match="invalid_auth") as caught:
        replies.open(slack.question, slack.place)
    assert "xoxb-stolen" not in str(caught.value)


def test_an_error_that_may_pass_is_told_apart(direct: Slack, monkeypatch):
    reply = direct.open()
    monkeypatch.setattr(direct.workspace.bot, "update", refusing("internal_error"))
    with pytest.raises(SlackUnavailable, match="internal_error"):
        reply.write("犬")


@pytest.mark.parametrize("code", ["channel_not_found", "thread_not_found"])
def test_a_place_that_is_gone_refuses_for_good_without_a_second_way_being_tried(slack: Slack, monkeypatch, code):
    monkeypatch.setattr(slack.workspace.bot, "start_stream", refusing(code))
    with pytest.raises(SlackRefused, match=code):
        slack.open()
    assert slack.texts == []


def test_a_slack_that_cannot_be_reached_may_be_back_later(clock, slack: Slack):
    address = f"http://127.0.0.1:{free_port()}/api/"
    replies = SlackReplies(web_client(TOKEN, address), clock=clock, labels=JAPANESE_LABELS)
    with pytest.raises(SlackUnavailable, match="could not be reached: URLError"):
        replies.open(slack.question, slack.place)


def test_a_slack_that_does_not_answer_is_given_up(clock, slack: Slack):
    assert web_client(TOKEN, None).timeout == 10
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        replies = SlackReplies(
            web_client(TOKEN, f"http://127.0.0.1:{port}/api/", timeout=0.2), clock=clock, labels=JAPANESE_LABELS
        )
        with pytest.raises(SlackUnavailable, match="could not be reached: TimeoutError"):
            replies.open(slack.question, slack.place)


def test_a_stream_that_nobody_remembers_is_found_by_its_place_and_gone_on_with(slack: Slack):
    slack.open().write("途中")
    found = slack.replies.find(slack.question, slack.place)
    found.write("はじめから終わりまで")
    found.close()
    assert slack.texts == ["はじめから終わりまで"]
    assert not slack.workspace.messages.is_live(slack.posts[0])


def test_a_post_that_nobody_remembers_is_found_by_its_mark(direct: Slack):
    direct.open()
    found = direct.replies.find(direct.question, direct.place)
    found.write("はい")
    found.close()
    assert direct.texts == ["はい"]


def test_where_nothing_was_left_behind_nothing_is_found(slack: Slack, direct: Slack):
    assert slack.replies.find(slack.question, slack.place) is None
    assert direct.replies.find(direct.question, direct.place) is None


def test_another_questions_reply_is_not_taken_for_this_ones(slack: Slack):
    later = replace(slack.question, ts=slack.workspace.say(*_in_thread(slack)).ts, thread=slack.question.ts)
    reply = slack.replies.open(later, later.place(Scope.THREAD))
    reply.write("後の質問の答え")
    reply.close()
    assert slack.replies.find(slack.question, slack.place) is None


def _in_thread(slack: Slack) -> tuple[str, str, str, str]:
    return slack.question.person, slack.question.channel, "それと?", slack.question.ts


def test_without_the_scope_to_read_the_thread_nothing_is_found_and_nothing_breaks(slack: Slack, monkeypatch):
    slack.open()
    monkeypatch.setattr(slack.workspace.messages, "thread", refusing("missing_scope"))
    assert slack.replies.find(slack.question, slack.place) is None


@pytest.mark.parametrize("direct", [False, True])
def test_the_messages_that_an_interrupted_long_answer_left_are_used_again_and_what_is_too_many_is_taken_back(
    serve, clock, direct
):
    slack = Slack(serve, clock, direct=direct)
    interrupted = slack.open()
    for start in range(0, len(LONG), 1000):
        interrupted.write(LONG[start : start + 1000])
        clock.pass_by(2)
    assert len(slack.posts) > 2
    reply = slack.replies.resume(slack.question, slack.place, interrupted.ts)
    short = LONG[: EDITED_LIMIT + 100]
    reply.write(short)
    reply.close()
    assert len(slack.texts) == 2
    assert re.sub(r"\s", "", "".join(slack.texts)) == re.sub(r"\s", "", short)
    assert slack.posts[0].ts == interrupted.ts
    assert not any(slack.workspace.messages.is_live(post) for post in slack.posts)


def test_a_file_is_sent_to_who_asked_and_to_nobody_else(slack: Slack):
    slack.replies.send(slack.question, "memory-T1-C1.json", '{"summary": "ポチ"}')
    (post,) = slack.posts
    assert slack.workspace.directory.channel(post.channel).owner == slack.question.person
    (file,) = post.files
    assert file.name == "memory-T1-C1.json"
    assert slack.workspace.files.content(file.id)[1].decode() == '{"summary": "ポチ"}'


@pytest.mark.parametrize(("code", "failure"), [("user_not_found", SlackRefused), ("internal_error", SlackUnavailable)])
def test_a_file_that_slack_does_not_take_is_told(slack: Slack, monkeypatch, code, failure):
    monkeypatch.setattr(slack.workspace.files, "complete", refusing(code))
    with pytest.raises(failure, match=code):
        slack.replies.send(slack.question, "memory.json", "{}")


def test_while_slack_limits_reading_nothing_is_taken_for_missing(serve, clock, waits):
    slack = Slack(serve, clock, rates={"conversations.replies": 1})
    slack.open()
    assert slack.replies.find(slack.question, slack.place)
    with pytest.raises(SlackUnavailable, match="ratelimited"):
        slack.replies.find(slack.question, slack.place)
