"""An answer that Slack refuses in one form goes out in a plainer one; where Slack takes none, the person is told so."""

import json
from dataclasses import replace

import pytest

from adapters.slack.replying.messages.edited_message import EDITED_LIMIT
from domain.errors import SlackRefused, SlackUnavailable
from entrypoints.playground.emulator.workspace.model import TEAM
from tests.adapters.slack.replies_harness import RECEIPT, Slack

CODES = ["invalid_blocks", "msg_blocks_too_long", "invalid_metadata_format", "a_code_of_tomorrow"]


@pytest.mark.parametrize("code", CODES)
def test_where_slack_takes_no_blocks_an_edited_answer_is_plain_text(direct: Slack, code):
    direct.refuse("chat.update", code, lambda said: said.get("blocks"))
    reply = direct.open()
    reply.write("**ポチ** は")
    assert direct.texts == ["**ポチ** は"]
    direct.clock.pass_by(5)
    reply.write("<3 歳> & 元気")
    reply.close(RECEIPT)
    assert direct.texts == ["**ポチ** は&lt;3 歳&gt; &amp; 元気"]
    assert direct.calls.count("chat.update") == 3, "blocks are tried once"


def test_where_slack_takes_no_buttons_the_answer_keeps_its_markdown(direct: Slack):
    direct.refuse("chat.update", "a_code_of_tomorrow", lambda said: "context_actions" in str(said.get("blocks")))
    reply = direct.open()
    reply.write("**ポチ**")
    reply.close(RECEIPT)
    (post,) = direct.posts
    assert [block["type"] for block in post.blocks] == ["markdown"]
    assert post.text == "**ポチ**"


def test_where_slack_takes_no_edit_a_post_of_its_own_has_the_answer(direct: Slack):
    direct.refuse("chat.update", "edit_window_closed", lambda said: True)
    reply = direct.open()
    reply.write("ポチは")
    direct.clock.pass_by(5)
    reply.write("元気")
    reply.close(RECEIPT)
    assert direct.texts == ["…", "ポチは元気"]
    assert direct.calls.count("chat.update") == 2, "blocks and plain text, once each"


def test_an_answer_that_slack_takes_in_no_form_leaves_a_sentence_with_the_reference(direct: Slack):
    for method in ("chat.update", "chat.postMessage"):
        direct.refuse(method, "a_code_of_tomorrow", lambda said: "ポチ" in json.dumps(said, ensure_ascii=False))
    reply = direct.open()
    reply.write("ポチは元気")
    reply.close(RECEIPT)
    assert direct.texts[0] == "…"
    assert f"受付番号 {direct.question.reference} " in direct.texts[1]


def test_where_slack_takes_not_even_the_sentence_the_question_is_not_taken_for_answered(direct: Slack):
    reply = direct.open()
    reply.write("ポチ")
    for method in ("chat.update", "chat.postMessage"):
        direct.refuse(method, "a_code_of_tomorrow", lambda said: True)
    with pytest.raises(SlackUnavailable, match="a_code_of_tomorrow"):
        reply.replace("ポチは元気")


def test_a_long_answer_in_plain_text_is_whole(direct: Slack):
    direct.refuse("chat.update", "invalid_blocks", lambda said: said.get("blocks"))
    text = "犬 <&> " * 1_000
    reply = direct.open()
    direct.write_slowly(reply, text)
    reply.close()
    shown = "".join(direct.texts).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert shown.split() == text.split()
    assert max(map(len, direct.texts)) > EDITED_LIMIT // 2


@pytest.mark.parametrize("method", ["chat.appendStream", "chat.stopStream"])
def test_words_that_a_stream_does_not_take_are_edited_in(slack: Slack, method):
    slack.refuse(method, "invalid_markdown", lambda said: said.get("markdown_text"))
    reply = slack.open()
    reply.write("ポチは")
    slack.clock.pass_by(5)
    reply.write("元気")
    reply.close(RECEIPT)
    assert slack.texts == ["ポチは元気"]
    assert not slack.workspace.messages.is_live(slack.posts[0])
    assert all(slack.votes)


