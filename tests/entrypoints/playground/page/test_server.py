"""What the page's server takes from whom, and how it ends."""

import asyncio
import http.client
import json
import re
from contextlib import closing
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette

from domain.channels.channel_settings import ChannelSettings
from domain.commands.command_words import Command
from domain.conversations.conversation import Conversation, Message, Speaker
from domain.conversations.notes import Note
from domain.conversations.place import Scope
from domain.errors import StoreCorrupt
from domain.memory import Memory
from domain.requests import Question
from domain.spending.ledger import Charge, Kind
from domain.spending.usage import Usage
from domain.turn_events import Answered, Condensed, Finished, Obeyed
from entrypoints.playground.page.memory_panel import CONVERSATIONS_KEPT, MemoryPanel
from entrypoints.playground.page.request_bodies import POST_LIMIT
from entrypoints.playground.page.server import STATIC
from entrypoints.playground.page.server_sent_events import UNSENT_LIMIT, Streams
from tests.fakes import InMemoryConversations, InMemoryLedger
from tests.notes import notes
from tests.stand_ins import SOON

NOVEMBER = 1_795_800_000.0
"""27 November 2026, in UTC."""

POST = {"person": "U0PERSON01", "channel": "C0CHANNEL1", "thread": "", "text": "はい"}


def ask(url: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, dict[str, str]]:
    """Status, body and headers of one request; a body is posted as JSON."""
    content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if content is not None:
        named.setdefault("Content-Type", "application/json")
    with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=SOON)) as connection:
        connection.request("GET" if content is None else "POST", path, content, named)
        response = connection.getresponse()
        answer = response.read()
        kind = response.getheader("Content-Type", "")
        return response.status, json.loads(answer) if "json" in kind else answer, dict(response.getheaders())


@pytest.fixture
def url(run_playground) -> str:
    return run_playground().url


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/archives/C0CHANNEL1/p1790000000000100", "/#C0CHANNEL1"),
        ("/archives/C0CHANNEL1/p1790000000000100?thread_ts=1790000000.000001&cid=C", "/#C0CHANNEL1/1790000000.000001"),
    ],
)
def test_slacks_address_of_a_post_leads_to_its_place_in_the_page(url, path, address):
    status, _, headers = ask(url, path)
    assert (status, headers["location"]) == (303, address)


def test_the_address_of_a_post_in_no_channel_leads_nowhere(url):
    assert ask(url, "/archives/C0NOWHERE/p1790000000000100")[0] == 404


@pytest.mark.parametrize("path", ["/", "/static/page.js", "/playground/state", "/static/nowhere.js"])
def test_every_answer_forbids_the_browser_whatever_the_page_does_not_need(url, path):
    headers = ask(url, path)[2]

    policy = headers["content-security-policy"].split("; ")
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_the_page_says_its_language(run_playground):
    assert b'<html lang="en">' in ask(run_playground(language="en").url, "/")[1]
    assert b'<html lang="ja">' in ask(run_playground(language="ja").url, "/")[1]


@pytest.mark.parametrize("name", ["..%2Fpage.py", "%2E%2E%2Fpage.py", "page.html", "", ".", "nowhere.css"])
def test_only_the_pages_own_files_are_served(url, name):
    assert ask(url, f"/static/{name}")[0] == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:8000"},
        {"Host": "[evil"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
    ],
)
@pytest.mark.parametrize(("path", "body"), [("/playground/posts", POST), ("/playground/state", None), ("/", None)])
def test_a_foreign_page_can_neither_read_nor_post(url, path, body, headers):
    assert ask(url, path, body, **headers)[0] == 403
    assert ask(url, "/playground/state")[1]["posts"] == []


def test_the_page_itself_may_post(url):
    status, posted, _ = ask(url, "/playground/posts", POST, Origin=url, Sec_Fetch_Site="same-origin")

    assert (status, posted["text"]) == (201, "はい")
    assert [post["ts"] for post in ask(url, "/playground/state")[1]["posts"]] == [posted["ts"]]


