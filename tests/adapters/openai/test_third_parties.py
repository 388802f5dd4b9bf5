"""Servers that others wrote, as they come: LiteLLM's proxy, and a stand-in for OpenAI from npm.

``make third-parties`` installs both; each test is skipped where its server is not installed.
"""

import json
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from adapters.openai.client import openai_client
from adapters.openai.language_model import OpenAILanguageModel
from bench.ports import free_port
from domain.errors import AnsweringError, ContextTooSmall, ModelMisconfigured, ModelRefused
from domain.ports.model import Completed
from domain.prompts import Part, Role
from domain.spending.usage import Usage
from tests.adapters.openai.servers import CONDENSATION, DONE, PROMPT, USAGE, chunk, delta
from tests.conftest import Server
from tests.third_parties import LITELLM, NPM, require, running

pytestmark = pytest.mark.slow

KEY = "sk-master"


def model_at(base_url: str, model: str = "pochi", key: str = KEY) -> OpenAILanguageModel:
    return OpenAILanguageModel(
        client=openai_client(api_key=key, base_url=base_url),
        chat_model=model,
        summary_model=model,
        temperature=None,
        reply_token_limit=2000,
    )


def answer(pieces: list[str | Completed]) -> str:
    return "".join(piece for piece in pieces if isinstance(piece, str))


# LiteLLM's proxy, between the bot and a server of ours

CONTEXT = {"message": "This model's maximum context length is 4096 tokens.", "code": "context_length_exceeded"}


async def upstream(request: Request) -> Response:
    asked = await request.json()
    if asked["model"] == "small":
        return JSONResponse({"error": CONTEXT | {"type": "invalid_request_error", "param": "messages"}}, 400)
    if asked["model"] == "strict":
        return JSONResponse({"error": {"message": "Content Exists Risk", "type": "invalid_request_error"}}, 400)
    thoughts = [delta(role="assistant", content="", reasoning_content="犬種?")] * (asked["model"] == "thinker")
    words = [delta(content="ポチは"), delta(content="柴犬"), delta("stop"), chunk(usage=USAGE), DONE]
    return StreamingResponse([*thoughts, *words], media_type="text/event-stream")


@pytest.fixture(scope="module")
def upstream_url() -> Iterator[str]:
    server = Server()
    server.app = Starlette(routes=[Route("/v1/chat/completions", upstream, methods=["POST"])])
    yield f"{server.url}/v1"
    server.end()


@pytest.fixture(scope="module")
def litellm(tmp_path_factory: pytest.TempPathFactory, upstream_url: str) -> Iterator[str]:
    require("LiteLLM", LITELLM)
    port = free_port()
    models = [
        {
            "model_name": name,
            "litellm_params": {"model": f"openai/{name}", "api_base": upstream_url, "api_key": "sk-upstream"},
        }
        for name in ("pochi", "thinker", "small", "strict")
    ]
    config = tmp_path_factory.mktemp("litellm") / "config.yaml"  # JSON is YAML
    config.write_text(json.dumps({"model_list": models, "general_settings": {"master_key": KEY}}))
    command = [
        str(LITELLM / "bin/litellm"),
        "--config",
        str(config),
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--telemetry",
        "False",
    ]
    with running(command, "Uvicorn running", LITELLM_LOCAL_MODEL_COST_MAP="True"):
        yield f"http://127.0.0.1:{port}/v1"


@pytest.mark.parametrize("name", ["pochi", "thinker"])
def test_an_answer_and_a_summary_come_through_litellm(litellm: str, name: str) -> None:
    *pieces, last = model_at(litellm, name).reply(PROMPT)
    assert answer(pieces) == "ポチは柴犬"
    assert last == Completed(Usage(1211, 9, 1152))
    assert model_at(litellm, name).summarise(CONDENSATION)[0] == "ポチは柴犬"


def test_what_litellm_does_not_know_is_the_operators_with_its_setting(litellm: str) -> None:
    for model, setting in (
        (model_at(litellm, "tama"), "CHAT_MODEL"),
        (model_at(litellm, key="sk-x"), "OPENAI_API_KEY"),
    ):
        with pytest.raises(ModelMisconfigured, match=f"look at {setting}"):
            list(model.reply(PROMPT))
    with pytest.raises(ModelMisconfigured, match="look at OPENAI_BASE_URL"):
        list(model_at(litellm.replace("/v1", "/ui")).reply(PROMPT))


@pytest.mark.parametrize(("name", "kind"), [("small", ContextTooSmall), ("strict", ModelRefused)])
def test_what_a_server_behind_litellm_refuses_keeps_its_cause(
    litellm: str, name: str, kind: type[AnsweringError]
) -> None:
    with pytest.raises(kind):
        list(model_at(litellm, name).reply(PROMPT))


# aimock, an OpenAI stand-in that others use

FIXTURES = [
    {"match": {"userMessage": "Whose dog"}, "response": {"content": "Pochi is Hanako's dog.", "reasoning": "Whose?"}},
    {"match": {"userMessage": "cut"}, "response": {"content": "Pochi is", "finishReason": "length"}},
    {
        "match": {"userMessage": "pay"},
        "response": {
            "error": {"message": "quota", "type": "insufficient_quota", "code": "insufficient_quota"},
            "status": 429,
        },
    },
]


@pytest.fixture(scope="module")
def aimock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    require("aimock", NPM)
    fixtures, port = tmp_path_factory.mktemp("aimock") / "fixtures.json", free_port()
    fixtures.write_text(json.dumps({"fixtures": FIXTURES}))
    with running(
        [str(NPM / "node_modules/.bin/llmock"), "-p", str(port), "-f", str(fixtures), "-c", "3", "-l", "1"], "listening"
    ):
        yield f"http://127.0.0.1:{port}/v1"


def ask(base_url: str, text: str) -> list[str | Completed]:
    return list(model_at(base_url).reply((Part(Role.INSTRUCTION, "Be kind."), Part(Role.PERSON, text))))


def test_aimock_answers_as_openai_does(aimock: str) -> None:
    *pieces, last = ask(aimock, "Whose dog?")
    assert answer(pieces) == "Pochi is Hanako's dog."
    assert len(pieces) > 2
    assert isinstance(last, Completed)
    assert not last.cut
    *pieces, last = ask(aimock, "cut")
    assert (answer(pieces), last.cut) == ("Pochi is", True)  # type: ignore[union-attr]


def test_aimocks_refusals_are_the_operators(aimock: str) -> None:
    for text, advice in (("pay", "billing"), ("something else", "look at OPENAI_BASE_URL")):
        with pytest.raises(ModelMisconfigured, match=advice):
            ask(aimock, text)
