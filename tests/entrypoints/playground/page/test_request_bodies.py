"""What the page reads and does besides plain posts, in the JSON that it is written against."""

import base64
import http.client
import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest

from entrypoints.playground.page.rendering import Rendering
from entrypoints.playground.page.request_bodies import FILES_BYTES
from tests.entrypoints.playground.conftest import CHANNEL, DIRECT, GROUP, OTHER, PERSON, Running
from tests.entrypoints.playground.emulator.workspace.blocks import DIVIDER, actions, button, feedback, markdown, section
from tests.entrypoints.playground.page.test_server import ask
from tests.stand_ins import SOON

POST = {"person": PERSON, "channel": CHANNEL, "thread": "", "text": "見て"}
HOME = {"type": "home", "blocks": [section("ポチ"), actions(button())]}


@pytest.fixture
def running(run_playground) -> Running:
    return run_playground()


def say(running: Running, text: str = "@bot はい", **more: Any) -> str:
    status, posted, _ = ask(running.url, "/playground/posts", {**POST, "text": text, **more})
    assert status == 201
    return posted["ts"]


def act(running: Running, kind: str, **more: Any) -> tuple[int, Any]:
    return ask(running.url, "/playground/actions", {"kind": kind, "person": PERSON, **more})[:2]


def state(running: Running) -> dict[str, Any]:
    return ask(running.url, "/playground/state")[1]


def file(data: bytes = b"wan", name: str = "ポチ.txt", media_type: str = "text/plain") -> dict[str, str]:
    return {"name": name, "type": media_type, "data": base64.b64encode(data).decode()}


@pytest.fixture
def news(running) -> Iterator[Iterator[dict[str, Any]]]:
    """What an open page is sent."""
    with closing(http.client.HTTPConnection(urlsplit(running.url).netloc, timeout=SOON)) as connection:
        connection.request("GET", "/playground/stream")
        response = connection.getresponse()
        assert response.readline() == b"retry: 1000\n"
        yield (json.loads(line[6:]) for line in iter(response.readline, b"") if line.startswith(b"data: "))


# --- the state -------------------------------------------------------------------------------------


def test_the_page_learns_what_kinds_of_channels_there_are(running):
    channels = state(running)["channels"]

    assert [each["kind"] for each in channels] == ["channel"] * 3 + ["im"] * 3 + ["mpim"]
    assert channels[-1] == {"id": GROUP, "name": "私, さくら, ケン", "owner": "", "kind": "mpim"}


def test_the_page_learns_the_command_and_the_shortcuts(running, run_playground):
    told, english = state(running), state(run_playground(language="en"))

    assert told["command"] == "/bot"
    assert [each["callback_id"] for each in told["shortcuts"]] == ["memory", "reset", "help"]
    assert told["shortcuts"][0]["name"] != english["shortcuts"][0]["name"]


def test_at_first_there_is_nothing_else_to_see(running):
    told = state(running)

    assert (told["sessions"], told["statuses"], told["prompts"], told["homes"]) == ([], [], {}, {})


def test_the_page_sees_sessions_statuses_prompts_and_homes(running, news):
    client, prompt = running.client, {"title": "犬", "message": "犬の話をして"}
    thread = {"channel_id": CHANNEL, "thread_ts": "1.000001"}
    client.agents_sessions_setStatus(**thread, status="processing", title="犬")
    client.assistant_threads_setStatus(**thread, status="考えています…")
    client.assistant_threads_setSuggestedPrompts(channel_id=DIRECT, title="たとえば", prompts=[prompt])
    blocks = client.views_publish(user_id=PERSON, view=HOME)["view"]["blocks"]
    shown = Rendering(str).blocks(blocks)
    session = {"channel": CHANNEL, "thread": "1.000001", "status": "processing", "title": "犬"}
    status = {"channel": CHANNEL, "thread": "1.000001", "text": "考えています…"}
    prompts = {"title": "たとえば", "prompts": [prompt]}
    told = state(running)

    assert (told["sessions"], told["statuses"]) == ([session], [status])
    assert (told["prompts"], told["homes"]) == ({DIRECT: prompts}, {PERSON: shown})
    assert [next(news) for _ in range(4)] == [
        {"session": session},
        {"status": status},
        {"prompts": {"channel": DIRECT, **prompts}},
        {"home": {"user": PERSON, "blocks": shown}},
    ]


