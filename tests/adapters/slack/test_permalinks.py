"""Where people can read the posts that the bot speaks of."""

from dataclasses import replace

from starlette.responses import JSONResponse

from domain.conversations.place import Place, Scope
from domain.timestamp import Timestamp
from tests.adapters.slack.replies_harness import Slack

POSTS = (Timestamp("1790000000.000100"), Timestamp("1790000000.000200"))


def test_a_post_of_a_thread_is_linked_as_slack_links_it(slack: Slack):
    question = replace(slack.question, thread="1790000000.000001")
    links = slack.replies.links(question, question.place(Scope.THREAD), POSTS)
    channel = question.channel
    within = f"?thread_ts=1790000000.000001&cid={channel}"
    assert links == {
        POSTS[0]: f"{slack.workspace.address}/archives/{channel}/p1790000000000100{within}",
        POSTS[1]: f"{slack.workspace.address}/archives/{channel}/p1790000000000200{within}",
    }


def test_where_a_channel_shares_one_memory_a_post_is_linked_by_itself(slack: Slack):
    place = slack.question.place(Scope.CHANNEL)
    links = slack.replies.links(slack.question, place, POSTS[:1])
    assert links == {POSTS[0]: f"{slack.workspace.address}/archives/{slack.question.channel}/p1790000000000100"}


def test_slack_is_asked_once_where_its_workspace_is(slack: Slack):
    for _ in range(3):
        slack.replies.links(slack.question, Place("T1/C1", ""), POSTS)
    assert slack.calls.count("auth.test") == 1


def test_where_slack_does_not_say_there_are_no_links(slack: Slack):
    slack.fail("auth.test", JSONResponse({"ok": False, "error": "fatal_error"}))
    assert slack.replies.links(slack.question, Place("T1/C1", ""), POSTS) == {}
