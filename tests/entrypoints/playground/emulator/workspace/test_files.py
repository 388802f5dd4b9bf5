"""Files that people share and files that the bot uploads."""

import urllib.error
import urllib.request

import pytest
from slack_sdk.errors import SlackApiError

from entrypoints.playground.emulator.workspace.files import UPLOAD_LIMIT, Files
from entrypoints.playground.emulator.workspace.model import BOT_USER, Refused, Upload
from tests.entrypoints.playground.conftest import BOT_TOKEN, CHANNEL, DIRECT, PERSON, refusal
from tests.stand_ins import SOON

NOTE = Upload("ポチ.txt", "text/plain", "わん".encode())
PICTURE = Upload("pochi.png", "image/png", b"\x89PNG")


def fetch(url: str, token: str = BOT_TOKEN) -> tuple[int, str, bytes]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url, headers=headers), timeout=SOON) as response:
            return response.status, response.headers.get_content_type(), response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get_content_type(), error.read()


def send(url: str, data: bytes) -> int:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, data, timeout=SOON) as response:
            return response.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


# --- from people -----------------------------------------------------------------------------------


def test_a_post_with_files_says_what_they_are(slack, listener):
    post = slack.workspace.say(PERSON, DIRECT, "見て", "", [NOTE, PICTURE])
    event = listener.next().event
    note, picture = event["files"]

    assert (event["type"], event["subtype"], event["text"]) == ("message", "file_share", "見て")
    assert [note["id"], picture["id"]] == [file.id for file in post.files]
    assert {name: note[name] for name in ("name", "title", "mimetype", "filetype", "size", "mode", "user")} == {
        "name": "ポチ.txt",
        "title": "ポチ.txt",
        "mimetype": "text/plain",
        "filetype": "text",
        "size": 6,
        "mode": "hosted",
        "user": PERSON,
    }
    assert (picture["filetype"], picture["size"]) == ("png", 4)
    assert fetch(note["url_private"]) == fetch(note["url_private_download"]) == (200, "text/plain", NOTE.data)


def test_both_twins_of_a_mention_carry_its_files(slack, listener):
    slack.workspace.say(PERSON, CHANNEL, "@bot 見て", "", [PICTURE])
    mention, message = listener.next().event, listener.next().event

    assert (mention["type"], "subtype" in mention) == ("app_mention", False)
    assert (message["type"], message["subtype"]) == ("message", "file_share")
    assert mention["files"] == message["files"]


def test_files_need_no_text(slack, listener):
    slack.workspace.say(PERSON, DIRECT, "", files=[PICTURE])

    assert listener.next().event["text"] == ""
    with pytest.raises(Refused, match="no_text"):
        slack.workspace.say(PERSON, DIRECT, "")


@pytest.mark.parametrize("token", ["", "xoxb-wrong"])
def test_without_the_bots_token_a_file_is_a_page_to_sign_in(slack, listener, token):
    slack.workspace.say(PERSON, DIRECT, "", files=[NOTE])
    status, kind, body = fetch(listener.next().event["files"][0]["url_private_download"], token)

    assert (status, kind) == (200, "text/html")
    assert NOTE.data not in body


def test_a_file_that_is_not_there_is_not_found(slack):
    assert fetch(f"{slack.url}/files-pri/T0PLAYGRND-F0NOTHING/a.txt")[0] == 404


def test_a_file_is_still_there_when_the_thread_is_read(slack):
    ts = slack.workspace.say(PERSON, CHANNEL, "見て", files=[NOTE]).ts
    message = slack.client.conversations_replies(channel=CHANNEL, ts=ts)["messages"][0]

    assert fetch(message["files"][0]["url_private"])[2] == NOTE.data


def test_files_are_bounded(monkeypatch):
    monkeypatch.setattr("entrypoints.playground.emulator.workspace.files.KEPT_BYTES", 10)
    files = Files(lambda: 0.0)
    first, second = (files.keep(Upload("a", "text/plain", b"123456"), PERSON) for _ in range(2))

    assert files.content(second.id)[1] == b"123456"
    with pytest.raises(Refused, match="file_not_found"):
        files.content(first.id)


# --- from the bot ----------------------------------------------------------------------------------


def test_the_sdk_uploads_a_file_into_a_thread(slack):
    asked = slack.ask()
    uploaded = slack.client.files_upload_v2(
        filename="memory.md", content="# 記憶", title="記憶", channel=CHANNEL, thread_ts=asked, initial_comment="どうぞ"
    )
    post = slack.workspace.messages.posts()[-1]

    assert (post.user, post.text, post.thread) == (BOT_USER, "どうぞ", asked)
    assert [(file.name, file.title) for file in post.files] == [("memory.md", "記憶")]
    assert uploaded["file"]["id"] == post.files[0].id
    assert fetch(uploaded["file"]["url_private_download"])[2] == "# 記憶".encode()


def test_the_sdk_uploads_several_files_at_once(slack):
    uploads = [{"filename": f"{n}.txt", "content": str(n)} for n in range(2)]
    slack.client.files_upload_v2(file_uploads=uploads, channel=DIRECT)

    assert [file.name for file in slack.workspace.messages.posts()[-1].files] == ["0.txt", "1.txt"]


def test_a_file_that_is_shared_nowhere_is_private(slack):
    assert slack.client.files_upload_v2(filename="a.txt", content="a")["file"]["title"] == "a.txt"
    assert slack.workspace.messages.posts() == []


def test_an_upload_ends_only_with_its_bytes(slack):
    begun = slack.client.files_getUploadURLExternal(filename="a.txt", length=3)
    complete = slack.client.files_completeUploadExternal
    files = [{"id": begun["file_id"], "title": "a"}]
    assert refusal(complete, files=files, channel_id=CHANNEL) == "file_not_found"

    assert send(begun["upload_url"], b"four") == 400
    assert send(begun["upload_url"], b"abc") == 200
    assert send(begun["upload_url"], b"abc") == 400
    assert refusal(complete, files=files, channel_id="C0NOWHERE") == "channel_not_found"
    assert complete(files=files, channel_id=CHANNEL)["files"][0]["size"] == 3
    assert refusal(complete, files=files, channel_id=CHANNEL) == "file_not_found"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"length": 0}, "missing_argument"),
        ({"filename": ""}, "missing_argument"),
        ({"length": UPLOAD_LIMIT + 1}, "file_upload_size_restricted"),
        ({"length": "many"}, "invalid_arguments"),
    ],
)
def test_an_upload_that_slack_would_not_begin_is_refused(slack, arguments, error):
    assert refusal(slack.client.files_getUploadURLExternal, **{"filename": "a.txt", "length": 3, **arguments}) == error


def test_an_upload_of_nothing_is_refused(slack):
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        slack.client.files_completeUploadExternal(files=[])
    assert send(f"{slack.url}/upload/v1/guess", b"abc") == 400
