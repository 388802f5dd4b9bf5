"""Replies through the real slack_sdk client, against a stand-in that refuses what Slack refuses."""

import re
import socket

import pytest
from starlette.applications import Starlette

from adapters.slack.replies import EDITED_LIMIT, PLACEHOLDER, STREAMED_LIMIT, SlackChannel, web_client
from domain.errors import ChannelRefused, ChannelUnavailable
from domain.question import Question, Scope
from entrypoints.playground.slack import SlackStandIn
from entrypoints.playground.workspace import BOT_USER, STREAM_SECONDS, TEAM, Workspace

TOKEN = "xoxb-made-up"
LONG = "".join(f"第{n}段落。" + "犬の話をします。" * 20 + "\n\n" for n in range(160))


class Stage:
    """A workspace with one question in it, a channel to answer it through, and every call that was made."""

    def __init__(self, serve, clock, *, username="", direct=False, rates=None) -> None:
        self.clock = clock
        self.workspace = Workspace("ja", clock)
        stand_in = SlackStandIn(
            self.workspace,
            bot_token=TOKEN,
            signing_secret="s",
            events_url="http://127.0.0.1:9/",
            clock=clock,
            rates=rates,
        )
        self.calls: list[str] = []
        self.url = f"{serve(self._noting(Starlette(routes=stand_in.routes)))}/api/"
        self.channel = SlackChannel(web_client(TOKEN, self.url), clock=clock, username=username)
        place = next(each for each in self.workspace.channels if each.direct == direct)
        person = place.owner or self.workspace.people[0].id
        said = self.workspace.say(person, place.id, "犬の話をして")
        self.question = Question(TEAM, place.id, said.ts, person, "犬の話をして", direct=direct)
        self.place = self.question.place(Scope.THREAD)

    def _noting(self, app):
        async def noted(scope, receive, send):
            if scope["type"] == "http":
                self.calls.append(scope["path"].removeprefix("/api/"))
            await app(scope, receive, send)

        return noted

    def open(self):
        return self.channel.open(self.question, self.place)

    @property
    def posts(self) -> list:
        return [each for each in self.workspace.posts() if each.user == BOT_USER]

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.posts]


@pytest.fixture
def stage(serve, clock) -> Stage:
    return Stage(serve, clock)


@pytest.fixture
def direct(serve, clock) -> Stage:
    return Stage(serve, clock, direct=True)


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
    assert stage.calls == ["chat.startStream", *["chat.appendStream"] * 4, "chat.stopStream"]
    assert stage.texts == ["犬" * 20]


def test_a_quick_answer_takes_three_calls(stage: Stage):
    reply = stage.open()
    for word in ("ポチ", "は", "元気", "です"):
        reply.write(word)
    reply.close()
    assert stage.calls == ["chat.startStream", "chat.appendStream", "chat.stopStream"]


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


def test_where_slack_refuses_a_stream_the_reply_is_edited(serve, clock):
    stage = Stage(serve, clock, rates={"chat.startStream": 0})
    stage.channel = SlackChannel(web_client(TOKEN, stage.url), clock=clock)
    stage.channel._client.retry_handlers.clear()
    reply = stage.open()
    reply.write("ポチ")
    reply.close()
    assert stage.texts == ["ポチ"]
    assert stage.posts[0].thread == stage.question.ts


def test_a_name_of_its_own_is_on_streams_and_posts_alike(serve, clock):
    for direct in (True, False):
        stage = Stage(serve, clock, username="ポチ係", direct=direct)
        stage.open()
        assert [each.username for each in stage.posts] == ["ポチ係"]


@pytest.mark.parametrize(("direct", "limit"), [(False, STREAMED_LIMIT), (True, EDITED_LIMIT)])
def test_an_answer_too_long_for_one_message_goes_on_in_the_next(serve, clock, direct, limit):
    stage = Stage(serve, clock, direct=direct)
    reply = stage.open()
    for start in range(0, len(LONG), 1000):
        reply.write(LONG[start : start + 1000])
        clock.pass_by(2)
    reply.close()
    assert len(stage.texts) == -(-len(LONG) // limit)
    assert re.sub(r"\s", "", "".join(stage.texts)) == re.sub(r"\s", "", LONG)
    assert reply.ts == stage.posts[0].ts
    assert not any(stage.workspace.is_live(post) for post in stage.posts)


def test_a_stream_that_slack_has_ended_goes_on_in_the_next_message(stage: Stage):
    reply = stage.open()
    reply.write("五分より前の話。")
    stage.clock.pass_by(STREAM_SECONDS + 1)
    reply.write("五分より後の話。")
    reply.write("おわり。")
    reply.close()
    assert stage.texts == ["五分より前の話。", "五分より後の話。おわり。"]


def test_a_stream_that_slack_has_ended_just_before_its_close_is_complete(stage: Stage):
    reply = stage.open()
    reply.write("全部の話。")
    stage.clock.pass_by(STREAM_SECONDS + 1)
    reply.close()
    assert stage.texts == ["全部の話。"]


def test_replacing_a_live_stream_leaves_only_the_new_text(stage: Stage):
    reply = stage.open()
    reply.write("途中まで")
    reply.replace("すみません、答えられませんでした。")
    assert stage.texts == ["すみません、答えられませんでした。"]
    assert not stage.workspace.is_live(stage.posts[0])


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


def test_a_channel_that_is_gone_refuses_for_good(stage: Stage):
    gone = Question(TEAM, "C0GONE", "1000.000001", "U1", "?")
    with pytest.raises(ChannelRefused, match="channel_not_found"):
        stage.channel.open(gone, gone.place(Scope.THREAD))


def test_a_wrong_token_is_refused_for_good_and_not_repeated_in_the_error(stage: Stage):
    channel = SlackChannel(web_client("xoxb-stolen", stage.url), clock=stage.clock)
    with pytest.raises(ChannelRefused, match="invalid_auth") as caught:
        channel.open(stage.question, stage.place)
    assert "xoxb-stolen" not in str(caught.value)


def test_an_error_that_may_pass_is_told_apart(stage: Stage):
    reply = stage.channel.resume(stage.question, stage.place, "1.000001")
    with pytest.raises(ChannelUnavailable, match="message_not_found"):
        reply.write("犬")


def test_a_slack_that_cannot_be_reached_may_be_back_later(clock, stage: Stage):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    channel = SlackChannel(web_client(TOKEN, f"http://127.0.0.1:{port}/api/"), clock=clock)
    with pytest.raises(ChannelUnavailable, match="could not be reached: URLError"):
        channel.open(stage.question, stage.place)
