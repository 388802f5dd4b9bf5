"""Replies that one person sees."""

import json
import logging
import re
from dataclasses import replace

import pytest
from slack_sdk import WebClient
from slack_sdk.models.blocks import MarkdownBlock
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from adapters.slack.client import web_client
from adapters.slack.replying.ephemeral import POST_LIMIT, EphemeralReply
from bench.ports import free_port
from domain.errors import SlackRefused, SlackUnavailable
from tests.adapters.slack.replies_harness import RECEIPT, TOKEN, Slack, refusing
from tests.adapters.slack.wholeness import is_whole

LONG = "".join(f"第{n}段落。" + "犬の話をします。" * 20 + "\n\n" for n in range(180))


@pytest.fixture
def asked(slack: Slack):
    """Where a slash command is answered."""
    command = slack.stand_in.slash(slack.question.person, slack.question.channel, "記憶")
    return replace(slack.question, private=True, respond_to=command.payload["response_url"])


def seen(slack: Slack) -> list[str]:
    assert slack.posts == [], "nobody else sees anything"
    assert {each.only_for for each in slack.workspace.messages.ephemerals()} <= {slack.question.person}
    return [each.text for each in slack.workspace.messages.ephemerals()]


def test_a_private_reply_shows_nothing_until_it_is_complete(slack: Slack, asked):
    reply = slack.replies.open(asked, slack.place)
    assert reply.ts == ""
    reply.write("ポチは")
    slack.clock.pass_by(10)
    reply.write("元気です。")
    assert seen(slack) == []
    reply.close(RECEIPT)
    assert seen(slack) == ["ポチは元気です。"]
    assert not reply.stopped
    assert [each.split("/")[1] for each in slack.calls] == ["response"]


def test_a_private_reply_can_be_replaced(slack: Slack, asked):
    reply = slack.replies.open(asked, slack.place)
    reply.write("途中まで")
    reply.replace("記憶はありません。")
    reply.close()
    assert seen(slack) == ["記憶はありません。"]


def test_without_a_response_url_the_person_is_told_in_the_channel(slack: Slack):
    reply = slack.replies.open(replace(slack.question, private=True), slack.place)
    reply.replace("長すぎます。")
    assert seen(slack) == ["長すぎます。"]
    assert slack.calls == ["chat.postEphemeral"]


def test_in_a_thread_that_has_begun_the_person_is_told_there(slack: Slack, asked):
    for question in (replace(asked, thread="1.000001"), replace(asked, thread="1.000001", respond_to="")):
        slack.replies.open(question, slack.place).replace("はい")
    assert [each.thread for each in slack.workspace.messages.ephemerals()] == ["1.000001"] * 2


def test_in_a_thread_that_only_the_reply_would_begin_slack_would_show_nothing(slack: Slack):
    assert slack.place.thread, "the reply would begin a thread"
    slack.replies.open(replace(slack.question, private=True), slack.place).replace("長すぎます。")
    (post,) = slack.workspace.messages.ephemerals()
    assert post.thread == ""


@pytest.mark.parametrize("seconds", [1_799, 1_801])
def test_a_response_url_that_has_expired_is_made_up_for(slack: Slack, asked, seconds):
    reply = slack.replies.open(asked, slack.place)
    slack.clock.pass_by(seconds)
    reply.replace("はい")
    assert seen(slack) == ["はい"]
    assert ("chat.postEphemeral" in slack.calls) == (seconds > 1_800)


