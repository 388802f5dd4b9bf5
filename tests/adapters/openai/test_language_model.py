"""The real OpenAI client over a mock transport, which answers with bytes that OpenAI and others are known to send."""

import json
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor

import httpx2
import openai
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from adapters.openai.client import openai_client
from adapters.openai.language_model import OpenAILanguageModel
from domain.attachments import Picture
from domain.errors import (
    AnsweringError,
    ContextTooSmall,
    ModelBusy,
    ModelCannotSee,
    ModelMisconfigured,
    ModelRefused,
    ModelUnavailable,
)
from domain.ports.model import Completed
from domain.prompts import Part, Role
from domain.spending.usage import Usage
from tests.adapters.openai.servers import (
    BEGINNING,
    CONDENSATION,
    DONE,
    HELLO,
    KEY,
    PROMPT,
    SECRET,
    USAGE,
    Server,
    chunk,
    completed,
    delta,
    error_event,
    model_of,
    refused,
    reply,
    streamed,
    streaming,
)
from tests.stand_ins import SOON


def test_words_arrive_in_the_pieces_they_are_streamed_in_and_the_bill_comes_last() -> None:
    assert reply(Server(streamed(*HELLO))) == [
        "こんに",
        "ちは",
        "!",
        Completed(Usage(sent=1211, received=9, cached=1152), cut=False),
    ]


def test_a_request_says_who_speaks_and_asks_for_the_usage() -> None:
    server = Server(streamed(*HELLO))
    reply(server)
    assert server.bodies == [
        {
            "model": "gpt-4o-mini",
            "messages": [
                {"role": "system", "content": "Be kind."},
                {"role": "user", "content": "They met in Kobe.\n\nHello"},
                {"role": "assistant", "content": "Hi!"},
                {"role": "user", "content": SECRET},
            ],
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_completion_tokens": 2000,
        }
    ]
    assert str(server.requests[0].url) == "https://api.openai.com/v1/chat/completions"
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_temperature_is_sent_only_when_it_is_set_even_when_it_is_zero() -> None:
    server = Server(streamed(*HELLO))
    reply(server, temperature=0.0)
    assert server.bodies[0]["temperature"] == 0.0


def test_half_a_surrogate_pair_in_a_text_is_sent_as_a_question_mark() -> None:
    server = Server(streamed(*HELLO))
    list(model_of(server).reply((Part(Role.PERSON, "dog \ud83d bone"),)))
    assert server.bodies[0]["messages"] == [{"role": "user", "content": "dog ? bone"}]


def test_an_answer_that_reaches_its_limit_is_cut() -> None:
    assert reply(Server(streamed(delta(content="Once upon"), delta("length"), DONE)))[-1] == Completed(
        Usage(), cut=True
    )


def test_a_server_that_tells_no_usage_costs_nothing() -> None:
    events = (chunk(choices=None), delta(content="Woof"), delta("stop"), DONE)
    assert reply(Server(streamed(*events))) == ["Woof", Completed(Usage())]
    assert model_of(Server(completed("Woof", usage=None))).summarise(CONDENSATION) == ("Woof", Completed(Usage()))


def test_a_server_that_tells_half_of_the_usage_costs_that_half() -> None:
    half = chunk(usage={"prompt_tokens": 12, "completion_tokens": None, "total_tokens": 12})
    assert reply(Server(streamed(delta("stop", content="Woof"), half)))[-1] == Completed(Usage(sent=12))


def test_the_last_usage_counts_where_every_chunk_has_one() -> None:
    running = [delta(content="Wo"), chunk(usage=USAGE | {"completion_tokens": 1}), delta("stop"), chunk(usage=USAGE)]
    assert reply(Server(streamed(*running)))[-1] == Completed(Usage(1211, 9, 1152))


def test_reports_of_azures_filter_without_a_delta_are_passed_over() -> None:
    report = chunk(
        choices=[{"index": 0, "finish_reason": None, "content_filter_offsets": {"check_offset": 118}}], object="", id=""
    )
    events = (chunk(prompt_filter_results=[]), delta(content="Woof"), report, delta("stop"), report, DONE)
    assert reply(Server(streamed(*events))) == ["Woof", Completed(Usage())]


