"""Which edits and deletions reach the queue, and as what."""

from dataclasses import replace

import pytest

from adapters.slack.payloads.validation import Dropped
from adapters.slack.receiving.events import request_in_event
from domain.conversations.place import Scope
from domain.correction.edits_and_deletions import Deletion, Edit, PostRequest
from domain.requests import File, Question
from domain.timestamp import Timestamp
from tests.adapters.slack.payloads import CHANGED_AT, HOSTED, POST, attached_table, changed, deleted, event_callback

TS, THREAD, NOW = POST["ts"], POST["thread_ts"], CHANGED_AT
QUESTION = Question("T061EG9R6", "C123ABC456", Timestamp(TS), "USAKURA", "ポチは四歳です", THREAD, addressed=False)
BOT = "U0LAN0Z89"


def read(payload: dict, **more) -> PostRequest:
    request = request_in_event(payload, BOT, **more)
    assert isinstance(request, PostRequest)
    return request


def test_an_edit_in_a_thread_is_read_with_how_the_post_reads_now_and_what_it_said():
    edit = read(changed())
    assert edit == Edit(edit.team, "C123ABC456", Timestamp(NOW), "USAKURA", edit.post, was="ポチは三歳です")
    assert edit.post == replace(QUESTION, team=edit.team)
    assert edit.identity == f"{edit.team}/C123ABC456/{TS}/edit/{NOW}"
    assert edit.reference == edit.post.reference
    assert edit.group(Scope.THREAD) == f"changes/{edit.team}/C123ABC456/{THREAD}"
    assert edit.group(Scope.CHANNEL) == f"changes/{edit.team}/C123ABC456"


def test_a_deletion_is_read_with_what_the_post_said():
    deletion = read(deleted())
    assert isinstance(deletion, Deletion)
    assert (deletion.post.ts, deletion.post.thread, deletion.post.text) == (TS, THREAD, "ポチは三歳です")
    assert (deletion.was, deletion.own) == ("ポチは三歳です", False)
    assert deletion.identity.endswith(f"{TS}/deletion/{NOW}")


def test_of_a_deleted_post_what_it_quoted_and_the_names_of_its_files_are_gone_too():
    forwarded = {"text": "ポチは四歳です", "author_name": "花子"}
    deletion = read(deleted({"text": "見て", "attachments": [forwarded], "files": [HOSTED]}))
    assert deletion.was == "見て\n花子: ポチは四歳です\n[ポチ.gif]"
    assert read(deleted({"text": "", "attachments": [{"text": "ポチは四歳です"}]})).was == "ポチは四歳です"


def test_of_an_edited_post_the_tables_and_files_that_it_has_no_longer_are_gone_too():
    table = attached_table()["blocks"][0]
    before = {**POST, "blocks": [table], "files": [HOSTED]}
    gone = read(changed({"text": "見て"}, before)).was
    assert gone.startswith(f"{POST['text']}\n| ")
    assert gone.endswith("|\n[ポチ.gif]")
    assert read(changed({"text": "見て", "blocks": [table], "files": [HOSTED]}, before)).was == POST["text"]


def test_a_tombstone_in_place_of_a_threads_first_post_is_a_deletion():
    tombstone = {"user": "USLACKBOT", "subtype": "tombstone", "text": "This message was deleted.", "hidden": True}
    deletion = read(changed(tombstone))
    assert isinstance(deletion, Deletion)
    assert deletion.post.person == "USAKURA"


def test_the_mention_of_the_bot_is_left_out_of_an_edited_question():
    edit = read(changed({"text": f"<@{BOT}> 猫は?", "thread_ts": THREAD}))
    assert (edit.post.text, edit.post.addressed) == ("猫は?", True)


@pytest.mark.parametrize("of", ["message", "previous"])
def test_outside_threads_a_mention_before_or_after_the_edit_makes_it_one_of_ours(of):
    outside = {"thread_ts": THREAD, "user": "USAKURA"}
    plain = {key: value for key, value in POST.items() if key not in outside} | {"user": "USAKURA"}
    asked = plain | {"text": f"<@{BOT}> 犬は?"}
    now, before = (asked, plain) if of == "message" else (plain, asked)
    payload = changed(previous=before)
    payload["event"]["message"] = now | {"text": now["text"] + "!"}
    assert read(payload).post.thread == ""


def test_an_edit_of_a_direct_message_is_read():
    message = {key: value for key, value in POST.items() if key != "thread_ts"}
    payload = changed(previous=message, channel="D1", channel_type="im")
    payload["event"]["message"] = message | {"text": "猫は?"}
    assert read(payload).post.direct
    assert read(payload, is_agent=lambda _: True).post.thread == TS


def test_an_edit_of_the_files_is_one_too():
    edit = read(changed({"text": POST["text"], "files": [HOSTED]}))
    assert [type(each) for each in edit.post.files] == [File]


def test_the_deletion_of_the_bots_own_reply_says_so():
    assert read(deleted({"user": BOT, "bot_id": "B1"})).own
    nameless = {"user": None, "bot_id": "B1", "app_id": "A061BJ0UU"}
    payload = deleted(nameless)
    payload["api_app_id"] = "A061BJ0UU"
    assert read(payload).own


def test_the_deletion_of_another_apps_post_is_read():
    assert not read(deleted({"user": None, "bot_id": "B7", "app_id": "A7"})).own


@pytest.mark.parametrize(
    "payload",
    [
        changed({"text": POST["text"]}),
        changed({"text": POST["text"], "attachments": [{"from_url": "https://example.com", "title": "犬"}]}),
        changed({"text": POST["text"], "language": {"locale": "ja"}, "edited": None}),
        changed({"bot_id": "B1"}),
        changed({"bot_profile": {"name": "Monitor"}}),
        changed({"user": BOT}, {**POST, "user": BOT}),
        changed(previous=None),
        changed({"user": None}),
        changed({"ts": "soon"}),
        changed(channel="C 1"),
        changed(event_ts=None, ts=None),
        deleted({"subtype": "tombstone", "user": "USLACKBOT"}),
        deleted({"thread_ts": None}),
        event_callback(type="message", subtype="message_deleted", hidden=True, channel="C1"),
    ],
    ids=[
        "no change",
        "an unfurled link",
        "a detected language",
        "a bot's edit",
        "an app's edit",
        "the bot's own edit",
        "no previous message",
        "nobody's post",
        "no ts",
        "no channel",
        "no time",
        "a tombstone that goes",
        "no thread",
        "nothing at all",
    ],
)
def test_what_no_person_did_or_what_cannot_be_read_is_dropped(payload):
    with pytest.raises(Dropped):
        request_in_event(payload, BOT)


def test_what_people_say_outside_threads_to_one_another_is_dropped():
    message = {key: value for key, value in POST.items() if key != "thread_ts"}
    payload = changed(previous=message)
    payload["event"]["message"] = message | {"text": "猫は?"}
    with pytest.raises(Dropped, match="outside threads"):
        request_in_event(payload, BOT)


def test_an_edited_table_in_blocks_is_an_edit():
    block = attached_table()["blocks"][0]
    assert isinstance(read(changed({"text": POST["text"], "blocks": [block]})), Edit)
