"""What Slack says in an outage: it is no refusal, so the answer at hand takes another way and nothing is learned."""

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from domain.errors import SlackUnavailable
from tests.adapters.slack.replies_harness import RECEIPT, WEB_PAGE, Slack, hang, hang_up

OUTAGES = {
    "a web page with 503": WEB_PAGE,
    "a web page with 200": Response("<html>maintenance</html>", 200, media_type="text/html"),
    "a proxy's page with 403": Response("<html>blocked</html>", 403, media_type="text/html"),
    "an empty body": Response(b"", 200),
    "an empty body with 502": Response(b"", 502),
    "half a JSON object": PlainTextResponse('{"ok": true, "ts": "1'),
    "internal_error": JSONResponse({"ok": False, "error": "internal_error"}),
    "internal_error with 500": JSONResponse({"ok": False, "error": "internal_error"}, 500),
    "a code of Slack's with 503": JSONResponse({"ok": False, "error": "channel_not_found"}, 503),
    "no code": JSONResponse({"ok": False}),
    "a code that is none": JSONResponse({"ok": False, "error": ["internal", "error"]}),
    "a list": JSONResponse(["ok"]),
    "an empty list": JSONResponse([]),
    "null": JSONResponse(None),
    "ok and nothing else": JSONResponse({"ok": True}),
    "a ts that is a number": JSONResponse({"ok": True, "ts": 1790000000.1}),
    "a connection that is reset": hang_up,
}


@pytest.fixture(params=OUTAGES)
def outage(request):
    return OUTAGES[request.param]


def test_an_outage_as_a_stream_begins_makes_this_answer_an_edited_one_and_the_next_one_streams(slack: Slack, outage):
    slack.fail("chat.startStream", outage)
    for question, place in list(slack.ask_more(2)):
        reply = slack.replies.open(question, place)
        reply.write("ポチは")
        reply.close(RECEIPT)
    assert slack.texts == ["ポチは", "ポチは"]
    assert slack.calls.count("chat.startStream") == 2
    assert slack.calls.count("chat.stopStream") == 1


def test_a_stream_that_began_although_slack_said_otherwise_is_the_edited_message(slack: Slack, outage):
    slack.fail("chat.startStream", outage, done=True)
    reply = slack.open()
    reply.write("ポチは元気です。")
    reply.close(RECEIPT)
    assert slack.texts == ["ポチは元気です。"]
    assert not slack.workspace.messages.is_live(slack.posts[0])
    assert reply.ts == slack.posts[0].ts


def test_a_second_stream_that_began_although_slack_said_otherwise_takes_the_rest(slack: Slack):
    reply = slack.open()
    slack.fail("chat.startStream", WEB_PAGE, done=True)
    slack.write_slowly(reply, "犬。" * 7_000)
    reply.close(RECEIPT)
    assert "".join(slack.texts) == "犬。" * 7_000
    assert not any(slack.workspace.messages.is_live(post) for post in slack.posts)


def test_a_slack_that_is_away_altogether_is_asked_no_further(slack: Slack):
    for method in ("chat.startStream", "auth.test"):
        slack.fail(method, WEB_PAGE)
    with pytest.raises(SlackUnavailable):
        slack.open()
    assert "chat.postMessage" not in slack.calls


def test_an_outage_while_a_message_is_posted_is_unavailability(direct: Slack, outage):
    direct.fail("chat.postMessage", outage)
    with pytest.raises(SlackUnavailable):
        direct.open()


@pytest.mark.parametrize("name", sorted(OUTAGES.keys() - {"ok and nothing else", "a ts that is a number"}))
def test_an_outage_while_a_message_is_edited_is_unavailability(direct: Slack, name):
    reply = direct.open()
    direct.fail("chat.update", OUTAGES[name])
    with pytest.raises(SlackUnavailable):
        reply.write("ポチ")


@pytest.mark.parametrize("method", ["auth.test", "conversations.replies"])
def test_an_outage_while_slack_is_read_is_not_taken_for_a_thread_without_a_reply(slack: Slack, outage, method):
    slack.open().write("途中")
    slack.fail(method, outage)
    with pytest.raises(SlackUnavailable):
        slack.replies.find(slack.question, slack.place)
    assert slack.replies.find(slack.question, slack.place)


def test_a_stream_is_not_edited_while_slack_cannot_end_it(slack: Slack):
    ts = slack.open().ts
    slack.fail("chat.stopStream", WEB_PAGE)
    with pytest.raises(SlackUnavailable):
        slack.replies.resume(slack.question, slack.place, ts)
    slack.replies.resume(slack.question, slack.place, ts).replace("ポチ")
    assert slack.texts == ["ポチ"]


def test_a_slack_that_does_not_answer_is_waited_for_once(serve, clock):
    slack = Slack(serve, clock, sessions=True, timeout=0.2)
    slack.fail("chat.startStream", hang)
    with pytest.raises(SlackUnavailable, match="TimeoutError"):
        slack.open()
    assert sorted(slack.calls) == ["agents.sessions.setStatus", "chat.startStream"]


@pytest.mark.parametrize("method", ["conversations.open", "files.getUploadURLExternal", "files.completeUploadExternal"])
def test_an_outage_while_a_file_is_sent_is_unavailability(slack: Slack, outage, method):
    slack.fail(method, outage)
    with pytest.raises(SlackUnavailable):
        slack.replies.send(slack.question, "memory.json", "{}")


def test_buttons_that_slack_is_too_ill_to_take_keep_no_answer_back(slack: Slack):
    reply = slack.open()
    reply.write("ポチ")
    slack.fail("chat.stopStream", WEB_PAGE)
    reply.close(RECEIPT)
    assert slack.texts == ["ポチ"]


def test_an_outage_is_named_once_with_its_status_and_without_the_page(direct: Slack, caplog):
    direct.fail("chat.postMessage", WEB_PAGE)
    with pytest.raises(SlackUnavailable, match=r"^Slack answered no error code with status 503$"):
        direct.open()
    assert caplog.text == "", "who handles the error logs it"