@pytest.mark.parametrize(
    ("body", "kind", "status", "error"),
    [
        (b'{"text": "a"}', "text/plain", 415, "json_only"),
        (b"text=a", "application/x-www-form-urlencoded", 415, "json_only"),
        (b"{", "application/json", 400, "invalid_json"),
        (b"[" * 50_000, "application/json", 400, "invalid_json"),
        (b"[]", "application/json", 400, "invalid_json"),
        (b'"text"', "application/json", 400, "invalid_json"),
        (b"{}", "application/json", 400, "invalid_json"),
        ({**POST, "text": 7}, "application/json", 400, "invalid_json"),
        ({**POST, "text": " \n"}, "application/json", 400, "no_text"),
        ({**POST, "text": "a" * 12_001}, "application/json", 400, "msg_too_long"),
        ({**POST, "channel": "C0NOWHERE"}, "application/json", 400, "channel_not_found"),
        ({**POST, "channel": ""}, "application/json", 400, "channel_not_found"),
        ({**POST, "person": "U0BOT00001"}, "application/json", 400, "not_in_channel"),
        ({**POST, "channel": "D0DIRECT02"}, "application/json", 400, "not_in_channel"),
        (b" " * (POST_LIMIT + 1), "application/json", 413, "msg_too_long"),
    ],
)
def test_a_post_that_makes_no_sense_is_refused(url, body, kind, status, error):
    assert ask(url, "/playground/posts", body, Content_Type=kind)[:2] == (status, {"error": error})
    assert ask(url, "/playground/state")[1]["posts"] == []


def test_the_page_says_everything_in_both_languages():
    text = (STATIC / "strings.js").read_text(encoding="utf-8")
    japanese, english = (re.findall(r"^  (\w+):", part, re.MULTILINE) for part in text.split("const en = {"))

    assert japanese == english
    assert len(japanese) > 50


def test_the_story_of_the_examples_is_the_one_that_the_documents_tell():
    documents = "".join(path.read_text(encoding="utf-8") for path in STATIC.parents[3].glob("*.md"))
    documents += "".join(path.read_text(encoding="utf-8") for path in STATIC.parents[3].glob("docs/**/*.md"))
    text = (STATIC / "strings.js").read_text(encoding="utf-8")
    stories = [
        re.findall(r'"(.+)"', story) for story in re.findall(r"^  story: \[(.+?)^  \]", text, re.MULTILINE | re.DOTALL)
    ]

    assert [len(story) for story in stories] == [5, 5]
    assert [line for story in stories for line in story if f"{line}`" not in documents] == []


# --- the memory ------------------------------------------------------------------------------------

HELLO = Conversation(buffer=(Message(Speaker.PERSON, "はい", 2),))


@pytest.mark.parametrize(
    ("scope", "query", "conversation"),
    [
        (Scope.THREAD, "channel=C0CHANNEL1&thread=1.000001", "T0PLAYGRND/C0CHANNEL1/1.000001"),
        (Scope.THREAD, "channel=C0CHANNEL1", None),
        (Scope.THREAD, "channel=D0DIRECT01", "T0PLAYGRND/D0DIRECT01"),
        (Scope.THREAD, "channel=D0DIRECT01&thread=1.000001", "T0PLAYGRND/D0DIRECT01/1.000001"),
        (Scope.CHANNEL, "channel=C0CHANNEL1&thread=1.000001", "T0PLAYGRND/C0CHANNEL1"),
        (Scope.CHANNEL, "channel=C0CHANNEL1", "T0PLAYGRND/C0CHANNEL1"),
    ],
)
def test_the_panel_shows_the_conversation_that_the_bot_uses(run_playground, scope, query, conversation):
    running = run_playground(scope=scope)
    running.conversations.stored[conversation] = HELLO
    shown = ask(running.url, f"/playground/memory?{query}")[1]

    assert shown["conversation"] == conversation
    assert shown.get("buffer_tokens") == (2 if conversation else None)