def test_a_post_says_its_blocks_without_those_that_are_its_text(running, news):
    blocks = [markdown("**はい**"), DIVIDER, feedback()]
    running.client.chat_postMessage(channel=CHANNEL, text="通知", blocks=blocks)
    running.client.chat_postMessage(channel=CHANNEL, text="通知", blocks=[section("ポチ")])
    mixed, only = state(running)["posts"]

    assert (mixed["text"], mixed["markdown"], mixed["blocks"]) == ("**はい**", True, [DIVIDER, feedback()])
    assert (only["text"], only["blocks"]) == ("", Rendering(str).blocks([section("ポチ")]))
    assert [next(news)["post"] for _ in range(2)] == [mixed, only]


def test_an_ephemeral_post_says_whom_it_is_for(running, news):
    running.client.chat_postEphemeral(channel=CHANNEL, user=OTHER, text="ひみつ")
    shown = next(news)["post"]

    assert (shown["text"], shown["only_for"], shown["files"], shown["blocks"]) == ("ひみつ", OTHER, [], [])
    assert state(running)["posts"] == [shown]
    running.client.chat_postMessage(channel=CHANNEL, text="みんなに")
    assert next(news)["post"]["only_for"] == ""


# --- files -----------------------------------------------------------------------------------------


def test_a_post_may_bring_files(running):
    running.client.auth_test()
    ts = say(running, "", files=[file(), file(b"\x89PNG", "pochi.png", "image/png")])
    shown = next(post for post in state(running)["posts"] if post["ts"] == ts)
    event = running.listener.next().event

    ids = [each["id"] for each in event["files"]]
    assert shown["files"] == [
        {"id": ids[0], "name": "ポチ.txt", "type": "text/plain", "size": 3},
        {"id": ids[1], "name": "pochi.png", "type": "image/png", "size": 4},
    ]
    assert event["files"][0]["url_private_download"].startswith(f"{running.url}/files-pri/")


@pytest.mark.parametrize(
    ("media_type", "served", "inline"),
    [
        ("image/png", "image/png", True),
        ("image/svg+xml", "image/svg+xml", False),
        ("text/html", "text/html", False),
        ("text/plain\r\nSet-Cookie: a=b", "application/octet-stream", False),
        ("", "application/octet-stream", False),
    ],
)
def test_the_page_shows_pictures_and_offers_other_files_to_be_saved(running, media_type, served, inline):
    say(running, files=[file(b"wan", 'ポチ".png', media_type)])
    shown = state(running)["posts"][0]["files"][0]
    status, body, headers = ask(running.url, f"/playground/files/{shown['id']}")

    assert (status, body) == (200, b"wan")
    assert headers["content-type"].partition(";")[0] == served
    saved = "attachment; filename*=UTF-8''%E3%83%9D%E3%83%81%22.png"
    assert headers["content-disposition"] == ("inline" if inline else saved)
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]


def test_half_a_surrogate_pair_in_a_name_does_no_harm(running):
    say(running, files=[file(name="ポチ\ud83d.txt")])
    shown = state(running)["posts"][0]["files"][0]

    assert shown["name"] == "ポチ?.txt"
    assert ask(running.url, f"/playground/files/{shown['id']}")[0] == 200


def test_a_foreign_page_gets_no_file(running):
    say(running, files=[file()])
    path = f"/playground/files/{state(running)['posts'][0]['files'][0]['id']}"

    assert ask(running.url, path, Sec_Fetch_Site="cross-site")[0] == 403
    assert ask(running.url, "/playground/files/F0NOTHING")[:2] == (404, {"error": "file_not_found"})


@pytest.mark.parametrize(
    ("files", "status", "error"),
    [
        ([file()] * 6, 400, "too_many_files"),
        ([file(b"a" * FILES_BYTES), file(b"a")], 413, "files_too_large"),
        ("file", 400, "invalid_json"),
        (["file"], 400, "invalid_json"),
        ([{"name": "a", "type": "text/plain"}], 400, "invalid_json"),
        ([{**file(), "data": "no base64!"}], 400, "invalid_json"),
        ([{**file(), "name": 7}], 400, "invalid_json"),
    ],
)
def test_files_that_make_no_sense_are_refused(running, files, status, error):
    assert ask(running.url, "/playground/posts", {**POST, "files": files})[:2] == (status, {"error": error})
    assert state(running)["posts"] == []


