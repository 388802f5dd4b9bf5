"""The provider's prompt cache: what one request repeats of another, byte by byte, and the key that goes with it."""

import re
from typing import Any

import httpx2
import pytest

from adapters.openai.language_model import OpenAILanguageModel
from domain.attachments import Document, ResolvedQuestion
from domain.conversations.thread_posts import Post, ThreadPosts
from domain.memory import Memory
from domain.timestamp import Timestamp
from tests.adapters.openai.servers import CONDENSATION, HELLO, PROMPT, Server, completed, model_of, refused, streamed
from tests.domain.desk import DOG, THREAD, Desk, follow_up
from tests.fakes import PlainResolver


class Provider(Server):
    """Answers what it is asked, and adds one note at each condensation."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.condensations: list[int] = []

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        number = len(self.bodies)
        if "ADD" not in self.bodies[-1]["messages"][-1]["content"]:
            return completed(f"{number}回目の答えです。")
        self.condensations.append(number - 1)
        return completed(f"ADD ポチのこと、その{number}")


def one_model(provider: Provider) -> OpenAILanguageModel:
    """Answers and condenses with one model, as is the default."""
    model = model_of(provider)
    model._summary_model = model.name
    return model


def text_of(body: dict[str, Any]) -> str:
    """A request as a provider's cache compares it: each message with its role, in order."""
    return "".join(f"\x00{each['role']}\x01{each['content']}" for each in body["messages"])


def talked(turns: int) -> tuple[Provider, list[str]]:
    """That many turns below somebody's post, with a file and a second person among them; and what was sent."""
    provider = Provider()
    note = Document("walk.txt", "散歩は朝と夕方")
    resolver = PlainResolver("さくら", 計画は=ResolvedQuestion("計画は", "さくら", documents=(note,)))
    resolver.posts = ThreadPosts((Post(Timestamp(DOG.ts), "UKEN", "ポチは元気?", "ケン"),))
    memory = Memory(limit=300, keep=100, summary=400)
    desk = Desk(one_model(provider), memory=memory, resolver=resolver)
    for number in range(1, turns + 1):
        person = "UHANAKO" if number % 4 == 3 else "USAKURA"
        desk.answer(follow_up(number * 2, "計画は" if number == 3 else f"ポチの話、{number}つ目です", person=person))
    return provider, [text_of(body) for body in provider.bodies]


def notes_of(text: str) -> str:
    """A request up to the end of its last note."""
    return text[: [found.end() for found in re.finditer(r"^\d+\. .*$", text, re.MULTILINE)][-1]]


def test_each_request_begins_with_the_whole_request_before_it_until_something_is_condensed() -> None:
    provider, sent = talked(30)
    assert "ポチは元気?" in sent[0]
    rewritten = {number + 1 for number in provider.condensations}
    assert len(rewritten) >= 3
    for number in range(1, len(sent)):
        if number not in rewritten:
            assert sent[number].startswith(sent[number - 1])


def test_after_a_condensation_that_only_adds_a_request_begins_with_all_the_notes_that_were_there_before() -> None:
    provider, sent = talked(30)
    for number in provider.condensations[1:]:
        assert sent[number + 1].startswith(notes_of(sent[number - 1]))
        assert notes_of(sent[number + 1]) != notes_of(sent[number - 1])


def test_every_request_of_a_conversation_has_one_key_that_tells_no_ids() -> None:
    provider, _ = talked(30)
    keys = {body["prompt_cache_key"] for body in provider.bodies}
    assert len(keys) == 1
    key = keys.pop()
    assert re.fullmatch(r"[0-9a-f]{32}", key)
    assert not any(part in key for part in THREAD.split("/"))


def test_another_conversation_has_another_key() -> None:
    server = Server(streamed(*HELLO))
    model = model_of(server)
    for conversation in ("T1/C1/1000.000001", "T1/C1/1000.000002"):
        list(model.reply(PROMPT, conversation=conversation))
    first, second = (body["prompt_cache_key"] for body in server.bodies)
    assert first != second


def test_a_request_of_no_conversation_has_no_key() -> None:
    server = Server(streamed(*HELLO))
    list(model_of(server).reply(PROMPT))
    model_of(server).summarise(CONDENSATION)
    assert not any("prompt_cache_key" in body for body in server.bodies)


@pytest.mark.parametrize(
    ("base_url", "sent"),
    [
        ("", True),
        ("https://eu.api.openai.com/v1", True),
        ("https://pochi.openai.azure.com/openai/v1", True),
        ("https://api.mistral.ai/v1", True),
        ("https://api.groq.com/openai/v1", False),
        ("https://notopenai.com/v1", False),
        ("http://127.0.0.1:11434/v1", False),
    ],
)
def test_the_key_goes_to_servers_that_document_it_and_to_no_other(base_url: str, sent: bool) -> None:
    server = Server(streamed(*HELLO))
    list(model_of(server, base_url=base_url).reply(PROMPT, conversation=THREAD))
    assert ("prompt_cache_key" in server.bodies[0]) is sent


def test_a_server_that_refuses_the_key_is_asked_again_without_it_and_never_with_it_after() -> None:
    message = "Unrecognized request argument supplied: prompt_cache_key"
    server = Server(refused(400, message=message, code="unrecognized_request_argument"), streamed(*HELLO))
    model = model_of(server, base_url="https://pochi.services.ai.azure.com/openai/v1")
    for _ in range(2):
        assert list(model.reply(PROMPT, conversation=THREAD))
    assert [("prompt_cache_key" in body) for body in server.bodies] == [True, False, False]
