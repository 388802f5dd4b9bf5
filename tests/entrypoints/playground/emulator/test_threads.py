"""Threads as Slack hands them out, and what becomes of posts that people edit or delete."""

import pytest

from entrypoints.playground.emulator.workspace.model import BOT_USER, Refused
from tests.entrypoints.playground.conftest import CHANNEL, OTHER, PERSON


def say(slack, text: str, thread: str) -> str:
    return slack.client.chat_postMessage(channel=CHANNEL, thread_ts=thread, text=text)["ts"]


@pytest.fixture
def thread(slack) -> list[str]:
    """A first post and five replies."""
    first = slack.ask("ポチの話")
    return [first, *(say(slack, str(n), first) for n in range(5))]


def read(slack, thread: list[str], **arguments: object) -> list[str]:
    answer = slack.client.conversations_replies(channel=CHANNEL, ts=thread[0], **arguments)
    return [each["ts"] for each in answer["messages"]]


def test_a_page_of_a_thread_begins_with_what_is_oldest_in_its_range(slack, thread):
    assert read(slack, thread, limit=3) == thread[:3]
    assert read(slack, thread, limit=3, oldest=thread[2]) == [thread[0], thread[3], thread[4]]


def test_a_range_leaves_out_its_ends_unless_it_is_inclusive(slack, thread):
    ends = {"oldest": thread[2], "latest": thread[4]}
    assert read(slack, thread, **ends) == [thread[0], thread[3]]
    assert read(slack, thread, **ends, inclusive=True) == [thread[0], *thread[2:5]]


def test_only_the_first_page_has_the_first_post(slack, thread):
    pages = slack.client.conversations_replies(channel=CHANNEL, ts=thread[0], limit=3, oldest=thread[1])
    assert [[each["ts"] for each in page["messages"]] for page in pages] == [
        [thread[0], *thread[2:4]],
        thread[4:],
    ]


def test_the_first_post_says_how_many_replies_there_are_and_when_the_last_one_came(slack, thread):
    (first,) = slack.client.conversations_replies(channel=CHANNEL, ts=thread[0], limit=1)["messages"]
    assert (first["reply_count"], first["latest_reply"]) == (5, thread[-1])


def next_change(slack, listener) -> dict:
    while "hidden" not in (event := listener.next().event):
        pass
    return event


def test_an_edited_post_is_sent_with_what_it_said_before(slack, listener):
    first = slack.ask("ポチは三歳です")
    slack.ask("そうですか", first)
    slack.workspace.edit(PERSON, CHANNEL, first, "@bot ポチは四歳です")
    event = next_change(slack, listener)
    message, previous = event["message"], event["previous_message"]
    assert (event["subtype"], event["channel_type"]) == ("message_changed", "channel")
    assert (previous["text"], message["text"]) == ("ポチは三歳です", f"<@{BOT_USER}> ポチは四歳です")
    assert message["edited"]["user"] == PERSON
    assert {message["ts"], previous["ts"], message["thread_ts"]} == {first}
    assert event["ts"] == event["event_ts"] > first


def test_a_deleted_reply_is_sent_as_it_was(slack, listener, thread):
    reply = slack.ask("内緒です", thread[0])
    slack.workspace.delete(PERSON, CHANNEL, reply)
    event = next_change(slack, listener)
    assert (event["subtype"], event["deleted_ts"]) == ("message_deleted", reply)
    assert (event["previous_message"]["text"], event["previous_message"]["thread_ts"]) == ("内緒です", thread[0])
    assert reply not in read(slack, thread)


def test_of_a_deleted_first_post_a_tombstone_stays(slack, listener, thread):
    slack.workspace.delete(PERSON, CHANNEL, thread[0])
    event = next_change(slack, listener)
    assert (event["subtype"], event["message"]["subtype"]) == ("message_changed", "tombstone")
    assert event["previous_message"]["text"] == "ポチの話"
    assert read(slack, thread) == thread
    (first, *_) = slack.client.conversations_replies(channel=CHANNEL, ts=thread[0])["messages"]
    assert (first["user"], first["text"]) == ("USLACKBOT", "This message was deleted.")


def test_a_person_may_delete_what_the_bot_said_and_edit_only_their_own(slack, thread):
    slack.workspace.delete(PERSON, CHANNEL, thread[1])
    assert thread[1] not in read(slack, thread)
    for change in (
        lambda: slack.workspace.edit(PERSON, CHANNEL, thread[2], "違います"),
        lambda: slack.workspace.edit(OTHER, CHANNEL, thread[0], "違います"),
        lambda: slack.workspace.delete(OTHER, CHANNEL, thread[0]),
        lambda: slack.workspace.edit(PERSON, CHANNEL, thread[0], " "),
        lambda: slack.workspace.edit(PERSON, CHANNEL, thread[0], "犬" * 12_001),
        lambda: slack.workspace.delete(PERSON, CHANNEL, "1.0"),
    ):
        with pytest.raises(Refused):
            change()