def test_a_summary_is_asked_of_its_own_model_with_its_own_limit_and_without_a_temperature() -> None:
    server = Server(streamed(delta(content="They met "), delta("stop", content="in Kobe."), chunk(usage=USAGE), DONE))
    summary = model_of(server, temperature=0.7).summarise(CONDENSATION)
    assert summary == ("They met in Kobe.", Completed(Usage(1211, 9, 1152)))
    sent = server.bodies[0]
    assert (sent["model"], sent["max_completion_tokens"]) == ("gpt-4.1-nano", 77)
    assert sent["messages"][-1] == {"role": "user", "content": SECRET}
    assert sent["stream"] is True  # the time limit measures silence, and not how long a summary takes
    assert "temperature" not in sent


def test_a_summary_that_reaches_its_limit_is_cut_and_one_without_content_is_empty() -> None:
    assert model_of(Server(completed("They met", "length"))).summarise(CONDENSATION) == (
        "They met",
        Completed(Usage(1211, 9, 1152), cut=True),
    )
    assert model_of(Server(completed(None))).summarise(CONDENSATION) == ("", Completed(Usage(1211, 9, 1152)))


# Several people, and pictures


def test_what_a_person_says_begins_with_their_name_and_what_others_say_does_not() -> None:
    server = Server(streamed(*HELLO))
    list(
        model_of(server).reply(
            (
                Part(Role.INSTRUCTION, "Be kind."),
                Part(Role.RECORD, "They met in Kobe."),
                Part(Role.PERSON, "My dog is Pochi.", "花子"),
                Part(Role.BOT, "A fine name."),
                Part(Role.PERSON, "Whose dog?", "太郎"),
            )
        )
    )
    assert [message["content"] for message in server.bodies[0]["messages"]] == [
        "Be kind.",
        "They met in Kobe.\n\n花子: My dog is Pochi.",
        "A fine name.",
        "太郎: Whose dog?",
    ]


PNG, JPEG = Picture("a.png", "image/png", b"\x89PNG\xff"), Picture("b.jpg", "image/jpeg", b"\xff\xd8\xff")
SHOWN = (*PROMPT[:-1], Part(Role.PERSON, SECRET, "花子", (PNG, JPEG)))