@pytest.mark.parametrize("argument", ["markdown_text", "username", "metadata"])
def test_a_reply_begins_even_where_slack_takes_only_plain_text(serve, clock, argument):
    slack = Slack(serve, clock, direct=True, username="ポチ係")
    slack.refuse("chat.postMessage", "invalid_arguments", lambda said: said.get(argument))
    reply = slack.open()
    reply.write("ポチ")
    reply.close()
    assert slack.texts == ["ポチ"]


def test_a_place_that_is_gone_is_tried_in_no_other_form(direct: Slack):
    reply = direct.open()
    direct.refuse("chat.update", "is_archived", lambda said: True)
    with pytest.raises(SlackRefused, match="is_archived"):
        reply.write("ポチ")
    assert direct.calls.count("chat.update") == 1


def test_where_slack_takes_no_blocks_an_ephemeral_answer_is_plain_text_in_as_many_posts_as_it_needs(slack: Slack):
    slack.refuse("chat.postEphemeral", "invalid_blocks", lambda said: said.get("blocks"))
    reply = slack.replies.open(replace(slack.question, private=True), slack.place)
    reply.write("犬。" * 3_000)
    reply.close()
    plain = [said["text"] for said in slack.arguments("chat.postEphemeral") if not said["blocks"]]
    assert "".join(plain) == "犬。" * 3_000
    assert max(map(len, plain)) <= 4_000


def test_an_ephemeral_answer_that_slack_takes_in_no_form_leaves_a_sentence_with_the_reference(slack: Slack):
    slack.refuse("chat.postEphemeral", "a_code_of_tomorrow", lambda said: "ポチ" in str(said))
    reply = slack.replies.open(replace(slack.question, private=True), slack.place)
    reply.replace("ポチ")
    assert slack.question.reference in slack.arguments("chat.postEphemeral")[-1]["text"]


@pytest.mark.parametrize(
    "code", ["restricted_action_thread_locked", "thread_locked", "restricted_action_read_only_channel"]
)
def test_in_a_place_that_is_closed_to_replies_the_answer_is_for_the_person_alone(agent: Slack, code):
    follow_up = replace(agent.question, thread=agent.question.ts)
    for method in ("chat.startStream", "chat.postMessage"):
        agent.refuse(method, code, lambda said: True)
    agent.refuse("chat.postEphemeral", code, lambda said: said.get("thread_ts"))
    reply = agent.replies.open(follow_up, agent.place)
    assert agent.session == "active"
    reply.write("ポチは元気")
    reply.close(RECEIPT)
    assert not reply.ts
    assert agent.texts == []
    last = agent.arguments("chat.postEphemeral")[-1]
    assert (last["user"], last["blocks"][0]["text"]) == (follow_up.person, "ポチは元気")


def test_a_place_that_is_closed_to_the_person_too_is_refused_for_good(slack: Slack):
    for method in ("chat.startStream", "chat.postMessage", "chat.postEphemeral"):
        slack.refuse(method, "restricted_action", lambda said: True)
    with pytest.raises(SlackRefused, match="restricted_action"):
        slack.open().replace("ポチ")


@pytest.mark.parametrize("code", ["team_access_not_granted", "missing_recipient_team_id", "missing_recipient_user_id"])
def test_what_concerns_the_stream_alone_makes_the_answer_an_edited_one(slack: Slack, code):
    slack.refuse("chat.startStream", code, lambda said: True)
    for question, place in list(slack.ask_more(2)):
        slack.replies.open(question, place).replace("ポチ")
    assert slack.texts == ["ポチ", "ポチ"]
    assert slack.calls.count("chat.startStream") == 1, "it is a refusal, so it is remembered"


def test_the_stream_of_an_answer_to_a_person_of_another_company_is_for_their_team_and_a_refusal_for_theirs_alone(
    slack: Slack,
):
    slack.refuse("chat.startStream", "team_access_not_granted", lambda said: said["recipient_team_id"] == "TEXT")
    theirs = replace(slack.question, person_team="TEXT")
    for question in (theirs, slack.question, theirs):
        slack.replies.open(question, slack.place).replace("ポチ")
    assert [said["recipient_team_id"] for said in slack.arguments("chat.startStream")] == ["TEXT", TEAM]
    assert slack.texts == ["ポチ"] * 3
    assert {json.loads(post.metadata)["event_payload"]["question"] for post in slack.posts} == {slack.question.identity}