def test_what_is_too_long_for_one_post_goes_on_in_the_next(slack: Slack, asked):
    slack.replies.open(asked, slack.place).replace(LONG)
    assert len(seen(slack)) == -(-len(LONG) // POST_LIMIT)
    assert is_whole(seen(slack), LONG)
    assert "chat.postEphemeral" not in slack.calls


def test_a_response_url_that_is_used_up_loses_nothing(slack: Slack, asked):
    text = "```\n" + "".join(f"dog_{n} = {n}\n" for n in range(5_000)) + "```\n"
    assert len(text) > 6 * POST_LIMIT
    slack.replies.open(asked, slack.place).replace(text)
    assert is_whole(seen(slack), text)
    assert sum(each.startswith("/response/") for each in slack.calls) == 5
    assert slack.calls.count("chat.postEphemeral") == len(seen(slack)) - 5


def test_blanks_alone_are_not_sent(slack: Slack, asked):
    reply = slack.replies.open(asked, slack.place)
    reply.write(" \n")
    reply.close()
    assert seen(slack) == []
    assert slack.calls == []


def test_a_private_reply_notifies_nobody_and_unfurls_nothing(slack: Slack, asked):
    for question in (asked, replace(asked, respond_to="")):
        reply = slack.replies.open(question, slack.place)
        reply.write("<!chan")
        reply.write("nel> @here https://inu.example/")
        reply.close()
    sent = next(body for called, body in slack.said if called.startswith("/response/"))
    response, (whispered,) = json.loads(sent), slack.arguments("chat.postEphemeral")
    assert response["unfurl_links"] is response["unfurl_media"] is response["replace_original"] is False
    assert response["response_type"] == "ephemeral"
    for each in (response, whispered):
        (block,) = each["blocks"]
        MarkdownBlock.parse(block).validate_json()
        assert not re.search("<!|@here", block["text"] + each["text"])
        assert len(each["text"]) <= 4_000


def test_an_address_that_a_split_takes_apart_is_not_loud(slack: Slack, asked):
    slack.replies.open(asked, slack.place).replace("犬" * (POST_LIMIT - 20) + "info@here.com です" + "犬" * 100)
    assert not any(re.search(r"(?<![A-Za-z0-9_])@here(?![A-Za-z0-9_])", each) for each in seen(slack))


def test_a_private_reply_is_taken_up_by_its_missing_timestamp_and_never_found(slack: Slack, asked):
    reply = slack.replies.open(asked, slack.place)
    reply.write("途中")
    assert slack.replies.find(asked, slack.place) is None
    assert slack.calls == [], "nobody looks for what cannot be found"
    again = slack.replies.resume(replace(asked, private=False), slack.place, reply.ts)
    again.replace("はじめから終わりまで")
    assert seen(slack) == ["はじめから終わりまで"]


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/commands/1",
        "http://hooks.slack.com/commands/1",
        "https://hooks.slack.com.evil.example/1",
        "https://hooks.slack.com@evil.example/1",
        "https://user@hooks.slack.com/1",
        "https://hooks.slack.com:8443/1",
        "https://hooks.slack.com\\@evil.example/1",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "//hooks.slack.com/1",
        "https://[",
        "x",
    ],
)
def test_a_response_url_that_is_not_slacks_is_never_called(slack: Slack, asked, url):
    for client in (slack.client, WebClient()):
        with pytest.raises(SlackRefused, match="not Slack's"):
            EphemeralReply(client, replace(asked, respond_to=url), username=None, refusal="")
    with pytest.raises(SlackRefused):
        slack.replies.open(replace(asked, respond_to=url), slack.place)


def test_only_a_test_may_have_another_slack(asked):
    EphemeralReply(
        WebClient(), replace(asked, respond_to="https://hooks.slack.com/commands/T1/2/x"), username=None, refusal=""
    )
    with pytest.raises(SlackRefused):
        EphemeralReply(WebClient(), asked, username=None, refusal="")
    with pytest.raises(SlackRefused):
        EphemeralReply(WebClient(), replace(asked, respond_to="https://slack.com/api/"), username=None, refusal="")


def test_a_response_url_that_does_not_work_is_made_up_for(slack: Slack, serve, asked):
    def broken(_):
        return PlainTextResponse("no", 503)

    routes = [Route("/response/{secret}", broken, methods=["POST"]), *slack.stand_in.routes]
    address = serve(Starlette(routes=routes))
    client = web_client(TOKEN, f"{address}/api/")
    EphemeralReply(client, replace(asked, respond_to=f"{address}/response/1"), username=None, refusal="").replace(
        "はい"
    )
    assert seen(slack) == ["はい"]


def test_a_slack_that_cannot_be_reached_may_be_back_later(asked):
    address = f"http://127.0.0.1:{free_port()}"
    client = web_client(TOKEN, f"{address}/api/")
    with pytest.raises(SlackUnavailable, match="could not be reached"):
        EphemeralReply(client, replace(asked, respond_to=f"{address}/response/1"), username=None, refusal="").replace(
            "はい"
        )


@pytest.mark.parametrize("code", ["user_not_in_channel", "channel_not_found", "missing_scope"])
def test_where_nobody_can_be_told_the_reply_is_refused_for_good(slack: Slack, monkeypatch, code):
    monkeypatch.setattr(slack.workspace.bot, "whisper", refusing(code))
    with pytest.raises(SlackRefused, match=code):
        slack.replies.open(replace(slack.question, private=True), slack.place).replace("はい")


def test_an_outage_is_told_apart(slack: Slack, monkeypatch):
    monkeypatch.setattr(slack.workspace.bot, "whisper", refusing("internal_error"))
    with pytest.raises(SlackUnavailable, match="internal_error"):
        slack.replies.open(replace(slack.question, private=True), slack.place).replace("はい")


def test_what_is_said_in_private_is_in_no_log(slack: Slack, asked, caplog):
    caplog.set_level(logging.DEBUG, logger="slack_sdk.webhook")
    for each in (asked, replace(asked, respond_to=f"{slack.workspace.address}/response/used")):
        slack.replies.open(each, slack.place).replace("ポチの秘密")
    assert not [each for each in caplog.records if each.name.startswith("slack_sdk.webhook")]