def test_pictures_follow_the_words_they_came_with_and_every_other_message_stays_plain() -> None:
    server = Server(streamed(*HELLO))
    list(model_of(server).reply(SHOWN))
    *others, last = server.bodies[0]["messages"]
    assert all(isinstance(message["content"], str) for message in others)
    assert last == {
        "role": "user",
        "content": [
            {"type": "text", "text": f"花子: {SECRET}"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBOR/8=", "detail": "auto"}},
            {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,/9j/", "detail": "auto"}},
        ],
    }


def test_the_model_is_called_what_the_chat_model_is_called() -> None:
    assert model_of(Server(streamed(*HELLO))).name == "gpt-4o-mini"


# Each as the server is known to say it.
BLIND = {
    "OpenAI": refused(
        400,
        message="Invalid content type. image_url is only supported by certain models.",
        param="messages.[4].content.[1].type",
    ),
    "OpenAI, in other words": refused(400, param="messages[4].content[1].type", code="invalid_value"),
    "DeepSeek": refused(
        400,
        message="Failed to deserialize the JSON body into the target type: messages[4]: unknown variant `image_url`, "
        "expected `text` at line 1 column 182450",
        code="invalid_request_error",
    ),
    "Mistral": httpx2.Response(
        400, json={"object": "error", "message": "Image input is not enabled for this model", "code": "3051"}
    ),
    "vLLM": httpx2.Response(
        400,
        json={
            "object": "error",
            "message": "facebook/opt-125m is not a multimodal model None",
            "type": "BadRequestError",
            "param": None,
            "code": 400,
        },
    ),
    "vLLM with a limit of none": refused(400, message="At most 0 image(s) may be provided in one prompt."),
    "llama.cpp": httpx2.Response(
        500,
        json={
            "error": {
                "code": 500,
                "message": "image input is not supported - hint: if this is unexpected, you may need the mmproj",
                "type": "server_error",
            }
        },
    ),
    "llama.cpp before": httpx2.Response(
        500,
        json={
            "error": {"code": 500, "message": 'Failed to parse messages: Unsupported content part type: "image_url"'}
        },
    ),
    "Ollama": refused(400, message="this model does not support image input"),
    "Ollama before": refused(500, message="this model is missing data required for image input", type="api_error"),
    "LM Studio": httpx2.Response(400, json={"error": "Model does not support images. Please use a model that does."}),
    "OpenRouter": httpx2.Response(
        404, json={"error": {"message": "No endpoints found that support image input", "code": 404}}
    ),
    "a strict server": httpx2.Response(
        422, json={"detail": [{"loc": ["body", "messages", 4, "content", 1, "type"], "msg": "Input should be 'text'"}]}
    ),
}


@pytest.mark.parametrize("response", BLIND.values(), ids=BLIND)
def test_a_model_that_takes_no_pictures_cannot_see_and_the_log_quotes_nothing(response: httpx2.Response) -> None:
    with pytest.raises(ModelCannotSee) as caught:
        list(model_of(Server(response)).reply(SHOWN))
    assert f"HTTP {response.status_code}" in str(caught.value)
    printed = "".join(traceback.format_exception(caught.value))
    assert SECRET not in printed
    assert "iVBOR" not in printed


@pytest.mark.parametrize("response", BLIND.values(), ids=BLIND)
def test_the_same_complaint_where_no_picture_was_shown_is_another_matter(response: httpx2.Response) -> None:
    with pytest.raises(AnsweringError) as caught:
        reply(Server(response))
    assert type(caught.value) is not ModelCannotSee


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (
            refused(
                400, message="You uploaded an unsupported image. Only png is supported.", code="invalid_image_format"
            ),
            ModelRefused,
        ),
        (refused(400, message="Invalid image data: the image is not in a supported format"), ModelRefused),
        (refused(400, message="Only image types are supported."), ModelRefused),
        (refused(400, code="content_filter", message="images are not supported"), ModelRefused),
        (refused(404, code="model_not_found", message="The model does not exist"), ModelMisconfigured),
        (refused(429, message="image input is not supported in the free tier"), ModelBusy),
        (refused(500, message="The server had an error"), ModelUnavailable),
    ],
)
def test_a_model_that_can_see_may_still_fail_over_a_picture(
    response: httpx2.Response, kind: type[AnsweringError]
) -> None:
    with pytest.raises(AnsweringError) as caught:
        list(model_of(Server(response)).reply(SHOWN))
    assert type(caught.value) is kind


# What a server does not take

UNSUPPORTED = [
    pytest.param(
        refused(
            400,
            message="Unsupported value: 'temperature' does not support 0.7 with this model. "
            "Only the default (1) value is supported.",
            param="temperature",
            code="unsupported_value",
        ),
        {"temperature"},
        {},
        id="a reasoning model and temperature",
    ),
    pytest.param(
        refused(
            400,
            message="Unknown parameter: 'stream_options'.",
            param="stream_options",
            code="unknown_parameter",
        ),
        {"stream_options"},
        {},
        id="a gateway and stream_options",
    ),
    pytest.param(
        httpx2.Response(
            400,
            json={
                "object": "error",
                "message": "[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options'), "
                "'msg': 'Extra inputs are not permitted', 'input': {}}]",
                "type": "BadRequestError",
                "param": None,
                "code": 400,
            },
        ),
        {"stream_options"},
        {},
        id="an old vLLM and stream_options",
    ),
    pytest.param(
        refused(404, message="No endpoints found that support the use of `stream_options`.", code=404),
        {"stream_options"},
        {},
        id="a router whose providers do not know stream_options",
    ),
    pytest.param(
        httpx2.Response(422, json={"detail": [{"type": "extra_forbidden", "loc": ["body", "max_completion_tokens"]}]}),
        {"max_completion_tokens"},
        {"max_tokens": 2000},
        id="a strict server and max_completion_tokens",
    ),
]


@pytest.mark.parametrize(("response", "left_out", "instead"), UNSUPPORTED)
def test_what_a_model_does_not_take_is_left_out_at_once_and_remembered(
    response: httpx2.Response, left_out: set[str], instead: dict[str, int]
) -> None:
    server = Server(response, streamed(*HELLO), streamed(*HELLO))
    model = model_of(server, temperature=0.7)
    assert "".join(piece for piece in model.reply(PROMPT) if isinstance(piece, str)) == "こんにちは!"
    first, second = server.bodies
    assert second == {name: value for name, value in first.items() if name not in left_out} | instead
    list(model.reply(PROMPT))
    assert server.bodies[2] == second