@pytest.mark.parametrize(
    ("scope", "own", "conversation"),
    [
        (Scope.THREAD, Scope.CHANNEL, "T0PLAYGRND/C0CHANNEL1"),
        (Scope.CHANNEL, Scope.THREAD, "T0PLAYGRND/C0CHANNEL1/1.000001"),
    ],
)
def test_the_panel_shows_the_conversation_of_a_channel_with_a_scope_of_its_own(
    run_playground, scope, own, conversation
):
    running = run_playground(scope=scope)
    running.settings.own["C0CHANNEL1"] = ChannelSettings(scope=own)
    running.conversations.stored[conversation] = HELLO
    shown = ask(running.url, "/playground/memory?channel=C0CHANNEL1&thread=1.000001")[1]
    assert shown["conversation"] == conversation


def test_the_panel_says_what_is_wrong_with_the_store(run_playground, monkeypatch):
    running = run_playground()

    def broken(conversation: str) -> None:
        raise StoreCorrupt("secret details")

    monkeypatch.setattr(running.conversations, "load", broken)

    assert ask(running.url, "/playground/memory?channel=D0DIRECT01")[:2] == (503, {"error": "StoreCorrupt"})
    assert ask(running.url, "/playground/memory?channel=C0NOWHERE")[0] == 404


# --- ending ----------------------------------------------------------------------------------------


def test_a_server_with_open_pages_ends_at_once(run_playground, new_server):
    playground = run_playground().playground
    server = new_server()
    server.app, server.before_end = Starlette(routes=playground.routes), playground.stop
    with closing(http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=SOON)) as connection:
        connection.request("GET", "/playground/stream")
        response = connection.getresponse()
        assert response.readline() == b"retry: 1000\n"

        server.end()

        assert response.read() == b"\n"
    playground.stop()  # once more does no harm


def test_a_page_opened_after_the_stop_is_sent_nothing(run_playground):
    running = run_playground()
    running.playground.stop()

    assert ask(running.url, "/playground/stream")[:2] == (200, b"")


def test_a_page_that_does_not_keep_up_is_cut_off():
    async def scene() -> list[str]:
        streams = Streams()
        page = streams.follow()
        sent = [await anext(page)]
        for n in range(UNSENT_LIMIT + 1):
            streams.send({"n": n})
        sent += [each async for each in page]
        return sent

    assert asyncio.run(scene()) == ["retry: 1000\n\n"]


def test_a_quiet_page_gets_a_sign_of_life(monkeypatch):
    monkeypatch.setattr("entrypoints.playground.page.server_sent_events.HEARTBEAT_SECONDS", 0.01)

    async def scene() -> list[str]:
        page = Streams().follow()
        return [await anext(page), await anext(page)]

    assert asyncio.run(scene()) == ["retry: 1000\n\n", ": still here\n\n"]


def test_a_page_whose_loop_has_ended_is_no_obstacle():
    streams = Streams()

    async def open_one() -> Any:
        page = streams.follow()
        await anext(page)
        return page

    loop = asyncio.new_event_loop()
    page = loop.run_until_complete(open_one())
    loop.close()
    streams.send({"n": 1})
    streams.end()
    assert page is not None


# --- what the panel keeps --------------------------------------------------------------------------


def test_the_panel_forgets_the_conversations_longest_quiet(conversations):
    panel = MemoryPanel(conversations, InMemoryLedger(InMemoryConversations()), Memory())
    question = Question("T1", "C1", "1.0", "U1", "はい")
    for n in range(CONVERSATIONS_KEPT + 1):
        panel.add(Finished(question, str(n)))

    assert panel.show("0")["history"] == []
    assert len(panel.show("1")["history"]) == 1


