"""Who is sent to mend what: the person, the operator, or nobody because it passes."""

import traceback
from collections.abc import Callable

import httpx2
import pytest

from domain.errors import (
    AnsweringError,
    ContextTooSmall,
    ModelBusy,
    ModelMisconfigured,
    ModelRefused,
    ModelUnavailable,
)
from tests.adapters.openai.servers import (
    CONDENSATION,
    DONE,
    HELLO,
    PROMPT,
    SECRET,
    Server,
    delta,
    error_event,
    model_of,
    refused,
    reply,
    streamed,
)


def plain(status: int, **body: object) -> httpx2.Response:
    return httpx2.Response(status, json=body)


OPERATORS = {
    "LiteLLM and a model it does not know": (
        refused(
            400, message="/chat/completions: Invalid model name passed in model=gpt. Call `/v1/models`", code="400"
        ),
        "CHAT_MODEL",
    ),
    "LiteLLM without its database": (
        refused(400, message="No connected db.", type="no_db_connection", code="400"),
        "OPENAI_API_KEY",
    ),
    "LiteLLM and a budget": (
        refused(400, message="Budget has been exceeded!", type="budget_exceeded", code="400"),
        "billing",
    ),
    "LiteLLM without a healthy key": (
        refused(401, message="Authentication Error", type="auth_error"),
        "OPENAI_API_KEY",
    ),
    "Azure and a deployment": (
        plain(
            404, error={"code": "DeploymentNotFound", "message": "The API deployment for this resource does not exist."}
        ),
        "CHAT_MODEL",
    ),
    "Azure and an embedding model": (
        refused(
            400,
            code="OperationNotSupported",
            message="The chatCompletion operation does not work with the specified model",
        ),
        "Responses API",
    ),
    "OpenAI and a model of the Responses API": (
        refused(
            404, message="This model is only supported in v1/responses and not in v1/chat/completions.", param="model"
        ),
        "Responses API",
    ),
    "OpenRouter without an endpoint": (
        plain(404, error={"message": "No endpoints found for pochi/pochi-1.", "code": 404}),
        "CHAT_MODEL",
    ),
    "OpenRouter and an unknown model": (
        plain(400, error={"message": "pochi-1 is not a valid model ID", "code": 400}),
        "CHAT_MODEL",
    ),
    "Gemini and a key": (
        httpx2.Response(
            400, json=[{"error": {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT"}}]
        ),
        "OPENAI_API_KEY",
    ),
    "Ollama and a model that was not pulled": (
        refused(404, message="model 'pochi' not found", type="not_found_error"),
        "CHAT_MODEL",
    ),
    "DeepSeek without credit": (refused(402, message="Insufficient Balance", type="unknown_error"), "billing"),
    "DeepSeek without credit, said in a stream": (
        streamed(delta(content="Wo"), error_event(message="Insufficient Balance", type="unknown_error")),
        "billing",
    ),
    "OpenRouter without credit, said in a stream": (
        streamed(error_event(message="This request requires more credits, or fewer max_tokens.", code=402)),
        "billing",
    ),
    "a quota that is spent, said in a stream": (
        streamed(error_event(message="You exceeded your current quota", type="insufficient_quota")),
        "billing",
    ),
    "Anthropic without credit": (
        refused(400, message="Your credit balance is too low to access the Anthropic API.", type="invalid_request"),
        "billing",
    ),
    "Alibaba without credit": (
        refused(400, message="Access denied, please make sure your account is in good standing.", code="Arrearage"),
        "billing",
    ),
    "Zhipu without credit": (plain(429, error={"code": "1113", "message": "您的账户已欠费,请充值后重试。"}), "billing"),
    "a proxy's 400 for a key": (refused(400, message="no", code="401"), "OPENAI_API_KEY"),
    "Moonshot without credit": (refused(429, type="exceeded_current_quota_error"), "billing"),
    "an organization that must be verified": (
        refused(403, message="Your organization must be verified to use the model `gpt-9`."),
        "OPENAI_API_KEY",
    ),
    "a path where nothing answers, in words of a refusal": (
        refused(404, message="The system could not find the stream or the model; it is not supported"),
        "OPENAI_BASE_URL",
    ),
    "a path where nothing answers": (httpx2.Response(404, text="404 page not found"), "OPENAI_BASE_URL"),
    "a path that takes no POST": (httpx2.Response(405, json={"detail": "Method Not Allowed"}), "OPENAI_BASE_URL"),
    "a temperature out of range": (
        refused(400, param="temperature", code="decimal_above_max_value"),
        "CHAT_TEMPERATURE",
    ),
    "a limit out of range": (refused(400, param="max_completion_tokens", code="invalid_value"), "REPLY_TOKEN_LIMIT"),
    "whatever else is not taken": (refused(400, message="pochi is not a dog"), "the server's own log"),
    "an error in place of an answer": (plain(200, error="model 'pochi' not found"), "CHAT_MODEL"),
    "LM Studio without its /v1": (
        plain(200, error="Unexpected endpoint or method. (POST /chat/completions)"),
        "OPENAI_BASE_URL",
    ),
    "a model of the Responses API, said in a stream": (
        streamed(error_event(message="This model is only supported in v1/responses")),
        "Responses API",
    ),
    "a redirection that leads nowhere": (httpx2.Response(301), "OPENAI_BASE_URL"),
}


@pytest.mark.parametrize(("response", "setting"), OPERATORS.values(), ids=OPERATORS)
def test_what_only_the_operator_can_mend_is_asked_once_and_names_the_setting(
    response: httpx2.Response, setting: str
) -> None:
    server = Server(response)
    with pytest.raises(ModelMisconfigured) as caught:
        reply(server, retries=2)
    assert setting in str(caught.value)
    assert len(server.requests) == 1


def test_the_setting_of_a_summary_is_that_of_its_own_model() -> None:
    with pytest.raises(ModelMisconfigured, match="look at SUMMARY_MODEL"):
        model_of(Server(refused(404, code="model_not_found"))).summarise(CONDENSATION)


CONTEXTS = {
    "llama.cpp": plain(
        400,
        error={
            "code": 400,
            "message": "the request exceeds the available context size, try increasing it",
            "type": "exceed_context_size_error",
            "n_prompt_tokens": 9000,
            "n_ctx": 4096,
        },
    ),
    "OpenAI": refused(400, code="context_length_exceeded", param="messages"),
    "vLLM": plain(
        400,
        object="error",
        message="This model's maximum context length is 4096 tokens. However, you requested 5000 tokens",
        type="BadRequestError",
        code=400,
    ),
    "vLLM in other words": plain(
        400,
        error={"message": "The decoder prompt (length 9000) is longer than the maximum model length. max_model_len"},
    ),
    "Anthropic": refused(400, message="prompt is too long: 210000 tokens > 200000 maximum", code=None),
    "Gemini": plain(
        400, error={"message": "The input token count (9000) exceeds the maximum number of tokens allowed"}
    ),
    "LM Studio": plain(
        400,
        error="Trying to keep the first 9000 tokens when context the overflows. The model has a context length of 4096",
    ),
    "Groq": refused(
        413, message="Request too large for model `pochi`: Limit 6000, Requested 9000", code="rate_limit_exceeded"
    ),
    "OpenAI beyond a minute's tokens": refused(
        429, message="Request too large for gpt-4 on tokens per min (TPM): Limit 10000", code="rate_limit_exceeded"
    ),
    "LiteLLM": refused(400, message="litellm.ContextWindowExceededError: context window", code="400"),
    "vLLM and its limit of output": refused(
        400, message="'max_tokens' is too large: 2000. This model's maximum context length is 2048 tokens", code=400
    ),
    "Anthropic with its limit of output": refused(
        400, message="input length and `max_tokens` exceed context limit: 199000 + 8000 > 200000"
    ),
    "TGI": plain(422, error="Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4097"),
    "xAI": plain(400, error="This model's maximum prompt length is 131072 but the request contains 537812 tokens."),
    "Alibaba": refused(400, message="Range of input length should be [1, 30720]"),
    "Moonshot": refused(400, message="Invalid request: Your request exceeded model token limit: 8192"),
    "Zhipu": plain(400, error={"code": "1261", "message": "Prompt exceeds max length"}),
    "a server that fails": refused(500, message="the request exceeds the available context size"),
    "a proxy": httpx2.Response(413, html="<h1>Request Entity Too Large</h1>"),
}


@pytest.mark.parametrize("response", CONTEXTS.values(), ids=CONTEXTS)
def test_a_context_that_is_too_small_is_an_error_of_its_own_with_its_settings(response: httpx2.Response) -> None:
    server = Server(response)
    with pytest.raises(ContextTooSmall, match="lower MEMORY_TOKEN_LIMIT or REPLY_TOKEN_LIMIT"):
        reply(server)
    assert len(server.requests) == 1


REFUSALS = {
    "OpenAI": refused(400, code="content_policy_violation"),
    "OpenAI's usage policies": refused(
        400, message="Your request was flagged as potentially violating our usage policy."
    ),
    "Azure": refused(400, code="content_filter", param="prompt"),
    "DeepSeek": refused(400, message="Content Exists Risk"),
    "Alibaba": refused(400, code="data_inspection_failed"),
    "Zhipu": plain(400, error={"code": "1301", "message": "系统检测到输入或生成内容可能包含不安全或敏感内容"}),
    "OpenRouter": plain(403, error={"code": 403, "message": "Your input was flagged", "metadata": {"reasons": ["x"]}}),
    "a bad picture's message": refused(
        400, message="Could not process image", param="messages[4].content[1].image_url"
    ),
}


@pytest.mark.parametrize("response", REFUSALS.values(), ids=REFUSALS)
def test_a_question_that_is_not_taken_is_the_persons_to_word_differently(response: httpx2.Response) -> None:
    with pytest.raises(ModelRefused):
        reply(Server(response))


PASSING = {
    "a rate": (refused(429, message="You exceeded your current quota", code="RESOURCE_EXHAUSTED"), ModelBusy),
    "a proxy without its server": (httpx2.Response(502, html="<h1>Bad Gateway</h1>"), ModelUnavailable),
    "a deployment that cools down": (refused(503, message="No deployments available, cooldown"), ModelUnavailable),
    "an overloaded server": (refused(529, type="overloaded_error"), ModelUnavailable),
    "a model that is loading": (refused(503, message="Loading model", type="unavailable_error"), ModelUnavailable),
    "a proxy's 400 for a server behind it that is away": (
        refused(400, message="Provider returned error", code=502),
        ModelUnavailable,
    ),
    "a proxy's 400 for a rate": (refused(400, message="slow down", code="429"), ModelBusy),
    "Groq without capacity": (refused(498, code="capacity_exceeded"), ModelUnavailable),
    "an error event": (streamed(delta(content="Wo"), error_event(message="CUDA error")), ModelUnavailable),
}


@pytest.mark.parametrize(("response", "kind"), PASSING.values(), ids=PASSING)
def test_what_may_pass_by_itself_is_asked_again_later(response: httpx2.Response, kind: type[AnsweringError]) -> None:
    with pytest.raises(AnsweringError) as caught:
        reply(Server(response))
    assert type(caught.value) is kind


OTHERS = {
    "a web page": lambda: httpx2.Response(200, html="<!doctype html><html><body>Chat UI</body></html>"),
    "a web page without a type": lambda: httpx2.Response(200, content=b"\n<!doctype html><p>Chat UI"),
    "JSON without a type": lambda: httpx2.Response(200, content=b'{"version": "0.5"}'),
    "a page of plain text": lambda: httpx2.Response(200, text="Ollama is running"),
    "JSON of another shape": lambda: plain(200, state="ok", detail="Pochi"),
    "a list": lambda: httpx2.Response(200, json=["Pochi"]),
    "the Responses API": lambda: streamed(b'event: response.created\ndata: {"type": "response.created"}\n\n'),
    "Ollama's own API": lambda: plain(200, message={"role": "assistant", "content": "Woof"}, done=True),
}


@pytest.mark.parametrize("response", OTHERS.values(), ids=OTHERS)
def test_what_does_not_speak_chat_completions_is_a_wrong_base_url_after_one_call(
    response: Callable[[], httpx2.Response],
) -> None:
    server = Server(lambda _: response())
    for attempt in (lambda model: list(model.reply(())), lambda model: model.summarise(CONDENSATION)):
        server.requests.clear()
        with pytest.raises(ModelMisconfigured, match="does not speak chat completions; look at OPENAI_BASE_URL"):
            attempt(model_of(server, retries=2))
        assert len(server.requests) == 1


@pytest.mark.parametrize("kind", ["error", "message"])
def test_an_error_is_one_wherever_a_server_puts_it(kind: str) -> None:
    events = f'event: {kind}\ndata: {{"object": "error", "message": "{SECRET}", "code": 429}}\n\n'.encode()
    with pytest.raises(ModelBusy) as caught:
        reply(Server(streamed(delta(content="Wo"), events, DONE)))
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_server_that_cannot_be_reached_is_named_with_what_happened_to_the_connection() -> None:
    with pytest.raises(
        ModelUnavailable, match=r"APIConnectionError \(ConnectError\); if this stays, look at OPENAI_BASE_URL"
    ):
        reply(Server(httpx2.ConnectError("refused")))


def test_a_server_that_leads_in_a_circle_is_a_wrong_base_url() -> None:
    server = Server(lambda request: httpx2.Response(307, headers={"location": str(request.url)}))
    with pytest.raises(ModelMisconfigured, match="look at OPENAI_BASE_URL"):
        reply(server, retries=2)
    assert len(server.requests) == 4


def test_a_server_that_has_moved_is_followed() -> None:
    moved = httpx2.Response(308, headers={"location": "https://example.com/v1/chat/completions"})
    assert reply(Server(moved, streamed(delta("stop", content="Woof"), DONE)))[0] == "Woof"


def test_an_error_of_any_length_is_read_from_its_beginning() -> None:
    with pytest.raises(ModelRefused):
        reply(Server(refused(400, message=f"Content Exists Risk {SECRET * 10_000}")))


def test_a_channels_own_model_that_is_refused_is_named_with_where_it_was_chosen():
    model = model_of(Server(refused(404, message="model 'pochi' not found", type="not_found_error")))
    with pytest.raises(ModelMisconfigured) as error:
        list(model.reply(PROMPT, model="pochi"))
    assert str(error.value).startswith("pochi: ")
    assert "the model in the channel's settings" in str(error.value)
    assert "CHAT_MODEL" not in str(error.value)


def test_a_channels_own_model_is_asked_and_what_it_refuses_is_learned_of_it_alone():
    server = Server(refused(400, code="unsupported_parameter", param="temperature"), streamed(*HELLO))
    model = model_of(server, temperature=0.5)
    list(model.reply(PROMPT, model="pochi"))
    list(model.reply(PROMPT))
    assert [(each["model"], "temperature" in each) for each in server.bodies] == [
        ("pochi", True), ("pochi", False), ("gpt-4o-mini", True),
    ]  # fmt: skip