def test_a_server_that_is_not_openais_is_asked_with_the_older_name_of_the_limit_until_it_wants_the_newer() -> None:
    wants_newer = refused(
        400,
        message="Unsupported parameter: 'max_tokens' is not supported with this model. "
        "Use 'max_completion_tokens' instead.",
        param="max_tokens",
        code="unsupported_parameter",
    )
    server = Server(wants_newer, streamed(*HELLO))
    reply(server, base_url="http://127.0.0.1:11434/v1")
    assert [body.keys() & {"max_tokens", "max_completion_tokens"} for body in server.bodies] == [
        {"max_tokens"},
        {"max_completion_tokens"},
    ]
    assert server.requests[0].url == "http://127.0.0.1:11434/v1/chat/completions"


def test_several_refusals_in_a_row_are_all_heeded() -> None:
    server = Server(
        refused(400, param="temperature", code="unsupported_value"),
        refused(400, param="stream_options", code="unknown_parameter"),
        refused(400, param="max_completion_tokens", code="unsupported_parameter"),
        streamed(*HELLO),
    )
    reply(server, temperature=0.7)
    assert server.bodies[-1].keys() == {"model", "messages", "stream", "max_tokens"}


def test_what_one_model_refuses_is_still_sent_to_another() -> None:
    server = Server(refused(400, param="max_completion_tokens"), streamed(*HELLO), completed("Kobe"))
    model = model_of(server)
    list(model.reply(PROMPT))
    model.summarise(CONDENSATION)
    assert "max_completion_tokens" in server.bodies[-1]


def test_the_limit_is_never_given_up_and_nothing_is_learned_from_failing() -> None:
    server = Server(refused(400, param="max_completion_tokens"), refused(400, param="max_tokens"), streamed(*HELLO))
    model = model_of(server)
    with pytest.raises(ModelMisconfigured):
        list(model.reply(PROMPT))
    list(model.reply(PROMPT))
    assert "max_completion_tokens" in server.bodies[2]


@pytest.mark.parametrize("code", ["decimal_above_max_value", "integer_below_min_value", "invalid_value"])
def test_a_value_out_of_range_is_the_operators_to_correct_and_not_ours_to_leave_out(code: str) -> None:
    server = Server(refused(400, param="temperature", code=code))
    with pytest.raises(ModelMisconfigured):
        reply(server, temperature=3.0)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("complaint", "kind"),
    [
        ({"message": "temperature is fine, messages are not", "param": "messages"}, ModelRefused),
        ({"message": "temperatures: field required"}, ModelMisconfigured),
        ({"message": "max_completion_tokens?", "code": "context_length_exceeded"}, ContextTooSmall),
    ],
)
def test_a_complaint_about_something_else_is_not_taken_for_one_about_a_parameter(
    complaint: dict[str, str], kind: type[AnsweringError]
) -> None:
    server = Server(refused(400, **complaint))
    with pytest.raises(kind):
        reply(server, temperature=0.7)
    assert len(server.requests) == 1


def test_threads_learn_from_the_same_refusal_without_getting_in_each_others_way() -> None:
    together = threading.Barrier(2, timeout=SOON)

    def server(request: httpx2.Request) -> httpx2.Response:
        body = json.loads(request.content)
        if "temperature" in body:
            together.wait()
            return refused(400, param="temperature", code="unsupported_value")
        text = body["messages"][0]["content"]
        return streamed(delta(content=text), delta("stop"), DONE)

    model = model_of(server, temperature=0.7)

    def ask(text: str) -> object:
        return next(model.reply((Part(Role.PERSON, text),)))

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(ask, ["Pochi", "Tama"])) == ["Pochi", "Tama"]
    assert ask("Hachi") == "Hachi"  # a third with a temperature would wait at the barrier in vain


# What goes wrong