def test_five_files_of_five_megabytes_in_all_are_taken(running):
    say(running, files=[file(b"a" * (FILES_BYTES // 5))] * 5)

    assert len(state(running)["posts"][0]["files"]) == 5


# --- actions ---------------------------------------------------------------------------------------


def test_a_command_is_typed_on_the_page(running):
    assert act(running, "slash", channel=DIRECT, text="help") == (201, {})

    payload = running.listener.next().payload
    assert (payload["command"], payload["text"], payload["channel_id"]) == ("/bot", "help", DIRECT)


def test_a_shortcut_is_chosen_on_the_page(running):
    ts = say(running)
    assert act(running, "shortcut", channel=CHANNEL, ts=ts, name="reset") == (201, {})

    assert running.listener.next_of("message_action")["callback_id"] == "reset"


def test_a_button_is_pressed_on_the_page(running):
    ts = running.client.chat_postMessage(channel=CHANNEL, text="?", blocks=[feedback()])["ts"]
    pressed = {"channel": CHANNEL, "ts": ts, "action_id": "feedback", "value": "good"}
    assert act(running, "click", **pressed) == (201, {})

    assert running.listener.next_of("block_actions")["actions"][0]["value"] == "good"


def test_a_button_of_the_home_tab_is_pressed_on_the_page(running):
    running.client.views_publish(user_id=PERSON, view=HOME)
    assert act(running, "click", channel="", ts="", action_id="reset", value="all") == (201, {})

    assert running.listener.next_of("block_actions")["view"]["type"] == "home"


def test_a_persons_own_post_is_edited_and_deleted_on_the_page(running):
    ts = say(running, "ポチは三歳です")
    assert act(running, "edit", channel=CHANNEL, ts=ts, text="ポチは四歳です") == (201, {})
    assert [each["text"] for each in state(running)["posts"]] == ["ポチは四歳です"]
    assert act(running, "delete", channel=CHANNEL, ts=ts) == (201, {})
    assert state(running)["posts"] == []
    assert act(running, "edit", channel=CHANNEL, ts=ts, text="?") == (400, {"error": "message_not_found"})


def test_the_stop_button_is_pressed_on_the_page(running):
    thread = say(running)
    running.client.agents_sessions_setStatus(channel_id=CHANNEL, thread_ts=thread, status="processing")
    assert act(running, "stop", channel=CHANNEL, thread=thread) == (201, {})

    assert running.listener.next_of("agent_session_stopped")["event"]["thread_ts"] == thread


def test_a_tab_is_opened_on_the_page(running):
    assert act(running, "open", tab="messages") == (201, {})

    assert running.listener.next_of("app_home_opened")["event"]["tab"] == "messages"


@pytest.mark.parametrize(
    ("asked", "status", "error"),
    [
        ({"kind": "dance"}, 400, "unknown_action"),
        ({"kind": ["slash"]}, 400, "unknown_action"),
        ({}, 400, "unknown_action"),
        ({"kind": "slash", "channel": CHANNEL}, 400, "invalid_json"),
        ({"kind": "slash", "channel": "D0DIRECT02", "text": ""}, 400, "not_in_channel"),
        ({"kind": "slash", "channel": "C0NOWHERE", "text": ""}, 400, "channel_not_found"),
        ({"kind": "shortcut", "channel": CHANNEL, "ts": "1.0", "name": "help"}, 400, "message_not_found"),
        ({"kind": "click", "channel": "", "ts": "", "action_id": "a", "value": ""}, 400, "view_not_found"),
        ({"kind": "stop", "channel": CHANNEL, "thread": "1.0"}, 400, "session_not_processing"),
        ({"kind": "open", "tab": "about"}, 400, "invalid_tab"),
        ({"kind": "open", "tab": 7}, 400, "invalid_json"),
    ],
)
def test_an_action_that_makes_no_sense_is_refused(running, asked, status, error):
    assert ask(running.url, "/playground/actions", {"person": PERSON, **asked})[:2] == (status, {"error": error})
    say(running, "つぎ")
    assert running.listener.next().event["text"] == "つぎ"


@pytest.mark.parametrize(
    ("headers", "status"), [({"Origin": "http://evil.example"}, 403), ({"Content_Type": "text/plain"}, 415)]
)
def test_a_foreign_page_can_do_nothing(running, headers, status):
    body = {"kind": "open", "person": PERSON, "tab": "home"}

    assert ask(running.url, "/playground/actions", body, **headers)[0] == status