def test_what_a_condensation_did_is_shown_in_the_words_of_the_notes(conversations):
    panel = MemoryPanel(conversations, InMemoryLedger(InMemoryConversations()), Memory())
    question = Question("T1", "C1", "1.0", "U1", "はい")
    conversations.stored["T1/C1"] = Conversation(notes("犬の話", "猫の話", "鳥の話"))
    panel.add(Obeyed(question, "T1/C1", Command.MEMORY))
    conversations.stored["T1/C1"] = Conversation((*notes("鳥の話", "猿の話"), Note("犬と猫の話", 5, rewrites=1)))
    panel.add(Condensed(question, "T1/C1", 2, 30, 10, Usage(), added=2, merged=(1,), dropped=(2,)))
    shown = panel.show("T1/C1")["history"][-1]
    assert (shown["added"], shown["into"], shown["merged"], shown["dropped"], shown["gone"]) == (
        [{"number": None, "text": "猿の話"}],
        [{"number": None, "text": "犬と猫の話"}],
        [{"number": 1, "text": "犬の話"}],
        [{"number": 2, "text": "猫の話"}],
        [],
    )


def test_of_notes_that_were_not_looked_at_before_the_numbers_are_shown(conversations):
    panel = MemoryPanel(conversations, InMemoryLedger(InMemoryConversations()), Memory())
    panel.add(Condensed(Question("T1", "C1", "1.0", "U1", "はい"), "T1/C1", 2, 30, 10, Usage(), gone=(1, 2)))
    assert panel.show("T1/C1")["history"][0]["gone"] == [{"number": 1, "text": None}, {"number": 2, "text": None}]


def test_a_condensation_is_shown_even_when_the_store_fails(conversations, monkeypatch):
    def broken(conversation: str) -> None:
        raise StoreCorrupt("down")

    panel = MemoryPanel(conversations, InMemoryLedger(InMemoryConversations()), Memory())
    monkeypatch.setattr(conversations, "load", broken)
    panel.add(Condensed(Question("T1", "C1", "1.0", "U1", "はい"), "1", 2, 30, 10, Usage()))
    monkeypatch.undo()

    assert panel.show("1")["history"][0]["kept"] is None


def test_the_panel_says_what_the_last_answer_the_conversation_and_the_month_have_used(conversations):
    charged = InMemoryConversations()
    panel = MemoryPanel(conversations, InMemoryLedger(charged), Memory(), clock=lambda: NOVEMBER)
    conversations.stored["T1/C1"] = Conversation(
        usage=Usage(sent=3_000, received=90, cached=1_024, turns=3, estimated=1)
    )
    panel.add(Answered(Question("T1", "C1", "1.0", "U1", "はい"), "T1/C1", Usage(1_200, 30, 1_024), cut=False))
    panel.add(Obeyed(Question("T1", "C1", "2.0", "U1", "使用量"), "T1/C1", Command.USAGE))
    charge = Charge(
        request="T1/C1/1.0",
        kind=Kind.ANSWER,
        team="T1",
        channel="C1",
        person="U1",
        model="gpt-5.4-mini",
        usage=Usage(5_000, 200, 1_024, 1),
        at=NOVEMBER,
        money=21_300,
    )
    charged.charges += [charge, replace(charge, at=NOVEMBER - 31 * 86_400), replace(charge, team="T2")]
    assert panel.show("T1/C1")["used"] == [
        {"of": "turn", "sent": 1_200, "received": 30, "cached": 1_024},
        {"of": "conversation", "answers": 3, "sent": 3_000, "received": 90, "cached": 1_024, "estimated": 1},
        {
            "of": "month",
            "answers": 1,
            "sent": 5_000,
            "received": 200,
            "cached": 1_024,
            "estimated": 0,
            "money": 0.0213,
        },
    ]


def test_where_no_price_is_known_the_panel_shows_no_money(conversations):
    shown = MemoryPanel(conversations, InMemoryLedger(InMemoryConversations()), Memory()).show("T1/C1")["used"]
    assert [each["of"] for each in shown] == ["conversation", "month"]
    assert shown[-1]["money"] is None