ERRORS = [
    (refused(401, code="invalid_api_key"), ModelMisconfigured),
    (refused(402), ModelMisconfigured),
    (refused(403, code="unsupported_country_region_territory"), ModelMisconfigured),
    (refused(404, code="model_not_found"), ModelMisconfigured),
    (refused(400, param="model", code=None), ModelMisconfigured),
    (refused(429, type="insufficient_quota", code=None), ModelMisconfigured),
    (refused(429, code="insufficient_quota"), ModelMisconfigured),
    (refused(429, type="tokens", code="rate_limit_exceeded"), ModelBusy),
    (refused(408), ModelUnavailable),
    (refused(409), ModelUnavailable),
    (refused(500, type="server_error"), ModelUnavailable),
    (refused(503), ModelUnavailable),
    (httpx2.Response(502, html="<h1>Bad Gateway</h1>"), ModelUnavailable),
    (refused(400, param="prompt", code="content_filter", type=None), ModelRefused),
    (refused(400, param="messages", code="context_length_exceeded"), ContextTooSmall),
    (refused(400, code="context_length_exceeded", message="max_completion_tokens"), ContextTooSmall),
    (refused(400), ModelMisconfigured),
    (refused(413), ContextTooSmall),
    (httpx2.ConnectError("refused"), ModelUnavailable),
    (httpx2.ReadTimeout("slow"), ModelUnavailable),
]


@pytest.mark.parametrize(("response", "kind"), ERRORS)
def test_every_refusal_has_its_word_in_the_domain(
    response: httpx2.Response | Exception, kind: type[AnsweringError]
) -> None:
    model = model_of(Server(response))
    for attempt in (lambda: list(model.reply(PROMPT)), lambda: model.summarise(CONDENSATION)):
        with pytest.raises(AnsweringError) as caught:
            attempt()
        assert type(caught.value) is kind
        assert isinstance(caught.value.__cause__, openai.APIError)


def test_an_error_tells_the_operator_the_evidence() -> None:
    with pytest.raises(ModelBusy) as caught:
        reply(Server(refused(429, type="tokens", code="rate_limit_exceeded", param="messages[0].content")))
    assert str(caught.value) == (
        "gpt-4o-mini: RateLimitError, HTTP 429, code rate_limit_exceeded, type tokens, "
        "param messages[0].content, request req_7f3a"
    )


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 429, 500])
def test_neither_the_key_nor_a_text_is_in_an_error_or_in_what_a_log_prints_of_it(status: int) -> None:
    response = refused(status, code=SECRET, type=[f"echo: {SECRET}"], param=["nested", SECRET])
    with pytest.raises(AnsweringError) as caught:
        reply(Server(response))
    printed = "".join(traceback.format_exception(caught.value))
    assert f"HTTP {status}" in printed
    assert KEY not in printed
    assert SECRET not in printed


BREAKS = [
    (httpx2.ReadTimeout("silence"), ModelUnavailable),
    (httpx2.ReadError("reset"), ModelUnavailable),
    (httpx2.RemoteProtocolError("incomplete chunked read"), ModelUnavailable),
    (b"data: {not json\n\n", ModelUnavailable),
    (b"data: \xff\xfe\n\n", ModelUnavailable),
    (b"", ModelUnavailable),
    (error_event(type="server_error"), ModelUnavailable),
    (error_event(code="rate_limit_exceeded", type="tokens"), ModelBusy),
    (error_event(code=429), ModelBusy),
    (error_event(code=400, type="BadRequestError"), ModelMisconfigured),
    (error_event(code=400, type="BadRequestError", param="messages"), ModelRefused),
    (error_event(code="content_filter"), ModelRefused),
    (error_event(code="insufficient_quota"), ModelMisconfigured),
    (delta("content_filter"), ModelRefused),
    (delta(refusal="I'm sorry, I can't help with that."), ModelRefused),
]


@pytest.mark.parametrize(("ending", "kind"), BREAKS)
def test_an_answer_that_breaks_off_is_no_answer(ending: bytes | Exception, kind: type[AnsweringError]) -> None:
    server, body = streaming(BEGINNING, delta(content="Once upon"), ending)
    words = model_of(server).reply(PROMPT)
    assert next(words) == "Once upon"
    with pytest.raises(AnsweringError) as caught:
        list(words)
    assert type(caught.value) is kind
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert body.closed


