"""Commands, shortcuts and clicks, and how the bot answers them."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from slack_sdk.signature import Clock as SlackClock
from slack_sdk.signature import SignatureVerifier
from slack_sdk.webhook import WebhookClient
from starlette.responses import JSONResponse, PlainTextResponse

from entrypoints.playground.emulator.workspace.block_kit import with_ids
from entrypoints.playground.emulator.workspace.model import APP, SLACKBOT, TEAM, Refused, Shortcut
from tests.entrypoints.playground.conftest import CHANNEL, DIRECT, GROUP, NOON, OTHER, PERSON, SECRET
from tests.entrypoints.playground.emulator.workspace.blocks import DIVIDER, actions, button, feedback, markdown, section
from tests.stand_ins import SOON

WHO = {"id": PERSON, "username": "私", "name": "私", "team_id": TEAM}
WHERE = {"id": CHANNEL, "name": "総務"}


def without(payload: dict[str, Any], *names: str) -> dict[str, Any]:
    """The payload without what is different every time, which has to be there."""
    assert all(payload[name] for name in names)
    return {name: value for name, value in payload.items() if name not in names}


# --- what the bot gets -----------------------------------------------------------------------------


def test_a_command_arrives_as_a_signed_form(slack, listener):
    class Now(SlackClock):
        def now(self) -> float:
            return NOON

    slack.stand_in.slash(PERSON, CHANNEL, " reset & <all> ")
    arrived = listener.next()

    assert without(arrived.payload, "response_url", "trigger_id", "token") == {
        "team_id": TEAM,
        "team_domain": "playground",
        "channel_id": CHANNEL,
        "channel_name": "総務",
        "user_id": PERSON,
        "user_name": "私",
        "command": "/bot",
        "text": "reset & <all>",
        "api_app_id": APP,
        "is_enterprise_install": "false",
    }
    assert arrived.headers["content-type"] == "application/x-www-form-urlencoded"
    assert SignatureVerifier(SECRET, clock=Now()).is_valid_request(arrived.body, arrived.headers)


@pytest.mark.parametrize(
    ("channel", "name"), [(DIRECT, "directmessage"), (GROUP, "mpdm-私--さくら--ケン--bot-1"), (CHANNEL, "総務")]
)
def test_a_command_says_where_it_was_typed(slack, listener, channel, name):
    slack.stand_in.slash(PERSON, channel)

    assert (listener.next().payload["channel_name"], slack.stand_in.slash(PERSON, channel).channel) == (name, channel)


def test_slack_takes_no_command_in_a_thread_and_says_so(slack, listener):
    asked = slack.ask("一")
    with pytest.raises(Refused, match="not_supported_in_threads"):
        slack.stand_in.slash(PERSON, CHANNEL, "help", asked)

    told = slack.workspace.messages.ephemerals()[0]
    assert (told.user, told.only_for, told.thread) == (SLACKBOT, PERSON, asked)
    assert told.text == "/bot is not supported in threads. Sorry!"
    slack.stand_in.slash(PERSON, CHANNEL, "next")
    assert [listener.next().payload.get("text") for _ in range(2)] in ([None, "next"], ["next", None])


def test_a_shortcut_brings_its_message(slack, listener):
    asked = slack.ask("一")
    reply = slack.client.chat_postMessage(channel=CHANNEL, thread_ts=asked, text="はい", blocks=[DIVIDER])["ts"]
    slack.stand_in.shortcut(PERSON, CHANNEL, reply, "memory")
    payload = listener.next_of("message_action")

    assert without(payload, "response_url", "trigger_id", "action_ts", "token", "message") == {
        "type": "message_action",
        "callback_id": "memory",
        "team": {"id": TEAM, "domain": "playground"},
        "user": WHO,
        "channel": WHERE,
        "enterprise": None,
        "is_enterprise_install": False,
        "message_ts": reply,
    }
    message = slack.client.conversations_replies(channel=CHANNEL, ts=asked)["messages"][1]
    assert payload["message"] == message
    assert (message["ts"], message["thread_ts"], message["blocks"]) == (reply, asked, with_ids([DIVIDER]))


@pytest.mark.parametrize(
    ("callback", "channel", "ts", "error"),
    [
        ("poem", CHANNEL, None, "shortcut_not_found"),
        ("help", CHANNEL, "1.0", "message_not_found"),
        ("help", "D0DIRECT02", "1.0", "not_in_channel"),
        ("help", "C0NOWHERE", "1.0", "channel_not_found"),
    ],
)
def test_only_a_shortcut_that_is_there_can_be_chosen(slack, callback, channel, ts, error):
    with pytest.raises(Refused, match=error):
        slack.stand_in.shortcut(PERSON, channel, ts or slack.ask(), callback)


def test_an_app_has_shortcuts_of_its_own(begin, listener):
    slack = begin(shortcuts=[Shortcut("poem", "詩")])
    slack.stand_in.shortcut(PERSON, CHANNEL, slack.ask(), "poem")

    assert listener.next_of("message_action")["callback_id"] == "poem"


def test_a_vote_arrives_as_a_block_action(slack, listener):
    asked = slack.ask("一")
    ts = slack.stream(thread_ts=asked, markdown_text="はい")
    slack.client.chat_stopStream(channel=CHANNEL, ts=ts, blocks=[{**feedback(), "block_id": "votes"}])
    slack.clock.now += 1
    slack.stand_in.click(PERSON, CHANNEL, ts, "feedback", "bad")
    payload = listener.next_of("block_actions")

    assert without(payload, "response_url", "trigger_id", "token", "message") == {
        "type": "block_actions",
        "user": WHO,
        "api_app_id": APP,
        "container": {
            "type": "message",
            "message_ts": ts,
            "channel_id": CHANNEL,
            "is_ephemeral": False,
            "thread_ts": asked,
        },
        "team": {"id": TEAM, "domain": "playground"},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": WHERE,
        "state": {"values": {}},
        "actions": [
            {
                "type": "feedback_buttons",
                "action_id": "feedback",
                "block_id": "votes",
                "value": "bad",
                "text": {"type": "plain_text", "text": "悪い", "emoji": True},
                "action_ts": f"{NOON + 1:.6f}",
            }
        ],
    }
    assert (payload["message"]["ts"], payload["message"]["text"]) == (ts, "はい")


def test_clicks_and_shortcuts_of_one_moment_have_different_timestamps(slack):
    ts = slack.client.chat_postMessage(channel=CHANNEL, text="?", blocks=[actions(button())])["ts"]
    clicks = [slack.stand_in.click(PERSON, CHANNEL, ts, "reset", "all") for _ in range(2)]
    shortcuts = [slack.stand_in.shortcut(PERSON, CHANNEL, ts, "help") for _ in range(2)]

    moments = [click.payload["actions"][0]["action_ts"] for click in clicks]
    moments += [shortcut.payload["action_ts"] for shortcut in shortcuts]
    assert len({ts, *moments}) == 5


def test_of_an_ephemeral_message_there_is_no_copy(slack, listener):
    blocks = [actions(button())]
    ts = slack.client.chat_postEphemeral(channel=CHANNEL, user=PERSON, text="本当に?", blocks=blocks)["message_ts"]
    slack.stand_in.click(PERSON, CHANNEL, ts, "reset", "all")
    payload = listener.next_of("block_actions")

    assert (payload["container"]["is_ephemeral"], "message" in payload) == (True, False)
    assert payload["actions"][0]["type"] == "button"
    with pytest.raises(Refused, match="message_not_found"):
        slack.stand_in.click(OTHER, CHANNEL, ts, "reset", "all")


def test_a_click_in_the_home_tab_brings_the_view_and_no_channel(slack, listener):
    view = slack.client.views_publish(user_id=PERSON, view={"type": "home", "blocks": [actions(button())]})["view"]
    slack.stand_in.click(PERSON, "", "", "reset", "all")
    payload = listener.next_of("block_actions")

    assert payload["view"] == view
    assert payload["container"] == {"type": "view", "view_id": view["id"]}
    assert not {"channel", "message", "response_url"} & set(payload)
    assert (payload["actions"][0]["action_id"], payload["actions"][0]["value"]) == ("reset", "all")
    with pytest.raises(Refused, match="view_not_found"):
        slack.stand_in.click(OTHER, "", "", "reset", "all")


@pytest.mark.parametrize(("action", "value"), [("poem", "all"), ("reset", "none")])
def test_only_a_button_that_is_there_can_be_pressed(slack, action, value):
    ts = slack.client.chat_postMessage(channel=CHANNEL, text="本当に?", blocks=[actions(button())])["ts"]

    with pytest.raises(Refused, match="action_not_found"):
        slack.stand_in.click(PERSON, CHANNEL, ts, action, value)


# --- what the person is told -----------------------------------------------------------------------


def test_a_command_that_fails_is_not_tried_again_but_told(slack, listener):
    told = slack.next_post()
    listener.statuses = [500]
    slack.stand_in.slash(PERSON, CHANNEL, "first")
    post = told.get(timeout=SOON)
    slack.stand_in.slash(PERSON, CHANNEL, "second")

    assert (post.user, post.only_for, post.channel) == (SLACKBOT, PERSON, CHANNEL)
    assert post.text == '/bot failed with the error "dispatch_failed"'
    assert [listener.next().payload["text"] for _ in range(2)] == ["first", "second"]


def test_a_click_that_fails_is_told_where_it_was(slack, listener):
    asked = slack.ask("一")
    assert listener.next().event["ts"] == asked
    posted = slack.client.chat_postMessage(channel=CHANNEL, thread_ts=asked, text="?", blocks=[actions(button())])
    assert listener.next().event["ts"] == posted["ts"]
    told = slack.next_post()
    listener.statuses = [404]
    slack.stand_in.click(PERSON, CHANNEL, posted["ts"], "reset", "all")
    post = told.get(timeout=SOON)

    assert (post.text, post.thread) == ('消す failed with the error "dispatch_failed"', asked)


def test_a_command_that_takes_too_long_is_told(connect, monkeypatch):
    monkeypatch.setattr("entrypoints.playground.emulator.socket_mode.SECONDS_TO_ANSWER", 0.1)
    slack, arrived, _ = connect(acknowledge=False)
    told = slack.next_post()
    slack.stand_in.slash(PERSON, CHANNEL, "help")

    assert told.get(timeout=SOON).text == '/bot failed with the error "operation_timeout"'
    assert arrived.get(timeout=SOON).type == "slash_commands"


@pytest.mark.parametrize(
    ("answer", "text", "only_for"),
    [
        (PlainTextResponse("はい"), "はい", PERSON),
        (JSONResponse({"text": "はい"}), "はい", PERSON),
        (JSONResponse({"response_type": "in_channel", "text": "みんなへ"}), "みんなへ", ""),
        (JSONResponse({"text": "a" * 4_001}), '/bot failed with the error "invalid_command_response"', PERSON),
    ],
)
def test_a_command_can_be_answered_at_once(slack, listener, answer, text, only_for):
    told = slack.next_post()
    listener.answers = [answer]
    slack.stand_in.slash(PERSON, CHANNEL)
    post = told.get(timeout=SOON)

    assert (post.text, post.only_for) == (text, only_for)


@pytest.mark.parametrize("answer", [PlainTextResponse(""), JSONResponse({}), JSONResponse([])])
def test_an_empty_answer_shows_nothing(slack, listener, answer):
    told = slack.next_post()
    listener.answers = [answer, PlainTextResponse("はい")]
    slack.stand_in.slash(PERSON, CHANNEL)
    slack.stand_in.slash(PERSON, CHANNEL)

    assert told.get(timeout=SOON).text == "はい"


def test_what_is_answered_to_a_click_is_not_shown(slack, listener):
    ts = slack.client.chat_postMessage(channel=CHANNEL, text="?", blocks=[actions(button())])["ts"]
    assert listener.next().event["ts"] == ts
    told = slack.next_post()
    listener.answers = [JSONResponse({"text": "いいえ"}), PlainTextResponse("はい")]
    slack.stand_in.click(PERSON, CHANNEL, ts, "reset", "all")
    slack.stand_in.slash(PERSON, CHANNEL)

    assert told.get(timeout=SOON).text == "はい"


# --- response URLs ---------------------------------------------------------------------------------


def respond(url: str, body: bytes) -> tuple[int, str]:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=SOON) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)["error"]


@pytest.fixture
def response_url(slack, listener) -> str:
    slack.stand_in.slash(PERSON, CHANNEL)
    url = listener.next().payload["response_url"]
    assert url.startswith(f"{slack.url}/response/")
    return url


def test_an_answer_is_for_the_person_alone_unless_it_says_otherwise(slack, response_url):
    client = WebhookClient(response_url)
    first = client.send(text="あなたに", blocks=[markdown("**あなたに**")])
    client.send(text="みんなに", response_type="in_channel")

    assert (first.status_code, first.body) == (200, "ok")
    whispered = slack.workspace.messages.ephemerals()[0]
    assert (whispered.text, whispered.only_for) == ("**あなたに**", PERSON)
    assert [post.text for post in slack.workspace.messages.posts()] == ["みんなに"]


def test_an_answer_can_be_replaced_and_taken_back(slack, response_url):
    client = WebhookClient(response_url)
    client.send(text="一")
    client.send(text="二", replace_original=True)
    assert [post.text for post in slack.workspace.messages.ephemerals()] == ["二"]

    client.send(delete_original=True)
    assert slack.workspace.messages.ephemerals() == []


def test_a_url_can_be_used_five_times(slack, response_url):
    answers = [respond(response_url, b'{"text": "a"}') for _ in range(6)]

    assert answers == [(200, "ok")] * 5 + [(404, "used_url")]
    assert len(slack.workspace.messages.ephemerals()) == 5


def test_a_url_lasts_half_an_hour(slack, response_url):
    slack.clock.now += 1_799.9
    assert respond(response_url, b'{"text": "a"}') == (200, "ok")
    slack.clock.now += 0.1
    assert respond(response_url, b'{"text": "a"}') == (404, "expired_url")
    assert respond(f"{slack.url}/response/guess", b'{"text": "a"}') == (404, "expired_url")


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (b"{", "invalid_json"),
        (b"[]", "json_not_object"),
        (b"{}", "no_text"),
        (b'{"text": 7}', "invalid_payload"),
        (b'{"text": "a", "response_type": "loud"}', "invalid_payload"),
        (b'{"text": "a", "blocks": [{"type": "poem"}]}', "invalid_blocks"),
    ],
)
def test_an_answer_that_slack_would_not_show_is_refused(slack, response_url, message, error):
    assert respond(response_url, message) == (400, error)
    assert slack.workspace.messages.ephemerals() == []


@pytest.mark.parametrize("ephemeral", [True, False])
def test_the_message_of_a_button_can_be_replaced_and_deleted(slack, listener, ephemeral):
    arguments = {"channel": CHANNEL, "text": "本当に?", "blocks": [section("本当に?"), actions(button())]}
    if ephemeral:
        ts = slack.client.chat_postEphemeral(user=PERSON, **arguments)["message_ts"]
    else:
        ts = slack.client.chat_postMessage(**arguments)["ts"]
    slack.stand_in.click(PERSON, CHANNEL, ts, "reset", "all")
    client = WebhookClient(listener.next_of("block_actions")["response_url"])
    client.send(text="消しました", replace_original=True)
    post = slack.workspace.messages.find(CHANNEL, ts, PERSON)
    assert (post.text, post.blocks, bool(post.only_for)) == ("消しました", (), ephemeral)

    client.send(delete_original=True)
    assert (slack.workspace.messages.ephemerals(), slack.workspace.messages.posts()) == ([], [])


def test_a_message_that_is_gone_can_no_longer_be_replaced(slack, listener):
    ts = slack.client.chat_postMessage(channel=CHANNEL, text="?", blocks=[actions(button())])["ts"]
    slack.stand_in.click(PERSON, CHANNEL, ts, "reset", "all")
    url = listener.next_of("block_actions")["response_url"]
    slack.client.chat_delete(channel=CHANNEL, ts=ts)

    assert respond(url, b'{"text": "a", "replace_original": true}') == (400, "message_not_found")


def test_there_are_only_so_many_urls(slack, response_url, listener, monkeypatch):
    monkeypatch.setattr("entrypoints.playground.emulator.response_urls.URLS_KEPT", 1)
    slack.stand_in.slash(PERSON, CHANNEL)

    assert respond(response_url, b'{"text": "a"}') == (404, "expired_url")
    assert respond(listener.next().payload["response_url"], b'{"text": "a"}') == (200, "ok")


# --- Socket Mode -----------------------------------------------------------------------------------


def test_a_socket_gets_commands_and_interactions_by_their_own_names(connect, listener):
    slack, arrived, _ = connect()
    command = slack.stand_in.slash(PERSON, DIRECT, "help")
    taken = arrived.get(timeout=SOON)
    assert (taken.type, taken.accepts_response_payload, taken.payload) == ("slash_commands", True, command.payload)

    asked = slack.workspace.say(PERSON, DIRECT, "一").ts
    assert arrived.get(timeout=SOON).type == "events_api"
    shortcut = slack.stand_in.shortcut(PERSON, DIRECT, asked, "help")
    taken = arrived.get(timeout=SOON)
    assert (taken.type, taken.payload) == ("interactive", shortcut.payload)
    assert listener.arrived.empty()


def test_a_command_can_be_answered_through_the_socket(connect):
    slack, _, _ = connect(payload={"text": "はい"})
    told = slack.next_post()
    slack.stand_in.slash(PERSON, CHANNEL)

    assert told.get(timeout=SOON).text == "はい"