def test_a_consumer_who_stops_early_closes_the_connection() -> None:
    server, body = streaming(*HELLO)
    words = model_of(server).reply(PROMPT)
    assert next(words) == "こんに"
    assert not body.closed
    words.close()  # type: ignore[attr-defined]
    assert body.closed


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (completed(None, message={"refusal": "I can't help with that."}), ModelRefused),
        (completed("Once", "content_filter"), ModelRefused),
        (completed("", None), ModelUnavailable),
        (completed("Once", choices=[]), ModelMisconfigured),
        (httpx2.Response(200, html="<h1>Welcome to nginx!</h1>"), ModelMisconfigured),
        (httpx2.Response(200, headers={"content-type": "application/json"}, content=b"{"), ModelUnavailable),
    ],
)
def test_a_summary_that_is_none_is_an_error(response: httpx2.Response, kind: type[AnsweringError]) -> None:
    with pytest.raises(AnsweringError) as caught:
        model_of(Server(response)).summarise(CONDENSATION)
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("response", "paid"),
    [(streamed(delta(content="ADD Pochi")), True), (streamed(), False), (httpx2.Response(503), False)],
)
def test_a_summary_that_breaks_off_after_its_first_word_is_paid(response: httpx2.Response, paid: bool) -> None:
    with pytest.raises(ModelUnavailable) as caught:
        model_of(Server(response)).summarise(CONDENSATION)
    assert caught.value.paid is paid


def test_the_client_waits_five_seconds_to_connect_and_sixty_between_chunks() -> None:
    server = Server(streamed(*HELLO))
    reply(server)
    waits = server.requests[0].extensions["timeout"]
    assert (waits["connect"], waits["read"]) == (5.0, 60.0)


def test_the_client_asks_again_twice_and_no_more_of_a_server_that_fails() -> None:
    server = Server(httpx2.Response(503, headers={"retry-after-ms": "1"}))
    with pytest.raises(ModelUnavailable):
        reply(server, retries=openai_client(api_key=KEY).max_retries)
    assert len(server.requests) == 3


def test_a_long_wait_that_a_server_asks_for_is_left_to_the_queue(serve) -> None:
    asked = []

    async def busy(request: Request) -> JSONResponse:
        asked.append(request.url.path)
        return JSONResponse({"error": {"message": "slow down"}}, 429, {"Retry-After": "11"})

    url = serve(Starlette(routes=[Route("/v1/chat/completions", busy, methods=["POST"])]))
    with openai_client(api_key=KEY, base_url=f"{url}/v1") as client:
        model = OpenAILanguageModel(
            client=client, chat_model="m", summary_model="m", temperature=None, reply_token_limit=9
        )
        with pytest.raises(ModelBusy):
            list(model.reply(()))
    assert len(asked) == 1


def test_the_base_url_is_the_setting_and_not_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://elsewhere.example/v1")
    assert openai_client(api_key=KEY).base_url == "https://api.openai.com/v1/"
    assert openai_client(api_key=KEY, base_url="http://127.0.0.1:9/v1").base_url == "http://127.0.0.1:9/v1/"


@pytest.mark.parametrize("key", ["", f"{KEY}\n", "sk-キー", "two words"])
def test_a_key_that_no_header_can_carry_is_an_error_at_once_that_does_not_quote_it(key: str) -> None:
    with pytest.raises(ValueError, match="the API key must be made of visible ASCII characters") as caught:
        openai_client(api_key=key)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("url", ["localhost:11434/v1", "ftp://example.com/v1", "https://", "http:///v1"])
def test_a_base_url_that_is_none_is_an_error_at_once_that_names_it(url: str) -> None:
    with pytest.raises(ValueError, match=url):
        openai_client(api_key=KEY, base_url=url)


@pytest.mark.parametrize("end", ["?api-version=2024-10-21", "#chat"])
def test_a_base_url_to_which_no_path_can_be_added_is_an_error_at_once(end: str) -> None:
    with pytest.raises(ValueError, match="without a query"):
        openai_client(api_key=KEY, base_url=f"https://pochi.openai.azure.com/openai{end}")


def test_what_no_waiting_helps_is_not_asked_again() -> None:
    for response in (refused(429, code="insufficient_quota"), refused(429, message="Request too large")):
        server = Server(response)
        with pytest.raises(AnsweringError):
            reply(server, retries=2)
        assert len(server.requests) == 1
